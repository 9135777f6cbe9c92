package explain

import (
	"slices"
	"strings"

	"smtptest/probe/registry"
)

// maxPhraseWords is the length of the longest word list of a topic.
const maxPhraseWords = 4

// named is what was asked for by name.
type named struct {
	specific []Item
	general  []Item // topics such as "port", which only say what kind of thing a number is
}

// names explains keywords, mechanisms and topics: all of them when nothing
// else was asked, in other text only those that cannot be words of a
// language, and the lines of an answer to EHLO.
func (in *input) names() named {
	var n named
	listed := newListing()
	for i := 0; i < len(in.words); i++ {
		w := in.words[i]
		listed.next(in, i)
		if listed.keyword || technical(w.text) || in.quick() && in.meansIt(i) {
			n.addKeyword(w.text)
		}
		if listed.mechanism || technical(w.text) || in.quick() && in.meansIt(i) {
			n.addMechanism(w.text)
		}
		if !in.quick() {
			continue
		}
		if t, length := in.topicAt(i); t != nil {
			n.addTopic(t, general(in.phrase(i, i+length)))
			i += length - 1
		}
	}
	return n
}

func (n *named) addKeyword(name string) {
	if k, ok := registry.KeywordOf(name); ok {
		n.add(keywordItem(k))
	}
}

func (n *named) addMechanism(name string) {
	if m, ok := mechanism(name); ok {
		n.add(mechanismItem(m))
	}
}

func (n *named) addTopic(t *topic, general bool) {
	if general {
		n.general = append(n.general, topicItem(t))
		return
	}
	n.add(topicItem(t))
}

// add takes an item in that is not there yet.
func (n *named) add(item Item) {
	if !slices.ContainsFunc(n.specific, func(i Item) bool { return i.Kind == item.Kind && i.Title == item.Title }) {
		n.specific = append(n.specific, item)
	}
}

// listing follows the lines of an answer to EHLO (RFC 5321 §4.1.1.1).
type listing struct{ keyword, auth, mechanism bool }

func newListing() *listing { return &listing{} }

// next says what the word at i is in such a line, if it is one. A lone "OK"
// behind 250 is no keyword.
func (l *listing) next(in *input, i int) {
	w := in.words[i]
	if w.first {
		l.auth = false
	}
	l.mechanism = l.auth
	l.keyword = i > 0 && !w.first && in.words[i-1].first && in.at(i-1) == "250" &&
		(w.before == "-" || w.before == " " && w.text == strings.ToUpper(w.text) && w.lower != "ok")
	l.auth = l.auth || l.keyword && w.lower == "auth"
}

// technical reports a name that is no word of a language: in upper case, and
// with a digit or a hyphen.
func technical(text string) bool {
	const leastLetters = 5
	return text == "STARTTLS" || len(text) >= leastLetters && strings.ContainsAny(text, "0123456789-") &&
		text == strings.ToUpper(text) && text != strings.ToLower(text)
}

// meansIt reports whether a word that is also one of the language is meant
// as a name: written in upper case, by itself, or beside something technical.
func (in *input) meansIt(i int) bool {
	w := in.words[i]
	if !english(w.lower) || len(in.words) == 1 || w.text == strings.ToUpper(w.text) {
		return true
	}
	for j, other := range in.words {
		if j != i && !filler(other.lower) && !english(other.lower) {
			return true
		}
	}
	return false
}

// mechanism knows the mechanisms by their own names, and of the families the
// two whose members cannot be anything else.
func mechanism(name string) (registry.Mechanism, bool) {
	m, ok := registry.MechanismOf(name)
	family := strings.HasSuffix(m.Name, "*")
	return m, ok && (!family || m.Name == "SCRAM-*" || m.Name == "GS2-*")
}

// topicAt finds the topic with the longest name that begins at a word.
func (in *input) topicAt(i int) (t *topic, words int) {
	for length := min(maxPhraseWords, len(in.words)-i); length > 0; length-- {
		if t := facts().topics[in.phrase(i, i+length)]; t != nil {
			return t, length
		}
	}
	return nil, 0
}

// general reports the topics that stand beside numbers to say what they are.
func general(phrase string) bool {
	return slices.Contains([]string{"port", "ports", "smtp", "smtp port", "code", "codes", "reply code", "reply codes",
		"enhanced code", "enhanced codes", "extension", "extensions"}, phrase)
}

// english reports names of the registry that are words of the language too.
func english(lower string) bool {
	return slices.Contains([]string{"help", "send", "size", "turn", "ok", "verb", "limits", "plain", "external",
		"anonymous", "spa", "msn"}, lower)
}

// filler reports words that stand around what is asked for.
func filler(lower string) bool {
	return slices.Contains([]string{"what", "whats", "is", "are", "does", "do", "mean", "means", "meaning", "the",
		"a", "an", "of", "in",
		"error", "errors", "explain", "mechanism", "keyword", "command", "number", "alert", "reply", "server",
		"mail", "please",
		"and", "or", "vs", "versus", "with", "at", "from", "tcp", "why", "enhanced", "status"}, lower)
}

func keywordItem(k registry.Keyword) Item {
	item := Item{Title: k.Name, Kind: KindKeyword, Confidence: Defined}
	item.Rows = rows(Row{"Meaning", k.Meaning}, Row{"Behind it", k.Parameters}, Row{"Registered", registered(k)})
	if k.Masked {
		item.Title, item.Confidence = "Masked keyword", Likely
		item.Try = []string{"Switch off the inspection of SMTP in the firewall: what it hides is often STARTTLS."}
	}
	if k.Reference != "" {
		item.References = []string{k.Reference}
	}
	return item
}

func registered(k registry.Keyword) string {
	switch {
	case k.Registered:
		return "with IANA"
	case k.Vendor != "":
		return "no; known from: " + k.Vendor
	}
	return "no; a command that a server may list"
}

func mechanismItem(m registry.Mechanism) Item {
	item := Item{Title: m.Name, Kind: KindMechanism, Confidence: Defined}
	item.Rows = rows(Row{"Meaning", m.Meaning}, Row{"Usage", string(m.Usage)}, Row{"Carries", carried(m.Carries)})
	switch {
	case m.Discouraged:
		item.Try = []string{"Use a SCRAM mechanism, or PLAIN inside TLS, in its place."}
	case m.Carries != registry.CarriesNothing:
		item.Try = []string{"Use it inside TLS only."}
	}
	if m.Reference != "" {
		item.References = []string{m.Reference}
	}
	return item
}

func carried(c registry.Carried) string {
	switch c {
	case registry.CarriesPassword:
		return "the password itself, hardly hidden by base64"
	case registry.CarriesToken:
		return "a token that serves until it expires"
	}
	return "nothing that could be used again"
}

func topicItem(t *topic) Item {
	item := Item{Title: t.title, Kind: KindTopic, Rows: []Row{{"Meaning", t.meaning}}, Try: []string{t.try},
		References: t.references, Confidence: Likely}
	if len(t.references) > 0 {
		item.Confidence = Defined
	}
	return item
}
