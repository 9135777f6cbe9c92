package command

import (
	"slices"
	"strings"

	"smtptest/formatting"
)

// meant reads a sentence that asks for a command which is not written in it: of
// a whole mail domain, or of the ways out of this network. false: it is about a
// server, if about anything.
func (p *parser) meant(words []word) (again *parser, ok bool, err *UsageError) {
	if p.command.Verb != VerbTest || slices.ContainsFunc(words, func(w word) bool { return looksLikeOption(w.text) }) {
		return nil, false, nil
	}
	again = &parser{dialect: p.dialect, fields: p.fields, given: map[string]bool{}}
	s := sentenceOf(words, p.dialect)
	switch {
	case !p.dialect.NoDomain && s.domain.text != "":
		again.command.Verb, again.command.Pasted = VerbDomain, true
		err = again.domain([]word{s.domain})
	case !p.dialect.NoEgress && s.waysOut():
		again.command.Verb = VerbEgress
		err = again.egress(nil)
	default:
		return nil, false, nil
	}
	return again, true, err
}

// sentence is what matters of one.
type sentence struct {
	names  int    // hosts, domains and mail addresses
	other  bool   // it names a port beside a name, or is a line of a program or a log
	domain word   // that it asks about; empty: it asks about none
	ports  bool   // it names a port of mail
	closed bool   // it asks whether something is open, or closed
	asked  bool   // it has words that ask about a domain
	before string // the words since the last name
}

// maxSentenceWords is how long a question is at most; what is longer is a log or
// a configuration.
const maxSentenceWords = 16

func sentenceOf(words []word, d Dialect) (s sentence) {
	if len(words) > maxSentenceWords || programIn(words) != "" {
		return sentence{other: true}
	}
	for _, t := range items(words) {
		if name, ok := mailDomain(t, d); ok {
			s.asked = s.asked || aboutDomain(s.before)
			s.names, s.domain, s.before = s.names+1, word{text: name, place: t.place}, ""
			continue
		}
		s.read(t)
	}
	alone := len(words) == 1 && strings.Contains(words[0].text, "@")
	if s.other || s.names != 1 || !s.asked && !alone {
		s.domain = word{}
	}
	return s
}

// read reads what is no name.
func (s *sentence) read(t item) {
	text := strings.ToLower(strings.TrimRight(t.text, ".,:;!?"))
	port, _ := readPort(strings.TrimSuffix(text, "/tcp"))
	ofMail, about := slices.Contains(mailPorts, port), slices.Contains(aboutWords, text)
	s.ports = s.ports || ofMail
	s.closed = s.closed || among(openWords, text)
	if s.names > 0 {
		s.asked = s.asked || text == "mx" || text == "domain"
		s.other = s.other || ofMail || digits(text) && s.before == ""
	}
	s.other = s.other || passwordLike(t.text) || t.key && !about
	s.before = strings.TrimSpace(s.before + " " + text)
}

// waysOut reports that a sentence asks whether mail gets out of this network.
func (s sentence) waysOut() bool { return s.ports && s.closed && !s.other && s.names == 0 }

// mailPorts are those whose numbers mean something without the word port.
var mailPorts = []uint16{25, 465, 587, 2525}

// aboutWords stand before a domain: "check the domain example.com", "mx for
// example.com", "mail to ada@example.com".
var aboutWords = []string{"domain", "mx", "mail", "email", "e-mail", "mails", "emails"}

// openWords ask whether a port is open.
const openWords = " blocked block blocks blocking open opened opens closed close closes filtered filter filters " +
	"firewalled reach reachable unreachable allowed allow allows out outbound outgoing outwards egress "

// aboutDomain reports that what stands before a name asks about a domain: one of
// these words, and nothing between but "for", "of" and "to".
func aboutDomain(before string) bool {
	all := strings.Fields(before)
	between := false
	for len(all) > 0 && among(" for of to at in the records record domain's ", all[len(all)-1]) {
		between, all = between || all[len(all)-1] != "the", all[:len(all)-1]
	}
	if len(all) == 0 {
		return false
	}
	last := all[len(all)-1]
	return slices.Contains(aboutWords, last) && (between || last == "domain" || last == "mx")
}

// mailDomain reads a name that can be a mail domain: a host name without a port,
// or a mail address.
func mailDomain(t item, d Dialect) (name string, ok bool) {
	text := strings.TrimRight(strings.TrimSuffix(strings.TrimRight(t.text, ".,:;!?"), "'s"), ".,")
	local, domain, address := strings.Cut(text, "@")
	if address {
		if local == "" || strings.ContainsAny(local, ":/") {
			return "", false
		}
		text = domain
	}
	c, ok := readPasted(text, d)
	if !ok || c.rank != rankName || c.target.port != 0 || strings.ContainsAny(text, "/[]:") {
		return "", false
	}
	return text, true
}

// understoodDomain says which domain was read from a sentence.
func understoodDomain(c Command) string {
	if !c.Pasted {
		return ""
	}
	return formatting.Say(formatting.NoteUnderstood, formatting.Value{Name: "domain", Text: c.Typed}).What
}
