// Package registry holds facts as data: what an EHLO keyword, a reply code,
// an enhanced status code, a SASL mechanism, a port or a TLS alert is, and
// by which first octets a protocol is known. Each kind of fact is one table
// of tab-separated text in a .tsv file, with its source and date at the
// head; it is read once, when it is first asked for. A function named …Of
// looks one row up; Meaning reads a keyword together with its parameters.
//
// The meanings are one line each, 8 to 90 characters, without a full stop,
// for people who read them in the middle of an incident. The package never
// judges a server, and what providers mean by a code is kept apart from what
// IANA registered for it. Text of a server enters an answer only where a
// comment says so, and bounded.
//
// RFC 5321 §4.1.1.1 and §4.2, RFC 3463, RFC 5248, RFC 4954, RFC 4422,
// RFC 8446 §6; the other RFCs stand in the rows.
package registry

import (
	"embed"
	"fmt"
	"strings"
)

//go:embed *.tsv
var files embed.FS

// none is how a cell says that there is nothing to say.
const none = "-"

// load reads one embedded table. The tables are part of the program and a
// test reads every row of them, so a fault in one is a fault of the build.
func load[K comparable, V any](name string, columns int, read func(cells []string) (K, V, error)) map[K]V {
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
func parse[K comparable, V any](name, text string, columns int, read func(cells []string) (K, V, error)) (map[K]V, error) {
	rows, named := map[K]V{}, false
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
		key, value, err := read(cells)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, i+1, err)
		}
		if _, ok := rows[key]; ok {
			return nil, fmt.Errorf("%s:%d: a second row for %v", name, i+1, key)
		}
		rows[key] = value
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

// yes reads a cell that answers a question.
func yes(cell string) (bool, error) {
	switch cell {
	case "yes":
		return true, nil
	case "no":
		return false, nil
	}
	return false, fmt.Errorf("%q is neither yes nor no", cell)
}
