// Package replies knows what texts mean: the replies of servers, and the
// errors of client libraries and operating systems. It is the one store of
// that knowledge; diagnosis and explain both read it, so that the same reply
// in the same place means the same to both.
//
// The store is tables, to be read and changed in a text editor:
// meanings.tsv says what can be the matter, in words for people; wire.tsv says
// by which words and codes a server tells of it, and at which command;
// libraries.tsv by which words a library does. Every row leads to an id of
// meanings.tsv.
//
// A text is classified in layers: known words come before the ideas that other
// words tell of (concepts.tsv is the lexicon, senses.tsv says what ideas mean
// together), those before its enhanced code, that before its reply code, and
// that before its class (RFC 5321 §4.2.1, RFC 3463). An answer says which layer
// gave it: a lower one is less sure. What a provider means by its
// own codes is not here but in package provider, whose records lead to the
// same ids.
package replies

import (
	"slices"
	"strings"

	"smtptest/probe/smtp"
)

// Text is what is to be classified.
type Text struct {
	Place    Place               // what it answers; Anywhere: not known
	Codes    []int               // reply codes; of a reply the one that it has
	Enhanced []smtp.EnhancedCode // enhanced codes; none is 0.0.0
	Words    string              // as Fold makes it
	Typed    string              // as it was typed or received
	Mail     bool                // a pasted text holds a word or a port of mail
}

// Reply is the text of a reply that answers a command.
func Reply(p Place, r *smtp.Reply) Text {
	text := r.Text()
	return Text{
		Place: p, Codes: []int{r.Code}, Enhanced: []smtp.EnhancedCode{r.Enhanced}, Words: Fold(text), Typed: text,
	}
}

// Layer is on what an answer rests.
type Layer int

// The layers, the most telling first.
const (
	LayerText     Layer = iota + 1 // words that are known
	LayerConcept                   // ideas of the field, in whatever words
	LayerEnhanced                  // the enhanced code, where no words are
	LayerCode                      // the reply code alone
	LayerClass                     // its first digit alone
)

// String names the layer.
func (l Layer) String() string {
	names := []string{"nothing", "text", "concepts", "enhanced code", "reply code", "class"}
	if l < 0 || int(l) >= len(names) {
		l = 0
	}
	return names[l]
}

// Confidence says how sure an answer is.
type Confidence string

// The confidences.
const (
	Defined  Confidence = "defined"  // a standard, a registry or a library's source says so
	Likely   Confidence = "likely"   // the usual cause of such a text
	Possible Confidence = "possible" // one cause among others
)

// Confidence is how sure an answer of this layer is: words tell what is the
// matter, codes and classes are shared by many causes.
func (l Layer) Confidence() Confidence {
	if l == LayerText {
		return Likely
	}
	return Possible
}

// Answer is what a text means.
type Answer struct {
	ID     ID     // empty: nothing is known that fits
	Layer  Layer  // 0 without an id
	Source string // where the words of the row were found; empty: none is at hand
}

// Classify says what a reply means at its place: the first row of the most
// telling layer that fits. Its cost is linear in the octets of the text.
func Classify(t Text) Answer { return loaded().classify(t) }

func (s *store) classify(t Text) Answer {
	f := s.read(&t)
	var best *row
	for i := range s.rows {
		r := &s.rows[i]
		if (best == nil || r.layer() < best.layer() || r.narrows(best)) && r.answers(t) && f.fit(r) {
			best = r
		}
	}
	if best == nil {
		return Answer{}
	}
	return Answer{ID: s.at(best.id, t.Place), Layer: best.layer(), Source: best.source}
}

// features are what rows look for in a text.
type features struct {
	words    found
	concepts []bool
	place    Place    // of a pasted text, as its form or its code tells
	form     Place    // the same, where it is certain from the form
	makers   []string // the libraries whose own words a pasted text holds
}

// read looks for the features of a text. What is written around a pasted reply
// shows that it is one: its codes are codes, and it is about mail.
func (s *store) read(t *Text) features {
	words := t.Words
	if t.Place == Anywhere {
		words = withoutContext(words)
	}
	f := features{words: s.index.find(words), place: t.Place, form: t.Place}
	var written found
	if t.Place == Anywhere {
		written = s.formIndex.find(t.Words)
		f.makers = s.makersOf(written)
		if _, certain := s.place(*t, nil, written); len(f.makers) > 0 || certain != Anywhere && !elsewhere(t.Words) {
			t.Mail = true
			if len(t.Codes) == 0 {
				t.Codes = codesOf(t.Typed)
			}
		}
	}
	if t.Place == Anywhere && len(t.Codes) > 0 && !slices.ContainsFunc(t.Codes, func(c int) bool { return c >= 300 }) {
		f.concepts = make([]bool, len(s.lexicon.number)) // good news, such as an answer to EHLO
		return f
	}
	if t.Place != Anywhere {
		f.concepts = s.lexicon.concepts(withoutContext(withoutAddresses(t.Typed)))
		return f
	}
	f.concepts = s.lexicon.concepts(withoutQueries(withoutContext(withoutAddresses(t.Typed))))
	t.Mail = t.Mail || s.lexicon.technical(f.concepts)
	f.place, f.form = s.place(*t, f.concepts, written)
	f.concepts = s.ofQuoted(*t, f)
	return f
}

// fit reports whether a row's words and concepts are in the text.
// Concepts mean something at a place only.
func (f features) fit(r *row) bool {
	if r.layer() == LayerConcept && len(r.at) > 0 && !slices.Contains(r.at, f.place) {
		return false
	}
	return r.speaks(f.makers) && f.words.all(r.in) && r.told(f.concepts)
}

// answers reports whether a row is about such a place and such codes.
func (r *row) answers(t Text) bool {
	switch {
	case t.Place == Anywhere && len(r.words) == 0 && len(r.concepts) == 0,
		t.Place != Anywhere && r.pasted,
		t.Place != Anywhere && len(r.at) > 0 && !slices.Contains(r.at, t.Place):
		return false
	}
	return r.fit(t)
}

// Fold puts a text into the form in which words are looked for: lower case,
// one line, since servers break their lines anywhere. Of a mail address only
// the @ is left: words such as pipeline or dmarc stand in many of them.
func Fold(text string) string {
	return strings.ToLower(strings.ReplaceAll(withoutAddresses(text), "\n", " "))
}

// withoutAddresses leaves of every mail address the @ alone. Words are divided
// by white space and by what stands around addresses in replies.
func withoutAddresses(text string) string {
	const between = " \t\n\v\f\r<>()[],;:\"'"
	if !strings.Contains(text, "@") {
		return text
	}
	var out strings.Builder
	for text != "" {
		end := 0
		for end < len(text) && strings.IndexByte(between, text[end]) < 0 {
			end++
		}
		word := text[:end]
		if len(word) > 2 && strings.Contains(word[1:len(word)-1], "@") {
			word = "@"
		}
		out.WriteString(word)
		out.WriteString(text[end:min(end+1, len(text))])
		text = text[min(end+1, len(text)):]
	}
	return out.String()
}
