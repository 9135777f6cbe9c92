package plain_test

import (
	"flag"
	"testing"

	"smtptest/formatting/formattest"
	"smtptest/formatting/plain"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestGolden renders every case and compares it with what a person has read:
// testdata/CASE.txt. The test runs in virtual time, so only what comes from
// new keys differs from run to run.
func TestGolden(t *testing.T) {
	goldens := formattest.Goldens{Package: "./formatting/plain", Files: "testdata/*.txt", Update: *update}
	for _, c := range formattest.Cases(t) {
		goldens.Hold(t, c.Name, func(t *testing.T) string {
			return formattest.Constant(plain.Render(formattest.Message(t, c), plain.Style{}))
		})
	}
	goldens.LeftOver(t)
}
