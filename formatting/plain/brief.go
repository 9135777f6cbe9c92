package plain

import (
	"slices"
	"strings"

	"smtptest/formatting"
)

// MaxBriefLines is how many lines a brief answer has at most: what is read at
// a glance, and has room below a long answer on 24 lines.
const MaxBriefLines = 8

// Lines that each part of a brief answer may have at most. The advice takes what
// the others leave.
const (
	mostVerdictLines = 3 // with the target below it where the terminal is narrow
	mostFactLines    = 2
	mostQuoteLines   = 1
)

// Brief is the answer in at most MaxBriefLines lines: the verdict, the cause
// with the server's words, what to try, and who can fix it.
func Brief(m formatting.Message, style Style) string {
	verdict := formatting.Message{Tone: m.Tone, Verdict: m.Verdict, Target: m.Target}
	lines := cut(part(verdict, style), mostVerdictLines, style)
	lines = append(lines, cut(part(formatting.Message{Fact: m.Fact}, style), mostFactLines, style)...)
	lines = append(lines, cut(part(formatting.Message{Quote: m.Quote}, style), mostQuoteLines, style)...)
	who := cut(told(style, formatting.WhoWords, m.Owner), 1, style)
	try := told(style, formatting.TryWords, m.Try)
	lines = append(lines, cut(try, MaxBriefLines-len(lines)-len(who), style)...)
	return strings.Join(append(lines, who...), "\n") + "\n"
}

// part is the lines of a part of a message.
func part(m formatting.Message, style Style) []string {
	return strings.Split(strings.TrimSuffix(Head(m, style), "\n"), "\n")
}

// told is a text behind the words that say what it is for; nil without one.
func told(style Style, words, text string) []string {
	p := newPage(style)
	p.told(words, text)
	return strings.Split(p.String(), "\n")
}

// cut keeps the first lines and says that there were more.
func cut(lines []string, most int, style Style) []string {
	lines = slices.DeleteFunc(lines, func(l string) bool { return strings.TrimSpace(l) == "" })
	if most = max(most, 0); len(lines) <= most {
		return lines
	}
	if lines = lines[:most]; most == 0 {
		return nil
	}
	last := &lines[most-1]
	for i := strings.LastIndex(*last, " "); i > 0 && width(*last)+2 > newPage(style).style.Columns; {
		*last = (*last)[:i]
		i = strings.LastIndex(*last, " ")
	}
	*last += " …"
	return lines
}
