// Package cmd_test keeps the rules that no linter has: which package may
// import which, what stands at the top level, how long most functions are,
// what may not be said. The others are in .golangci.yml. It reads the tree with
// go/parser, in this order: walk, parse, judge; every complaint has the form
// FILE:LINE: SENTENCE. It needs nothing but the standard library and never
// runs or builds the code it reads.
package cmd_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"sort"
	"strings"
	"testing"
	"testing/fstest"
)

// rules are all that this project asks beyond .golangci.yml, each with the file
// that explains it.
func rules() map[string]func(*tree) []complaint {
	return map[string]func(*tree) []complaint{
		"top level":  checkTop,       // imports_test.go
		"imports":    checkPackages,  // imports_test.go
		"file names": checkNames,     // imports_test.go
		"quantiles":  checkQuantiles, // quantiles_test.go
		"words":      checkWords,     // words_test.go
	}
}

func TestRules(t *testing.T) {
	all, err := survey(os.DirFS(".."))
	if err != nil {
		t.Fatal(err)
	}
	for name, check := range rules() {
		t.Run(name, func(t *testing.T) {
			for _, c := range check(all) {
				t.Error(c)
			}
		})
	}
}

// tree is the source tree as the rules see it, in order of path.
type tree struct {
	fset  *token.FileSet
	top   []string  // names at the top level
	files []*goFile // of this module; testdata and nested modules left out
	texts []text    // every file that is not binary, the Go files included
}

type goFile struct {
	*ast.File
	path string // from the module's root, with slashes
	test bool
}

// dir is the folder, and so the package's path below the module's.
func (f *goFile) dir() string { return path.Dir(f.path) }

type text struct {
	path  string
	lines []string
}

// complaint is one place that breaks a rule.
type complaint struct {
	file string
	line int
	says string
}

func (c complaint) String() string { return fmt.Sprintf("%s:%d: %s", c.file, c.line, c.says) }

// at makes a complaint about a place in a Go file.
func (t *tree) at(pos token.Pos, format string, args ...any) complaint {
	p := t.fset.Position(pos)
	return complaint{p.Filename, p.Line, fmt.Sprintf(format, args...)}
}

// lines counts the lines of a node, its comment left out.
func (t *tree) lines(n ast.Node) int {
	return t.fset.Position(n.End()).Line - t.fset.Position(n.Pos()).Line + 1
}

// code lists the files that are not tests and not generated.
func (t *tree) code() []*goFile {
	var out []*goFile
	for _, f := range t.files {
		if !f.test && !ast.IsGenerated(f.File) {
			out = append(out, f)
		}
	}
	return out
}

// packages groups the Go files by folder; names are the folders, sorted.
func (t *tree) packages() (names []string, files map[string][]*goFile) {
	files = map[string][]*goFile{}
	for _, f := range t.files {
		files[f.dir()] = append(files[f.dir()], f)
	}
	for name := range files {
		names = append(names, name)
	}
	sort.Strings(names)
	return names, files
}

// survey reads a tree. What .gitignore names is passed over, so that a build
// in the checkout breaks no rule.
func survey(fsys fs.FS) (*tree, error) {
	t := &tree{fset: token.NewFileSet()}
	ignored := ignorePatterns(fsys)
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name == ".":
			return nil
		case name == ".git" || matchesAny(ignored, name):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.Contains(name, "/") {
			t.top = append(t.top, name)
		}
		if !d.Type().IsRegular() {
			return nil
		}
		return t.read(fsys, name)
	})
	return t, err
}

func (t *tree) read(fsys fs.FS, name string) error {
	octets, err := fs.ReadFile(fsys, name)
	if err != nil {
		return err
	}
	if bytes.IndexByte(octets, 0) >= 0 {
		return nil
	}
	t.texts = append(t.texts, text{name, strings.Split(string(octets), "\n")})
	if !strings.HasSuffix(name, ".go") || !ours(fsys, name) {
		return nil
	}
	f, err := parser.ParseFile(t.fset, name, octets, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	t.files = append(t.files, &goFile{f, name, strings.HasSuffix(name, "_test.go")})
	return nil
}

// ours reports whether the go command takes a file for a part of this module.
func ours(fsys fs.FS, name string) bool {
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		base := path.Base(dir)
		if base == "testdata" || strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") {
			return false
		}
		if _, err := fs.Stat(fsys, path.Join(dir, "go.mod")); err == nil {
			return false
		}
	}
	return true
}

// ignorePatterns reads .gitignore: comments and empty lines left out.
func ignorePatterns(fsys fs.FS) []string {
	octets, err := fs.ReadFile(fsys, ".gitignore")
	if err != nil {
		return nil
	}
	var out []string
	for _, line := range strings.Split(string(octets), "\n") {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			out = append(out, strings.TrimSuffix(line, "/"))
		}
	}
	return out
}

// matchesAny knows the two forms that our .gitignore uses: /PATH from the
// root, and a pattern for a base name.
func matchesAny(patterns []string, name string) bool {
	for _, p := range patterns {
		against := path.Base(name)
		if rooted, ok := strings.CutPrefix(p, "/"); ok {
			p, against = rooted, name
		}
		if ok, err := path.Match(p, against); err == nil && ok {
			return true
		}
	}
	return false
}

// broken is a small tree that breaks one rule, for the proof that the rule
// can fail. Each wanted string is the beginning of one complaint; none means
// that the tree is in order.
type broken struct {
	name  string
	files map[string]string
	want  []string
}

func prove(t *testing.T, check func(*tree) []complaint, cases []broken) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			fsys := fstest.MapFS{}
			for name, content := range c.files {
				fsys[name] = &fstest.MapFile{Data: []byte(content)}
			}
			all, err := survey(fsys)
			if err != nil {
				t.Fatal(err)
			}
			got := check(all)
			if len(got) != len(c.want) {
				t.Fatalf("%d complaints, want %d: %v", len(got), len(c.want), got)
			}
			for i, w := range c.want {
				if !strings.HasPrefix(got[i].String(), w) {
					t.Errorf("complaint %d is %q, want %q…", i, got[i], w)
				}
			}
		})
	}
}

func TestSurvey(t *testing.T) {
	all, err := survey(fstest.MapFS{
		".git/HEAD":              {Data: []byte("ref")},
		".gitignore":             {Data: []byte("# built here\n/smtptest\n*.test\n")},
		".ci/tools/main.go":      {Data: []byte("package main\n")},
		"smtptest":               {Data: []byte("built")},
		"cmd/smtptest/main.go":   {Data: []byte("package main\n")},
		"cmd/smtptest.test":      {Data: []byte("built")},
		"deploy/validate/go.mod": {Data: []byte("module x\n")},
		"deploy/validate/x.go":   {Data: []byte("package x\n")},
		"probe/testdata/x.go":    {Data: []byte("not Go at all")},
		"probe/icon.png":         {Data: []byte("\x89PNG\x00")},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(all.top, " "), ".ci .gitignore cmd deploy probe"; got != want {
		t.Errorf("top level is %q, want %q", got, want)
	}
	if len(all.files) != 1 || all.files[0].path != "cmd/smtptest/main.go" {
		t.Errorf("Go files are %v, want cmd/smtptest/main.go alone", all.files)
	}
	if got, want := len(all.texts), 6; got != want {
		t.Errorf("%d texts, want %d", got, want)
	}
}
