// Package settingstest holds a daemon's variables to the operator's table.
package settingstest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"strings"
	"testing"

	"smtptest/probe/probetest"
)

// Field is one variable.
type Field struct {
	Name, Default string
	Help          string // the comment above it
}

// Fields are those of a struct in config.go.
func Fields(variables reflect.Type) []Field {
	file, err := parser.ParseFile(token.NewFileSet(), "config.go", nil, parser.ParseComments)
	if err != nil {
		panic(err)
	}
	help := map[string]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		if f, ok := n.(*ast.Field); ok && len(f.Names) == 1 {
			help[f.Names[0].Name] = strings.Join(strings.Fields(f.Doc.Text()), " ")
		}
		return true
	})
	var all []Field
	for f := range variables.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("env"), ",")
		all = append(all, Field{name, f.Tag.Get("envDefault"), help[f.Name]})
	}
	return all
}

// Set sets variables for one test, and takes all others of these out, and those
// of our prefix that tests have.
func Set(t testing.TB, fields []Field, pairs ...string) {
	t.Helper()
	var out []string
	for _, f := range fields {
		out = append(out, f.Name)
	}
	for _, pair := range os.Environ() {
		if name, _, _ := strings.Cut(pair, "="); strings.HasPrefix(name, "SMTPTEST_") {
			out = append(out, name)
		}
	}
	for _, name := range out {
		t.Setenv(name, "")
		if err := os.Unsetenv(name); err != nil {
			t.Fatal(err)
		}
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		t.Setenv(pairs[i], pairs[i+1])
	}
}

// HoldTable compares the first table of variables under a heading of the
// operator's page with config.go. UPDATE=1 writes it.
func HoldTable(t testing.TB, heading string, fields []Field) {
	t.Helper()
	const head, readme = "| variable | default | what it is |\n|---|---|---|\n", "../../deploy/README.md"
	table := head
	for _, f := range fields {
		if f.Help == "" {
			t.Errorf("%s has no help", f.Name)
		}
		byDefault := ""
		if f.Default != "" {
			byDefault = "`" + f.Default + "`"
		}
		table += fmt.Sprintf("| `%s` | %s | %s |\n", f.Name, byDefault, f.Help)
	}
	octets, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	text := string(octets)
	above, section, found := strings.Cut(text, "\n## "+heading+"\n")
	before, rest, tabled := strings.Cut(section, head)
	if !found || !tabled {
		t.Fatalf("the page has no table of variables under %q", heading)
	}
	_, after, _ := strings.Cut(rest, "\n\n")
	want := above + "\n## " + heading + "\n" + before + table + "\n" + after
	if text == want {
		return
	}
	if !probetest.Updating() {
		t.Fatal("the table of variables differs from config.go: run the test with UPDATE=1")
	}
	if err := os.WriteFile(readme, []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}
