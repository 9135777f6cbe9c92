package plain_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"smtptest/formatting"
	"smtptest/formatting/formattest"
	"smtptest/formatting/plain"
	"smtptest/probe/bounce"
)

// TestBounces compares what people have read with what is said of each notice
// that package bounce is tested with. Nothing of it is an address, or what a
// server has said.
func TestBounces(t *testing.T) {
	names, err := filepath.Glob("../../probe/bounce/testdata/*.txtar")
	if err != nil || len(names) < 10 {
		t.Fatal(names, err)
	}
	goldens := formattest.Goldens{Files: "testdata/bounces/*.txt"}
	for _, file := range names {
		name := strings.TrimSuffix(filepath.Base(file), ".txtar")
		goldens.Compare(t, name, func(t *testing.T) string {
			octets, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			n, _ := bounce.Read(string(txtar.Parse(octets).Files[0].Data))
			text := plain.Render(formatting.Bounce(n, formatting.Terminal), plain.Style{})
			for _, private := range []string{"@", "bob", "quarterly", "virtual mailbox table", "quota. 552"} {
				if strings.Contains(text, private) {
					t.Errorf("%q is in\n%s", private, text)
				}
			}
			return text
		})
	}
	goldens.LeftOver(t)
}
