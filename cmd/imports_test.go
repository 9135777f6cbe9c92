package cmd_test

import (
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// module is our own import path, as in go.mod.
const module = "smtptest"

// row is one row of the import table: what the files of a package that are
// not tests may import besides the standard library.
type row struct {
	path    string
	ours    []string // packages of this module
	modules []string // packages of others: the path itself or anything below it
	tests   []string // packages of others that only tests need
}

// importTable says. Each module of others has the one package that
// needs it; only ocsp has two, the reader of staples and the test servers
// that make them, and so has sys, for the clock of tests of cost. A row is written when its package gets its
// first file, and goes
// with its last.
func importTable() []row {
	return []row{
		{path: "cmd"}, // these tests
		{
			path: "cmd/smtptest",
			ours: []string{"bot", "bot/command", "bot/console", "bot/discordbot", "bot/mcp", "bot/playground",
				"bot/playground/slack", "bot/results", "bot/slackbot", "bot/watch", "formatting",
				"formatting/ci", "formatting/compared", "formatting/deepscan", "formatting/jsonreport",
				"formatting/plain", "formatting/reproduce", "formatting/timeline", "probe", "probe/bounce",
				"probe/diagnosis", "probe/diagnosis/delivery", "probe/diagnosis/differ",
				"probe/diagnosis/expect", "probe/diagnosis/outage", "probe/diagnosis/tlsgrade", "probe/dnssec",
				"probe/domain", "probe/domain/domaintest", "probe/explain", "probe/guard", "probe/probetest",
				"probe/resolve", "probe/sasl", "probe/secret", "probe/series", "probe/tlsscan"},
			modules: []string{"golang.org/x/term"},
			tests:   []string{"golang.org/x/sys/unix"},
		},
		{path: "cmd/defend", modules: []string{"golang.org/x/sys/unix"}},
		{path: "cmd/settings/settingstest", ours: []string{"probe/probetest"}},
		{
			path: "cmd/smtptest-agent",
			ours: []string{"cmd/defend", "cmd/settings", "probe", "probe/dnssec", "probe/domain",
				"probe/guard", "probe/remote", "probe/remote/broker"},
			modules: []string{"github.com/caarlos0/env/v11", "github.com/nats-io/nats.go"},
		},
		{
			path: "cmd/settings",
			ours: []string{"probe", "probe/blocklist", "probe/dnssec", "probe/guard", "probe/remote/broker",
				"probe/resolve", "probe/smtp"},
		},
		{
			path: "cmd/smtptest-bot",
			ours: []string{"bot", "bot/admin", "bot/chat", "bot/command", "bot/discordbot", "bot/everywhere",
				"bot/profile", "bot/results", "bot/results/shared", "bot/slackbot", "bot/watch",
				"bot/watch/shared", "cmd/defend", "cmd/settings", "formatting", "probe", "probe/blocklist",
				"probe/diagnosis/vantages", "probe/dnssec", "probe/domain", "probe/guard", "probe/remote",
				"probe/remote/broker", "probe/resolve", "probe/secret", "probe/smtp", "probe/tlsscan"},
			modules: []string{"github.com/caarlos0/env/v11", "github.com/nats-io/nats.go", "golang.org/x/sys/unix"},
		},
		{
			path: "bot",
			ours: []string{"bot/command", "bot/everywhere", "bot/results", "bot/watch", "formatting",
				"formatting/compared", "formatting/deepscan", "formatting/jsonreport", "formatting/reproduce",
				"formatting/timeline", "probe", "probe/bounce", "probe/diagnosis", "probe/diagnosis/delivery",
				"probe/diagnosis/differ", "probe/diagnosis/outage", "probe/diagnosis/tlsgrade",
				"probe/diagnosis/vantages", "probe/domain", "probe/explain", "probe/guard", "probe/provider",
				"probe/sasl", "probe/secret", "probe/series", "probe/smtp", "probe/tlsscan"},
		},
		{path: "bot/everywhere", ours: []string{"probe", "probe/diagnosis", "probe/diagnosis/vantages"}},
		{
			path: "bot/command",
			ours: []string{"formatting", "probe", "probe/blocklist", "probe/diagnosis/expect", "probe/domain",
				"probe/series", "probe/smtp", "probe/tlsscan"},
		},
		{
			path: "bot/results",
			ours: []string{"bot/command", "formatting", "probe", "probe/diagnosis", "probe/diagnosis/delivery",
				"probe/diagnosis/outage", "probe/diagnosis/tlsgrade", "probe/diagnosis/vantages",
				"probe/provider", "probe/series"},
			modules: []string{"golang.org/x/net/publicsuffix"},
		},
		{
			path:    "bot/results/shared",
			ours:    []string{"bot/sealed", "bot/results", "probe/remote/broker"},
			modules: []string{"github.com/nats-io/nats.go"},
		},
		{
			path:    "bot/admin",
			ours:    []string{"bot", "bot/command", "bot/results", "formatting", "probe", "probe/diagnosis"},
			modules: []string{"github.com/prometheus/client_golang"},
		},
		{
			path: "bot/profile",
			ours: []string{"bot", "bot/command", "formatting", "probe", "probe/guard", "probe/sasl",
				"probe/secret", "probe/smtp"},
			modules: []string{"golang.org/x/oauth2"},
		},
		{
			path: "bot/mcp",
			ours: []string{"bot/command", "bot/results", "formatting", "formatting/jsonreport", "formatting/plain", "probe",
				"probe/bounce", "probe/diagnosis", "probe/diagnosis/delivery", "probe/domain", "probe/explain"},
			modules: []string{"github.com/modelcontextprotocol/go-sdk"},
			tests:   []string{"github.com/santhosh-tekuri/jsonschema/v6"},
		},
		{path: "bot/sealed"},
		{path: "bot/bottest/rows"},
		{
			path: "bot/bottest",
			ours: []string{"bot", "bot/everywhere", "bot/results", "bot/watch", "probe",
				"probe/diagnosis/vantages", "probe/domain", "probe/probetest", "probe/tlsscan"},
		},
		{
			path:    "bot/playground/wire",
			modules: []string{"github.com/gorilla/websocket", "github.com/santhosh-tekuri/jsonschema/v6"},
		},
		{
			path: "bot/watch",
			ours: []string{"bot/command", "bot/results", "formatting", "formatting/timeline", "probe",
				"probe/diagnosis/outage"},
		},
		{
			path: "bot/watch/shared", ours: []string{"bot/sealed", "bot/watch"},
			modules: []string{"github.com/nats-io/nats.go"},
		},
		{path: "bot/chat", ours: []string{"bot", "bot/watch", "formatting"}},
		{
			path:    "bot/slackbot",
			ours:    []string{"bot", "bot/chat", "bot/watch", "formatting", "formatting/blockkit", "probe/secret"},
			modules: []string{"github.com/gorilla/websocket", "github.com/slack-go/slack"},
			tests:   []string{"go.yaml.in/yaml/v3"},
		},
		{
			path: "bot/discordbot",
			ours: []string{"bot", "bot/chat", "bot/command", "bot/watch", "formatting", "formatting/embed",
				"probe/secret"},
			modules: []string{"github.com/bwmarrin/discordgo", "github.com/gorilla/websocket"},
		},
		{
			path: "bot/console",
			ours: []string{"bot", "bot/chat", "bot/watch", "formatting", "formatting/blockkit",
				"formatting/embed", "formatting/plain", "probe/secret"},
		},
		{
			path: "bot/playground",
			ours: []string{"bot/playground/discord", "bot/playground/slack", "bot/playground/wire",
				"formatting/html"},
		},
		{
			path:    "bot/playground/slack",
			ours:    []string{"bot/playground/wire"},
			modules: []string{"github.com/gorilla/websocket", "github.com/santhosh-tekuri/jsonschema/v6"},
			tests:   []string{"github.com/slack-go/slack"},
		},
		{
			path:    "bot/playground/discord",
			ours:    []string{"bot/playground/wire"},
			modules: []string{"github.com/gorilla/websocket", "github.com/santhosh-tekuri/jsonschema/v6"},
		},
		{
			path: "formatting",
			ours: []string{"probe", "probe/blocklist", "probe/bounce", "probe/dane", "probe/diagnosis",
				"probe/diagnosis/delivery", "probe/diagnosis/expect", "probe/diagnosis/vantages",
				"probe/dnssec", "probe/domain", "probe/explain", "probe/mtasts", "probe/registry",
				"probe/replies", "probe/resolve", "probe/sasl", "probe/smtp"},
		},
		{
			path: "formatting/jsonreport",
			ours: []string{"probe", "probe/blocklist", "probe/bounce", "probe/dane", "probe/diagnosis",
				"probe/diagnosis/delivery", "probe/diagnosis/differ", "probe/diagnosis/expect",
				"probe/diagnosis/tlsgrade", "probe/diagnosis/vantages", "probe/dnssec", "probe/domain",
				"probe/explain", "probe/mtasts", "probe/registry", "probe/sasl", "probe/series", "probe/smtp",
				"probe/tlsscan"},
			tests: []string{"github.com/santhosh-tekuri/jsonschema/v6"},
		},
		{path: "formatting/reproduce", ours: []string{"formatting", "probe", "probe/diagnosis", "probe/smtp"}},
		{path: "formatting/blockkit", ours: []string{"formatting"}, modules: []string{"github.com/slack-go/slack"}},
		{path: "formatting/html", tests: []string{"golang.org/x/net/html"}},
		{
			path: "formatting/timeline",
			ours: []string{"formatting", "probe", "probe/diagnosis", "probe/diagnosis/outage"},
		},
		{
			path: "formatting/deepscan",
			ours: []string{"formatting", "probe", "probe/diagnosis", "probe/diagnosis/tlsgrade",
				"probe/registry", "probe/tlsscan"},
		},
		{path: "formatting/plain", ours: []string{"formatting"}},
		{path: "formatting/ci", ours: []string{"formatting", "probe/diagnosis", "probe/diagnosis/expect"}},
		{
			path:    "formatting/embed",
			ours:    []string{"formatting"},
			modules: []string{"github.com/bwmarrin/discordgo"},
		},
		{
			path: "formatting/formattest",
			ours: []string{"formatting", "probe", "probe/diagnosis", "probe/diagnosis/vantages",
				"probe/probetest", "probe/probetest/long", "probe/smtp"},
		},
		{
			path: "probe",
			ours: []string{"probe/clienthello", "probe/guard", "probe/registry", "probe/resolve", "probe/sasl",
				"probe/smtp"},
			modules: []string{"golang.org/x/crypto/cryptobyte", "golang.org/x/crypto/cryptobyte/asn1",
				"golang.org/x/crypto/ocsp"},
		},
		{
			path: "probe/diagnosis",
			ours: []string{"probe", "probe/provider", "probe/registry", "probe/replies", "probe/sasl",
				"probe/smtp"},
		},
		{path: "probe/series", ours: []string{"probe"}},
		{path: "probe/diagnosis/differ", ours: []string{"probe", "probe/diagnosis"}},
		{
			path: "formatting/compared",
			ours: []string{"formatting", "probe", "probe/diagnosis", "probe/diagnosis/differ", "probe/series"},
		},
		{path: "probe/diagnosis/expect", ours: []string{"probe", "probe/diagnosis", "probe/smtp"}},
		{path: "probe/diagnosis/vantages", ours: []string{"probe", "probe/diagnosis"}},
		{path: "probe/clienthello", ours: []string{"probe/registry", "probe/smtp"}},
		{path: "probe/diagnosis/outage", ours: []string{"probe/diagnosis"}},
		{path: "probe/blocklist", ours: []string{"probe/dnssec", "probe/resolve", "probe/smtp"}},
		{path: "probe/bounce", ours: []string{"probe/replies", "probe/smtp"}},
		{path: "probe/dane"},
		{
			path: "probe/diagnosis/delivery",
			ours: []string{"probe", "probe/blocklist", "probe/dane", "probe/diagnosis", "probe/dnssec",
				"probe/domain", "probe/guard", "probe/mtasts", "probe/resolve"},
		},
		{
			path: "probe/diagnosis/tlsgrade",
			ours: []string{"probe", "probe/diagnosis", "probe/registry", "probe/tlsscan"},
		},
		{
			// The verifier needs records as they came, signatures included.
			path:    "probe/dnssec",
			ours:    []string{"probe/resolve", "probe/smtp"},
			modules: []string{"github.com/miekg/dns"},
		},
		{
			path: "probe/domain",
			ours: []string{"probe", "probe/blocklist", "probe/dane", "probe/dnssec", "probe/guard",
				"probe/mtasts", "probe/resolve", "probe/smtp"},
		},
		{
			path: "probe/domain/domaintest", modules: []string{"github.com/miekg/dns"},
			ours: []string{"probe", "probe/blocklist", "probe/dane", "probe/dnssec", "probe/domain",
				"probe/guard", "probe/resolve", "probe/smtp"},
		},
		{path: "probe/explain", ours: []string{"probe/provider", "probe/registry", "probe/replies", "probe/smtp"}},
		{path: "probe/guard", modules: []string{"code.dny.dev/ssrf"}},
		{
			path:    "probe/probetest",
			ours:    []string{"probe", "probe/guard", "probe/resolve", "probe/sasl", "probe/secret", "probe/smtp"},
			modules: []string{"golang.org/x/crypto/ocsp", "golang.org/x/tools/txtar"}, // UPDATE
		},
		{path: "probe/mtasts"},
		{path: "probe/probetest/greedy"},
		{path: "probe/probetest/cost", modules: []string{"golang.org/x/sys/unix"}},
		{path: "probe/probetest/long"},
		{path: "probe/provider", ours: []string{"probe/replies", "probe/smtp"}},
		{path: "probe/realtest"},         // a package comment; the rest are tests
		{path: "probe/remote/fleettest"}, // its tests are clients
		{
			path: "probe/remote/broker", ours: []string{"probe/smtp"},
			modules: []string{"github.com/nats-io/nats.go", "github.com/nats-io/nkeys"},
		},
		{
			path: "probe/remote", modules: []string{"github.com/nats-io/nats.go"},
			ours: []string{"probe", "probe/domain", "probe/sasl", "probe/secret", "probe/smtp"},
		},
		{path: "probe/registry", ours: []string{"probe/smtp"}},
		{path: "probe/replies", ours: []string{"probe/registry", "probe/smtp"}},
		{path: "probe/resolve", ours: []string{"probe/smtp"}, modules: []string{"github.com/miekg/dns"}},
		{
			path:    "probe/sasl",
			ours:    []string{"probe/secret", "probe/smtp"},
			modules: []string{"github.com/xdg-go/scram"},
		},
		{path: "probe/secret", ours: []string{"probe/smtp"}},
		{path: "probe/tlsscan", ours: []string{"probe", "probe/clienthello", "probe/registry", "probe/smtp"}},
		{path: "probe/smtp", modules: []string{"golang.org/x/net/idna", "golang.org/x/text/encoding"}},
	}
}

// line is the order of the packages: a package knows only what stands to its
// right.
func line() []string { return []string{"cmd", "bot", "formatting", "probe"} }

// rank is a package's place in the line, -1 outside it.
func rank(pkg string) int {
	first, _, _ := strings.Cut(pkg, "/")
	return slices.Index(line(), first)
}

func checkPackages(t *tree) []complaint { return checkTable(t, importTable()) }

func checkTable(t *tree, table []row) []complaint {
	rows := map[string]row{}
	for _, r := range table {
		rows[r.path] = r
	}
	names, files := t.packages()
	out := checkRows(t, table, files)
	for _, name := range names {
		row, ok := rows[name]
		if !ok {
			out = append(out, t.at(files[name][0].Package,
				"package %s has no row in the import table: add one to importTable in cmd/imports_test.go "+
					"with all that it may import, or put the file into a package that has one", name))
			continue
		}
		for _, f := range files[name] {
			out = append(out, checkImports(t, f, row, table)...)
		}
	}
	return out
}

// checkRows checks the table itself against the line and against the tree.
func checkRows(t *tree, table []row, files map[string][]*goFile) []complaint {
	var out []complaint
	for _, r := range table {
		where := complaint{file: "cmd/imports_test.go", line: lineOf(t, "cmd/imports_test.go", r.path)}
		if len(files[r.path]) == 0 {
			where.says = "the import table has a row for " + r.path +
				", which holds no Go file: take the row out, there are no empty packages"
			out = append(out, where)
		}
		for _, o := range r.ours {
			if rank(o) < rank(r.path) {
				where.says = "the row of " + r.path + " lets it import " + o + ", against the line " + strings.Join(line(), ", ")
				out = append(out, where)
			}
		}
	}
	return out
}

// lineOf finds the line of a file that begins a row; 1 if none does.
func lineOf(t *tree, file, path string) int {
	row := regexp.MustCompile(`^\s*\{?path:\s+` + regexp.QuoteMeta(strconv.Quote(path)))
	for _, x := range t.texts {
		for i, l := range x.lines {
			if x.path == file && row.MatchString(l) {
				return i + 1
			}
		}
	}
	return 1
}

func checkImports(t *tree, f *goFile, row row, table []row) []complaint {
	var out []complaint
	for _, spec := range f.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue // the parser has let it pass; the compiler will not
		}
		first, _, _ := strings.Cut(imported, "/")
		says := ""
		switch {
		case first == module:
			says = judgeOurs(f, row, strings.TrimPrefix(imported, module+"/"))
		case strings.Contains(first, "."):
			says = judgeModule(f, row, table, imported)
		}
		if says != "" {
			out = append(out, t.at(spec.Pos(), "%s", says))
		}
	}
	return out
}

