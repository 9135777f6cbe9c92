package console_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"smtptest/formatting"
	"smtptest/formatting/blockkit"
	"smtptest/formatting/embed"
	"smtptest/formatting/formattest"
	"smtptest/formatting/plain"
)

// TestAllSayTheSame compares the three renderers: what a message
// says can be read in each of them, in its posts or in their files.
func TestAllSayTheSame(t *testing.T) {
	for _, c := range formattest.Cases(t) {
		m := formattest.Message(t, c, formatting.Console)
		t.Run(c.Name, func(t *testing.T) { checkSame(t, m) })
	}
	for _, s := range specimens(t) {
		t.Run(s.name, func(t *testing.T) { checkSame(t, s.show) })
	}
}

func checkSame(t *testing.T, m formatting.Message) {
	t.Helper()
	for name, read := range readers() {
		shown, whole := read(t, m), m
		if !strings.HasPrefix(name, "plain") {
			whole.Sections = every(m.Sections, formattest.InChat)
		}
		for _, text := range missing(whole, shown) {
			t.Errorf("%s does not say %q in:\n%s", name, text, shown)
		}
	}
}

// readers show a message and read it back, without what is the renderer's
// own. Slack and Discord show one person all at once, and a channel root and
// thread.
func readers() map[string]func(*testing.T, formatting.Message) string {
	return map[string]func(*testing.T, formatting.Message) string{
		"plain":         func(_ *testing.T, m formatting.Message) string { return inTerminal(m, plain.Style{}) },
		"plain, narrow": func(_ *testing.T, m formatting.Message) string { return inTerminal(m, plain.Style{Columns: 40}) },
		"slack": func(t *testing.T, m formatting.Message) string {
			return inSlack(t, append([]blockkit.Post{blockkit.Root(m)}, blockkit.Thread(m)...))
		},
		"discord": func(_ *testing.T, m formatting.Message) string {
			return inDiscord(append([]embed.Post{embed.Root(m)}, embed.Thread(m, embed.Style{})...))
		},
		"discord, private": func(_ *testing.T, m formatting.Message) string { return inDiscord(embed.Whole(m)) },
	}
}

// TestPrivateInSlackSaysTheSame leaves the cases out: their answers may be
// shortened for one person, which is said.
func TestPrivateInSlackSaysTheSame(t *testing.T) {
	for _, s := range specimens(t) {
		shown := inSlack(t, blockkit.Private(s.show))
		whole := s.show
		whole.Sections = every(s.show.Sections, formattest.InChat)
		for _, text := range missing(whole, shown) {
			t.Errorf("%s: it does not say %q in:\n%s", s.name, text, shown)
		}
	}
}

// missing are the texts of a message that cannot be read.
func missing(m formatting.Message, shown string) []string {
	have := squeezed(formattest.WithoutIsolates(shown))
	var out []string
	for _, text := range texts(m) {
		if !strings.Contains(have, squeezed(text)) {
			out = append(out, text)
		}
	}
	return out
}

// texts are all that a message says: of a transcript each line with its time,
// of a file each line.
func texts(m formatting.Message) []string {
	var all []string
	each(m, func(text string) string {
		all = append(all, strings.Split(text, "\n")...)
		return text
	})
	for _, s := range m.Sections {
		if c, ok := s.(formatting.Code); ok {
			for _, l := range c.Lines {
				all = append(all, l.String())
			}
		}
	}
	return slices.DeleteFunc(all, func(text string) bool { return squeezed(text) == "" })
}

// each puts every text of a message through f, in order.
func each(m formatting.Message, f func(string) string) formatting.Message {
	m.Verdict, m.Target, m.Fact, m.Footer = f(m.Verdict), f(m.Target), f(m.Fact), f(m.Footer)
	m.Try, m.Owner, m.Quote, m.Notes = f(m.Try), f(m.Owner), every(m.Quote, f), every(m.Notes, f)
	m.Links = every(m.Links, func(l formatting.Link) formatting.Link {
		return formatting.Link{Label: f(l.Label),
			URL: l.URL}
	})
	m.Sections = every(m.Sections, func(s formatting.Section) formatting.Section { return eachIn(s, f) })
	return m
}

func eachIn(s formatting.Section, f func(string) string) formatting.Section {
	switch s := s.(type) {
	case formatting.Findings:
		return formatting.Findings{Items: every(s.Items, func(x formatting.Finding) formatting.Finding {
			return formatting.Finding{
				Severity: f(x.Severity), Title: f(x.Title), Explanation: f(x.Explanation), Advice: f(x.Advice),
				Owner: f(x.Owner), Confidence: f(x.Confidence), Reference: f(x.Reference), ID: f(x.ID),
			}
		})}
	case formatting.Facts:
		return formatting.Facts{Title: f(s.Title), Rows: every(s.Rows, func(r formatting.Fact) formatting.Fact {
			return formatting.Fact{Name: f(r.Name), Value: f(r.Value)}
		})}
	case formatting.Prose:
		return formatting.Prose{Title: f(s.Title), Paragraphs: every(s.Paragraphs, f)}
	case formatting.Table:
		row := func(cells []string) []string { return every(cells, f) }
		return formatting.Table{Title: f(s.Title), Header: row(s.Header), Rows: every(s.Rows, row)}
	case formatting.Code:
		return formatting.Code{Title: f(s.Title), Lines: every(s.Lines, func(l formatting.CodeLine) formatting.CodeLine {
			l.Text = f(l.Text)
			return l
		})}
	case formatting.File:
		return formatting.File{Name: s.Name, Title: f(s.Title), Text: f(s.Text)}
	}
	panic(fmt.Sprintf("a section of type %T", s))
}

