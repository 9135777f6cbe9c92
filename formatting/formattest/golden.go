package formattest

import (
	"os"
	"path/filepath"
	"testing"

	"smtptest/probe/probetest"
)

// Goldens is a set of golden files, one for each name: texts that a person has
// read. UPDATE=1 renews them, see the package comment.
type Goldens struct {
	Files string // pattern of their names, such as testdata/*.json

	known map[string]bool // files that a name belongs to
}

// Compare runs a subtest for a name, which compares the text that got returns
// with the file of that name, or renews the file.
func (g *Goldens) Compare(t *testing.T, name string, got func(*testing.T) string) {
	t.Helper()
	file := filepath.FromSlash(filepath.Dir(g.Files) + "/" + name + filepath.Ext(g.Files))
	if g.known[file] {
		t.Errorf("two golden files are called %s", name)
	}
	if g.known == nil {
		g.known = map[string]bool{}
	}
	g.known[file] = true // also where -run leaves the subtest out
	t.Run(name, func(t *testing.T) { probetest.Golden(t, file, got(t)) })
}

// LeftOver reports files that belong to no name, or removes them; call it
// after the last Compare.
func (g *Goldens) LeftOver(t *testing.T) {
	t.Helper()
	files, err := filepath.Glob(filepath.FromSlash(g.Files))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		switch {
		case g.known[file]:
		case !probetest.Updating():
			t.Errorf("%s belongs to no test: run the test with UPDATE=1 to remove it", file)
		default:
			if err := os.Remove(file); err != nil {
				t.Error(err)
			}
		}
	}
}
