package diagnosis

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"testing"
)

// TestEveryIDHasOneRule reads the constants of ids.go: each names exactly one
// rule of the catalogue, each rule has a constant, and both stand in the same
// order, so that ids.go can be read as the list of all findings.
func TestEveryIDHasOneRule(t *testing.T) {
	var constants, used []ID
	for _, c := range declaredIDs(t) {
		constants = append(constants, c.id)
		if c.comment == "" {
			t.Errorf("%s has no comment that says what it means", c.id)
		}
	}
	for _, r := range catalogue() {
		used = append(used, r.id)
	}
	if !slices.Equal(constants, used) {
		t.Errorf("ids.go lists %d ids:\n%q\nthe catalogue has %d rules:\n%q", len(constants), constants, len(used), used)
	}
}

// declared is one constant of ids.go.
type declared struct {
	id      ID
	comment string
}

func declaredIDs(t *testing.T) []declared {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "ids.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	var all []declared
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		for _, value := range spec.Values {
			literal, ok := value.(*ast.BasicLit)
			if !ok {
				t.Fatalf("%s is no literal", spec.Names[0])
			}
			id, err := strconv.Unquote(literal.Value)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, declared{ID(id), spec.Comment.Text()})
		}
		return false
	})
	return all
}
