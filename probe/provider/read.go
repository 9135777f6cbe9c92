package provider

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"sync"
	"time"
)

//go:embed data/*.txt
var files embed.FS

// The two files that are not about one provider.
const (
	sourcesFile = "sources.txt"
	shapesFile  = "shapes.txt"
)

// none is how a value says that there is nothing, or that anything will do.
const none = "-"

// monthForm is how a record says when it was last checked. No day is given:
// a record counts as checked on the first.
const monthForm = "2006-01"

// unconfirmed stands in place of sources where there are none.
const unconfirmed = "unconfirmed"

// library is everything that the files hold.
type library struct {
	providers []Provider // in the order of their files' names
	shapes    []Shape    // in the order in which they are tried
}

// loaded reads the embedded files once. They are part of the program and a
// test reads them all, so a fault in one is a fault of the build.
var loaded = sync.OnceValue(func() library {
	all, err := readAll(files)
	if err != nil {
		panic(err)
	}
	return all
})

// readAll reads every file below data/. Errors name file and line.
func readAll(from fs.FS) (library, error) {
	var all library
	sources, err := readSources(from)
	if err != nil {
		return all, err
	}
	names, err := fs.Glob(from, "data/*.txt")
	if err != nil {
		return all, err
	}
	for _, name := range names {
		text, err := fs.ReadFile(from, name)
		if err != nil {
			return all, err
		}
		switch base := path.Base(name); base {
		case sourcesFile:
		case shapesFile:
			all.shapes, err = readShapes(split(base, string(text), sources))
		default:
			var p Provider
			p, err = readProvider(split(base, string(text), sources))
			all.providers = append(all.providers, p)
		}
		if err != nil {
			return all, err
		}
	}
	return all, nil
}

// readSources reads the list of sources, one in a line.
func readSources(from fs.FS) (map[string]Source, error) {
	text, err := fs.ReadFile(from, "data/"+sourcesFile)
	if err != nil {
		return nil, err
	}
	sources := map[string]Source{}
	for _, s := range split(sourcesFile, string(text), nil) {
		for _, l := range s.lines {
			if _, twice := sources[l.key]; twice || l.value == "" {
				return nil, fmt.Errorf("%s:%d: source %q has no place, or a second one", sourcesFile, l.number, l.key)
			}
			sources[l.key] = Source{Key: l.key, Where: l.value}
		}
	}
	return sources, nil
}

// stanza is one record as it stands in a file: lines of key and value,
// between empty lines. The key of the first line says what kind it is. The
// first fault that a reader meets stays in err.
type stanza struct {
	file    string
	lines   []line
	sources map[string]Source // all that may be named
	err     error
}

// line is one line of a stanza.
type line struct {
	number     int // in the file, from 1
	key, value string
	read       bool
}

// split cuts a file into stanzas. Lines that begin with "#" are comments.
func split(file, text string, sources map[string]Source) []*stanza {
	var out []*stanza
	open := false
	for i, raw := range strings.Split(text, "\n") {
		raw = strings.TrimSpace(raw)
		switch {
		case raw == "":
			open = false
			continue
		case strings.HasPrefix(raw, "#"):
			continue
		case !open:
			out, open = append(out, &stanza{file: file, sources: sources}), true
		}
		key, value, _ := strings.Cut(raw, " ")
		s := out[len(out)-1]
		s.lines = append(s.lines, line{number: i + 1, key: key, value: strings.TrimSpace(value)})
	}
	return out
}

func (s *stanza) kind() string { return s.lines[0].key }

// fail keeps the first fault, with its place.
func (s *stanza) fail(number int, format string, a ...any) {
	if s.err == nil {
		s.err = fmt.Errorf("%s:%d: %s", s.file, number, fmt.Sprintf(format, a...))
	}
}

// each calls read with every value of a key, which has at least one.
func (s *stanza) each(key string, read func(value string) error) {
	found := false
	for i := range s.lines {
		l := &s.lines[i]
		if l.key != key {
			continue
		}
		found, l.read = true, true
		if l.value == "" && key != "text" {
			s.fail(l.number, "%s has no value", key)
		} else if err := read(l.value); err != nil {
			s.fail(l.number, "%s: %v", key, err)
		}
	}
	if !found {
		s.fail(s.lines[0].number, "this %s has no %s", s.kind(), key)
	}
}

// one is the value of a key that stands exactly once; none becomes empty.
func (s *stanza) one(key string) string {
	var values []string
	s.each(key, func(v string) error {
		if len(values) > 0 {
			return fmt.Errorf("a second one")
		}
		values = append(values, v)
		return nil
	})
	if len(values) == 0 || values[0] == none {
		return ""
	}
	return values[0]
}

// list is the words of a key that stands exactly once.
func (s *stanza) list(key string) []string { return strings.Fields(s.one(key)) }

// has reports whether a key stands here at all.
func (s *stanza) has(key string) bool {
	for _, l := range s.lines {
		if l.key == key {
			return true
		}
	}
	return false
}

// origin reads the two lines that every stanza has: source and verified.
func (s *stanza) origin() Record {
	var r Record
	s.each("source", func(v string) error {
		if v == unconfirmed {
			return nil
		}
		for _, key := range strings.Fields(v) {
			source, ok := s.sources[key]
			if !ok {
				return fmt.Errorf("%q is not in %s", key, sourcesFile)
			}
			r.Sources = append(r.Sources, source)
		}
		return nil
	})
	s.each("verified", func(v string) (err error) {
		r.Verified, err = time.Parse(monthForm, v)
		return err
	})
	return r
}

// finish reports the first fault; a key that nobody asked for is one.
func (s *stanza) finish() error {
	for _, l := range s.lines {
		if !l.read {
			s.fail(l.number, "a %s has no %s", s.kind(), l.key)
		}
	}
	return s.err
}
