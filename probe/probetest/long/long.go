// Package long registers the flag -long for the tests that import it. Tests
// that take more than a few seconds of the clock (soak, load, chaos, parity of
// the platforms) run only when it is given, so that the edit-test loop of
// every package stays short:
//
//	go test ./bot/bottest -long
//
// A package whose tests do not import this one does not know the flag.
package long

import (
	"flag"
	"testing"
)

// The flag has to be registered before package testing parses the command
// line, and is looked up by its name, so that no variable can change.
var _ = flag.Bool("long", false, "also run the tests that take long by the clock")

// Requested reports whether -long was given. A test with a short core uses it
// to choose how much it does.
func Requested() bool {
	f := flag.Lookup("long")
	return f != nil && f.Value.String() == "true"
}

// Only skips a test or benchmark unless -long was given.
func Only(t testing.TB) {
	t.Helper()
	if !Requested() {
		t.Skip("it takes long: run it with -long")
	}
}

// AtOnce runs the tests of a package, and is called by its TestMain: of those
// that are parallel so many at once, because they wait for clocks and sockets
// more than they compute. The flag -parallel wins.
func AtOnce(m *testing.M, tests string) {
	flag.Parse()
	if f := flag.Lookup("test.parallel"); f.Value.String() == f.DefValue {
		_ = f.Value.Set(tests)
	}
	m.Run()
}
