// Package plain renders a Message as text for a terminal or a file. Colour
// is optional and never the only sign of anything. It escapes nothing: text
// in a Message is printable already, and a test holds it to that.
package plain

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"smtptest/formatting"
)

// Style says how to render. The zero value is 80 columns without colour.
type Style struct {
	Colour  bool
	Columns int // for folding prose; 0: 80. The transcript is never folded
}

const (
	defaultColumns = 80
	minColumns     = 40
	maxColumns     = 110 // longer lines of prose tire the eye
	nameColumns    = 20  // of the names of facts
)

// Render writes the whole message.
func Render(m formatting.Message, style Style) string {
	return Head(m, style) + Body(m, style)
}

// Head is the verdict alone.
func Head(m formatting.Message, style Style) string {
	p := newPage(style)
	p.line(m.Tone.Symbol() + " " + p.paint(toneColour(m.Tone), m.Verdict) + "  " + m.Target)
	p.fold("   ", "   ", m.Fact)
	return p.String()
}

// Body is all but the verdict.
func Body(m formatting.Message, style Style) string {
	p := newPage(style)
	for _, s := range m.Sections {
		p.line("")
		switch s := s.(type) {
		case formatting.Findings:
			p.findings(s)
		case formatting.Facts:
			p.facts(s)
		case formatting.Code:
			p.code(s)
		}
	}
	if m.Footer != "" {
		p.line("")
		p.fold("", "", m.Footer)
	}
	return p.String()
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
	p.WriteString(strings.TrimRight(text, " "))
	p.WriteByte('\n')
}

func (p *page) findings(f formatting.Findings) {
	for i, x := range f.Items {
		if i > 0 {
			p.line("")
		}
		p.line(p.paint(severityColour(x.Severity), x.Severity+": "+x.Title))
		p.fold("  ", "  ", x.Explanation)
		if x.Advice != "" {
			p.fold("  Try: ", "       ", x.Advice)
		}
		p.fold("  ", "  ", fmt.Sprintf("%s; %s; %s (%s)", x.Owner, x.Confidence, x.Reference, x.ID))
	}
}

func (p *page) facts(f formatting.Facts) {
	p.line(p.paint(bold, f.Title))
	for _, row := range f.Rows {
		gap := strings.Repeat(" ", max(1, nameColumns-utf8.RuneCountInString(row.Name)))
		if row.Value == "" {
			p.fold("  ", "      ", row.Name)
			continue
		}
		p.fold("  "+row.Name+gap, strings.Repeat(" ", nameColumns+2), row.Value)
	}
}

// code writes a transcript: time, side, and a tilde for what travelled inside
// TLS. Nobody's colours are needed to tell the sides apart.
func (p *page) code(c formatting.Code) {
	p.line(p.paint(bold, c.Title))
	for _, l := range c.Lines {
		secure := " "
		if l.Secure {
			secure = "~"
		}
		p.line(fmt.Sprintf("%9.3f %s%s ", l.At.Seconds(), l.Side, secure) + p.paint(sideColour(l.Side), l.Text))
	}
}

// fold breaks prose at spaces. A word that is too long stays whole.
func (p *page) fold(first, rest, text string) {
	line := first
	empty := true
	for word := range strings.FieldsSeq(text) {
		if !empty && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > p.style.Columns {
			p.line(line)
			line, empty = rest, true
		}
		if !empty {
			line += " "
		}
		line += word
		empty = false
	}
	if !empty {
		p.line(line)
	}
}
