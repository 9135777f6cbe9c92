package probetest

import (
	"os"
	"testing"
)

// updateVariable is the environment variable that renews golden files. It is
// not a flag, because “go test ./... -flag” fails in every package that does
// not declare the flag.
const updateVariable = "UPDATE"

// Updating reports whether the tests are to write golden files anew instead of
// comparing with them: UPDATE=1 go test ./...
func Updating() bool { return os.Getenv(updateVariable) == "1" }

// Golden compares got with the text in a file, or writes the file where
// Updating says so.
func Golden(t testing.TB, file, got string) {
	t.Helper()
	if Updating() {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("there is no golden file %s yet: run the test with UPDATE=1, then read the file", file)
	}
	if got != string(want) {
		t.Errorf("the result differs from %s; if it is better, run the test with UPDATE=1 and read the difference\n"+
			"got:\n%s\nwant:\n%s", file, got, want)
	}
}
