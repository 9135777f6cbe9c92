package blockkit

import (
	"fmt"
	"strings"

	"smtptest/formatting"
)

// wholeTranscript is the file for transcripts that are shown in part.
func wholeTranscript(sections []formatting.Section, n, of int) group {
	var text strings.Builder
	for _, s := range sections {
		if c, ok := s.(formatting.Code); ok {
			writeCode(&text, c)
		}
	}
	return partly(formatting.File{Name: "smtptest-transcript.txt", Title: "Transcript", Text: text.String()}, n, of)
}

// everything is the file for a thread that is too long.
func everything(sections []formatting.Section, n, of int) group {
	var text strings.Builder
	for _, s := range sections {
		write(&text, s)
	}
	return partly(formatting.File{Name: "smtptest-details.txt", Title: "Details", Text: text.String()}, n, of)
}

// partly is a file that holds more than is shown, and says how much.
func partly(f formatting.File, n, of int) group {
	g := file(f)[0]
	shown := fmt.Sprintf("%d of %d lines shown", n, of)
	said := shown + ", all of them in the file"
	g.spoken, g.shown = f.Title+": "+said, f.Title+": "+shown+"."
	g.pieces = append(g.pieces, newPiece(paragraph, []span{{text: said}}))
	return g
}

// write renders a section for a file, with lines as long as they are.
func write(b *strings.Builder, s formatting.Section) {
	switch s := s.(type) {
	case formatting.Findings:
		for _, x := range s.Items {
			writeLines(b, x.Severity+": "+x.Title, x.Explanation, prefixed("Try: ", x.Advice), x.Grounds(), "")
		}
	case formatting.Prose:
		writeLines(b, s.Title)
		writeLines(b, s.Paragraphs...)
		writeLines(b, "")
	case formatting.Facts:
		writeLines(b, s.Title)
		for _, row := range s.Rows {
			writeLines(b, row.Name+prefixed(": ", row.Value))
		}
		writeLines(b, "")
	case formatting.Code:
		writeCode(b, s)
	case formatting.File:
		writeLines(b, fileWords(s))
		b.WriteString(s.Text)
		writeLines(b, "")
	}
}

// prefixed sets something before a text, unless it is empty.
func prefixed(before, text string) string {
	if blank(text) {
		return ""
	}
	return before + text
}

func writeLines(b *strings.Builder, lines ...string) {
	for _, l := range lines {
		b.WriteString(clean(l) + "\n")
	}
}

func writeCode(b *strings.Builder, c formatting.Code) {
	writeLines(b, c.Title)
	for _, l := range c.Lines {
		first, _ := columns(l)
		writeLines(b, first+l.Text)
	}
	writeLines(b, "")
}

// inPlace is a file to be read where it is named.
func inPlace(f formatting.File) formatting.Code {
	c := formatting.Code{Title: fileWords(f)}
	for l := range strings.Lines(f.Text) {
		c.Lines = append(c.Lines, formatting.CodeLine{Text: strings.TrimSuffix(l, "\n")})
	}
	return c
}
