package cmd_test

import (
	"fmt"
	"go/ast"
	"sort"
	"strings"
	"testing"
)

// The budgets, from the best-kept packages of the programs that this one
// learned from: age, arikawa's cmdroute, chasquid's sts.
const (
	maxFunctionLines    = 60
	maxNinetiethLines   = 35 // 90 % of the functions
	maxMedianLines      = 12
	maxFileLines        = 400
	maxParameters       = 4 // a context.Context not counted
	maxInterfaceMethods = 5
)

// checkFunctions holds each function against the hard stop and counts its
// parameters. Test functions may be longer if they are mostly one table.
func checkFunctions(t *tree) []complaint {
	var out []complaint
	for _, f := range t.files {
		if ast.IsGenerated(f.File) {
			continue
		}
		for _, d := range functions(f) {
			if n := t.lines(d); n > maxFunctionLines && !(f.test && mostlyTable(t, d)) {
				out = append(out, t.at(d.Pos(), "func %s has %d lines, %d are allowed: give a part of it a name of its own", d.Name.Name, n, maxFunctionLines))
			}
			if n := parameters(d); n > maxParameters && !f.test {
				out = append(out, t.at(d.Pos(), "func %s takes %d parameters, %d are allowed besides the context: put those that belong together into a struct", d.Name.Name, n, maxParameters))
			}
		}
	}
	return out
}

func functions(f *goFile) []*ast.FuncDecl {
	var out []*ast.FuncDecl
	for _, d := range f.Decls {
		if d, ok := d.(*ast.FuncDecl); ok {
			out = append(out, d)
		}
	}
	return out
}

// mostlyTable reports whether one composite literal fills more than half of
// the function.
func mostlyTable(t *tree, d *ast.FuncDecl) bool {
	longest := 0
	ast.Inspect(d, func(n ast.Node) bool {
		if lit, ok := n.(*ast.CompositeLit); ok {
			longest = max(longest, t.lines(lit))
		}
		return true
	})
	return 2*longest > t.lines(d)
}

func parameters(d *ast.FuncDecl) int {
	n := 0
	for _, p := range d.Type.Params.List {
		if sel, ok := p.Type.(*ast.SelectorExpr); ok && sel.Sel.Name == "Context" {
			continue
		}
		n += max(1, len(p.Names))
	}
	return n
}

// checkQuantiles measures all functions together, tests left out.
func checkQuantiles(t *tree) []complaint {
	var all []*ast.FuncDecl
	for _, f := range t.code() {
		all = append(all, functions(f)...)
	}
	if len(all) == 0 {
		return nil
	}
	sort.SliceStable(all, func(i, j int) bool { return t.lines(all[i]) < t.lines(all[j]) })
	middle, tall := len(all)/2, all[len(all)*9/10:]
	var out []complaint
	if n := t.lines(all[middle]); n > maxMedianLines {
		out = append(out, t.at(all[len(all)-1].Pos(), "half of all functions have %d lines or more, the median may be %d: begin here, at the longest", n, maxMedianLines))
	}
	if t.lines(tall[0]) > maxNinetiethLines {
		for _, d := range tall {
			out = append(out, t.at(d.Pos(), "func %s has %d lines and is among the tenth of all functions that all exceed %d: shorten the nearest ones", d.Name.Name, t.lines(d), maxNinetiethLines))
		}
	}
	return out
}

func checkFiles(t *tree) []complaint {
	var out []complaint
	for _, f := range t.code() {
		if n := t.fset.Position(f.FileEnd).Line; n > maxFileLines {
			out = append(out, t.at(f.Package, "the file has %d lines, %d are allowed: find the second subject in it and give it a file", n, maxFileLines))
		}
	}
	return out
}

// checkInterfaces counts methods; an embedded interface counts as one, a
// type constraint is none.
func checkInterfaces(t *tree) []complaint {
	var out []complaint
	for _, f := range t.code() {
		ast.Inspect(f.File, func(n ast.Node) bool {
			i, ok := n.(*ast.InterfaceType)
			if !ok {
				return true
			}
			if methods := countMethods(i); methods > maxInterfaceMethods {
				out = append(out, t.at(i.Pos(), "the interface has %d methods, %d are allowed: declare what this one user needs, where it is used", methods, maxInterfaceMethods))
			}
			return true
		})
	}
	return out
}

