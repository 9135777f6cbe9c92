package bot

import (
	"strings"
	"testing"
	"time"

	"smtptest/bot/command"
	"smtptest/formatting"
	"smtptest/probe"
	"smtptest/probe/diagnosis"
)

func keepOne(s *Runs, size int) *run {
	r := &run{id: newID(), place: Place{Platform: "console", Workspace: "T1", Channel: "C1"}, person: "ada"}
	s.keep(r, diagnosis.Judged{Report: &probe.Report{Sessions: []probe.Session{{Transcript: []probe.Entry{{Text: strings.Repeat("x", size)}}}}}})
	return r
}

func TestRunsAreBounded(t *testing.T) {
	s := NewRuns()
	first := keepOne(s, 100)
	for range maxRuns {
		keepOne(s, 100)
	}
	if _, refused := s.find(first.id, by("ada", "")); refused != formatting.RunGone || s.finished.Len() != maxRuns || len(s.byID) != maxRuns {
		t.Errorf("%q, %d kept", refused, s.finished.Len())
	}
	for range 100 {
		keepOne(s, 1<<20)
	}
	if s.octets > maxRunOctets || s.finished.Len() < 60 {
		t.Errorf("%d octets in %d results", s.octets, s.finished.Len())
	}
}

// TestKeptTwice: the verdict is kept first and the whole report later, under
// one id.
func TestKeptTwice(t *testing.T) {
	s := NewRuns()
	r := keepOne(s, 100)
	before := s.octets
	s.keep(r, r.result)
	if s.octets != before || s.finished.Len() != 1 {
		t.Errorf("%d octets, before %d; %d results", s.octets, before, s.finished.Len())
	}
}

func TestIDsAreNotGuessed(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		id := newID()
		if len(id) != 32 || seen[id] {
			t.Fatalf("%q", id)
		}
		seen[id] = true
	}
}

func TestFormsAreBoundedAndUsedOnce(t *testing.T) {
	s := NewRuns()
	now := time.Now()
	s.now = func() time.Time { return now }
	inv := by("ada", "")
	first := s.open(inv, command.Command{})
	for range maxForms {
		s.open(inv, command.Command{})
	}
	if _, ok := s.pending(first, inv); ok || len(s.forms) > maxForms {
		t.Errorf("the oldest form is still there among %d", len(s.forms))
	}
	id := s.open(inv, command.Command{})
	other := inv
	other.Place.Workspace = "T2"
	if _, ok := s.pending(id, other); ok {
		t.Error("a form was used in another workspace")
	}
	if !s.consume(id) || s.consume(id) {
		t.Error("a form is not used exactly once")
	}
	late := s.open(inv, command.Command{})
	now = now.Add(formLife + time.Second)
	if _, ok := s.pending(late, inv); ok {
		t.Error("a form was used after ten minutes")
	}
}
