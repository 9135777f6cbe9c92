package plain_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"

	"smtptest/formatting"
	"smtptest/formatting/plain"
	"smtptest/probe/diagnosis"
	"smtptest/probe/probetest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestGolden renders every case and compares it with what a person has read:
// testdata/CASE.txt. The test runs in virtual time, so only what comes from
// new keys differs from run to run.
func TestGolden(t *testing.T) {
	all := cases(t)
	for _, c := range all {
		t.Run(c.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { checkGolden(t, c) })
		})
	}
	checkLeftOver(t, all)
}

func cases(t testing.TB) []*probetest.Case {
	t.Helper()
	all, err := probetest.Cases()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func checkGolden(t *testing.T, c *probetest.Case) {
	got := constant(plain.Render(message(t, c), plain.Style{}))
	name := golden(c.Name)
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatalf("This case has no golden file yet. Run “go test ./formatting/plain -update”, then read %s as the person who will.", name)
	}
	if got != string(want) {
		t.Errorf("What people read has changed. If it is better, run “go test ./formatting/plain -update” and read the difference.\ngot:\n%s\nwant:\n%s", got, want)
	}
}

func golden(name string) string { return filepath.Join("testdata", name+".txt") }

// message words a case. What a client does against a script is the business
// of package probe's tests.
func message(t *testing.T, c *probetest.Case) formatting.Message {
	t.Helper()
	report, err := probetest.Run(t.Context(), c)
	var mismatch *probetest.Mismatch
	if err != nil && !errors.As(err, &mismatch) {
		t.Fatal(err)
	}
	return formatting.Result(&report, diagnosis.Of(&report))
}

// constant replaces what new keys make new, and new nonces in what a SCRAM
// server says first.
func constant(text string) string {
	text = regexp.MustCompile(`\b[0-9a-f]{64}\b`).ReplaceAllString(text, strings.Repeat("0", 64))
	return regexp.MustCompile(`334 cj[01]\S+`).ReplaceAllString(text, "334 cj1…")
}

// checkLeftOver finds golden files whose case has gone.
func checkLeftOver(t *testing.T, all []*probetest.Case) {
	t.Helper()
	have := map[string]bool{}
	for _, c := range all {
		have[golden(c.Name)] = true
	}
	files, err := filepath.Glob(golden("*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		switch {
		case have[name]:
		case *update:
			if err := os.Remove(name); err != nil {
				t.Error(err)
			}
		default:
			t.Errorf("%s belongs to no case: take it out, or run “go test ./formatting/plain -update”.", name)
		}
	}
}
