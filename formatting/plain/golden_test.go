package plain_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"smtptest/formatting/formattest"
	"smtptest/formatting/plain"
	"smtptest/probe/probetest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestGolden renders every case and compares it with what a person has read:
// testdata/CASE.txt. The test runs in virtual time, so only what comes from
// new keys differs from run to run.
func TestGolden(t *testing.T) {
	all := formattest.Cases(t)
	for _, c := range all {
		t.Run(c.Name, func(t *testing.T) {
			checkGolden(t, c)
		})
	}
	checkLeftOver(t, all)
}

func checkGolden(t *testing.T, c *probetest.Case) {
	got := formattest.Constant(plain.Render(formattest.Message(t, c), plain.Style{}))
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