func countMethods(i *ast.InterfaceType) int {
	n := 0
	for _, m := range i.Methods.List {
		switch m.Type.(type) {
		case *ast.BinaryExpr, *ast.UnaryExpr: // int | string, ~string
		default:
			n += max(1, len(m.Names))
		}
	}
	return n
}

// functionOf writes a function of so many lines.
func functionOf(name string, lines int) string {
	return fmt.Sprintf("func %s() {\n%s}\n", name, strings.Repeat("\tprintln()\n", lines-2))
}

func TestFunctionsCanFail(t *testing.T) {
	table := "func TestA() {\n\t_ = []int{\n" + strings.Repeat("\t\t1,\n", 60) + "\t}\n}\n"
	prove(t, checkFunctions, []broken{
		{"in order", map[string]string{"probe/a.go": "package probe\n" + functionOf("f", 60) + "func g(ctx context.Context, a, b, c, d int) {}\n"}, nil},
		{"61 lines", map[string]string{"probe/a.go": "package probe\n\n" + functionOf("f", 61)}, []string{"probe/a.go:3: func f has 61 lines"}},
		{"61 lines of a test", map[string]string{"probe/a_test.go": "package probe\n" + functionOf("f", 61)}, []string{"probe/a_test.go:2: func f has 61 lines"}},
		{"test table", map[string]string{"probe/a_test.go": "package probe\n" + table}, nil},
		{"table outside a test", map[string]string{"probe/a.go": "package probe\n" + table}, []string{"probe/a.go:2: func TestA has 64 lines"}},
		{"generated", map[string]string{"probe/a.go": "// Code generated by x. DO NOT EDIT.\n\npackage probe\n" + functionOf("f", 61)}, nil},
		{"five parameters", map[string]string{"probe/a.go": "package probe\nfunc g(a, b, c, d, e int) {}\n"}, []string{"probe/a.go:2: func g takes 5 parameters"}},
	})
}

func TestQuantilesCanFail(t *testing.T) {
	small := func(n int) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(functionOf(fmt.Sprint("s", i), 3))
		}
		return b.String()
	}
	prove(t, checkQuantiles, []broken{
		{"nothing", map[string]string{"go.mod": "module x\n"}, nil},
		{"in order", map[string]string{"probe/a.go": "package probe\n" + small(19) + functionOf("f", 36)}, nil},
		{"two of twenty above 35", map[string]string{"probe/a.go": "package probe\n" + functionOf("f", 36) + functionOf("g", 40) + small(18)},
			[]string{"probe/a.go:2: func f has 36 lines", "probe/a.go:38: func g has 40 lines"}},
		{"median of 13", map[string]string{"probe/a.go": "package probe\n" + functionOf("f", 13) + functionOf("g", 13) + small(1)},
			[]string{"probe/a.go:15: half of all functions have 13 lines"}},
	})
}

func TestFilesCanFail(t *testing.T) {
	prove(t, checkFiles, []broken{
		{"in order", map[string]string{"probe/a.go": "package probe\n" + strings.Repeat("\n", 399)}, nil},
		{"401 lines", map[string]string{"probe/a.go": "package probe\n" + strings.Repeat("\n", 400)}, []string{"probe/a.go:1: the file has 401 lines"}},
		{"401 lines of tests", map[string]string{"probe/a_test.go": "package probe\n" + strings.Repeat("\n", 400)}, nil},
	})
}

func TestInterfacesCanFail(t *testing.T) {
	prove(t, checkInterfaces, []broken{
		{"in order", map[string]string{"probe/a.go": "package probe\ntype T interface { A(); B() }\ntype C interface { ~int | ~string }\n"}, nil},
		{"six methods", map[string]string{"probe/a.go": "package probe\ntype T interface { A(); B(); C(); D(); E(); F() }\n"}, []string{"probe/a.go:2: the interface has 6 methods"}},
		{"embedded counts", map[string]string{"probe/a.go": "package probe\nfunc f(x interface { net.Conn; A(); B(); C(); D(); E() }) {}\n"}, []string{"probe/a.go:2: the interface has 6 methods"}},
	})
}
