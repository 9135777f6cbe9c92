package command

import (
	"strings"
	"unicode/utf8"

	"smtptest/formatting"
)

// UsageError says why a command could not be read. It contains nothing that
// was typed, except Quoted.
type UsageError formatting.Usage

// Error is the text for people.
func (e *UsageError) Error() string { return e.Words().String() }

// Words are the sentences of Error.
func (e *UsageError) Words() formatting.Words { return formatting.Usage(*e).Words() }

// quote lets an error repeat a word that is nearly a known one, and suggests
// that one. It returns the error that it was given.
func quote(text string, known []string, err *UsageError) *UsageError {
	err.Suggestion = near(text, known)
	if err.Suggestion != "" && plain(text) {
		err.Quoted = text
	}
	return err
}

// extraWord finds out whether a word was meant as an option.
func (p *parser) extraWord(w word) *UsageError {
	err := &UsageError{ID: formatting.UsageExtraWord, Word: w.place}
	for _, o := range optionsOf(p.dialect) {
		for _, c := range o.choices {
			if strings.EqualFold(w.text, c) {
				err.Quoted, err.Suggestion = c, "--"+o.name+" "+c
				return err
			}
		}
	}
	err = quote(w.text, optionNames(p.dialect), err)
	if err.Suggestion != "" {
		err.Suggestion = "--" + err.Suggestion
	}
	return err
}

// plain reports a short word of ASCII letters, digits and hyphens: nothing in
// it acts on a client, and no token is that short.
func plain(text string) bool {
	return len(text) <= 24 && strings.Trim(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == ""
}

// Near is the known word that was probably meant: at most two edits away,
// compared without case; empty if there is none.
func Near(text string, known []string) string { return near(text, known) }

// near is the known word that is nearest to text, compared without case and
// at most two edits away; "" if there is none. Short words are near to
// everything at that distance: at least one letter must stay, and in a word of
// up to four the two edits are two letters that changed places, or none of
// its length.
func near(text string, known []string) string {
	best, nearest := "", 3
	for _, k := range known {
		length := utf8.RuneCountInString(k)
		short := length <= 4 && utf8.RuneCountInString(text) != length
		if d := distance(strings.ToLower(text), k); d < nearest && d < length && (d < 2 || !short) {
			best, nearest = k, d
		}
	}
	return best
}

// distance is the Levenshtein distance in runes; 3 stands for all that is
// more than 2.
func distance(a, b string) int {
	s, t := []rune(a), []rune(b)
	if len(s)-len(t) > 2 || len(t)-len(s) > 2 {
		return 3
	}
	row := make([]int, len(t)+1)
	for j := range row {
		row[j] = j
	}
	for i := range s {
		diagonal := row[0]
		row[0] = i + 1
		for j := range t {
			cost := diagonal
			if s[i] != t[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return min(row[len(t)], 3)
}
