package probe_test

import (
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"

	"smtptest/probe/probetest"
)

// TestCases plays every case in virtual time and compares the Report with
// the one in the case's file. The scripted server checks the client against its
// script: it must have received exactly the planned lines. A bubble ends
// only when every goroutine of the session has ended.
func TestCases(t *testing.T) {
	for _, c := range cases(t) {
		t.Run(c.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { checkCase(t, c) })
		})
	}
}

func cases(t testing.TB) []*probetest.Case {
	t.Helper()
	all, err := probetest.Cases()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func checkCase(t *testing.T, c *probetest.Case) {
	report, err := probetest.Run(t.Context(), c)
	if err != nil {
		t.Error(err)
	}
	got := probetest.Digest(&report)
	if probetest.Updating() {
		writeCase(t, c, got)
		return
	}
	if got != c.Report {
		t.Errorf("report differs from the case's (UPDATE=1 go test ./probe writes it anew)\ngot:\n%s\nwant:\n%s", got,
			c.Report)
	}
}

func writeCase(t *testing.T, c *probetest.Case, report string) {
	t.Helper()
	name := filepath.Join("probetest", "cases", c.Name+".txtar")
	if err := os.WriteFile(name, c.With("report", report), 0o644); err != nil {
		t.Fatal(err)
	}
}
