package jsonreport

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// enums ties each enum of the schema to the type whose constants it lists.
// The last rows have no type: their values are listed here.
func enums() map[string]string {
	return map[string]string{
		"request/security":              "probe.Security",
		"session/security":              "probe.Security",
		"session/variant":               "probe.Variant",
		"lookup/answer":                 "probe.Answer",
		"lookup/untried/reason":         "probe.UntriedReason",
		"step/phase":                    "probe.Phase",
		"step/outcome":                  "probe.Outcome",
		"failure/phase":                 "probe.Phase",
		"failure/kind":                  "probe.Kind",
		"entry/side":                    "probe.Side",
		"trust/name":                    "probe.NameAnswer",
		"trust/dates":                   "probe.DatesAnswer",
		"trust/chain":                   "probe.ChainAnswer",
		"trust/usage":                   "probe.UsageAnswer",
		"trust/order":                   "probe.OrderAnswer",
		"reply/deviations":              "smtp.Deviation",
		"auth/reason":                   "sasl.Reason",
		"auth/evidence/proof":           "sasl.Proof",
		"auth/evidence/problem":         "sasl.Problem",
		"diagnosis/verdict/outcome":     "diagnosis.Outcome",
		"egress/outcome":                "diagnosis.Outcome",
		"series/stopped":                "series.Stop",
		"series/apart":                  "differ.Aspect",
		"series/varied/aspect":          "differ.Aspect",
		"comparison/differences/aspect": "differ.Aspect",
		"bounce/form":                   "bounce.Form",
		"bounce/failures/action":        "failed delayed delivered relayed expanded",
		"bounce/failures/answered":      "replies.Place",
		"bounce/failures/owner":         "replies.Owner",
		"places/outcome":                "diagnosis.Outcome",
		"places/findings/severity":      "diagnosis.Severity",
		"places/findings/owner":         "diagnosis.Owner",
		"places/findings/confidence":    "diagnosis.Confidence",
		"places/places/state":           "vantages.State",
		"places/places/absent":          "vantages.Absence",
		"domain/verdict":                "delivery.Verdict",
		"domain/senders/outcome":        "delivery.Outcome",
		"domain/senders/hosts":          "delivery.Outcome",
		"domain/findings/severity":      "diagnosis.Severity",
		"domain/findings/owner":         "delivery.Owner",
		"deep/security":                 "starttls implicit",
		"deep/stopped/why":              "tlsscan.StopReason",
		"deep/purpose":                  "tlsgrade.Purpose",
		"deep/outcome":                  "diagnosis.Outcome",
		"deep/grade":                    "tlsgrade.Grade",
		"deep/findings/severity":        "diagnosis.Severity",
		"deep/findings/owner":           "diagnosis.Owner",
		"deep/clients_failing/reason":   "tlsgrade.Reason",
		"deep/versions/suites/grade":    "tlsgrade.Grade",
		"deep/versions/order":           "tlsscan.Order",
		"deep/graded/kind":              "tlsgrade.Kind",
		"deep/graded/grade":             "tlsgrade.Grade",
		"deep/extensions/foreign_alpn":  "tlsscan.ALPN",
		"deep/connections/asks":         "tlsscan.Question",
		"answer":                        "tlsscan.Answer",
		"dnssec/status":                 "dnssec.Status",
		"block_list/ipv4":               "blocklist.Check",
		"block_list/ipv6":               "blocklist.Check",
		"diagnosis/verdict/reach":       "diagnosis.Reach",
		"diagnosis/verdict/untested":    "diagnosis.Reach",
		"diagnosis/verdict/stage":       "probe.Phase",
		"diagnosis/enforcement":         "diagnosis.Enforcement",
		"finding/severity":              "diagnosis.Severity",
		"finding/owner":                 "diagnosis.Owner",
		"finding/confidence":            "diagnosis.Confidence",
		"request/ip_version":            "4 6",
		"fix/security":                  "probe.Security",
		"fix/ip_version":                "4 6",
		"hello/verb":                    "EHLO HELO",
		"tls/ocsp_staple/status":        "good revoked unknown",
	}
}

