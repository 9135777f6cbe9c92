package replies

import (
	"strconv"
	"strings"

	"smtptest/probe/smtp"
)

// Pasted reads a text as people paste it: an error with what it wraps, a line
// of a log, a reply with or without what stands around it.
func Pasted(text string) Text {
	t := Text{Words: Fold(strings.Join(strings.Fields(text), " ")), Mail: true}
	for _, w := range strings.FieldsFunc(text, betweenCodes) {
		if e, rest, ok := smtp.ParseEnhanced(w); ok && rest == "" {
			t.Enhanced = append(t.Enhanced, e)
		}
		if code, err := strconv.Atoi(w); err == nil && len(w) == 3 && code >= 200 && code <= 599 {
			t.Codes = append(t.Codes, code)
		}
	}
	return t
}

// betweenCodes reports what divides numbers in a text.
func betweenCodes(r rune) bool { return r != '.' && between(r) || r == '-' }
