package replies

import (
	"strconv"
	"strings"

	"smtptest/probe/smtp"
)

// Parse reads a reply as it stands in a transcript: lines that each begin
// with its code. ok is false for any other text. White space around the lines
// does not count; lines behind the reply are left out.
func Parse(text string) (r *smtp.Reply, ok bool) {
	r = &smtp.Reply{}
	for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		code, rest, more := parseLine(strings.TrimSpace(line))
		if code == 0 || r.Code != 0 && code != r.Code {
			return nil, false
		}
		r.Code = code
		if e, _, ok := smtp.ParseEnhanced(rest); ok && r.Enhanced.IsZero() && e.Class == code/100 {
			r.Enhanced = e
		}
		r.Lines = append(r.Lines, smtp.Line{Code: code, Text: rest})
		if !more {
			break
		}
	}
	return r, r.Code != 0
}

// parseLine cuts a line of a reply into its code and its text (RFC 5321
// §4.2.1); code 0: it is none. more: others follow.
func parseLine(line string) (code int, text string, more bool) {
	const digits = 3
	if len(line) < digits {
		return 0, "", false
	}
	code, err := strconv.Atoi(line[:digits])
	if err != nil || code < 200 || code > 599 {
		return 0, "", false
	}
	if len(line) == digits {
		return code, "", false
	}
	if line[digits] != ' ' && line[digits] != '-' {
		return 0, "", false
	}
	return code, line[digits+1:], line[digits] == '-'
}
