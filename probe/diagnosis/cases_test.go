package diagnosis_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"smtptest/probe"
	"smtptest/probe/diagnosis"
	"smtptest/probe/probetest"
)

// TestCases compares the diagnosis of every case with the findings in its
// file: the verdict first, then every finding that must be there, the cause
// first. Nothing else may be there.
func TestCases(t *testing.T) {
	all, err := probetest.Cases()
	if err != nil {
		t.Fatal(err)
	}
	var sum tally
	for _, c := range all {
		t.Run(c.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { checkCase(t, c, &sum) })
		})
	}
	t.Log(sum.String())
	if sum.compared < 150 {
		t.Errorf("only %d replies were compared with explain", sum.compared)
	}
}

// tally counts over all cases.
type tally struct{ cases, causeFirst, falseAlarms, compared int }

func (s *tally) String() string {
	return fmt.Sprintf("cases %d, cause first %d, false alarms %d", s.cases, s.causeFirst, s.falseAlarms)
}

// count compares line by line: the first finding is the cause, and each line
// that the case does not name is a false alarm.
func (s *tally) count(got, want string) {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	s.cases++
	if len(g) > 1 && len(w) > 1 && g[1] == w[1] {
		s.causeFirst++
	}
	for _, finding := range g[1:] {
		if !slices.Contains(w, finding) {
			s.falseAlarms++
		}
	}
}

func checkCase(t *testing.T, c *probetest.Case, sum *tally) {
	report, err := probetest.Run(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	sum.compared += diagnosis.CheckAgreement(t, c.Name, &report)
	d := diagnosis.Of(&report)
	got := digest(d)
	sum.count(got, c.Findings)
	if got != c.Findings {
		t.Errorf("got:\n%swant:\n%s\nexplained:\n%s", got, c.Findings, explained(d))
	}
	for _, f := range d.Findings {
		checkFinding(t, f, &report)
	}
}

// checkFinding: each finding must be complete and point at evidence that is
// there.
func checkFinding(t *testing.T, f diagnosis.Finding, r *probe.Report) {
	for name, text := range map[string]string{
		"title": f.Title, "explanation": f.Explanation, "reference": f.Reference,
		"owner": string(f.Owner), "confidence": string(f.Confidence), "severity": string(f.Severity),
	} {
		if text == "" {
			t.Errorf("%s has no %s", f.ID, name)
		}
	}
	if f.Advice == "" && f.Severity != diagnosis.Info && f.ID != diagnosis.Canceled {
		t.Errorf("%s has no advice", f.ID)
	}
	if len(f.Evidence) == 0 {
		t.Errorf("%s has no evidence", f.ID)
	}
	for _, e := range f.Evidence {
		if !evidenceExists(e, r) {
			t.Errorf("%s points at evidence that is not there: %+v", f.ID, e)
		}
	}
}

func evidenceExists(e diagnosis.Evidence, r *probe.Report) bool {
	if e.Session < 0 {
		return e == diagnosis.Evidence{Session: -1, Step: -1, Entry: -1}
	}
	if e.Session >= len(r.Sessions) {
		return false
	}
	s := r.Sessions[e.Session]
	return e.Step < len(s.Steps) && e.Entry < len(s.Transcript)
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

// BenchmarkOf judges reports of different size. The goal is a millisecond;
// it fails beyond three.
func BenchmarkOf(b *testing.B) {
	for _, name := range []string{"good", "refused", "blocked", "endless-greeting"} {
		report := reportOf(b, name)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				diagnosis.Of(&report)
			}
			const mostNanoseconds = 3e6
			if each := float64(b.Elapsed().Nanoseconds()) / float64(b.N); each > mostNanoseconds {
				b.Errorf("%.0f ns for one diagnosis", each)
			}
		})
	}
}

// reportOf plays a case that has no pauses.
func reportOf(b *testing.B, name string) probe.Report {
	b.Helper()
	all, err := probetest.Cases()
	if err != nil {
		b.Fatal(err)
	}
	i := slices.IndexFunc(all, func(c *probetest.Case) bool { return c.Name == name })
	if i < 0 {
		b.Fatalf("there is no case %s", name)
	}
	report, err := probetest.Run(b.Context(), all[i])
	if err != nil {
		b.Fatal(err)
	}
	return report
}
