package probetest_test

import (
	"os"
	"path/filepath"
	"testing"

	"smtptest/probe/probetest"
)

func TestGolden(t *testing.T) {
	file := filepath.Join(t.TempDir(), "answer.txt")
	t.Setenv("UPDATE", "1")
	probetest.Golden(t, file, "first\n")
	if text, err := os.ReadFile(file); err != nil || string(text) != "first\n" {
		t.Fatalf("the file holds %q, %v", text, err)
	}
	t.Setenv("UPDATE", "")
	probetest.Golden(t, file, "first\n")
	var failing recorder
	probetest.Golden(&failing, file, "second\n")
	if !failing.failed {
		t.Error("a difference is not reported")
	}
}

// recorder is a test that notes its failure instead of failing.
type recorder struct {
	testing.TB
	failed bool
}

func (r *recorder) Helper()               {}
func (r *recorder) Errorf(string, ...any) { r.failed = true }