// TestEnumsAreTheConstants reads the constants from the source, so that a new
// one without its row in the schema fails here.
func TestEnumsAreTheConstants(t *testing.T) {
	constants := map[string][]string{}
	for pkg, dir := range map[string]string{"probe": "../../probe", "smtp": "../../probe/smtp",
		"sasl": "../../probe/sasl", "diagnosis": "../../probe/diagnosis",
		"bounce": "../../probe/bounce", "replies": "../../probe/replies",
		"delivery": "../../probe/diagnosis/delivery", "dnssec": "../../probe/dnssec",
		"blocklist": "../../probe/blocklist",
		"tlsgrade":  "../../probe/diagnosis/tlsgrade", "tlsscan": "../../probe/tlsscan",
		"vantages": "../../probe/diagnosis/vantages",
		"differ":   "../../probe/diagnosis/differ", "series": "../../probe/series"} {
		readConstants(t, pkg, dir, constants)
	}
	found := schemaEnums(t)
	for path, source := range enums() {
		want := constants[source]
		if !strings.Contains(source, ".") {
			want = strings.Fields(source)
		}
		if len(want) == 0 {
			t.Errorf("%s: no constants of %s were found", path, source)
		}
		if got := found[path]; !slices.Equal(sorted(got), sorted(want)) {
			t.Errorf("%s: schema lists %v, %s has %v", path, sorted(got), source, sorted(want))
		}
	}
	for path := range found {
		if enums()[path] == "" {
			t.Errorf("%s is an enum without a row in this test", path)
		}
	}
	checkTypes(t, constants)
}

// checkTypes wants every type that has text constants to be in the schema, or
// a reason here.
func checkTypes(t *testing.T, constants map[string][]string) {
	t.Helper()
	elsewhere := []string{
		"diagnosis.ID", // finding/id has a pattern: ids come with every new rule
		"delivery.ID",
		"tlsgrade.ID",
		"dnssec.Reason",      // says more than a program needs, and more will come
		"replies.ID",         // as diagnosis.ID
		"replies.Confidence", // on what the explanation of a bounce rests is not in the JSON
		"smtp.Fault",         // of what a person typed, never in a report
		"smtp.Rule",          // stands in failure/detail as words
		"vantages.ID",
	}
	for source := range constants {
		known := slices.Contains(elsewhere, source)
		for _, s := range enums() {
			known = known || s == source
		}
		if !known {
			t.Errorf("%s has constants and no enum in the schema", source)
		}
	}
}

// readConstants collects the text constants of each named type; empty ones
// are left out, as JSON leaves them out.
func readConstants(t *testing.T, pkg, dir string, into map[string][]string) {
	t.Helper()
	names, err := fs.Glob(os.DirFS(dir), "*.go")
	if err != nil || len(names) == 0 {
		t.Fatalf("no Go files in %s: %v", dir, err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), dir+"/"+name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if d, ok := n.(*ast.GenDecl); ok && d.Tok == token.CONST {
				for _, s := range d.Specs {
					addConstant(s.(*ast.ValueSpec), pkg, into)
				}
			}
			return true
		})
	}
}

func addConstant(s *ast.ValueSpec, pkg string, into map[string][]string) {
	typ, ok := s.Type.(*ast.Ident)
	if !ok || !typ.IsExported() {
		return
	}
	for _, value := range s.Values {
		if lit, ok := value.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			if text, err := strconv.Unquote(lit.Value); err == nil && text != "" {
				into[pkg+"."+typ.Name] = append(into[pkg+"."+typ.Name], text)
			}
		}
	}
}

// schemaEnums finds every enum, by its definition and the members that lead
// to it.
func schemaEnums(t *testing.T) map[string][]string {
	t.Helper()
	var root struct {
		Defs map[string]any `json:"$defs"`
	}
	if err := json.Unmarshal(Schema(), &root); err != nil {
		t.Fatal(err)
	}
	found := map[string][]string{}
	for name, def := range root.Defs {
		findEnums(name, def, found)
	}
	return found
}

func findEnums(path string, node any, found map[string][]string) {
	object, ok := node.(map[string]any)
	if !ok {
		return
	}
	if list, ok := object["enum"]; ok {
		found[path] = texts(list)
	}
	findEnums(path, object["items"], found)
	if properties, ok := object["properties"].(map[string]any); ok {
		for name, child := range properties {
			findEnums(path+"/"+name, child, found)
		}
	}
}
