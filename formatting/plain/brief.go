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
	var try, who []string
	if f, ok := headline(m); ok {
		who = prose(style, "   "+whoWords+" ", f.Owner)
		try = prose(style, "   "+tryWords+" ", f.Advice)
	}
	who = cut(who, 1, style)
	lines = append(lines, cut(try, MaxBriefLines-len(lines)-len(who), style)...)
	return strings.Join(append(lines, who...), "\n") + "\n"
}

// headline is the finding that the verdict is about; not ok: all is well.
func headline(m formatting.Message) (f formatting.Finding, ok bool) {
	for _, s := range m.Sections {
		if all, is := s.(formatting.Findings); is && len(all.Items) > 0 {
			f = all.Items[0]
			return f, f.Severity != "Note" || m.Tone != formatting.ToneGood
		}
	}
	return f, false
}

// part is the lines of a part of a message.
func part(m formatting.Message, style Style) []string {
	return strings.Split(strings.TrimSuffix(Head(m, style), "\n"), "\n")
}

// prose folds a text; nil without one.
func prose(style Style, first, text string) []string {
	return fold(first, "   ", text, newPage(style).style.Columns)
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

const tryWords, whoWords = "Try:", "Who can fix it:"
