// Package plain renders a Message as text for a terminal or a file. Colour
// is optional and never the only sign of anything. It escapes nothing: text
// in a Message is printable already, and a test checks that.
package plain

import (
	"slices"
	"strings"
	"time"

	"smtptest/formatting"
)

// Style says how to render. The zero value is 80 columns without colour.
type Style struct {
	Colour  bool
	Columns int            // for folding prose; 0: 80. The transcript is never folded
	Zone    *time.Location // in which times are shown beside UTC; nil: in none
}

// when is a time in UTC and, where that is another one, in the reader's zone.
func (s Style) when(t time.Time) string {
	const form = "15:04:05 MST"
	if s.Zone == nil || t.In(s.Zone).Format(form) == t.UTC().Format(form) {
		return formatting.When(t)
	}
	return formatting.When(t) + " (" + t.In(s.Zone).Format(form) + ")"
}

const (
	defaultColumns = 80
	minColumns     = 40
	maxColumns     = 110 // longer lines of prose tire the eye
	nameColumns    = 21  // of the names of facts: ENHANCEDSTATUSCODES and a gap
	symbolColumns  = 3   // of the sign before a verdict, which is two columns wide, and a blank
	minGap         = 2   // between a name and its value
	timeColumns    = 9   // of the time in a transcript
)

// Render writes the whole message.
func Render(m formatting.Message, style Style) string {
	return Head(m, style) + Body(m, style)
}

// Head is the verdict, with what belongs to it, alone. What to try stands with
// the findings, where there are some.
func Head(m formatting.Message, style Style) string {
	p := newPage(style)
	switch {
	case m.Verdict != "":
		p.headline(symbol(m.Tone), toneColour(m.Tone), m.Verdict, m.Target)
	case m.Target != "":
		p.line(m.Target)
	}
	p.prose("", "   ", "   ", m.Fact)
	for _, l := range formatting.Quoted(m.Quote) {
		p.prose("", "   ", "   ", l)
	}
	if !slices.ContainsFunc(m.Sections, isFindings) {
		p.told(formatting.TryWords, m.Try)
		p.told(formatting.WhoWords, m.Owner)
	}
	if m.Chart != "" {
		p.line("   " + m.Chart)
	}
	for _, n := range m.Notes {
		p.prose("", "   ", "   ", n)
	}
	for _, t := range m.Times {
		p.prose("", "   ", "   ", t.Name+": "+p.style.when(t.At))
	}
	if m.By.Name != "" {
		p.prose(faint, "   ", "   ", "Asked by "+m.By.Name)
	}
	for _, l := range m.Links {
		p.prose("", "   ", "   ", l.Label+": "+l.URL)
	}
	return p.String()
}

func isFindings(s formatting.Section) bool {
	_, ok := s.(formatting.Findings)
	return ok
}

// told writes a text behind the words that say what it is for.
func (p *page) told(words, text string) {
	if text != "" {
		p.prose("", "   "+words+" ", "   "+strings.Repeat(" ", len(formatting.TryWords)+1), text)
	}
}

// symbol goes before a verdict; empty for no tone.
func symbol(t formatting.Tone) string {
	if t.Symbol() == "" {
		return ""
	}
	return t.Symbol() + " "
}

// headline is a verdict or a title, and behind it, or below it where it has no
// room, the target, if there is one.
func (p *page) headline(symbol string, c colour, text, target string) {
	wide := width(symbol)
	if symbol != "" {
		wide = symbolColumns
	}
	if target != "" {
		if wide+width(text)+2+width(target) <= p.style.Columns {
			p.line(symbol + p.paint(c, text) + "  " + target)
			return
		}
		defer p.prose("", "   ", "   ", target)
	}
	for i, line := range fold("", "", text, p.style.Columns-symbolColumns) {
		if i > 0 {
			symbol = strings.Repeat(" ", wide)
		}
		p.line(symbol + p.paint(c, line))
	}
}

// Body is all but the verdict.
func Body(m formatting.Message, style Style) string {
	p := newPage(style)
	for _, s := range m.Sections {
		p.line("")
		switch s := s.(type) {
		case formatting.Findings:
			p.findings(s)
		case formatting.Prose:
			p.paragraphs(s)
		case formatting.Facts:
			p.facts(s)
		case formatting.Table:
			p.code(s.Code())
		case formatting.Code:
			p.code(s)
		case formatting.File:
			p.file(s)
		}
	}
	if footer := formatting.Join([]string{m.Footer, when(m)}, " · "); footer != "" {
		p.line("")
		p.prose("", "", "", footer)
	}
	return p.String()
}

func when(m formatting.Message) string {
	if m.Began.IsZero() {
		return ""
	}
	return formatting.When(m.Began)
}

// page is a text while it grows.
type page struct {
	strings.Builder
	style Style
}

func newPage(style Style) *page {
	if style.Columns == 0 {
		style.Columns = defaultColumns
	}
	style.Columns = min(max(style.Columns, minColumns), maxColumns)
	return &page{style: style}
}

func (p *page) line(text string) {
	p.WriteString(text)
	p.WriteByte('\n')
}

// prose writes folded text, each line in a colour.
func (p *page) prose(c colour, first, rest, text string) {
	for _, line := range fold(first, rest, text, p.style.Columns) {
		p.line(p.paint(c, formatting.Isolate(line)))
	}
}

func (p *page) findings(f formatting.Findings) {
	for i, x := range f.Items {
		if i > 0 {
			p.line("")
		}
		p.prose(severityColour(x.Severity), "", "  ", x.Severity+": "+x.Title)
		p.prose("", "  ", "  ", x.Explanation)
		p.prose("", "  "+formatting.TryWords+" ", "       ", x.Advice)
		p.prose(faint, "  ", "  ", x.Grounds())
	}
}

func (p *page) facts(f formatting.Facts) {
	p.prose(bold, "", "  ", f.Title)
	for _, r := range f.Rows {
		p.row(r, min(nameColumns, p.style.Columns*9/20))
	}
}

func (p *page) paragraphs(x formatting.Prose) {
	p.prose(bold, "", "  ", x.Title)
	for i, text := range x.Paragraphs {
		if i > 0 {
			p.line("")
		}
		p.prose("", "  ", "  ", text)
	}
}

// file writes a file's text as it is: whoever reads it may copy it.
func (p *page) file(f formatting.File) {
	p.prose(bold, "", "  ", f.Title+" ("+f.Name+")")
	p.WriteString(f.Text)
	if !strings.HasSuffix(f.Text, "\n") {
		p.line("")
	}
}

// code writes a transcript: time, side, and a tilde for what travelled inside
// TLS. Nobody's colours are needed to tell the sides apart.
func (p *page) code(c formatting.Code) {
	p.prose(bold, "", "  ", c.Title)
	p.prose(faint, "  ", "  ", c.Legend)
	for _, l := range c.Lines {
		before := l.Columns(timeColumns)
		if before == "" {
			before = "  "
		}
		p.line(before + p.paint(sideColour(l.Side), l.Text))
	}
}
