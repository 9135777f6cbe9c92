package provider

import (
	"fmt"
	"strconv"
	"strings"

	"smtptest/probe/replies"
	"smtptest/probe/smtp"
)

// Text is something that a provider says, and what it means by it.
type Text struct {
	Record
	ID    replies.ID
	When  []When // any of these; at least one
	Means string // one sentence
	Fix   string // one imperative sentence; empty: nothing to do
	Owner replies.Owner
}

// When is one form in which a text is met. Every field that is not empty
// must fit.
type When struct {
	At       []replies.Place
	Codes    []int  // reply codes
	Enhanced []Span // enhanced codes
	Words    string // lower case, in the reply's text without its codes, white space folded
}

// Span is one enhanced code, or several that differ in the last number.
type Span struct {
	First smtp.EnhancedCode
	Last  int // last number of the last code; First.Detail for a single one
}

// holds reports whether a code falls into the span.
func (s Span) holds(e smtp.EnhancedCode) bool {
	return e.Class == s.First.Class && e.Subject == s.First.Subject && s.First.Detail <= e.Detail && e.Detail <= s.Last
}

// Means is what the provider means by its reply at a place. A text that is
// known by its words comes before one that is known by its codes alone, and
// more words before fewer. ok is false when none fits.
func (p Provider) Means(at replies.Place, r *smtp.Reply) (t Text, ok bool) {
	words, best := fold(r), 0
	for _, candidate := range p.Texts {
		for _, w := range candidate.When {
			if weight := w.weight(); weight > best && w.fits(at, r, words) {
				t, best, ok = candidate, weight, true
			}
		}
	}
	return t, ok
}

// fold is the text of all lines in lower case, without their enhanced codes,
// so that words can be found which a line end divides.
func fold(r *smtp.Reply) string {
	var texts []string
	for _, l := range r.Lines {
		_, rest, _ := smtp.ParseEnhanced(l.Text)
		texts = append(texts, strings.Fields(rest)...)
	}
	return strings.ToLower(strings.Join(texts, " "))
}

func (w When) fits(at replies.Place, r *smtp.Reply, words string) bool {
	return anyOrNone(w.At, func(p replies.Place) bool { return p == at }) &&
		anyOrNone(w.Codes, func(c int) bool { return c == r.Code }) &&
		anyOrNone(w.Enhanced, func(s Span) bool { return s.holds(r.Enhanced) }) &&
		strings.Contains(words, w.Words)
}

// anyOrNone reports whether one of the list fits, or the list is empty.
func anyOrNone[T any](list []T, fits func(T) bool) bool {
	for _, x := range list {
		if fits(x) {
			return true
		}
	}
	return len(list) == 0
}

// weight is how much a fitting form is worth: any word outweighs all codes,
// and an enhanced code a basic one. It is at least 1.
func (w When) weight() int {
	weight := 1 + 4*len(w.Words)
	if len(w.Enhanced) > 0 {
		weight += 2
	}
	if len(w.Codes) > 0 {
		weight++
	}
	return weight
}

// readWhen reads PLACES CODES ENHANCED WORDS. The first three are lists with
// commas or none; what is left out at the end is none.
func readWhen(v string) (w When, err error) {
	columns := append(strings.SplitN(v, " ", 4), none, none, none)
	if w.At, err = readList(columns[0], readPlace); err != nil {
		return w, err
	}
	if w.Codes, err = readList(columns[1], readCode); err != nil {
		return w, err
	}
	if w.Enhanced, err = readList(columns[2], readSpan); err != nil {
		return w, err
	}
	if columns[3] != none {
		w.Words = columns[3]
	}
	if w.Words == "" && w.Codes == nil && w.Enhanced == nil {
		return w, fmt.Errorf("%q fits every reply", v)
	}
	return w, nil
}

func readList[T any](v string, read func(string) (T, error)) (list []T, err error) {
	if v == none {
		return nil, nil
	}
	for _, word := range strings.Split(v, ",") {
		x, err := read(word)
		if err != nil {
			return nil, err
		}
		list = append(list, x)
	}
	return list, nil
}

func readPlace(v string) (replies.Place, error) {
	var known []string
	for _, p := range replies.Places() {
		known = append(known, string(p))
	}
	return replies.Place(v), among(v, known)
}

func readCode(v string) (int, error) {
	n, err := strconv.Atoi(v)
	if err != nil || n < 200 || n > 599 {
		return 0, fmt.Errorf("%q is not a reply code", v)
	}
	return n, nil
}

// readSpan reads 5.7.1, or 5.7.320-325.
func readSpan(v string) (Span, error) {
	from, to, ranged := strings.Cut(v, "-")
	code, rest, ok := smtp.ParseEnhanced(from)
	if !ok || rest != "" {
		return Span{}, fmt.Errorf("%q is not an enhanced status code", v)
	}
	s := Span{First: code, Last: code.Detail}
	if ranged {
		last, err := strconv.Atoi(to)
		if err != nil || last <= code.Detail || last > 999 {
			return Span{}, fmt.Errorf("%q is not a range of codes", v)
		}
		s.Last = last
	}
	return s, nil
}
