package formatting

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A chat takes messages of a bounded size, so that the sections of a Message
// are divided into pages. How large a page is and how a line looks is the
// business of a renderer; what all of them do and say about it stands here.

// GoesOn stands before what belongs to the line above.
const GoesOn = "↳ "

// Again is a title where its section goes on, on another page.
func Again(title string) string { return withNote(title, "continued") }

// Numbered is the title of the nth of several parts, counted from 1; of a
// single part it is the title.
func Numbered(title string, n, of int) string {
	if of < 2 {
		return title
	}
	return withNote(title, fmt.Sprintf("%d/%d", n, of))
}

func withNote(title, note string) string { return Join([]string{title, "(" + note + ")"}, " ") }

// Shown says how much of a text is shown.
func Shown(n, of int) string { return fmt.Sprintf("%d of %d lines shown", n, of) }

// InFile says how much of a text is shown, and that a file holds all of it;
// the file's name may be empty.
func InFile(n, of int, name string) string {
	return Join([]string{Shown(n, of) + ", all of them in the file", name}, " ")
}

// Page takes lines until it is full.
type Page[L any] interface {
	Fits(lines ...L) bool // all of them, after those that are there
	Put(lines ...L)
	Empty() bool
}

// Group is lines that are better read on one page.
type Group[L any] struct {
	Lines []L // a heading too; one that has its own line
	Again []L // the heading where the group goes on, on another page; empty: none
}

// Pager fills pages in order.
type Pager[L any, P Page[L]] struct {
	New   func() P              // an empty page
	Turn  func(P)               // is called with each page that is full, and with no empty one
	Now   P                     // the page that is being filled
	Began func(p P, again bool) // is called where a group begins, or goes on again; nil: nobody asks
}

// Add places a group: on a new page rather than over two, if one holds it. A
// heading is nothing without its first line, so the two are never parted.
func (p *Pager[L, P]) Add(g Group[L]) {
	first := g.Lines[:min(2, len(g.Lines))]
	if p.New().Fits(g.Lines...) && !p.Now.Fits(g.Lines...) || !p.Now.Fits(first...) {
		p.Break()
	}
	p.began(false)
	for i, line := range g.Lines {
		if !p.Now.Fits(line) {
			p.Break()
			p.began(true)
			if i > 1 {
				p.Now.Put(g.Again...)
			}
		}
		p.Now.Put(line)
	}
}

func (p *Pager[L, P]) began(again bool) {
	if p.Began != nil {
		p.Began(p.Now, again)
	}
}

// Break ends a page, if there is something on it.
func (p *Pager[L, P]) Break() {
	if !p.Now.Empty() {
		p.Turn(p.Now)
		p.Now = p.New()
	}
}

// Join puts texts into one line, without those that are blank.
func Join(texts []string, between string) string {
	var full []string
	for _, text := range texts {
		if strings.TrimSpace(text) != "" {
			full = append(full, text)
		}
	}
	return strings.Join(full, between)
}

// Clean makes any text one line of characters that can be seen: a line end
// would begin a line that nobody said. The text of a Message has passed a
// stricter sanitiser (smtp.Printable); renderers do not take that on trust.
func Clean(text string) string {
	if !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' }) {
		return text
	}
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsPrint(r):
			return r
		}
		return unicode.ReplacementChar
	}, text)
}

// Unit is what a length is counted in.
type Unit string

// The units.
const (
	Characters Unit = "characters" // code points
	Bytes      Unit = "bytes"
)

func (u Unit) count(text string) int {
	if u == Bytes {
		return len(text)
	}
	return utf8.RuneCountInString(text)
}

// Shorten cuts a text that is longer than most, and says how long it was where
// there is room to say so.
func Shorten(text string, most int, unit Unit) string {
	all := unit.count(text)
	if all <= most {
		return text
	}
	mark := "…"
	if long := fmt.Sprintf("… (shortened, %d %s)", all, unit); len(long) < most/2 {
		mark = long
	}
	room := most - unit.count(mark)
	for i, r := range text {
		if room -= unit.count(string(r)); room < 0 {
			text = text[:i]
			break
		}
	}
	return strings.TrimRight(text, "\n") + mark
}

// Text is a whole message as a text file, with lines as long as they are.
// Nothing in it is markup, but people print files on terminals, so the text is
// clean.
func Text(m Message) string {
	var b strings.Builder
	writeLines(&b, m.head()...)
	for i, s := range m.Sections {
		if i > 0 || b.Len() > 0 {
			b.WriteByte('\n')
		}
		writeSection(&b, s)
	}
	return b.String()
}

// head is the lines of a message above its sections.
func (m Message) head() []string {
	lines := append([]string{m.Verdict, m.Target, m.Fact}, m.Quote...)
	lines = append(lines, told(TryWords, m.Try), told(WhoWords, m.Owner))
	lines = append(append(lines, m.Chart), m.Notes...)
	for _, t := range m.Times {
		lines = append(lines, t.Name+": "+When(t.At))
	}
	if !m.Began.IsZero() {
		lines = append(lines, When(m.Began))
	}
	return append(lines, m.Footer)
}

// told puts words before a text; empty for an empty one.
func told(words, text string) string {
	if text == "" {
		return ""
	}
	return words + " " + text
}

func writeSection(b *strings.Builder, s Section) {
	switch s := s.(type) {
	case Findings:
		for _, x := range s.Items {
			writeLines(b, x.Severity+": "+x.Title, x.Explanation, told(TryWords, x.Advice), x.Grounds())
		}
	case Facts:
		writeLines(b, s.Title)
		for _, row := range s.Rows {
			writeLines(b, Join([]string{row.Name, row.Value}, ": "))
		}
	case Prose:
		writeLines(b, append([]string{s.Title}, s.Paragraphs...)...)
	case Table:
		writeSection(b, s.Code())
	case Code:
		writeLines(b, s.Title, s.Legend)
		b.WriteString(s.text())
	case File:
		writeLines(b, s.Title+" ("+s.Name+")")
		b.WriteString(s.Text)
	}
}

// writeLines writes the lines that are not blank.
func writeLines(b *strings.Builder, lines ...string) {
	for _, line := range lines {
		if line = Clean(line); strings.TrimSpace(line) != "" {
			b.WriteString(line + "\n")
		}
	}
}

// text is the lines of a transcript, each whole.
func (c Code) text() string {
	var b strings.Builder
	for _, l := range c.Lines {
		b.WriteString(Clean(l.String()) + "\n")
	}
	return b.String()
}

// transcriptName is the name of a file with transcripts.
const transcriptName = "smtptest-transcript.txt"

// WholeTranscripts is a file that holds transcripts which are shown in part. The
// number tells it from others of one message; the first has 1.
func WholeTranscripts(number int, all ...Code) File {
	f := File{Name: transcriptName, Title: "Transcript"}
	if number > 1 {
		f.Name = fmt.Sprintf("smtptest-transcript-%d.txt", number)
	}
	if len(all) == 1 {
		f.Title, f.Text = all[0].Title, all[0].text()
		return f
	}
	var sections []Section
	for _, c := range all {
		sections = append(sections, c)
	}
	f.Text = Text(Message{Sections: sections})
	return f
}
