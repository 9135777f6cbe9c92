package replies

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"smtptest/probe/registry"
)

// Meaning is what is the matter, in words for people, whoever reported it.
type Meaning struct {
	IDs        []ID // the id first; the others mean the same to a reader
	Side       Owner
	References []string // RFCs with sections; may be empty
	Title      string   // one line
	Wire       string   // what happened on the wire: one or two sentences
	Try        string   // one imperative sentence

	at map[Place]ID // what it is called at some places
}

// store is everything that the tables hold.
type store struct {
	meanings  []Meaning
	byID      map[ID]*Meaning
	rows      []row // in their order: wire.tsv, senses.tsv, libraries.tsv
	lexicon   *lexicon
	forms     []form
	makers    []maker
	formIndex *index
	index     *index // of the words of rows
}

// loaded reads the embedded tables once.
var loaded = sync.OnceValue(func() *store {
	s := &store{byID: map[ID]*Meaning{}}
	s.meanings = registry.MustTable("meanings.tsv", meaningsTable, 7, readMeaning)
	for i, m := range s.meanings {
		for _, id := range m.IDs {
			s.byID[id] = &s.meanings[i]
		}
	}
	s.rows = registry.MustTable("wire.tsv", wireTable, 6, s.readWire)
	s.lexicon = newLexicon()
	s.forms = registry.MustTable("forms.tsv", formsTable, 2, readForm)
	s.formIndex = newIndex(nil)
	for _, f := range s.forms {
		s.formIndex.add(f.words)
	}
	s.makers = registry.MustTable("makers.tsv", makersTable, 2, readMaker)
	for _, m := range s.makers {
		s.formIndex.add(m.words)
	}
	s.rows = append(s.rows, registry.MustTable("senses.tsv", sensesTable, 4, s.readSense)...)
	s.rows = append(s.rows, registry.MustTable("libraries.tsv", librariesTable, 4, s.readLibrary)...)
	s.index = newIndex(s.rows)
	return s
})

// Known reports an id that has a meaning here. An id in a data file that has
// none is a slip.
func Known(id ID) bool { return loaded().byID[id] != nil }

// Of is the meaning of an id; ok is false for one that is not known.
func Of(id ID) (m Meaning, ok bool) {
	known := loaded().byID[id]
	if known == nil {
		return Meaning{}, false
	}
	return *known, true
}

// Meanings are all meanings, in the order of their table. The slice is the
// caller's own; what it holds is shared.
func Meanings() []Meaning { return slices.Clone(loaded().meanings) }

// At is what an id is called where it answers a certain command: a bad
// reputation in the greeting is "greeting.reputation".
func (id ID) At(p Place) ID { return loaded().at(id, p) }

func (s *store) at(id ID, p Place) ID {
	if m := s.byID[id]; m != nil && m.IDs[0] == id && m.at[p] != "" {
		return m.at[p]
	}
	return id
}

// Judged is the id under which a session is judged where a reply with this
// meaning ends it; empty where a session cannot be judged by it, for it is
// about the account, the message or a command that is not sent.
func (id ID) Judged(p Place) ID {
	at := id.At(p)
	area, _, _ := strings.Cut(string(at), ".")
	if !Known(id) || !slices.Contains(judgedAt(area), p) {
		return ""
	}
	return at
}

// judgedAt are the places where ids of an area can be what ended a session.
func judgedAt(area string) []Place {
	switch area {
	case "greeting":
		return []Place{Greeting}
	case "ehlo":
		return []Place{EHLO}
	case "auth":
		return []Place{AUTH}
	case "envelope":
		return []Place{MAIL, RCPT}
	case "session":
		return Places()
	}
	return nil
}

func readMeaning(c []string) (Meaning, error) {
	m := Meaning{References: registry.List(c[3], "; "), Title: c[4], Wire: c[5], Try: c[6], at: map[Place]ID{}}
	for _, id := range registry.List(c[0], ",") {
		m.IDs = append(m.IDs, ID(id))
	}
	for _, pair := range registry.List(c[1], " ") {
		place, id, ok := strings.Cut(pair, "=")
		if !ok || !slices.Contains(Places(), Place(place)) {
			return m, fmt.Errorf("%q is not PLACE=ID", pair)
		}
		m.at[Place(place)] = ID(id)
	}
	m.Side = Owner(c[2])
	if m.Side != "" && !slices.Contains(Owners(), m.Side) {
		return m, fmt.Errorf("%q is not a side", c[2])
	}
	return m, nil
}
