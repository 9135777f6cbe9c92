package replies

import (
	_ "embed" // the tables
	"fmt"
	"strings"
	"unicode"

	"smtptest/probe/registry"
)

var (
	//go:embed concepts.tsv
	conceptsTable []byte
	//go:embed senses.tsv
	sensesTable []byte
)

// lexicon knows by which words, in several languages, an idea of the field is
// told: a refusal, a quota, a certificate. It reads texts whose words nobody
// has written down before.
type lexicon struct {
	number map[string]int // of a concept
	whole  map[string][]int
	stems  map[string][]int
	short  int             // octets of the shortest stem
	starts map[string]bool // first words of phrases
	script *index          // forms in scripts that do not divide words
	means  map[string]int  // concept of a form in script
}

// Bounds of what is looked up, whatever the text.
const (
	maxPhraseWords = 4  // of a form
	maxStemOctets  = 24 // of a word that is taken for a stem with an ending
)

func newLexicon() *lexicon {
	l := &lexicon{
		number: map[string]int{}, whole: map[string][]int{}, stems: map[string][]int{}, starts: map[string]bool{},
		script: newIndex(nil), means: map[string]int{}, short: maxStemOctets,
	}
	registry.MustTable("concepts.tsv", conceptsTable, 2, func(c []string) (string, error) {
		if _, twice := l.number[c[0]]; twice {
			return "", fmt.Errorf("a second row for %s", c[0])
		}
		n := len(l.number)
		l.number[c[0]] = n
		for _, form := range registry.List(c[1], ",") {
			if err := l.add(form, n); err != nil {
				return "", err
			}
		}
		return c[0], nil
	})
	return l
}

// add takes a form of a concept in.
func (l *lexicon) add(form string, concept int) error {
	stem, open := strings.CutSuffix(form, "*")
	words := strings.Fields(stem)
	switch {
	case form != plain(form) || len(words) == 0 || len(words) > maxPhraseWords:
		return fmt.Errorf("%q is not a form in lower case of at most %d words", form, maxPhraseWords)
	case !divides(stem):
		if len(stem) < gram {
			return fmt.Errorf("%q is shorter than %d octets", form, gram)
		}
		l.script.add(stem)
		l.means[stem] = concept
		return nil
	case open:
		l.stems[stem] = append(l.stems[stem], concept)
		l.short = min(l.short, len(stem))
	default:
		l.whole[stem] = append(l.whole[stem], concept)
	}
	if len(words) > 1 {
		l.starts[words[0]] = true
	}
	return nil
}

// divides reports a script that divides its words; Chinese and Japanese do not.
func divides(form string) bool {
	return !strings.ContainsFunc(form, func(r rune) bool {
		return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana)
	})
}

// concepts are those that a text tells of, by their numbers. Its cost is linear
// in the text: a word is looked up a bounded number of times.
func (l *lexicon) concepts(text string) []bool {
	has := make([]bool, len(l.number))
	words := wordsOf(text)
	for i := range words {
		for n := 1; n <= maxPhraseWords && i+n <= len(words); n++ {
			if n == 2 && !l.starts[words[i]] {
				break
			}
			l.mark(has, strings.Join(words[i:i+n], " "), len(words[i+n-1]))
		}
	}
	for n, found := range l.script.find(plain(text)).has {
		if found {
			has[l.means[l.script.fragments[n]]] = true
		}
	}
	return has
}

// mark notes the concepts of a phrase whose last word has so many octets.
func (l *lexicon) mark(has []bool, phrase string, last int) {
	for _, c := range l.whole[phrase] {
		has[c] = true
	}
	first := len(phrase) - last + 1
	for end := max(first, l.short); end <= min(len(phrase), first+maxStemOctets); end++ {
		for _, c := range l.stems[phrase[:end]] {
			has[c] = true
		}
	}
}

// wordsOf cuts a text into words of letters: names that programs write in one,
// as RecipientNotAccepted or CERTIFICATE_VERIFY_FAILED, come apart.
func wordsOf(text string) []string {
	var apart strings.Builder
	small, letters := false, 0 // of the word so far
	for _, r := range text {
		if unicode.IsUpper(r) && small {
			apart.WriteByte(' ')
		}
		small = unicode.IsLower(r)
		switch {
		case !apostrophe(r):
			apart.WriteRune(r)
		case letters == 1: // "l'adresse" is two words, "doesn't" one
			apart.WriteByte(' ')
		}
		if letters++; !unicode.IsLetter(r) {
			letters = 0
		}
	}
	return strings.FieldsFunc(plain(apart.String()), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
}

func apostrophe(r rune) bool { return r == '\'' || r == '’' }

// plain is a text in lower case whose Latin letters bear no accents.
func plain(text string) string {
	const accented, without = "áàâäãåçéèêëíìîïñóòôöõúùûüý", "aaaaaaceeeeiiiinooooouuuuy"
	if isASCII(text) {
		return strings.ToLower(text)
	}
	letters := []rune(accented)
	return strings.Map(func(r rune) rune {
		r = unicode.ToLower(r)
		for i, a := range letters {
			if a == r {
				return rune(without[i])
			}
		}
		return r
	}, text)
}

func isASCII(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return r > unicode.MaxASCII }) < 0
}

// readSense reads a row that rests on concepts.
func (s *store) readSense(c []string) (row, error) {
	r := row{id: ID(c[0]), needs: needAlone}
	if err := s.check(r); err != nil {
		return r, err
	}
	if err := r.readPlaces(c[1]); err != nil {
		return r, err
	}
	if err := r.readCodes(c[2]); err != nil {
		return r, err
	}
	for _, name := range registry.List(c[3], " ") {
		name, without := strings.CutPrefix(name, "!")
		n, ok := s.lexicon.number[name]
		switch {
		case !ok:
			return r, fmt.Errorf("%q is not a concept", name)
		case without:
			r.without = append(r.without, n)
		default:
			r.concepts = append(r.concepts, n)
		}
	}
	if len(r.concepts) == 0 {
		return r, fmt.Errorf("%q asks for no concept", c[0])
	}
	return r, nil
}

// told reports whether the concepts of a text are those that the row asks for.
func (r *row) told(has []bool) bool {
	for _, c := range r.without {
		if has[c] {
			return false
		}
	}
	for _, c := range r.concepts {
		if !has[c] {
			return false
		}
	}
	return true
}
