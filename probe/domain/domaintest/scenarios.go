package domaintest

import (
	_ "embed"
	"strings"
	"testing"
)

//go:embed scenarios.txt
var scenarios string

// Story is one of scenarios.txt: a domain, and what is expected of it.
type Story struct {
	Name, Setup, Findings, Verdict string
	Senders                        map[string]string // outcome for the domain by kind
}

// Scenarios are all of them.
func Scenarios(t testing.TB) (all []Story) {
	t.Helper()
	for _, part := range strings.Split(scenarios, "\n== ")[1:] {
		name, rest, _ := strings.Cut(part, "\n")
		setup, want, found := strings.Cut(rest, "\nwant")
		if !found {
			t.Fatalf("%s: nothing is wanted", name)
		}
		s := Story{Name: name, Setup: setup, Senders: map[string]string{}}
		findings, lines, _ := strings.Cut(want, "\n")
		s.Findings = strings.TrimSpace(findings)
		for line := range strings.Lines(lines) {
			switch f := strings.Fields(line); {
			case len(f) == 2 && f[0] == "verdict":
				s.Verdict = f[1]
			case len(f) == 3 && f[0] == "sender":
				s.Senders[f[1]] = f[2]
			case len(f) > 0:
				t.Fatalf("%s: %q is not understood", name, line)
			}
		}
		all = append(all, s)
	}
	return all
}
