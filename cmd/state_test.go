package cmd_test

import (
	"go/ast"
	"go/token"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// checkState forbids what one package-level name can do to a whole program:
// init functions, and variables that somebody may change.
func checkState(t *tree) []complaint {
	var out []complaint
	names, files := t.packages()
	for _, name := range names {
		written := writtenNames(files[name])
		for _, f := range files[name] {
			if !f.test {
				out = append(out, checkStateOf(t, f, written)...)
			}
		}
	}
	return out
}

func checkStateOf(t *tree, f *goFile, written map[string]bool) []complaint {
	var out []complaint
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Name.Name == "init" && d.Recv == nil {
				out = append(out, t.at(d.Pos(), "func init runs unasked: let main or a constructor do this"))
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				if s, ok := s.(*ast.ValueSpec); ok && d.Tok == token.VAR && !embedded(d.Doc) && !embedded(s.Doc) {
					out = append(out, checkVariables(t, s, written)...)
				}
			}
		}
	}
	return out
}

func embedded(doc *ast.CommentGroup) bool {
	return doc != nil && slices.ContainsFunc(doc.List, func(c *ast.Comment) bool { return strings.HasPrefix(c.Text, "//go:embed ") })
}

func checkVariables(t *tree, s *ast.ValueSpec, written map[string]bool) []complaint {
	var out []complaint
	for i, n := range s.Names {
		var value ast.Expr
		if i < len(s.Values) {
			value = s.Values[i]
		}
		switch {
		case n.Name == "_" || frozen(value):
		case !table(value):
			out = append(out, t.at(n.Pos(), "var %s can change while the program runs: make it a constant, a function, or a field of what uses it", n.Name))
		case n.IsExported():
			out = append(out, t.at(n.Pos(), "var %s is a table that any package can change: hide it behind a function", n.Name))
		case written[n.Name]:
			out = append(out, t.at(n.Pos(), "var %s is a table that this package changes somewhere: copy it there, or give a local variable of that name another one", n.Name))
		}
	}
	return out
}

// frozen reports whether a value cannot change after it was made: the
// results of these functions have no way to be changed.
func frozen(value ast.Expr) bool {
	call, ok := value.(*ast.CallExpr)
	if !ok {
		return false
	}
	fun := call.Fun
	if generic, ok := fun.(*ast.IndexExpr); ok {
		fun = generic.X
	}
	switch name(fun) {
	case "errors.New", "regexp.MustCompile", "strings.NewReplacer",
		"netip.MustParseAddr", "netip.MustParsePrefix", "idna.New",
		"sync.OnceValue", "sync.OnceValues":
		return true
	}
	return false
}

// name is PACKAGE.NAME of a selector, "" of anything else.
func name(e ast.Expr) string {
	if sel, ok := e.(*ast.SelectorExpr); ok {
		if pkg, ok := sel.X.(*ast.Ident); ok {
			return pkg.Name + "." + sel.Sel.Name
		}
	}
	return ""
}

// table reports a literal array, slice or map. Go has no constants of these
// types; one that nobody writes to is as good.
func table(value ast.Expr) bool {
	lit, ok := value.(*ast.CompositeLit)
	if !ok {
		return false
	}
	switch lit.Type.(type) {
	case *ast.ArrayType, *ast.MapType:
		return true
	}
	return false
}

// writtenNames collects every name of a package that is assigned to, counted
// up, sorted, cleared, or has its address taken, by itself or by an element.
func writtenNames(files []*goFile) map[string]bool {
	written := map[string]bool{}
	for _, f := range files {
		ast.Inspect(f.File, func(n ast.Node) bool {
			for _, e := range writes(n) {
				if id := root(e); id != nil {
					written[id.Name] = true
				}
			}
			return true
		})
	}
	return written
}

// writes lists the expressions that a node changes.
func writes(n ast.Node) []ast.Expr {
	switch n := n.(type) {
	case *ast.AssignStmt:
		if n.Tok != token.DEFINE {
			return n.Lhs
		}
	case *ast.RangeStmt:
		if n.Tok == token.ASSIGN {
			return []ast.Expr{n.Key, n.Value}
		}
	case *ast.IncDecStmt:
		return []ast.Expr{n.X}
	case *ast.UnaryExpr:
		if n.Op == token.AND {
			return []ast.Expr{n.X}
		}
	case *ast.CallExpr:
		if len(n.Args) > 0 && changesFirstArgument(n.Fun) {
			return n.Args[:1]
		}
	}
	return nil
}

func changesFirstArgument(fun ast.Expr) bool {
	if id, ok := fun.(*ast.Ident); ok {
		return id.Name == "delete" || id.Name == "clear" || id.Name == "copy"
	}
	n := name(fun)
	return strings.HasPrefix(n, "slices.Sort") || strings.HasPrefix(n, "sort.S") || n == "slices.Reverse" || n == "maps.Copy"
}

// root is the variable that an expression reaches into.
func root(e ast.Expr) *ast.Ident {
	for {
		switch x := e.(type) {
		case *ast.Ident:
			return x
		case *ast.IndexExpr:
			e = x.X
		case *ast.SelectorExpr:
			e = x.X
		case *ast.SliceExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		default:
			return nil
		}
	}
}

// checkEnvironment keeps what belongs to the process with the commands: the
// environment is read in one file of a command, and only a command decides
// that the program ends.
func checkEnvironment(t *tree) []complaint { return checkReaders(t, rooms()) }

