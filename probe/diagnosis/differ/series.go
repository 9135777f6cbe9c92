package differ

import (
	"slices"
	"strings"
	"time"

	"smtptest/probe"
	"smtptest/probe/diagnosis"
)

// Series is what many tests of one server show together.
type Series struct {
	Runs    []diagnosis.Judged
	Worked  int
	Failed  int         // the rest is inconclusive, or was not tested
	Varied  []Variation // aspects that were not the same each time, in the order of Aspects
	Apart   []Variation // those of Varied by which the failures differ from what works, each time
	Timings []Timing
}

// Variation is an aspect with the values that it had, the commonest first.
type Variation struct {
	Aspect Aspect
	Values []Value
}

// Value is one value of an aspect.
type Value struct {
	Text   string // of a list: what not all runs have of it; empty: this is none of that
	Runs   []int  // indices into Series.Runs
	Failed int    // of them
}

// Timing is how long one part of the session took over all runs in which it went
// well. Phase is empty for the whole session.
type Timing struct {
	Phase                    probe.Phase
	Count                    int
	Least, Median, P90, Most time.Duration // by nearest rank
}

// Of compares the tests of one server with each other.
func Of(runs []diagnosis.Judged) Series {
	s := Series{Runs: runs, Timings: timings(runs)}
	var all []seen
	for _, j := range runs {
		all = append(all, of(j))
		switch {
		case Works(j):
			s.Worked++
		case j.Verdict.Outcome == diagnosis.Failed:
			s.Failed++
		}
	}
	for _, aspect := range Aspects() {
		v := s.variation(aspect, all)
		if len(v.Values) < 2 {
			continue
		}
		s.Varied = append(s.Varied, v)
		if s.apart(v) {
			s.Apart = append(s.Apart, v)
		}
	}
	return s
}

// FirstBad is the index of the first test that did not work, a failure before
// one that is inconclusive; -1: all worked.
func (s *Series) FirstBad() int {
	failed := slices.IndexFunc(s.Runs, func(j diagnosis.Judged) bool { return j.Verdict.Outcome == diagnosis.Failed })
	if failed >= 0 {
		return failed
	}
	return slices.IndexFunc(s.Runs, func(j diagnosis.Judged) bool { return !Works(j) })
}

// Ways are the ways in which tests did not work, the commonest first: the id of
// the finding that is the cause, empty where there is none, with the tests.
func (s *Series) Ways() []Value {
	var out []Value
	for run, j := range s.Runs {
		if Works(j) {
			continue
		}
		id := ""
		if len(j.Findings) > 0 {
			id = string(j.Findings[0].ID)
		}
		i := slices.IndexFunc(out, func(v Value) bool { return v.Text == id })
		if i < 0 {
			i = len(out)
			out = append(out, Value{Text: id})
		}
		out[i].Runs = append(out[i].Runs, run)
	}
	slices.SortStableFunc(out, func(a, b Value) int { return len(b.Runs) - len(a.Runs) })
	return out
}

// Works reports that a test did what was asked, with warnings or without.
func Works(j diagnosis.Judged) bool {
	return j.Verdict.Outcome == diagnosis.Working || j.Verdict.Outcome == diagnosis.WithWarnings
}

func (s *Series) variation(aspect Aspect, all []seen) Variation {
	v := Variation{Aspect: aspect}
	common := shared(aspect, all)
	for run, saw := range all {
		if saw[aspect] == nil && aspect != Findings {
			continue
		}
		text := strings.Join(without(saw[aspect], common), ", ")
		i := slices.IndexFunc(v.Values, func(v Value) bool { return v.Text == text })
		if i < 0 {
			i = len(v.Values)
			v.Values = append(v.Values, Value{Text: text})
		}
		v.Values[i].Runs = append(v.Values[i].Runs, run)
		if s.Runs[run].Verdict.Outcome == diagnosis.Failed {
			v.Values[i].Failed++
		}
	}
	slices.SortStableFunc(v.Values, func(a, b Value) int { return len(b.Runs) - len(a.Runs) })
	return v
}

// shared is what all runs have of a list: the rest is what differs. Of other
// aspects it is nothing.
func shared(aspect Aspect, all []seen) []string {
	if aspect != Extensions && aspect != Mechanisms && aspect != Findings {
		return nil
	}
	var common []string
	first := true
	for _, saw := range all {
		switch {
		case saw[aspect] == nil && aspect != Findings:
		case first:
			common, first = slices.Clone(saw[aspect]), false
		default:
			common = slices.DeleteFunc(common, func(s string) bool { return !slices.Contains(saw[aspect], s) })
		}
	}
	return common
}

// repeats is how often something must be seen before it is said of failures.
const repeats = 2

// apart reports that each value was seen with failures alone or without any, and
// both often enough. Verdict and findings say that they failed, and not why.
func (s *Series) apart(v Variation) bool {
	if v.Aspect == Verdict || v.Aspect == Findings || v.Aspect == Trust {
		return false
	}
	failed, worked := 0, 0
	for _, value := range v.Values {
		switch value.Failed {
		case 0:
			worked += len(value.Runs)
		case len(value.Runs):
			failed += value.Failed
		default:
			return false
		}
	}
	return failed >= repeats && worked >= repeats && failed == s.Failed
}

// timings are those of the phases that each session has, and of the whole.
func timings(runs []diagnosis.Judged) []Timing {
	var out []Timing
	for _, phase := range []probe.Phase{"", probe.PhaseConnect, probe.PhaseGreeting, probe.PhaseHandshake} {
		var all []time.Duration
		for _, j := range runs {
			if d, ok := took(j, phase); ok {
				all = append(all, d)
			}
		}
		if len(all) > 1 {
			out = append(out, timing(phase, all))
		}
	}
	return out
}

func took(j diagnosis.Judged, phase probe.Phase) (time.Duration, bool) {
	s := j.Report.Main()
	switch {
	case s == nil:
		return 0, false
	case phase == "":
		return s.Elapsed, Works(j)
	}
	well := func(step probe.Step) bool { return step.Phase == phase && step.Outcome == probe.Passed }
	i := slices.IndexFunc(s.Steps, well)
	if i < 0 {
		return 0, false
	}
	return s.Steps[i].Elapsed, true
}

func timing(phase probe.Phase, all []time.Duration) Timing {
	slices.Sort(all)
	rank := func(percent int) time.Duration { return all[(len(all)*percent+99)/100-1] }
	return Timing{Phase: phase, Count: len(all), Least: all[0], Median: rank(50), P90: rank(90), Most: all[len(all)-1]}
}
