// Package registry holds facts as data: what an EHLO keyword, a reply code,
// an enhanced status code, a SASL mechanism, a port, a TLS alert, a TLS cipher
// suite, group or signature scheme is, and by which first octets a protocol is
// known. Each kind of fact is one table of tab-separated text in a .tsv file,
// with its source and date at the head; it is read once, when it is first
// asked for. A function named …Of looks one row up; Meaning reads a keyword
// together with its parameters.
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
)

//go:embed *.tsv
var files embed.FS

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

// parse reads a table whose rows have keys of their own.
func parse[K comparable, V any](
	name, text string, columns int, read func(cells []string) (K, V, error),
) (map[K]V, error) {
	rows := map[K]V{}
	_, err := ReadTable(name, text, columns, func(cells []string) (K, error) {
		key, value, err := read(cells)
		if _, twice := rows[key]; err == nil && twice {
			err = fmt.Errorf("a second row for %v", key)
		}
		rows[key] = value
		return key, err
	})
	if err != nil {
		return nil, err
	}
	return rows, nil
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
