package explain

import (
	"slices"
	"strings"
)

// texts explains the text of libraries, the best message of each, and of
// servers, the best of all. An event is explained once.
func (in *input) texts() []Item {
	var items []Item
	var seen []string
	for _, m := range in.messages() {
		owner := m.library
		if slices.Contains(seen, m.event.id) || slices.Contains(seen, "by "+owner) {
			continue
		}
		seen = append(seen, m.event.id, "by "+owner)
		item := m.item()
		if m.vague() && !in.aboutMail() {
			item.Confidence = Possible
			item.Rows = append(item.Rows, Row{"How sure", "the text alone does not say that it is about mail: any program that uses the network can write it"})
		}
		items = append(items, item)
	}
	return items
}

// messages are those that fit, the most specific first.
func (in *input) messages() []message {
	var fit []message
	for _, m := range facts().messages {
		if m.in(in) {
			fit = append(fit, m)
		}
	}
	slices.SortStableFunc(fit, func(a, b message) int { return b.weight() - a.weight() })
	return fit
}

// in reports whether all fragments stand in the text, and what else is
// needed.
func (m message) in(in *input) bool {
	for _, f := range m.fragments {
		if !strings.Contains(in.text, f) {
			return false
		}
	}
	switch m.needs {
	case needCode:
		return in.someCode()
	case needMail:
		return in.isMail
	case needAlone, needVague:
		return in.aboutMail() || in.only(m.fragments)
	}
	return true
}

// vague reports words that programs without mail write too.
func (m message) vague() bool { return m.needs == needVague || m.needs == needAny }

// aboutMail reports a word of mail or a reply code.
func (in *input) aboutMail() bool { return in.isMail || in.someCode() }

// maxOnlyOctets is how long an error text may be that stands by itself.
const maxOnlyOctets = 240

// only reports whether a text holds nothing beside the fragments but words
// that programs put around an error: names of hosts and functions, numbers.
func (in *input) only(fragments []string) bool {
	if len(in.text) > maxOnlyOctets {
		return false
	}
	rest := in.text
	for _, f := range fragments {
		rest = strings.ReplaceAll(rest, f, " ")
	}
	for _, w := range read(rest).words {
		if !filler(w.lower) && !wrapper(w.lower) && !strings.ContainsAny(w.lower, "0123456789._") {
			return false
		}
	}
	return true
}

// wrapper reports words that programs write around the error of another.
func wrapper(lower string) bool {
	return slices.Contains([]string{"read", "write", "dial", "connect", "tcp", "tls", "ssl", "ioerror", "oserror", "exception", "failed", "errno",
		"fatal", "warning", "remote", "routines", "caused", "by", "code", "handshake", "login", "auth", "authentication", "invalid", "err"}, lower)
}

// Weights of a message: a library's words tell more than a server's, those of
// a library that only wraps another error less, and OpenSSL's stand inside the
// others'. Within a kind more fragments come before longer ones.
const (
	weightLibrary  = 1 << 20
	weightOpenSSL  = 1 << 19
	weightWrapping = 1 << 18
	weightFragment = 1 << 10
)

// wrapping is the event of messages that tell nothing themselves.
const wrapping = "connect-failed"

func (m message) weight() int {
	weight := weightFragment * len(m.fragments)
	for _, f := range m.fragments {
		weight += len(f)
	}
	switch {
	case m.library == "":
		return weight
	case m.event.id == wrapping:
		return weight + weightWrapping
	case m.library == openSSL:
		return weight + weightOpenSSL
	}
	return weight + weightLibrary
}

func (m message) item() Item {
	item := Item{
		Title: m.event.title, Kind: KindText, Wire: m.event.wire, Side: m.event.side,
		Try: []string{m.event.try}, References: m.event.references, Confidence: Likely,
	}
	if m.library != "" {
		item.Kind, item.Try = KindLibrary, []string{m.fix}
		item.Rows = []Row{{"Library", m.library}}
	}
	return item
}
