package diagnosis_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/synctest"

	"smtptest/probe/diagnosis"
	"smtptest/probe/probetest"
)

func TestZZ(t *testing.T) {
	want := map[string]bool{}
	b, _ := os.ReadFile(os.Getenv("ZZ"))
	for _, n := range strings.Fields(string(b)) {
		want[n] = true
	}
	all, _ := probetest.Cases()
	for _, c := range all {
		if !want[c.Name] {
			continue
		}
		t.Run(c.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				report, _ := probetest.Run(t.Context(), c)
				d := diagnosis.Of(&report)
				fmt.Printf("## %s: %s", c.Name, digest(d))
				for _, f := range d.Findings {
					e := f.Evidence[0]
					ev := "?"
					if e.Session >= 0 && e.Entry >= 0 {
						ev = report.Sessions[e.Session].Transcript[e.Entry].Text
					}
					fmt.Printf("   [%s/%s/%s] %s — %s\n      → %s\n      @ %.150s\n", f.Severity, f.Owner, f.Confidence, f.Title, f.Explanation, f.Advice, ev)
				}
			})
		})
	}
}
