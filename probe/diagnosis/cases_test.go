package diagnosis_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"smtptest/probe/diagnosis"
	"smtptest/probe/probetest"
)

// TestCases holds the diagnosis of every case against the findings in its
// file: the verdict first, then every finding that must be there, the cause
// first. Nothing else may be there.
func TestCases(t *testing.T) {
	all, err := probetest.Cases()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		t.Run(c.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { checkCase(t, c) })
		})
	}
}

func checkCase(t *testing.T, c *probetest.Case) {
	report, err := probetest.Run(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	d := diagnosis.Of(&report)
	if got := digest(d); got != c.Findings {
		t.Errorf("got:\n%swant:\n%s\nexplained:\n%s", got, c.Findings, explained(d))
	}
}

// digest writes verdict and ids as the cases do.
func digest(d diagnosis.Diagnosis) string {
	var b strings.Builder
	switch v := d.Verdict; v.Outcome {
	case diagnosis.Working, diagnosis.WithWarnings:
		fmt.Fprintf(&b, "%s up to %s\n", v.Outcome, v.Reach)
	default:
		fmt.Fprintf(&b, "%s at %s\n", v.Outcome, v.Stage)
	}
	for _, f := range d.Findings {
		fmt.Fprintln(&b, f.ID)
	}
	return b.String()
}

func explained(d diagnosis.Diagnosis) string {
	var b strings.Builder
	for _, f := range d.Findings {
		fmt.Fprintf(&b, "%s %s: %s. %s Try: %s\n", f.Severity, f.ID, f.Title, f.Explanation, f.Advice)
	}
	return b.String()
}
