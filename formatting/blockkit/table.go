package blockkit

import (
	"unicode/utf8"

	"github.com/slack-go/slack"

	"smtptest/formatting"
)

// table is lines in columns. Where the newer blocks are used, one that has
// room in a post is a data_table in their place.
func table(t formatting.Table, room size) []group {
	out := transcript(t.Code(), room)
	for i := range out {
		out[i].folds, out[i].minor = false, false
	}
	if len(out) == 1 {
		out[0].table = &t
	}
	return out
}

// dataTable is a table as Slack has had it since May 2026; nil: it has no room
// in one, because Slack refuses the whole message then. Its caption stands in
// place of a header.
func dataTable(t formatting.Table) (block slack.Block, runes int) {
	rows := t.Cells()
	columns := len(rows[0])
	if len(rows) < minTableRows || len(rows) > maxTableRows || columns == 0 || columns > maxTableColumns {
		return nil, 0
	}
	caption := object(t.Title, maxHeaderRunes).Text
	if blank(t.Title) {
		caption = "Table"
	}
	b, runes := slack.NewDataTableBlock(caption), utf8.RuneCountInString(caption)
	for _, row := range rows {
		cells := make([]slack.DataTableCell, columns)
		for i, text := range row {
			n := utf8.RuneCountInString(text)
			if n > maxCellRunes {
				return nil, 0
			}
			cells[i] = slack.NewDataTableRawTextCell(formatting.Isolate(text))
			runes += n
		}
		b.AddRow(cells...)
	}
	return b.WithPageSize(min(len(rows)-1, pageRows)), runes
}
