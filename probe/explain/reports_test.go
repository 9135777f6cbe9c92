package explain

import (
	"os"
	"slices"
	"strings"
	"testing"

	"smtptest/probe/registry"
	"smtptest/probe/replies"
)

// report is what somebody pasted in public, and what was the matter.
type report struct {
	sample, source, text string
	ids                  []string // what is right; several where the text leaves it open
}

func reports(t *testing.T) []report {
	t.Helper()
	table, err := os.ReadFile("testdata/reports.tsv")
	if err != nil {
		t.Fatal(err)
	}
	return registry.MustTable("reports.tsv", table, 5, func(c []string) (report, error) {
		return report{c[0], c[2], strings.ReplaceAll(c[4], `\n`, "\n"), registry.List(c[1], ",")}, nil
	})
}

// rightly reports whether an answer is one of those that are right.
func (r report) rightly(id replies.ID) bool {
	m, _ := replies.Of(id)
	return slices.ContainsFunc(r.ids, func(want string) bool {
		return replies.ID(want) == id || slices.Contains(m.IDs, replies.ID(want))
	})
}

// TestReports counts how many reports of people are named rightly, and keeps
// the count from falling.
func TestReports(t *testing.T) {
	leastRight := map[string]int{"first": 71, "second": 31, "third": 49, "fourth": 43, "fifth": 33}
	counts := map[string][3]int{}
	for _, r := range reports(t) {
		got := Of(r.text).Meaning.ID
		n := counts[r.sample]
		switch {
		case r.rightly(got):
			n[0]++
		case got == "":
			n[1]++
			t.Logf("%-45s unnamed, want %v: %.120q", r.source, r.ids, r.text)
		default:
			n[2]++
			t.Logf("%-45s %s, want %v: %.120q", r.source, got, r.ids, r.text)
		}
		counts[r.sample] = n
	}
	for sample, n := range counts {
		t.Logf("%s: %d right, %d unnamed, %d wrong", sample, n[0], n[1], n[2])
		if n[0] < leastRight[sample] || n[2] > 1 {
			t.Errorf("%s: %d right, want %d; %d wrong", sample, n[0], leastRight[sample], n[2])
		}
	}
}
