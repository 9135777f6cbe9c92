package plain

import (
	"slices"
	"strings"

	"smtptest/formatting"
)

// Table writes names with their values in two columns that fit the width, the
// first as wide as it needs and at most two fifths: a longer name gets a line
// of its own. Where the width is not known (Columns is 0) a row is one line,
// for other programs.
func Table(rows []formatting.Fact, style Style) string {
	p := newPage(style)
	widest := 0
	for _, r := range rows {
		widest = max(widest, width(r.Name)+minGap)
	}
	if style.Columns != 0 {
		widest = min(widest, p.style.Columns*2/5)
	} else {
		p.style.Columns = unfolded
	}
	for _, r := range rows {
		p.row(r, widest)
	}
	return p.String()
}

// unfolded is a width that no text reaches.
const unfolded = 1 << 20

// row writes one row of a table, indented; column is the width of the names. A
// value with a word that has no room beside them, such as a fingerprint, begins
// further left, so that nobody's terminal breaks the word.
func (p *page) row(r formatting.Fact, column int) {
	hang := strings.Repeat(" ", column+2)
	gap := column - width(r.Name)
	const left = "    "
	tooWide := slices.ContainsFunc(strings.Fields(r.Value), func(word string) bool {
		return len(hang)+width(word) > p.style.Columns && len(left)+width(word) <= p.style.Columns
	})
	if tooWide {
		hang = left
	}
	if gap < minGap || tooWide || r.Value == "" {
		p.prose("", "  ", "    ", r.Name)
		p.prose("", hang, hang, r.Value)
		return
	}
	p.prose("", "  "+r.Name+strings.Repeat(" ", gap), hang, r.Value)
}

// Text folds a text to the width.
func Text(text string, style Style) string {
	p := newPage(style)
	p.prose("", "", "", text)
	return p.String()
}