func every[T any](list []T, f func(T) T) []T {
	var out []T
	for _, x := range list {
		out = append(out, f(x))
	}
	return out
}

// squeezed is a text without blanks and line ends, which differ, and without
// what Discord's renderer writes around a text and between its backticks.
// Taken out on both sides, so that they match.
func squeezed(text string) string {
	text = strings.ReplaceAll(goesOn.ReplaceAllString(text, ""), "**", "")
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '\u200b' || r == '`' {
			return -1
		}
		return r
	}, text)
}

// goesOn begins the rest of a line that was broken.
var goesOn = regexp.MustCompile(`(?m)^( {10}↳[ ~] |↳ )`)

// inTerminal is what a person reads where the verdict comes before the rest.
func inTerminal(m formatting.Message, style plain.Style) string {
	head := m
	head.Sections = nil
	return plain.Head(head, style) + plain.Body(m, style)
}

// inSlack is what a person reads of posts and of their files.
func inSlack(t *testing.T, posts []blockkit.Post) string {
	t.Helper()
	var b strings.Builder
	for _, p := range posts {
		all := p.Blocks
		for _, a := range p.Below {
			all = slices.Concat(all, a.Blocks.BlockSet)
		}
		encoded, err := json.Marshal(all)
		if err != nil {
			t.Fatal(err)
		}
		var blocks any
		if err := json.Unmarshal(encoded, &blocks); err != nil {
			t.Fatal(err)
		}
		writeTexts(&b, blocks)
		if p.File != nil {
			b.WriteString("\n" + p.File.Title + "\n" + p.File.Text + "\n")
		}
	}
	return b.String()
}

// writeTexts writes each text element. Those of one section stand in one line.
func writeTexts(b *strings.Builder, v any) {
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			writeTexts(b, x)
		}
	case map[string]any:
		if text, ok := v["text"].(string); ok {
			b.WriteString(text)
			return
		}
		writeTexts(b, v["elements"])
		b.WriteString("\n")
	}
}

// nextPart stands between two posts where a line of a transcript goes on.
var nextPart = regexp.MustCompile("\n```\n(### .*\n)?```text\n↳ ")

// inDiscord is what a person reads of posts and of their files.
func inDiscord(posts []embed.Post) string {
	var b strings.Builder
	for _, p := range posts {
		b.WriteString(p.Content + "\n")
		for _, e := range p.Embeds {
			b.WriteString(e.Description + "\n")
			if e.Footer != nil {
				b.WriteString(e.Footer.Text + "\n")
			}
		}
		for _, f := range p.Files {
			b.WriteString(f.Title + "\n" + f.Text + "\n")
		}
	}
	return nextPart.ReplaceAllString(b.String(), "")
}

// everything is a message that has all that a message can have, each text
// another one.
func everything() formatting.Message {
	m := formatting.Message{
		Tone: formatting.ToneBad, Notes: make([]string, 2), Quote: make([]string, 2), Links: make([]formatting.Link, 1),
		Sections: []formatting.Section{
			formatting.Findings{Items: make([]formatting.Finding, 2)},
			formatting.Facts{Rows: make([]formatting.Fact, 3)},
			formatting.Prose{Paragraphs: make([]string, 2)},
			formatting.Code{Lines: []formatting.CodeLine{{Side: "S"}, {Side: "C", Secure: true}, {}}},
			formatting.File{Name: "smtptest.txt"},
		},
	}
	n := 0
	return each(m, func(string) string {
		n++
		return fmt.Sprintf("word%dx", n)
	})
}

// TestSameCanFail drops one text after the other, as a renderer would that
// forgets it: each is missed in each renderer, and it alone.
func TestSameCanFail(t *testing.T) {
	m := everything()
	var all []string
	each(m, func(text string) string {
		all = append(all, text)
		return text
	})
	if len(all) < 30 {
		t.Fatalf("only %d texts", len(all))
	}
	for name, read := range readers() {
		if lost := missing(m, read(t, m)); len(lost) > 0 {
			t.Errorf("%s: %q is missed though nothing is dropped", name, lost)
		}
		for i, word := range all {
			n := -1
			without := each(m, func(text string) string {
				if n++; n == i {
					return ""
				}
				return text
			})
			lost := missing(m, read(t, without))
			if len(lost) == 0 || slices.ContainsFunc(lost, func(l string) bool { return !strings.HasSuffix(l, word) }) {
				t.Errorf("%s: %q was dropped, and %q is missed", name, word, lost)
			}
		}
	}
}