// judgeOurs is strict for code; a test may import what its package may see.
func judgeOurs(f *goFile, row row, imported string) string {
	switch {
	case rank(imported) < rank(row.path):
		return row.path + " imports " + imported + ", against the line " + strings.Join(line(), ", ") +
			": move what it needs to the right, or the caller to the left"
	case f.test || slices.Contains(row.ours, imported):
		return ""
	}
	return row.path + " may not import " + imported +
		": ask which package knows what this line is about; if the import is right, add it to the row of " + row.path +
		" in cmd/imports_test.go"
}

// judgeModule is strict for code; a test may import any module of the table.
func judgeModule(f *goFile, row row, table []row, imported string) string {
	allowed := row.modules
	if f.test {
		for _, r := range table {
			allowed = slices.Concat(allowed, r.modules, r.tests)
		}
	}
	for _, m := range allowed {
		if imported == m || strings.HasPrefix(imported, m+"/") {
			return ""
		}
	}
	return row.path + " may not import " + imported +
		": a module of others has one package; if this is it, add the module to its row in cmd/imports_test.go"
}

func checkTop(t *tree) []complaint {
	fixed := []string{"cmd", "bot", "probe", "formatting", "deploy", "go.mod", "go.sum", "README.md", "CHANGELOG.md",
		"CONTRIBUTING.md", "SECURITY.md", "LICENSE"}
	var out []complaint
	for _, name := range t.top {
		if !strings.HasPrefix(name, ".") && !slices.Contains(fixed, name) {
			out = append(out, complaint{name, 1, "the top level is fixed (" + strings.Join(fixed, ", ") +
				"): put this into one of its folders"})
		}
	}
	return out
}

