package registry

import (
	"fmt"
	"strings"
)

// none is how a cell says that there is nothing to say.
const none = "-"

// ReadTable reads a table of tab-separated text in its order: comments that
// begin with "#", one line with the names of the columns, then one line for
// each row. read gets the cells of a row; a cell that holds "-" alone is empty
// there. Errors name file and line.
func ReadTable[V any](name, text string, columns int, read func(cells []string) (V, error)) ([]V, error) {
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

// MustTable is ReadTable for a table that is part of the program: a test reads
// every row of it, so a fault in one is a fault of the build. It panics then.
func MustTable[V any](name string, text []byte, columns int, read func(cells []string) (V, error)) []V {
	rows, err := ReadTable(name, string(text), columns, read)
	if err != nil {
		panic(err)
	}
	return rows
}

// List splits a cell of several entries; nil for an empty cell.
func List(cell, between string) []string {
	if cell == "" {
		return nil
	}
	return strings.Split(cell, between)
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
