package formatting

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"smtptest/probe"
	"smtptest/probe/diagnosis"
	"smtptest/probe/sasl"
)

// TestTermsAreWhole reads the constants of each kind of fact from the source:
// each has its own words in the table of its kind, but for those that are
// left to the words for all others.
func TestTermsAreWhole(t *testing.T) {
	for _, c := range []struct {
		dir, kind string
		words     func(string) string
		left      []string // values without words of their own
	}{
		{"../probe", "Phase", func(v string) string { return PhaseName(probe.Phase(v)) + awaited(probe.Phase(v)) }, nil},
		{"../probe", "Variant", func(v string) string {
			x := variantTerms[probe.Variant(v)]
			return x.kind + x.about
		}, []string{"", "other-ip", "other-port"}},
		{"../probe", "Security", func(v string) string { return securityTerms[probe.Security(v)] }, nil},
		{"../probe", "Answer", func(v string) string { return answerTerms[probe.Answer(v)] },
			[]string{"", "unknown", "addresses"}},
		{"../probe", "UntriedReason", func(v string) string { return untriedTerms[probe.UntriedReason(v)] }, nil},
		{"../probe", "DatesAnswer", func(v string) string { return datesTerms[probe.DatesAnswer(v)] }, []string{"", "valid"}},
		{"../probe", "ChainAnswer", func(v string) string { return chainTerms[probe.ChainAnswer(v)] },
			[]string{"", "trusted"}},
		{"../probe", "UsageAnswer", func(v string) string { return usageTerms[probe.UsageAnswer(v)] },
			[]string{"", "server"}},
		{"../probe/sasl", "Reason", func(v string) string { return reasonTerms[sasl.Reason(v)] }, []string{
			"no-credential", "none-offered", "none-usable", "not-offered", "not-spoken", "not-fitting",
		}},
		{"../probe/sasl", "Proof", func(v string) string { return proofTerms[sasl.Proof(v)] }, []string{"", "missing"}},
		{"../probe/diagnosis", "Outcome", func(v string) string { return string(outcomeTones[diagnosis.Outcome(v)]) }, nil},
		{"../probe/diagnosis", "Reach", func(v string) string { return reachTerms[diagnosis.Reach(v)] },
			[]string{"greeting"}},
		{"../probe/diagnosis", "Owner", func(v string) string { return ownerTerms[diagnosis.Owner(v)] }, nil},
		{"../probe/diagnosis", "Severity", func(v string) string { return severityTerms[diagnosis.Severity(v)] }, nil},
		{"../probe/diagnosis", "Confidence", func(v string) string { return confidenceTerms[diagnosis.Confidence(v)] }, nil},
	} {
		values := constants(t, c.dir, c.kind)
		if len(values) < 2 {
			t.Errorf("%s has the constants %q", c.kind, values)
		}
		seen := map[string]string{}
		for _, v := range values {
			words := c.words(v)
			switch other, taken := seen[words]; {
			case slices.Contains(c.left, v):
			case words == "":
				t.Errorf("%s %q has no words", c.kind, v)
			case taken:
				t.Errorf("%s: %q and %q are both %q", c.kind, v, other, words)
			default:
				seen[words] = v
			}
		}
	}
}

// constants are the values of all constants of a type in a package.
func constants(t *testing.T, dir, kind string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no Go files in %s: %v", dir, err)
	}
	var values []string
	for _, file := range files {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Values) == 0 {
				return true
			}
			if id, ok := spec.Type.(*ast.Ident); !ok || id.Name != kind {
				return true
			}
			if literal, ok := spec.Values[0].(*ast.BasicLit); ok {
				value, err := strconv.Unquote(literal.Value)
				if err != nil {
					t.Error(err)
				}
				values = append(values, value)
			}
			return true
		})
	}
	return values
}

// The port decides what a request asks for where it says nothing.
func TestAskedSecurity(t *testing.T) {
	for _, c := range []struct {
		security probe.Security
		port     uint16
		want     string
	}{
		{"", 587, "STARTTLS if offered"},
		{probe.SecurityAuto, 587, "STARTTLS if offered"},
		{probe.SecurityAuto, 465, "implicit TLS"},
		{"", 465, "implicit TLS"},
		{probe.SecuritySTARTTLS, 465, "STARTTLS required"},
		{probe.SecurityImplicit, 587, "implicit TLS"},
		{probe.SecurityNone, 465, "in the clear, without TLS"},
	} {
		r := probe.Request{Target: probe.Target{Port: c.port}, Security: c.security}
		if got := askedSecurity(r); got != c.want {
			t.Errorf("%q on %d is %q, want %q", c.security, c.port, got, c.want)
		}
	}
}