// checkNames: a platform has its own folder, so its name in a file name says
// that the file stands in the wrong one.
func checkNames(t *tree) []complaint {
	var out []complaint
	for _, f := range t.files {
		first, _, _ := strings.Cut(path.Base(f.path), "_")
		switch first {
		case "slack", "discord", "slackbot", "discordbot", "blockkit", "embed":
			out = append(out, t.at(f.Package,
				"the file is named for a platform: name it for what it does, in the package of that platform"))
		}
	}
	return out
}

func TestImportsCanFail(t *testing.T) {
	table := []row{
		{path: "bot", ours: []string{"probe"}, modules: []string{"example.org/chat"},
			tests: []string{"example.org/schema"}},
		{path: "probe", modules: []string{"example.org/dns"}},
	}
	bot := "package bot\n\nimport (\n\t\"smtptest/probe\"\n\t\"example.org/chat/v2\"\n)\n"
	tests := []broken{
		{"in order", map[string]string{"bot/a.go": bot, "probe/a.go": "package probe\n\nimport \"net\"\n"}, nil},
		{"package without a row", map[string]string{"bot/a.go": bot, "probe/a.go": "package probe\n",
			"probe/new/a.go": "package new\n"},
			[]string{"probe/new/a.go:1: package probe/new has no row"}},
		{"row without a package", map[string]string{"bot/a.go": bot},
			[]string{"cmd/imports_test.go:1: the import table has a row for probe"}},
		{"against the line", map[string]string{"bot/a.go": bot, "probe/a.go": "package probe\n\nimport \"smtptest/bot\"\n"},
			[]string{"probe/a.go:3: probe imports bot, against the line"}},
		{"against the line in a test", map[string]string{"bot/a.go": bot,
			"probe/a_test.go": "package probe\n\nimport \"smtptest/bot\"\n"},
			[]string{"probe/a_test.go:3: probe imports bot, against the line"}},
		{"not in the row", map[string]string{"bot/a.go": "package bot\n\nimport \"smtptest/probe/smtp\"\n",
			"probe/a.go": "package probe\n"},
			[]string{"bot/a.go:3: bot may not import probe/smtp"}},
		{"not in the row, but a test", map[string]string{"bot/a_test.go": "package bot\n\nimport \"smtptest/probe/smtp\"\n",
			"probe/a.go": "package probe\n"}, nil},
		{"module of another package", map[string]string{"bot/a.go": bot,
			"probe/a.go": "package probe\n\nimport \"example.org/chat\"\n"},
			[]string{"probe/a.go:3: probe may not import example.org/chat"}},
		{"module of another package in a test", map[string]string{"bot/a.go": bot,
			"probe/a_test.go": "package probe\n\nimport \"example.org/chat\"\n"}, nil},
		{"module for tests in a test", map[string]string{"bot/a.go": bot,
			"probe/a_test.go": "package probe\n\nimport \"example.org/schema\"\n"}, nil},
		{"module for tests in code", map[string]string{"bot/a.go": "package bot\n\nimport \"example.org/schema\"\n",
			"probe/a.go": "package probe\n"},
			[]string{"bot/a.go:3: bot may not import example.org/schema"}},
		{"module that only begins alike", map[string]string{"bot/a.go": bot,
			"probe/a.go": "package probe\n\nimport \"example.org/dnssec\"\n"},
			[]string{"probe/a.go:3: probe may not import example.org/dnssec"}},
		{"module without a package in a test", map[string]string{"bot/a.go": bot,
			"probe/a_test.go": "package probe\n\nimport \"example.org/assert\"\n"},
			[]string{"probe/a_test.go:3: probe may not import example.org/assert"}},
	}
	prove(t, func(t *tree) []complaint { return checkTable(t, table) }, tests)

	upward := []row{{path: "probe", ours: []string{"formatting"}}}
	prove(t, func(t *tree) []complaint { return checkTable(t, upward) }, []broken{
		{"row against the line", map[string]string{"probe/a.go": "package probe\n"},
			[]string{"cmd/imports_test.go:1: the row of probe lets it import formatting, against the line"}},
	})
}

func TestTopCanFail(t *testing.T) {
	prove(t, checkTop, []broken{
		{"in order", map[string]string{"go.mod": "module x\n", ".ci/run": "", "README.md": "",
			"probe/a.go": "package probe\n"}, nil},
		{"another folder", map[string]string{"internal/a.go": "package internal\n"},
			[]string{"internal:1: the top level is fixed"}},
		{"another file", map[string]string{"Makefile": ""}, []string{"Makefile:1: the top level is fixed"}},
	})
}

func TestNamesCanFail(t *testing.T) {
	prove(t, checkNames, []broken{
		{"in order", map[string]string{"bot/slackbot/modal.go": "package slackbot\n",
			"formatting/message.go": "package formatting\n"}, nil},
		{"platform prefix", map[string]string{"bot/slack_modal.go": "package bot\n"},
			[]string{"bot/slack_modal.go:1: the file is named for a platform"}},
	})
}
