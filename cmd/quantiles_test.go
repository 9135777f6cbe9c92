package cmd_test

import (
	"fmt"
	"go/ast"
	"sort"
	"strings"
	"testing"
)

// The quantiles of the length of functions, from the best-kept packages of
// the programs that this one learned from: age, arikawa's cmdroute, chasquid's
// sts. What a single function or file may be is in .golangci.yml.
const (
	maxNinetiethLines = 35 // 90 % of the functions
	maxMedianLines    = 12
)

func functions(f *goFile) []*ast.FuncDecl {
	var out []*ast.FuncDecl
	for _, d := range f.Decls {
		if d, ok := d.(*ast.FuncDecl); ok {
			out = append(out, d)
		}
	}
	return out
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
		out = append(out, t.at(all[len(all)-1].Pos(),
			"half of all functions have %d lines or more, the median may be %d: begin here, at the longest",
			n, maxMedianLines))
	}
	if t.lines(tall[0]) > maxNinetiethLines {
		for _, d := range tall {
			out = append(out, t.at(d.Pos(),
				"func %s has %d lines and is among the tenth of all functions that all exceed %d: shorten the nearest ones",
				d.Name.Name, t.lines(d), maxNinetiethLines))
		}
	}
	return out
}

// functionOf writes a function of so many lines.
func functionOf(name string, lines int) string {
	return fmt.Sprintf("func %s() {\n%s}\n", name, strings.Repeat("\tprintln()\n", lines-2))
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
		{"two of twenty above 35", map[string]string{"probe/a.go": "package probe\n" + functionOf("f", 36) + functionOf("g",
			40) + small(18)},
			[]string{"probe/a.go:2: func f has 36 lines", "probe/a.go:38: func g has 40 lines"}},
		{"median of 13", map[string]string{"probe/a.go": "package probe\n" + functionOf("f", 13) + functionOf("g", 13) +
			small(1)},
			[]string{"probe/a.go:15: half of all functions have 13 lines"}},
	})
}
