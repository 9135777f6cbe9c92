package provider

import (
	"fmt"
	"strconv"
	"strings"
)

// Shape is the form of a kind of credential. It holds nothing of any
// credential itself.
type Shape struct {
	Record
	ID   string // such as "sendgrid-key"
	What string // with its article: "a SendGrid API key"
	Of   string // the id of the only provider that issues this form; empty: several do, or others look alike
	form form
}

// form is how a shape is recognised. Empty fields are not looked at.
type form struct {
	begins  []string // one of these
	least   int      // characters
	most    int
	letters string   // all that may stand in it, besides between
	needs   []string // sets of characters with at least one in it
	parts   []int    // lengths of the parts; anyLength: not looked at
	between string   // the character between two parts
}

// anyLength is the length of a part that may have any.
const anyLength = -1

// ShapeOf says what a credential looks like, by its form alone: nothing is
// asked of anybody, and nothing of the credential is kept. White space around
// it does not count, and a no-break space counts as a space, for that is what
// pages with app passwords hold. ok is false when it looks like nothing that
// is known.
func ShapeOf(credential string) (s Shape, ok bool) {
	credential = strings.ReplaceAll(strings.TrimSpace(credential), "\u00a0", " ")
	for _, s := range loaded().shapes {
		if s.form.fits(credential) {
			return s, true
		}
	}
	return Shape{}, false
}

// ShapeNamed is the shape with this id. ok is false when there is none.
func ShapeNamed(id string) (s Shape, ok bool) {
	for _, s := range loaded().shapes {
		if s.ID == id {
			return s, true
		}
	}
	return Shape{}, false
}

func (f form) fits(text string) bool {
	return f.least <= len(text) && len(text) <= f.most &&
		anyOrNone(f.begins, func(b string) bool { return strings.HasPrefix(text, b) }) &&
		onlyOf(text, f.letters+f.between) &&
		f.needed(text) && f.divided(text)
}

// onlyOf reports whether a text holds no character but these.
func onlyOf(text, letters string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return !strings.ContainsRune(letters, r) }) < 0
}

func (f form) needed(text string) bool {
	for _, set := range f.needs {
		if !strings.ContainsAny(text, set) {
			return false
		}
	}
	return true
}

// divided reports whether the parts have their lengths.
func (f form) divided(text string) bool {
	if f.parts == nil {
		return true
	}
	parts := strings.Split(text, f.between)
	if len(parts) != len(f.parts) {
		return false
	}
	for i, want := range f.parts {
		if want != anyLength && len(parts[i]) != want {
			return false
		}
	}
	return true
}

// readShapes reads the file of shapes.
func readShapes(stanzas []*stanza) ([]Shape, error) {
	var out []Shape
	for _, s := range stanzas {
		shape := Shape{ID: s.one("shape"), What: s.one("what"), Of: s.one("of"), form: readForm(s), Record: s.origin()}
		if err := s.finish(); err != nil {
			return nil, err
		}
		out = append(out, shape)
	}
	return out, nil
}

func readForm(s *stanza) form {
	var f form
	if s.has("begins") {
		s.each("begins", func(v string) error {
			f.begins = append(f.begins, v)
			return nil
		})
	}
	f.letters = strings.Join(s.sets("letters"), "")
	if s.has("needs") {
		f.needs = s.sets("needs")
	}
	if s.has("parts") {
		f.parts, f.between = s.lengths("parts"), strings.Join(s.sets("between"), "")
	}
	s.each("length", func(v string) (err error) {
		f.least, f.most, err = readRange(v)
		return err
	})
	return f
}

// sets reads names of sets of characters, or single characters.
func (s *stanza) sets(key string) []string {
	var out []string
	s.each(key, func(v string) error {
		for _, word := range strings.Fields(v) {
			set, err := readSet(word)
			if err != nil {
				return err
			}
			out = append(out, set)
		}
		return nil
	})
	return out
}

func readSet(word string) (string, error) {
	const lower, digits = "abcdefghijklmnopqrstuvwxyz", "0123456789"
	switch word {
	case "upper":
		return strings.ToUpper(lower), nil
	case "lower":
		return lower, nil
	case "digits":
		return digits, nil
	case "hex":
		return digits + "abcdefABCDEF", nil
	case "space":
		return " ", nil
	}
	if len(word) == 1 {
		return word, nil
	}
	return "", fmt.Errorf("%q is not a set of characters", word)
}

// lengths reads the lengths of parts; "*" is any.
func (s *stanza) lengths(key string) []int {
	var out []int
	s.each(key, func(v string) error {
		for _, word := range strings.Fields(v) {
			n, err := strconv.Atoi(word)
			switch {
			case word == "*":
				n = anyLength
			case err != nil || n < 1:
				return fmt.Errorf("%q is not a length", word)
			}
			out = append(out, n)
		}
		return nil
	})
	return out
}

// readRange reads LEAST-MOST.
func readRange(v string) (least, most int, err error) {
	from, to, _ := strings.Cut(v, "-")
	least, err1 := strconv.Atoi(from)
	most, err2 := strconv.Atoi(to)
	if err1 != nil || err2 != nil || least < 1 || most < least {
		return 0, 0, fmt.Errorf("%q is not a range of lengths", v)
	}
	return least, most, nil
}
