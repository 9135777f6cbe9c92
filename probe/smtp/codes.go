package smtp

import (
	"regexp"
	"strings"
)

// codes are what a reply line begins with (RFC 5321 §4.2, RFC 3463 §2).
var codes = regexp.MustCompile(`^\d{3}[ -]?([245]\.\d{1,3}\.\d{1,3}(?: |$))?`)

// Codes are reply code and enhanced code at the beginning of a line, as they stand
// there with what follows them; empty: there are none.
func Codes(line string) string { return codes.FindString(strings.TrimRight(line, "\r\n")) }

// CodesOf is a reply line with nothing behind its codes.
func CodesOf(line string) string {
	body := strings.TrimRight(line, "\r\n")
	kept := Codes(line)
	if strings.TrimSpace(body[len(kept):]) == "" {
		return line
	}
	return kept + "[not shown]" + line[len(body):]
}

// EnhancedOf is the same for what follows the reply code.
func EnhancedOf(text string) string { return strings.TrimPrefix(CodesOf("250 "+text), "250 ") }

// OnlyCodes takes the words out of a reply.
func (r *Reply) OnlyCodes() {
	for i, l := range r.Lines {
		r.Lines[i].Text, r.Lines[i].Raw = EnhancedOf(l.Text), nil
	}
}
