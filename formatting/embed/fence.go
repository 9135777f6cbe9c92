package embed

import (
	"fmt"
	"strings"

	"smtptest/formatting"
)

// part is as much of a transcript as has room in one message.
type part struct {
	text  string // without its fence
	lines int    // that are whole in it
}

// codeLine is a line of a transcript before it is broken into pieces.
type codeLine struct {
	columns string // time, side, and a tilde for what travelled inside TLS
	text    string
	paint   string // what begins its colour; empty: none
}

// uncoloured ends a colour (ECMA-48 §8.3.117).
const uncoloured = "\x1b[0m"

// codeLines have narrow columns: a phone shows some forty characters.
func codeLines(c formatting.Code, s Style) []codeLine {
	width := 0
	for _, l := range c.Lines {
		width = max(width, len(fmt.Sprintf("%.3f", l.At.Seconds())))
	}
	var out []codeLine
	for _, l := range c.Lines {
		line := codeLine{columns: l.Columns(width), text: formatting.Clean(l.Text)}
		if s.ANSI {
			line.paint = paint(l.Side)
		}
		out = append(out, line)
	}
	return out
}

// paint uses three of the eight colours that Discord knows. Grey is its black.
func paint(side string) string {
	switch side {
	case "C":
		return "\x1b[36m"
	case "S":
		return "\x1b[32m"
	case "*":
		return "\x1b[30m"
	}
	return ""
}

// parts divide a transcript. A line that is longer than a part goes on in
// lines that say so.
func parts(lines []codeLine, most int) []part {
	var out []part
	var now []string
	left, whole := most, 0
	for _, line := range lines {
		for _, piece := range line.broken(left, most) {
			if need := size(piece) + 1; need > left && len(now) > 0 {
				out = append(out, part{strings.Join(now, "\n"), whole})
				now, left, whole = nil, most, 0
			}
			now = append(now, piece)
			left -= size(piece) + 1
		}
		whole++
	}
	if len(now) > 0 {
		out = append(out, part{strings.Join(now, "\n"), whole})
	}
	return out
}

// broken are the pieces of a line. One that has no room in any part begins
// where there is room left. Backticks are broken first, so that what is
// counted is what is sent.
func (l codeLine) broken(left, most int) []string {
	around := max(size(l.columns), size(formatting.GoesOn)) + 2*size(uncoloured) + 1 // of its text
	rest, before := []rune(fenced(l.text)), l.columns
	var out []string
	for room := left - around; len(rest) > most-around; room = most - around {
		if room < most/4 {
			continue // too little to begin with
		}
		out = append(out, before+l.painted(string(rest[:room])))
		rest, before = rest[room:], formatting.GoesOn
	}
	last := before + l.painted(string(rest))
	if last == "" {
		last = " " // a fence that holds nothing is none
	}
	return append(out, last)
}

func (l codeLine) painted(text string) string {
	if l.paint == "" || text == "" {
		return text
	}
	return l.paint + text + uncoloured
}

// fence puts a part where nothing is markup. The newlines are a part of it:
// without them a first word could name a language, and a last backtick could
// begin the end.
func (p part) fence(s Style) string {
	language := "text"
	if s.ANSI {
		language = "ansi"
	}
	return "```" + language + "\n" + p.text + "\n```"
}
