// Package diagnosis judges reports: it tells good from bad, cause from
// consequence, and says whose side it is on and what to try next.
//
// It reads a probe.Report and nothing else: no network, no clock beyond the
// report's own times. Every finding is an entry of the catalogue with a
// stable id. An entry recognises its evidence, and names the findings that
// it explains; those are left out when it is there, so that the cause stands
// first and its consequences do not crowd it.
//
// What a server says is believed in a fixed order, see belief.go. Words are
// for people at three in the morning: what it is, what it means, what to try.
package diagnosis

import (
	"slices"
	"strings"

	"smtptest/probe"
)

// entry is one row of the catalogue.
type entry struct {
	id           ID
	severity     Severity
	owner        Owner
	confidence   Confidence
	reference    string
	silences     []ID // consequences of this cause
	inconclusive bool // as the cause of a failure, says nothing about the server
	title        string
	advice       string
	seen         func(*view) *match // nil: not there
}

// match is what an entry saw. Empty fields leave the entry's own.
type match struct {
	explanation string
	evidence    []Evidence
	title       string
	advice      string
	reference   string
	severity    Severity
	owner       Owner
	confidence  Confidence

	inconclusive bool // this evidence says nothing about the server, whatever the entry says
}

// catalogue is every finding, causes before what they may explain.
func catalogue() []entry {
	return slices.Concat(
		lookupEntries(), providerEntries(), connectEntries(), greetingEntries(), clockEntries(), strayEntries(), helloEntries(),
		starttlsEntries(), handshakeEntries(), certificateEntries(), authEntries(), envelopeEntries(), sessionEntries(),
	)
}

// Of judges a report. It takes well under a millisecond and touches no
// network.
func Of(r *probe.Report) Diagnosis {
	v := newView(r)
	var found []seen
	for _, e := range catalogue() {
		if m := e.seen(v); m != nil {
			found = append(found, seen{e, *m})
		}
	}
	found = leaveOutConsequences(found)
	slices.SortStableFunc(found, func(a, b seen) int { return rank(a.finding().Severity) - rank(b.finding().Severity) })
	return conclude(v, found)
}

// seen is an entry that matched.
type seen struct {
	entry entry
	match match
}

func (s seen) finding() Finding {
	return Finding{
		ID:          s.entry.id,
		Reference:   first(s.match.reference, s.entry.reference),
		Severity:    first(s.match.severity, s.entry.severity),
		Title:       first(s.match.title, s.entry.title),
		Explanation: strings.ReplaceAll(s.match.explanation, ".”.", "”."), // one full stop is enough
		Advice:      first(s.match.advice, s.entry.advice),
		Owner:       first(s.match.owner, s.entry.owner),
		Confidence:  first(s.match.confidence, s.entry.confidence),
		Evidence:    s.match.evidence,
	}
}

func (s seen) inconclusive() bool { return s.entry.inconclusive || s.match.inconclusive }

func first[T ~string](values ...T) T {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

// leaveOutConsequences takes out what another finding explains.
func leaveOutConsequences(found []seen) []seen {
	silenced := map[ID]bool{}
	for _, s := range found {
		for _, id := range s.entry.silences {
			silenced[id] = true
		}
	}
	return slices.DeleteFunc(found, func(s seen) bool { return silenced[s.entry.id] })
}

func rank(s Severity) int {
	return slices.Index([]Severity{Error, Warning, Info}, s)
}

// conclude words the verdict from the findings and the sessions.
func conclude(v *view, found []seen) Diagnosis {
	d := Diagnosis{Findings: make([]Finding, len(found))}
	for i, s := range found {
		d.Findings[i] = s.finding()
		if d.Findings[i].Severity == Warning {
			d.Verdict.Warnings++
		}
	}
	v.explain(d.Findings)
	if c := v.compare(); len(c.said) > 0 && len(found) > 0 {
		cause := &d.Findings[0] // the looks were made because of it
		cause.Explanation += c.text()
		cause.Advice = first(c.advice, cause.Advice)
		cause.Evidence = append(cause.Evidence, c.evidence...)
	}
	d.Verdict.Outcome = outcome(v, found, d)
	switch d.Verdict.Outcome {
	case Working, WithWarnings:
		d.Verdict.Reach, d.Verdict.Untested = v.reach()
	default:
		d.Verdict.Stage = v.stage()
		if v.failure == nil && len(d.Findings) > 0 {
			d.Verdict.Stage = first(v.phaseOf(d.Findings[0].Evidence), d.Verdict.Stage)
		}
	}
	return d
}

func outcome(v *view, found []seen, d Diagnosis) Outcome {
	errors := slices.ContainsFunc(d.Findings, func(f Finding) bool { return f.Severity == Error })
	switch {
	case v.failed(probe.KindDenied), v.failed(probe.KindRateLimited):
		return NotTested
	case v.failure != nil && v.failure.Kind == probe.KindCanceled && v.main == nil:
		return NotTested
	case v.failure != nil && len(found) > 0 && found[0].inconclusive():
		return Inconclusive
	case v.failed(probe.KindCanceled) && !errors:
		return Inconclusive
	case v.failure != nil || errors:
		return Failed
	case d.Verdict.Warnings > 0:
		return WithWarnings
	}
	return Working
}
