package formatting

import (
	"strings"
	"unicode/utf8"
)

// Table is what is compared, row by row: servers and their addresses, two
// hosts, the versions that a server speaks. A list of names with one value
// each is Facts.
//
//	formatting.Table{
//		Title:  "Mail servers",
//		Header: []string{"MX", "Address", "TLS"},
//		Rows:   [][]string{{"10 mx1.example.com", "192.0.2.1", "1.3"}, {"10 mx1.example.com", "192.0.2.2", ""}},
//	}
//
// The first column says what a row is about: write it in each row, also where
// it is that of the row above. Slack gets a data_table where the operator uses
// the newer blocks, and a reader may sort that; everywhere else it is lines in
// columns (Code), in which such a repetition is left out. A cell with nothing
// to say is empty, or a word of its own ("not tested"); it is shown as "-".
//
// Cells are short texts, printable as all of a Message. Keep to 20 columns, 100
// rows and 200 characters in a cell: a table with more is lines for everybody.
type Table struct {
	Title  string     // Slack's caption; blank: it is called "Table" there
	Header []string   // a name for each column
	Rows   [][]string // as long as the header; a shorter one is filled up
}

// emptyCell stands for a cell with nothing in it: Slack refuses an empty one.
const emptyCell = "-"

// Cells are the header and the rows, all of one length, in characters that can
// be seen, none of them empty.
func (t Table) Cells() [][]string {
	columns := max(1, len(t.Header))
	for _, row := range t.Rows {
		columns = max(columns, len(row))
	}
	var all [][]string
	for _, row := range append([][]string{t.Header}, t.Rows...) {
		cells := make([]string, columns)
		for i := range cells {
			if i < len(row) {
				cells[i] = strings.TrimSpace(Clean(row[i]))
			}
			if cells[i] == "" {
				cells[i] = emptyCell
			}
		}
		all = append(all, cells)
	}
	return all
}

// maxPadding is how wide a column becomes, in characters: one long cell must
// not make every row as long as itself. 45 are an IPv6 address at its longest.
const maxPadding = 60

// Code is the table as lines, with the columns under each other.
func (t Table) Code() Code {
	c := Code{Title: t.Title}
	all := t.Cells()
	width := make([]int, len(all[0]))
	for _, row := range all {
		for i, cell := range row {
			width[i] = min(max(width[i], utf8.RuneCountInString(cell)), maxPadding)
		}
	}
	above := ""
	for _, row := range all {
		var b strings.Builder
		for i, cell := range row {
			if i == 0 && len(row) > 1 && cell == above && cell != emptyCell {
				cell = ""
			}
			b.WriteString(cell)
			b.WriteString(strings.Repeat(" ", max(0, width[i]-utf8.RuneCountInString(cell))+minGap))
		}
		above = row[0]
		c.Lines = append(c.Lines, CodeLine{Text: strings.TrimRight(b.String(), " ")})
	}
	return c
}

// minGap is between two columns.
const minGap = 2
