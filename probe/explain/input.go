package explain

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"smtptest/probe/replies"
	"smtptest/probe/smtp"
)

// input is a text that was read.
type input struct {
	text  string // lower case, white space folded, lines of one reply joined: where fragments are looked for
	typed string // as typed, not more than is read
	words []word
	place replies.Place // what the text answers, where that is known

	question *bool // what quick found; nil: not asked yet
	isWeb    bool  // it holds codes of HTTP, which look like those of SMTP
	isMail   bool  // it holds a word or a port that only texts about mail servers hold
	isAbout  bool  // it holds a word that texts of mail servers hold, and others too
}

// word is one word of the input. It is compared with tables and never leaves
// the package.
type word struct {
	text   string // as typed, without the punctuation around it
	lower  string
	before string // what stands between the word before and this one
	first  bool   // of its line
}

// read folds a text and cuts it into words.
func read(text string) *input {
	if len(text) > maxInputOctets {
		text = text[:maxInputOctets]
	}
	text = straighten(legible(text))
	in := &input{text: fold(text), typed: text}
	first, last := true, 0
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if !wordRune(r) {
			first = first || r == '\n'
			i += size
			continue
		}
		end := i
		for end < len(text) && wordRune(r) {
			end += size
			r, size = utf8.DecodeRuneInString(text[end:])
		}
		in.add(text[i:end], text[last:i], first)
		first, last, i = false, end, end
	}
	in.judge()
	return in
}

// legible is the text in UTF-8: logs of old servers hold replies in GBK and in
// other character sets.
func legible(text string) string {
	if utf8.ValidString(text) {
		return text
	}
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if !utf8.ValidString(line) {
			lines[i] = smtp.Legible([]byte(line))
		}
	}
	return strings.Join(lines, "\n")
}

// fold puts a text into one line of lower case. The codes that begin the
// further lines of a reply (RFC 5321 §4.2.1) are left out, for they divide
// sentences.
func fold(text string) string {
	var out []string
	previous := ""
	for line := range strings.SplitSeq(strings.ToLower(text), "\n") {
		rest := strings.TrimSpace(line)
		if len(rest) > 3 && threeDigits(rest[:3]) && (rest[3] == '-' || rest[3] == ' ') &&
			strings.Contains(previous, rest[:3]+"-") {
			_, rest, _ = smtp.ParseEnhanced(rest[4:])
		}
		out = append(out, strings.Fields(rest)...)
		previous = line
	}
	return strings.Join(out, " ")
}

// straighten undoes what chat clients do to quotation marks and dashes, and
// takes out the letter that Python writes before octets.
func straighten(text string) string {
	return strings.NewReplacer("\u2019", "'", "\u2018", "'", "\u201c", `"`, "\u201d", `"`, "\u2013", "-", "\u2014",
		"-", "\u2011", "-", "\u00a0", " ",
		", b'", ", '", `, b"`, `, "`).Replace(text)
}

// wordRune holds mail addresses together, so that no part of one is taken
// for a word of its own.
func wordRune(r rune) bool {
	return r == '.' || r == '-' || r == '_' || r == '@' || r == '+' || r == '*' || unicode.IsLetter(r) ||
		unicode.IsDigit(r)
}

// add takes a word in. The hyphen behind the code of a reply line that has
// others behind it (RFC 5321 §4.2.1) separates.
func (in *input) add(text, before string, first bool) {
	text = strings.Trim(text, ".-_+*")
	code, rest, found := strings.Cut(text, "-")
	if found && threeDigits(code) && rest != "" {
		in.put(code, before, first)
		in.put(rest, "-", false)
		return
	}
	if text != "" {
		in.put(text, before, first)
	}
}

func (in *input) put(text, before string, first bool) {
	in.words = append(in.words, word{text: text, lower: strings.ToLower(text), before: before, first: first})
}

func threeDigits(s string) bool { return len(s) == 3 && digits(s) }

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// phrase is words from to to, in lower case.
func (in *input) phrase(from, to int) string {
	var out []string
	for _, w := range in.words[from:to] {
		out = append(out, w.lower)
	}
	return strings.Join(out, " ")
}

// at is the lower-case word at a place; empty outside.
func (in *input) at(i int) string {
	if i < 0 || i >= len(in.words) {
		return ""
	}
	return in.words[i].lower
}

// hasAny reports whether one of the fragments stands in the text.
func (in *input) hasAny(fragments ...string) bool {
	for _, f := range fragments {
		if strings.Contains(in.text, f) {
			return true
		}
	}
	return false
}

// judge looks for the words that tell what the text is about.
func (in *input) judge() {
	in.isWeb = in.hasAny("http/1", "http/2", "http error", "http status", "bad gateway", "gateway time",
		"internal server error", "web page", "website")
	in.isMail = in.hasAny("smtp", "starttls", "ehlo", "mailserver", "mail server", "mail.messagingexception", "sendmail",
		"nodemailer", "mailkit", "phpmailer", "postfix", "exim", "mailer", "mail.protection", "emails",
		":25 ", ":25:", ":465", ":587", ":2525", "port 25 ", "port 465", "port 587", "port 2525",
		"send_email", "sendemail", "send email", "send mail", "sending email", "sending mail",
		"status=deferred", "status=bounced", "0x800ccc", "cdo.message", "stream_socket_enable_crypto")
	in.isAbout = in.isMail || in.hasAny("login", "auth", "relay", "recipient", "mailbox", "sender", "rcpt", "e-mail",
		"email", " mail ")
}
