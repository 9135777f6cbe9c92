package formatting

import (
	"strings"
	"time"

	"smtptest/probe"
)

// What is worth a person's eye among the times that were measured. All of
// them are in the JSON report.
const (
	shownFrom = time.Millisecond // shorter parts are not listed
	longWait  = 2 * time.Second  // from which the longest one is pointed out
)

// wait is one part of a run.
type wait struct {
	name string // in a list: "greeting"
	what string // what was waited for: "the greeting"
	took time.Duration
}

// waits are the parts of a run one after the other: the lookup, addresses
// that did not answer, the phases of the main session, and the follow-ups
// after it. VariantTLS runs beside the greeting and adds nothing; comparisons run
// beside each other, so that the longest one counts.
func waits(r *probe.Report) []wait {
	var all []wait
	if r.Lookup.Name != "" {
		all = append(all, wait{PhaseName(probe.PhaseLookup), awaited(probe.PhaseLookup), r.Lookup.Elapsed})
	}
	main := r.Main()
	compared := wait{name: "comparison", what: "the comparison"}
	for i := range r.Sessions {
		switch s := &r.Sessions[i]; {
		case s == main:
			all = append(all, phaseWaits(s)...)
		case s.Variant == probe.VariantMain:
			all = append(all, wait{"another address", "another address", s.Elapsed})
		case s.Variant == probe.VariantLegacy, s.Variant == probe.VariantFiniteField:
			all = append(all, wait{"follow-up", "the follow-up", s.Elapsed})
		case s.Variant != probe.VariantTLS:
			compared.took = max(compared.took, s.Elapsed)
		}
	}
	return append(all, compared)
}

func phaseWaits(s *probe.Session) []wait {
	var all []wait
	for _, step := range s.Steps {
		if step.Outcome != probe.Skipped {
			all = append(all, wait{PhaseName(step.Phase), awaited(step.Phase), step.Elapsed})
		}
	}
	return all
}

// longest is the first of the longest; zero for none.
func longest(all []wait) wait {
	var most wait
	for _, w := range all {
		if w.took > most.took {
			most = w
		}
	}
	return most
}

// elapsedWords is the total, with what took long in it.
func elapsedWords(r *probe.Report) string {
	total, most := probe.Duration(r.Elapsed), longest(waits(r))
	switch {
	case most.took < longWait:
		return total
	case probe.Duration(most.took) == total:
		return total + ", all for " + most.what
	}
	return total + ", " + probe.Duration(most.took) + " of it for " + most.what
}

// timing says how long the parts took, in order, and which was the longest
// if it was long.
func timing(r *probe.Report) Fact {
	all := waits(r)
	most := longest(all)
	var parts []string
	for _, w := range all {
		if w.took < shownFrom {
			continue
		}
		text := w.name + " " + probe.Duration(w.took)
		if w == most && w.took >= longWait {
			text += " (the longest wait)"
		}
		parts = append(parts, text)
	}
	return Fact{"Timing", strings.Join(append(parts, "total "+probe.Duration(r.Elapsed)), " · ")}
}
