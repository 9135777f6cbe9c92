// Package explain says what a reply code, an enhanced code, an extension, a
// login mechanism, a port, a security mode or a pasted error text means: what
// happened on the wire, who can fix it, and what to try; for the error of
// a library, the name of the setting there.
//
// It reads the text once: it is folded, cut into words, and looked at for
// texts of libraries and servers, then for numbers and names. Numbers and
// names inside other text count only where their surroundings say what they
// are. Of several meanings the most specific comes first: provider and text,
// provider and code, library, server's text, IANA's enhanced code, basic code,
// class. What texts mean is known by package replies, which diagnosis reads
// too; the meanings of codes and names are the registry's and the provider's;
// topics and advice about codes are tables here.
//
// It asks no network, and never repeats what it was given: an explanation
// holds words of the tables, and numbers that were read as codes or ports.
//
// RFC 5321 §4.2 (replies), RFC 3463 (enhanced codes), RFC 3207 and RFC 8314
// (TLS), RFC 4954 (login).
package explain

import "smtptest/probe/replies"

// Explanation is the answer to one text.
type Explanation struct {
	Meaning     replies.Answer // what is the matter, as a diagnosis would call it; empty: no text or reply was read
	Items       []Item         // most specific first, at most 16; empty: nothing was understood
	Suggestions []string       // known words that were probably meant, at most 3; empty: none is near
	Ask         []string       // what can be asked, as examples; empty when something was understood
}

// Item is one thing that was understood.
type Item struct {
	ID         replies.ID // what is the matter, where that was understood; empty: a name or number was
	Title      string
	Kind       Kind
	Rows       []Row         // names with meanings; may be empty
	Wire       string        // what happened on the wire; empty: a name or number was asked for
	Side       replies.Owner // who can usually fix it; empty: nobody's
	Try        []string      // imperative sentences
	References []string      // RFCs with sections, or where a provider's meaning was read
	Confidence Confidence
}

// Row is one line of an item.
type Row struct{ Name, Meaning string }

// Kind is what was recognised.
type Kind string

// The kinds.
const (
	KindProvider  Kind = "provider"      // a provider's own meaning, not IANA's
	KindLibrary   Kind = "library error" // the text of a client library
	KindText      Kind = "error text"    // the words of a server or an operating system
	KindEnhanced  Kind = "enhanced code"
	KindCode      Kind = "reply code"
	KindAlert     Kind = "TLS alert"
	KindPort      Kind = "port"
	KindKeyword   Kind = "extension"
	KindMechanism Kind = "login mechanism"
	KindTopic     Kind = "topic"
)

// Confidence says on what an item rests.
type Confidence = replies.Confidence

// The confidences.
const (
	Defined  = replies.Defined  // a standard, a registry or a library's source says so
	Likely   = replies.Likely   // the usual cause of such a text
	Possible = replies.Possible // holds if the code came from that provider, or by its class alone
)

// Limits of an explanation.
const (
	maxItems       = 16    // an EHLO reply lists about a dozen extensions
	maxInputOctets = 16384 // more than a Slack command (4000 characters) or a Discord field (6000) holds
	maxSuggestions = 3
)

// Of explains a text. It never fails: what is not understood gives an
// Explanation without items, with suggestions. Only the first 16 KiB of text
// are read.
func Of(text string) Explanation { return At(replies.Anywhere, text) }

// At explains the reply of a server of which it is known what it answers.
func At(place replies.Place, text string) Explanation {
	in := read(text)
	in.place = place
	n := in.number()
	var items []Item
	items = append(items, in.providers(n)...)
	items = append(items, in.texts(n)...)
	items = append(items, n.items(items)...)
	names := in.names()
	items = append(items, names.specific...)
	if len(items) == 0 {
		items = names.general
	}
	return Explanation{
		Meaning:     in.meaning(items),
		Items:       items[:min(len(items), maxItems)],
		Suggestions: in.suggestions(),
		Ask:         ask(len(items) == 0),
	}
}

// ask lists what can be asked, by example.
func ask(nothing bool) []string {
	if !nothing {
		return nil
	}
	return []string{
		"535 5.7.139", "554 5.7.1 Relay access denied", "STARTTLS", "CRAM-MD5", "465", "tls",
		"the error text of nodemailer, JavaMail, MailKit, Python, PHPMailer, Go or OpenSSL",
	}
}
