package delivery_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"smtptest/probe/diagnosis/delivery"
	"smtptest/probe/domain"
	"smtptest/probe/domain/domaintest"
)

// TestScenarios examines and judges each domain.
func TestScenarios(t *testing.T) {
	seen := map[delivery.ID]bool{}
	for _, s := range domaintest.Scenarios(t) {
		t.Run(s.Name, func(t *testing.T) {
			j := judged(t, s.Setup)
			var got []string
			for _, f := range j.Findings {
				got = append(got, string(f.ID))
				seen[f.ID] = true
			}
			if text := strings.Join(got, " "); text != s.Findings {
				t.Errorf("findings\ngot  %s\nwant %s", text, s.Findings)
			}
			if string(j.Verdict) != s.Verdict {
				t.Errorf("verdict %s, want %s", j.Verdict, s.Verdict)
			}
			for _, sender := range j.Senders {
				if want, ok := s.Senders[sender.Kind.ID]; ok && want != string(sender.Domain) {
					t.Errorf("%s %s, want %s", sender.Kind.ID, sender.Domain, want)
				}
			}
		})
	}
	if len(seen) < 30 {
		t.Errorf("%d findings have a scenario, want 30", len(seen))
	}
}

func judged(t *testing.T, setup string) delivery.Judged {
	t.Helper()
	s := domaintest.Read(t, setup)
	report, err := s.Examiner().Examine(context.Background(), domain.Request{Domain: s.Domain}, domain.Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	return delivery.Judge(&report)
}

// TestFindings holds each text to the form that people read.
func TestFindings(t *testing.T) {
	for _, s := range domaintest.Scenarios(t) {
		for _, f := range judged(t, s.Setup).Findings {
			if f.Title == "" || f.Owner == "" || f.Severity == "" || strings.HasSuffix(f.Title, ".") ||
				!strings.HasSuffix(f.Explanation, ".") || strings.HasSuffix(f.Advice, ".") {
				t.Errorf("%s: %s: %+v", s.Name, f.ID, f)
			}
			if f.Reference == "" && !slices.Contains([]delivery.ID{delivery.NoIPv6Here}, f.ID) {
				t.Errorf("%s: %s has no reference", s.Name, f.ID)
			}
		}
	}
}
