package cmd_test

import (
	"go/ast"
	"go/token"
	"strings"
	"testing"
)

// checkPackageComments wants exactly one package comment per folder: in a
// file that is not a test, or in a test where there is nothing else.
func checkPackageComments(t *tree) []complaint {
	var out []complaint
	names, files := t.packages()
	for _, name := range names {
		out = append(out, checkPackage(t, files[name])...)
	}
	return out
}

func checkPackage(t *tree, all []*goFile) []complaint {
	files := documentable(all)
	var out []complaint
	documented := 0
	for _, f := range files {
		if f.Doc == nil {
			continue
		}
		documented++
		opening := "Package " + f.Name.Name + " "
		if f.Name.Name != "main" && !strings.HasPrefix(f.Doc.Text(), opening) {
			out = append(out, t.at(f.Doc.Pos(), "the package comment begins otherwise than %q: go doc and its readers look for that", opening+"…"))
		}
		if documented > 1 {
			out = append(out, t.at(f.Doc.Pos(), "a second package comment: join it with the first, one file tells what the package is"))
		}
	}
	if documented == 0 {
		out = append(out, t.at(files[0].Package, "package %s has no package comment: say what it does, in which order, what it never does, by which RFCs", files[0].Name.Name))
	}
	return out
}

// documentable leaves the tests out where there is something else.
func documentable(all []*goFile) []*goFile {
	var code []*goFile
	for _, f := range all {
		if !f.test {
			code = append(code, f)
		}
	}
	if len(code) == 0 {
		return all
	}
	return code
}

// checkComments wants a comment on every exported name at the top level, and
// on every method with an exported name. One comment over a group of
// constants or variables serves them all.
func checkComments(t *tree) []complaint {
	var out []complaint
	for _, f := range t.code() {
		for _, d := range f.Decls {
			for _, name := range undocumented(d) {
				out = append(out, t.at(name.Pos(), "exported %s has no comment: say what it is, its units and range, what empty means, which errors it gives", name.Name))
			}
		}
	}
	return out
}

func undocumented(d ast.Decl) []*ast.Ident {
	var names []*ast.Ident
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Doc == nil {
			names = append(names, d.Name)
		}
	case *ast.GenDecl:
		if d.Doc == nil && d.Tok != token.IMPORT {
			for _, s := range d.Specs {
				names = append(names, undocumentedIn(s)...)
			}
		}
	}
	var out []*ast.Ident
	for _, n := range names {
		if n.IsExported() {
			out = append(out, n)
		}
	}
	return out
}

func undocumentedIn(s ast.Spec) []*ast.Ident {
	switch s := s.(type) {
	case *ast.TypeSpec:
		if s.Doc == nil && s.Comment == nil {
			return []*ast.Ident{s.Name}
		}
	case *ast.ValueSpec:
		if s.Doc == nil && s.Comment == nil {
			return s.Names
		}
	}
	return nil
}

func TestPackageCommentsCanFail(t *testing.T) {
	prove(t, checkPackageComments, []broken{
		{"in order", map[string]string{"probe/a.go": "// Package probe measures.\npackage probe\n", "probe/b.go": "package probe\n"}, nil},
		{"command", map[string]string{"cmd/x/main.go": "// X does it.\npackage main\n"}, nil},
		{"tests alone", map[string]string{"cmd/a_test.go": "// Package cmd_test keeps order.\npackage cmd_test\n"}, nil},
		{"none", map[string]string{"probe/a.go": "package probe\n", "probe/a_test.go": "// Package probe measures.\npackage probe\n"},
			[]string{"probe/a.go:1: package probe has no package comment"}},
		{"build constraint alone", map[string]string{"probe/a.go": "//go:build linux\n\npackage probe\n"},
			[]string{"probe/a.go:3: package probe has no package comment"}},
		{"two", map[string]string{"probe/a.go": "// Package probe measures.\npackage probe\n", "probe/b.go": "// Package probe measures too.\npackage probe\n"},
			[]string{"probe/b.go:1: a second package comment"}},
		{"other opening", map[string]string{"probe/a.go": "// This measures.\npackage probe\n"},
			[]string{"probe/a.go:1: the package comment begins otherwise"}},
	})
}

func TestCommentsCanFail(t *testing.T) {
	prove(t, checkComments, []broken{
		{"in order", map[string]string{"probe/a.go": "package probe\n\nimport \"net\"\n\n// Group.\nconst (\n\tA = 1\n\tB = 2\n)\n\n// T is.\ntype T int\n\n// M does.\nfunc (T) M() {}\n\nfunc f() {}\n\nvar v = 1\n"}, nil},
		{"function", map[string]string{"probe/a.go": "package probe\n\nfunc F() {}\n"}, []string{"probe/a.go:3: exported F has no comment"}},
		{"method", map[string]string{"probe/a.go": "package probe\n\nfunc (t) Error() string { return \"\" }\n"}, []string{"probe/a.go:3: exported Error has no comment"}},
		{"type", map[string]string{"probe/a.go": "package probe\ntype T int\n"}, []string{"probe/a.go:2: exported T has no comment"}},
		{"constants", map[string]string{"probe/a.go": "package probe\nconst (\n\tA = 1\n\tB = 2 // said\n)\n"}, []string{"probe/a.go:3: exported A has no comment"}},
		{"test", map[string]string{"probe/a_test.go": "package probe\nfunc TestF() {}\n"}, nil},
	})
}
