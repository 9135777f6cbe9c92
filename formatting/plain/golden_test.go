package plain_test

import (
	"strings"
	"testing"

	"smtptest/formatting"
	"smtptest/formatting/formattest"
	"smtptest/formatting/plain"
)

// TestGolden renders every case and every composed shape, and compares them
// with what a person has read: testdata/NAME.txt. The test runs in virtual
// time, so only what comes from new keys differs from run to run.
func TestGolden(t *testing.T) {
	goldens := formattest.Goldens{Files: "testdata/*.txt"}
	for _, c := range formattest.Cases(t) {
		goldens.Compare(t, c.Name, func(t *testing.T) string {
			return formattest.Constant(plain.Render(formattest.Message(t, c, formatting.Terminal), plain.Style{}))
		})
	}
	for _, s := range formattest.Composed() {
		if strings.HasPrefix(s.Name, "long") {
			continue // a terminal has no posts to fill
		}
		goldens.Compare(t, "shape-"+s.Name, func(*testing.T) string {
			if s.Form != nil {
				return plain.Form(*s.Form, plain.Style{})
			}
			return plain.Render(s.Message, plain.Style{})
		})
	}
	goldens.LeftOver(t)
}
