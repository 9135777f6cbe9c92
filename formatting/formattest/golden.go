package formattest

import (
	"os"
	"path/filepath"
	"testing"

	"smtptest/formatting"
)

// Goldens are files of what people have read, one for each name, against
// which a test holds what they get now.
type Goldens struct {
	Package string // for “go test PACKAGE -update”
	Files   string // pattern of their names, such as testdata/*.json
	Update  bool   // write them anew

	held map[string]bool
}

// Hold makes a test of a name: it compares what got gives with the file, or
// writes the file.
func (g *Goldens) Hold(t *testing.T, name string, got func(*testing.T) string) {
	t.Helper()
	file := filepath.FromSlash(filepath.Dir(g.Files) + "/" + name + filepath.Ext(g.Files))
	if g.held[file] {
		t.Errorf("Two are called %s.", name)
	}
	if g.held == nil {
		g.held = map[string]bool{}
	}
	g.held[file] = true // also where -run leaves the test out
	t.Run(name, func(t *testing.T) { g.compare(t, file, got(t)) })
}

func (g *Goldens) compare(t *testing.T, file, got string) {
	t.Helper()
	if g.Update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("There is no golden file yet. Run “go test %s -update”, then read %s as the person who will.", g.Package, file)
	}
	if got != string(want) {
		t.Errorf("What people read has changed. If it is better, run “go test %s -update” and read the difference.\ngot:\n%s\nwant:\n%s", g.Package, got, want)
	}
}

// LeftOver finds files that nothing is held against; it comes last.
func (g *Goldens) LeftOver(t *testing.T) {
	t.Helper()
	files, err := filepath.Glob(filepath.FromSlash(g.Files))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		switch {
		case g.held[file]:
		case g.Update:
			if err := os.Remove(file); err != nil {
				t.Error(err)
			}
		default:
			t.Errorf("%s belongs to nothing: take it out, or run “go test %s -update”.", file, g.Package)
		}
	}
}

// First is the id of the first finding; empty: there is none.
func First(m formatting.Message) string {
	for _, s := range m.Sections {
		if f, ok := s.(formatting.Findings); ok {
			return f.Items[0].ID
		}
	}
	return ""
}
