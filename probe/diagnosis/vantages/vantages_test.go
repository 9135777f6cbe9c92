package vantages

import (
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"smtptest/probe"
	"smtptest/probe/diagnosis"
	"smtptest/probe/probetest"
)

// scenario is what places see, and what is said of it. Each place names a case of
// probetest, or "absent REASON"; behind a slash stands what it sees when it is
// asked again, where that differs. addr= and cert= change what it dialled and was
// shown.
type scenario struct {
	name   string
	places []string
}

func scenarios(t *testing.T) (all []scenario) {
	t.Helper()
	text, err := os.ReadFile("testdata/scenarios.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if title, ok := strings.CutPrefix(line, "== "); ok {
			all = append(all, scenario{name: title})
			continue
		}
		if line == "" || line[0] == '#' || line[0] == '>' {
			continue
		}
		last := &all[len(all)-1]
		last.places = append(last.places, line)
	}
	return all
}

// player plays each case once.
type player struct {
	cases map[string]*probetest.Case
	kept  map[string]probe.Report
}

func newPlayer(t *testing.T) *player {
	t.Helper()
	all, err := probetest.Cases()
	if err != nil {
		t.Fatal(err)
	}
	p := &player{cases: map[string]*probetest.Case{}, kept: map[string]probe.Report{}}
	for _, c := range all {
		p.cases[c.Name] = c
	}
	return p
}

// see is the report of a case, changed as the words say.
func (p *player) see(t *testing.T, words []string) diagnosis.Judged {
	t.Helper()
	name := words[0]
	r, ok := p.kept[name]
	if !ok {
		c := p.cases[name]
		if c == nil {
			t.Fatalf("there is no case %s", name)
		}
		synctest.Test(t, func(t *testing.T) {
			var err error
			if r, err = probetest.Run(t.Context(), c); err != nil {
				t.Error(err)
			}
		})
		p.kept[name] = r
	}
	change := map[string]string{"addr": "192.0.2.1", "cert": "A"}
	for _, w := range words[1:] {
		key, value, _ := strings.Cut(w, "=")
		change[key] = value
	}
	addr := netip.MustParseAddr(change["addr"])
	r.Sessions = slices.Clone(r.Sessions)
	for i := range r.Sessions {
		s := &r.Sessions[i]
		s.Address = netip.AddrPortFrom(addr, s.Address.Port())
		if s.TLS != nil && len(s.TLS.Chain) > 0 {
			own := *s.TLS
			own.Chain = slices.Clone(own.Chain)
			own.Chain[0].SHA256 = change["cert"]
			s.TLS = &own
		}
	}
	if len(r.Lookup.Addresses) > 0 {
		r.Lookup.Addresses = []netip.Addr{addr}
	}
	return diagnosis.Judge(&r)
}

// places reads the lines of a scenario; second: what they see when asked again.
func (p *player) places(t *testing.T, lines []string, second []int) (all []Place) {
	t.Helper()
	for i, line := range lines {
		name, sees, _ := strings.Cut(line, " ")
		pl := Place{Name: name}
		if name == Here {
			pl.Name = ""
		}
		first, again, changes := strings.Cut(sees, "/")
		words := strings.Fields(first)
		if words[0] == "absent" {
			pl.Absent = Absence(words[1])
		} else {
			pl.Report = p.see(t, words)
		}
		if slices.Contains(second, i) {
			if changes {
				words = strings.Fields(again)
			}
			j := p.see(t, words)
			pl.Again = &j
		}
		all = append(all, pl)
	}
	return all
}

// TestScenarios: which places fail how, who is asked again, what that says about
// whose side it is, and in which words.
func TestScenarios(t *testing.T) {
	p := newPlayer(t)
	seen := map[ID]bool{}
	var written strings.Builder
	written.WriteString("# What places see, and what is said of it (>): see scenario in vantages_test.go.\n\n")
	for _, s := range scenarios(t) {
		var got []string
		first := p.places(t, s.places, nil)
		again := Again(first)
		if len(again) > 0 {
			got = append(got, "again: "+newView(first).names(again))
		}
		all := p.places(t, s.places, again)
		if more := Again(all); len(more) > 0 {
			t.Errorf("%s: places are asked a third time: %v", s.name, more)
		}
		j := Judge(probe.Target{Host: "mx.example.test", Port: 587}, all)
		got = append(got, string(j.Outcome))
		for _, f := range j.Findings {
			seen[f.ID] = true
			owner := string(f.Owner)
			if len(f.At) > 0 {
				owner += " at " + strings.Join(f.At, ", ")
			}
			got = append(got, fmt.Sprintf("%s | %s | %s | %s", f.ID, f.Severity, owner, f.Confidence),
				f.Title+".", f.Explanation, "-> "+f.Advice)
			if f.Reference == "" || len(f.Evidence) == 0 || f.Explanation == "" {
				t.Errorf("%s: %s has no reference, evidence or explanation", s.name, f.ID)
			}
		}
		for i, line := range got {
			got[i] = strings.TrimSpace(line)
		}
		for _, line := range slices.Concat([]string{"== " + s.name}, s.places) {
			written.WriteString(line + "\n")
		}
		written.WriteString("> " + strings.Join(got, "\n> ") + "\n\n")
	}
	probetest.Golden(t, "testdata/scenarios.txt", strings.TrimSuffix(written.String(), "\n"))
	for _, id := range IDs() {
		if !seen[id] {
			t.Errorf("no scenario shows %s", id)
		}
	}
}
