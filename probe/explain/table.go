package explain

import (
	"embed"
	"fmt"
	"strings"
)

//go:embed *.tsv
var files embed.FS

// none is how a cell says that there is nothing to say.
const none = "-"

// load reads one embedded table in its order. The tables are part of the
// program and a test reads every row of them, so a fault in one is a fault of
// the build.
func load[V any](name string, columns int, read func(cells []string) (V, error)) []V {
	text, err := files.ReadFile(name)
	if err != nil {
		panic(err)
	}
	rows, err := parse(name, string(text), columns, read)
	if err != nil {
		panic(err)
	}
	return rows
}

// parse reads a table: comments that begin with "#", one line with the names
// of the columns, then one line for each row. Errors name file and line.
func parse[V any](name, text string, columns int, read func(cells []string) (V, error)) ([]V, error) {
	var rows []V
	named := false
	for i, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		cells, err := cut(line, columns)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, i+1, err)
		}
		if !named {
			named = true
			continue
		}
		row, err := read(cells)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, i+1, err)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// cut splits a line into its cells. A cell that holds none becomes empty;
// one that is already empty is a slip of the tab key.
func cut(line string, columns int) ([]string, error) {
	cells := strings.Split(line, "\t")
	if len(cells) != columns {
		return nil, fmt.Errorf("%d columns, not %d", len(cells), columns)
	}
	for i, c := range cells {
		switch {
		case c == "" || c != strings.TrimSpace(c):
			return nil, fmt.Errorf("column %d is empty or padded", i+1)
		case c == none:
			cells[i] = ""
		}
	}
	return cells, nil
}

// list splits a cell of several entries; empty for an empty cell.
func list(cell, between string) []string {
	if cell == "" {
		return nil
	}
	return strings.Split(cell, between)
}
