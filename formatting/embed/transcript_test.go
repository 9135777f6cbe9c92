package embed_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"smtptest/formatting"
	"smtptest/formatting/embed"
	"smtptest/formatting/formattest"
)

// checkTranscripts wants each line of each transcript, whole or in declared
// pieces, in order: in the fences, or in the file that a post names.
func checkTranscripts(t *testing.T, m formatting.Message, posts []embed.Post, tokens [][]token) {
	t.Helper()
	want := transcriptLines(m)
	if text, all := answer(posts); all {
		want = slices.DeleteFunc(want, func(line string) bool { return strings.Contains(text, line) })
		if len(want) > 0 {
			t.Errorf("the file does not hold %.200q", want)
		}
		return
	}
	got := readLines(posts, tokens)
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || got[i] != want[i] {
			t.Errorf("line %d is %.200q, want %.200q", i, got[i:min(i+1, len(got))], want[i:min(i+1, len(want))])
			return
		}
	}
}

// answer is the file with everything, if there is one.
func answer(posts []embed.Post) (text string, ok bool) {
	for _, p := range posts {
		for _, f := range p.Files {
			if f.Name == "smtptest-answer.txt" {
				return squeezed(f.Text), true
			}
		}
	}
	return "", false
}

func transcriptLines(m formatting.Message) []string {
	var out []string
	for _, s := range m.Sections {
		if c, ok := formattest.InChat(s).(formatting.Code); ok {
			for _, l := range c.Lines {
				out = append(out, squeezed(sanitised(codeLine(l))))
			}
		}
	}
	return out
}

func codeLine(l formatting.CodeLine) string {
	if l.Side == "" {
		return l.Text
	}
	mark := ""
	if l.Secure {
		mark = "~"
	}
	return fmt.Sprintf("%.3f %s%s %s", l.At.Seconds(), l.Side, mark, l.Text)
}

var inFile = regexp.MustCompile(`(\d+) of (\d+) lines shown, all of them in the file (smtptest-transcript[-0-9]*\.txt)`)

// readLines reads the transcripts as a person does who opens each file that
// is named. It may see what it should not: a fence that is a beginning is
// dropped for its file.
func readLines(posts []embed.Post, tokens [][]token) []string {
	var out, fence []string
	keep := func() { out, fence = whole(out, fence), nil }
	for i, p := range posts {
		for _, tok := range tokens[i] {
			if strings.HasPrefix(tok.kind, inFence) {
				keep()
				fence = strings.Split(painted.ReplaceAllString(tok.text, "$2"), "\n")
			} else if names := inFile.FindStringSubmatch(tok.text); names != nil && tok.kind == plainText {
				fence = nil
				out = append(out, fileLines(p, names[3])...)
			}
		}
	}
	keep()
	return out
}

// whole puts the pieces of lines together; the first may go on with a line
// of the post above.
func whole(out, fence []string) []string {
	for _, line := range fence {
		if rest, ok := strings.CutPrefix(line, "↳ "); ok && len(out) > 0 {
			out[len(out)-1] += squeezed(rest)
			continue
		}
		out = append(out, squeezed(line))
	}
	return out
}

func fileLines(p embed.Post, name string) []string {
	var out []string
	for _, f := range p.Files {
		if f.Name == name {
			for line := range strings.Lines(f.Text) {
				out = append(out, squeezed(line))
			}
		}
	}
	return out
}
