package replies

import (
	_ "embed" // the tables
	"fmt"
	"slices"
	"strconv"
	"strings"

	"smtptest/probe/registry"
	"smtptest/probe/smtp"
)

var (
	//go:embed meanings.tsv
	meaningsTable []byte
	//go:embed wire.tsv
	wireTable []byte
	//go:embed libraries.tsv
	librariesTable []byte
)

// row is one entry of the store: what a text or a code means.
type row struct {
	id      ID
	library string // empty: what a server or an operating system says
	fix     string // names the setting of the library; empty: the meaning's own
	source  string // where the words were found; empty: none is at hand
	words   []string
	in      []int // the numbers of the words in the index
	needs   need
	numbers

	concepts []int // of the lexicon, that must all be told of; a row has words or concepts
	without  []int // that must not be told of

	at     []Place // empty: any
	pasted bool    // only for a text whose place is not known
}

// numbers are the codes that a row asks for. Of each kind one must fit; an
// empty kind is not looked at.
type numbers struct {
	codes    []int
	enhanced []string // such as 5.7.1, or x.7.1 for any class
	class    int      // first digit of the reply code
}

// need is what else must stand in a pasted text, so that words of everyday
// life are not taken for an error of mail.
type need string

const (
	needNothing need = ""
	needCode    need = "code"  // a reply code
	needMail    need = "mail"  // a word or a port of mail
	needAlone   need = "alone" // a code, a word of mail, or nothing else at all
	needVague   need = "vague" // as alone; by itself it may come from any program
	needAny     need = "any"   // nothing, but without a word of mail it may come from any program
)

// pastedPlace is how wire.tsv marks the rows for pasted texts.
const pastedPlace = "text"

func (s *store) readWire(c []string) (row, error) {
	r := row{id: ID(c[0]), words: fragments(c[3]), needs: need(c[4]), source: c[5]}
	if err := s.check(r); err != nil {
		return r, err
	}
	if err := r.readPlaces(c[1]); err != nil {
		return r, err
	}
	if err := r.readCodes(c[2]); err != nil {
		return r, err
	}
	if len(r.words) == 0 && r.numbers.empty() {
		return r, fmt.Errorf("%q fits every reply", c[0])
	}
	needs := []need{needNothing, needCode, needMail, needAlone, needVague, needAny}
	if !slices.Contains(needs, r.needs) {
		return r, fmt.Errorf("%q is not a need", c[4])
	}
	return r, nil
}

func (s *store) readLibrary(c []string) (row, error) {
	r := row{library: c[0], id: ID(c[1]), words: fragments(c[2]), fix: c[3], source: c[0], pasted: true}
	if !slices.Contains(Libraries(), r.library) {
		return r, fmt.Errorf("%q is not a library", r.library)
	}
	return r, s.check(r)
}

// fragments reads words that must all be there. A blank at the end of one is
// written as "␣": no cell of a table ends in one.
func fragments(cell string) []string {
	words := registry.List(cell, " & ")
	for i, w := range words {
		if rest, ok := strings.CutSuffix(w, "␣"); ok {
			words[i] = rest + " "
		}
	}
	return words
}

// check wants a known id, and words as a folded text can hold them.
func (s *store) check(r row) error {
	if s.byID[r.id] == nil {
		return fmt.Errorf("%q has no meaning", r.id)
	}
	for _, w := range r.words {
		switch {
		case w != strings.ToLower(w):
			return fmt.Errorf("%q is not in lower case", w)
		case len(w) < gram:
			return fmt.Errorf("%q is shorter than %d octets", w, gram)
		}
	}
	return nil
}

// readPlaces reads the places where a row answers.
func (r *row) readPlaces(cell string) error {
	for _, p := range registry.List(cell, ",") {
		switch {
		case p == pastedPlace:
			r.pasted = true
		case slices.Contains(Places(), Place(p)):
			r.at = append(r.at, Place(p))
		default:
			return fmt.Errorf("%q is not a place", p)
		}
	}
	return nil
}

// readCodes reads codes such as 550, 5yz, 5.7.1 and x.7.1.
func (n *numbers) readCodes(cell string) error {
	for _, c := range registry.List(cell, ",") {
		digit, class := strings.CutSuffix(c, "yz")
		value, err := strconv.Atoi(digit)
		switch {
		case class && err == nil && 2 <= value && value <= 5:
			n.class = value
		case !class && err == nil && 200 <= value && value <= 599:
			n.codes = append(n.codes, value)
		case isEnhanced(c):
			n.enhanced = append(n.enhanced, c)
		default:
			return fmt.Errorf("%q is not a code", c)
		}
	}
	return nil
}

// isEnhanced reports an enhanced code, or one with x for its class.
func isEnhanced(c string) bool {
	if rest, any := strings.CutPrefix(c, "x"); any {
		c = "5" + rest
	}
	_, rest, ok := smtp.ParseEnhanced(c)
	return ok && rest == ""
}

func (n numbers) empty() bool { return len(n.codes) == 0 && len(n.enhanced) == 0 && n.class == 0 }

// fit reports whether the codes of a text are those that are asked for.
func (n numbers) fit(t Text) bool {
	ofClass := func(c int) bool { return c/100 == n.class }
	return (n.class == 0 || slices.ContainsFunc(t.Codes, ofClass) || len(t.Codes) == 0 && t.hasClass(n.class)) &&
		(len(n.codes) == 0 || slices.ContainsFunc(t.Codes, func(c int) bool { return slices.Contains(n.codes, c) })) &&
		(len(n.enhanced) == 0 || slices.ContainsFunc(t.Enhanced, n.hasEnhanced))
}

// hasClass reports an enhanced code of a class: clients often leave the reply
// code out.
func (t Text) hasClass(class int) bool {
	return slices.ContainsFunc(t.Enhanced, func(e smtp.EnhancedCode) bool { return e.Class == class })
}

func (n numbers) hasEnhanced(e smtp.EnhancedCode) bool {
	have := e.String()
	return slices.ContainsFunc(n.enhanced, func(want string) bool {
		if rest, any := strings.CutPrefix(want, "x"); any {
			return have != "" && have[1:] == rest
		}
		return have == want
	})
}

// layer is what a row rests on.
func (r row) layer() Layer {
	switch {
	case len(r.words) > 0:
		return LayerText
	case len(r.concepts) > 0:
		return LayerConcept
	case len(r.enhanced) > 0:
		return LayerEnhanced
	case len(r.codes) > 0:
		return LayerCode
	}
	return LayerClass
}

// Libraries are the client libraries whose texts are known. OpenSSL stands
// last: its texts appear inside those of the others.
func Libraries() []string {
	return []string{"nodemailer", "JavaMail", "MailKit", "Python", "PHPMailer", "Go", openSSL}
}

const openSSL = "OpenSSL"

// Entry is one row of the store, for those who check or measure it.
type Entry struct {
	ID      ID
	Library string  // empty: of a server or an operating system
	At      []Place // where a reply with it can stand; empty: only in a pasted text
	Words   []string
	Source  string // empty: none is at hand
}

// Entries are all rows, in their order.
func Entries() []Entry {
	var out []Entry
	for _, r := range loaded().rows {
		e := Entry{r.id, r.library, r.at, r.words, r.source}
		if len(r.at) == 0 && !r.pasted {
			e.At = Places()
		}
		out = append(out, e)
	}
	return out
}