func checkReaders(t *tree, table []room) []complaint {
	readers := map[string]bool{}
	for _, r := range table {
		readers[path.Join(r.path, r.environment)] = r.environment != ""
	}
	var out []complaint
	for _, f := range t.code() {
		names := importNames(f)
		ast.Inspect(f.File, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			pkg, fun, _ := strings.Cut(name(sel), ".")
			switch names[pkg] + "." + fun {
			case "os.Getenv", "os.LookupEnv", "os.Environ", "os.ExpandEnv", "syscall.Getenv", "syscall.Environ":
				if !readers[f.path] {
					out = append(out, t.at(sel.Pos(), "the environment is read outside the file that the row of a command in cmd/rooms_test.go names: take the value as a parameter or a field"))
				}
			case "os.Exit", "syscall.Exit", "log.Fatal", "log.Fatalf", "log.Fatalln":
				if rank(f.dir()) != rank("cmd") {
					out = append(out, t.at(sel.Pos(), "%s.%s ends the program outside cmd: return an error", pkg, fun))
				}
			}
			return true
		})
	}
	return out
}

// importNames maps the name by which a file calls a package to its path.
func importNames(f *goFile) map[string]string {
	names := map[string]string{}
	for _, spec := range f.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue // the parser has let it pass; the compiler will not
		}
		called := path.Base(imported)
		if spec.Name != nil {
			called = spec.Name.Name
		}
		names[called] = imported
	}
	return names
}

func TestStateCanFail(t *testing.T) {
	in := func(lines ...string) map[string]string {
		return map[string]string{"probe/a.go": "package probe\n" + strings.Join(lines, "\n") + "\n"}
	}
	changes := "var v is a table"
	prove(t, checkState, []broken{
		{"in order", in(`var errGone = errors.New("gone")`, `var _ I = T{}`, `var re = regexp.MustCompile("a")`, `var roots = sync.OnceValue(load)`,
			`var typed = sync.OnceValue[int](load)`, `var table = []int{1, 2}`, `var names = map[string]int{"a": 1}`,
			`func f() { table := 1; x.table = 2; g(names["a"], table) }`), nil},
		{"embed", in("//go:embed x.csv", "var octets []byte", "var (", "//go:embed y.csv", "more string", ")"), nil},
		{"init", in(`func init() {}`), []string{"probe/a.go:2: func init runs unasked"}},
		{"method named init", in(`func (T) init() {}`), nil},
		{"zero value", in(`var mu sync.Mutex`), []string{"probe/a.go:2: var mu can change"}},
		{"number", in(`var a, limit = errors.New("a"), 3`), []string{"probe/a.go:2: var limit can change"}},
		{"test hook", in(`var now = time.Now`), []string{"probe/a.go:2: var now can change"}},
		{"pointer", in(`var t = &T{}`), []string{"probe/a.go:2: var t can change"}},
		{"made map", in(`var m = make(map[string]int)`), []string{"probe/a.go:2: var m can change"}},
		{"exported table", in(`var All = []int{1}`), []string{"probe/a.go:2: var All is a table that any package can change"}},
		{"assigned", in(`var v = []int{1}`, `func f() { v = nil }`), []string{"probe/a.go:2: " + changes}},
		{"element assigned", in(`var v = []T{{}}`, `func f() { v[0].x = 1 }`), []string{"probe/a.go:2: " + changes}},
		{"counted", in(`var v = map[string]int{}`, `func f() { v["a"]++ }`), []string{"probe/a.go:2: " + changes}},
		{"range", in(`var v = [1]int{}`, `func f() { for v[0] = range 3 {} }`), []string{"probe/a.go:2: " + changes}},
		{"address", in(`var v = []T{{}}`, `func f() *T { return &v[0] }`), []string{"probe/a.go:2: " + changes}},
		{"deleted", in(`var v = map[string]int{}`, `func f() { delete(v, "a") }`), []string{"probe/a.go:2: " + changes}},
		{"sorted", in(`var v = []int{1}`, `func f() { slices.Sort(v[1:]) }`), []string{"probe/a.go:2: " + changes}},
		{"changed by a test", map[string]string{"probe/a.go": "package probe\nvar v = []int{1}\n", "probe/a_test.go": "package probe\nfunc f() { (v)[0] = 2 }\n"},
			[]string{"probe/a.go:2: " + changes}},
		{"variable of a test", map[string]string{"probe/a_test.go": "package probe\nvar update = flag.Bool()\n"}, nil},
	})
}

func TestEnvironmentCanFail(t *testing.T) {
	read := "import \"os\"\nfunc f() { os.Getenv(\"A\") }\n"
	exit := "import \"os\"\nfunc f() { os.Exit(1) }\n"
	table := []room{{path: "cmd/x", environment: "config.go"}, {path: "probe"}}
	prove(t, func(h *tree) []complaint { return checkReaders(h, table) }, []broken{
		{"in order", map[string]string{"cmd/x/config.go": "package main\n" + read, "cmd/x/main.go": "package main\n" + exit, "probe/a_test.go": "package probe\n" + read}, nil},
		{"read in probe", map[string]string{"probe/config.go": "package probe\n" + read}, []string{"probe/config.go:3: the environment is read"}},
		{"read in main.go", map[string]string{"cmd/x/main.go": "package main\n" + read}, []string{"cmd/x/main.go:3: the environment is read"}},
		{"under another name", map[string]string{"bot/a.go": "package bot\nimport o \"os\"\nvar f = o.LookupEnv\n"}, []string{"bot/a.go:3: the environment is read"}},
		{"another package's", map[string]string{"bot/a.go": "package bot\nimport \"example.org/os\"\nvar f = os.Getenv\n"}, nil},
		{"exit in bot", map[string]string{"bot/a.go": "package bot\n" + exit}, []string{"bot/a.go:3: os.Exit ends the program"}},
		{"fatal in formatting", map[string]string{"formatting/a.go": "package formatting\nimport \"log\"\nfunc f() { log.Fatal() }\n"}, []string{"formatting/a.go:3: log.Fatal ends the program"}},
	})
}
