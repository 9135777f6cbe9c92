package embed

import (
	"fmt"
	"strings"

	"smtptest/formatting"
)

// sheet is a whole answer as text, for a file. Nothing in it is markup, so
// nothing is broken; but people print files on terminals, so text stays clean.
func sheet(m formatting.Message) string {
	var b strings.Builder
	head := []string{m.Verdict, m.Target, m.Fact, m.Said}
	lines(&b, append(append(head, m.Notes...), m.Footer)...)
	for _, s := range m.Sections {
		b.WriteByte('\n')
		switch s := s.(type) {
		case formatting.Findings:
			for _, x := range s.Items {
				lines(&b, x.Severity+": "+x.Title, x.Explanation, tryWords(x.Advice), x.Grounds())
			}
		case formatting.Facts:
			lines(&b, s.Title)
			for _, row := range s.Rows {
				lines(&b, joined([]string{row.Name, row.Value}, ": "))
			}
		case formatting.Prose:
			lines(&b, append([]string{s.Title}, s.Paragraphs...)...)
		case formatting.Code:
			lines(&b, s.Title)
			b.WriteString(transcript(s))
		case formatting.File:
			lines(&b, s.Title)
			b.WriteString(s.Text)
		}
	}
	return b.String()
}

// lines writes those that are not empty.
func lines(b *strings.Builder, all ...string) {
	for _, line := range full(all) {
		b.WriteString(clean(line) + "\n")
	}
}

// transcript is a transcript as a file, each line whole.
func transcript(c formatting.Code) string {
	var b strings.Builder
	for _, l := range codeLines(c, Style{}) {
		b.WriteString(l.columns + l.text + "\n")
	}
	return b.String()
}

// limited keeps a file within what Discord takes. Reports are bounded far
// below it.
func limited(f formatting.File) formatting.File {
	const room = 64 // for the words below
	if len(f.Text) <= maxFileBytes {
		return f
	}
	kept := f.Text[:maxFileBytes-room]
	kept = kept[:strings.LastIndexByte(kept, '\n')+1]
	f.Text = kept + fmt.Sprintf("%d of %d lines shown\n", strings.Count(kept, "\n"), strings.Count(f.Text, "\n"))
	return f
}

func tryWords(advice string) string {
	if advice == "" {
		return ""
	}
	return "Try: " + advice
}
