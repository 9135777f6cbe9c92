// Package diagnosis judges reports: it tells good from bad, cause from
// consequence, and says who can fix it and what to try next.
//
// It reads a probe.Report and nothing else: no network, no clock beyond the
// report's own times. Every finding has a stable id. A rule of the catalogue
// recognises its evidence, and names the findings that it explains; those are
// left out when it holds, so that the cause stands first and its consequences
// do not crowd it.
//
// What a server's words mean is known by package replies. The texts are for
// people at three in the morning: what it is, what it means, what to try.
// Advice names no option and no environment variable: what to change in the
// next test is data, a Fix, which formatting words for the place where it is
// read.
package diagnosis

import (
	"slices"

	"smtptest/probe"
)

// rule is one row of the catalogue: a finding, and what makes it hold. Its
// reply, when it has one, is a condition; what else must be seen is up to
// match, or to certificate in its place.
type rule struct {
	id           ID
	severity     Severity   // empty: Error
	owner        Owner      // empty: OwnerServer
	confidence   Confidence // empty: Certain
	reference    string
	suppresses   []ID // consequences of this cause: left out where it is found
	inconclusive bool // as the cause of a failure, it says nothing about the server
	title        string
	advice       string
	fix          Fix

	reply       ID                                // what the reply at the end must mean; empty: no condition
	explanation string                            // where that reply is evidence enough, see session.replied
	match       func(*session) *result            // nil result: the finding is not there
	certificate func(*session, probe.TLS) *result // asked only where the server showed one
}

// judge is what the rule finds in a session; nil: nothing.
func (r rule) judge(s *session) *result {
	switch {
	case r.reply != "" && r.reply != s.classification:
		return nil
	case r.certificate != nil:
		return s.judgeCertificate(r)
	case r.match != nil:
		return r.match(s)
	}
	return s.replied(r.explanation)
}

// result is what a rule found. Empty fields leave what the rule says.
type result struct {
	explanation string
	evidence    []Evidence
	title       string
	advice      string
	fix         Fix // beside advice, or beside the rule's own when advice is empty
	reference   string
	severity    Severity
	owner       Owner
	confidence  Confidence

	inconclusive bool // this evidence says nothing about the server, whatever the rule says
}

// catalogue is every finding, causes before what they may explain.
func catalogue() []rule {
	return slices.Concat(
		lookupRules(), egressRules(), providerRules(), connectRules(), greetingRules(), clockRules(), strayRules(),
		helloRules(),
		starttlsRules(), enforcedRules(), unspokenRules(), handshakeRules(), certificateRules(), authRules(), envelopeRules(),
		sessionRules(),
	)
}

// Known reports whether there is a finding of this id.
func Known(id ID) bool {
	return slices.ContainsFunc(catalogue(), func(r rule) bool { return r.id == id })
}

// Of judges a report. It takes well under a millisecond and touches no
// network.
func Of(r *probe.Report) Diagnosis {
	s := newSession(r)
	var found []match
	for _, row := range catalogue() {
		if res := row.judge(s); res != nil {
			found = append(found, match{row, *res})
		}
	}
	found = leaveOutConsequences(found)
	slices.SortStableFunc(found, func(a, b match) int {
		return rank(a.finding().Severity) - rank(b.finding().Severity)
	})
	return conclude(s, found)
}

// match is a rule that holds, with what it found.
type match struct {
	rule   rule
	result result
}

func (m match) finding() Finding {
	f := Finding{
		ID:          m.rule.id,
		Reference:   first(m.result.reference, m.rule.reference),
		Severity:    first(m.result.severity, m.rule.severity, Error),
		Title:       first(m.result.title, m.rule.title),
		Explanation: m.result.explanation,
		Advice:      first(m.result.advice, m.rule.advice),
		Fix:         m.result.fix,
		Owner:       first(m.result.owner, m.rule.owner, OwnerServer),
		Confidence:  first(m.result.confidence, m.rule.confidence, Certain),
		Evidence:    m.result.evidence,
	}
	if m.result.advice == "" && f.Fix == (Fix{}) {
		f.Fix = m.rule.fix
	}
	return f
}

func (m match) inconclusive() bool { return m.rule.inconclusive || m.result.inconclusive }

func first[T ~string](values ...T) T {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

// leaveOutConsequences takes out what another finding explains.
func leaveOutConsequences(found []match) []match {
	suppressed := map[ID]bool{}
	for _, m := range found {
		for _, id := range m.rule.suppresses {
			suppressed[id] = true
		}
	}
	return slices.DeleteFunc(found, func(m match) bool { return suppressed[m.rule.id] })
}

func rank(s Severity) int {
	return slices.Index([]Severity{Error, Warning, Info}, s)
}

// conclude words the verdict from the findings and the sessions.
func conclude(s *session, found []match) Diagnosis {
	if len(found) > 0 && s.disturbed() {
		found[0].result.inconclusive = true
		found[0].result.explanation += disturbedWords
	}
	d := Diagnosis{Findings: make([]Finding, len(found)), Enforcement: s.enforcement()}
	for i, m := range found {
		d.Findings[i] = m.finding()
		if d.Findings[i].Severity == Warning {
			d.Verdict.Warnings++
		}
	}
	s.addProviderMeaning(d.Findings)
	if c := s.compare(); len(c.said) > 0 && len(found) > 0 {
		cause := &d.Findings[0] // the variants were tried because of it
		cause.Explanation += c.text()
		// Where port 25 is blocked, another port of a mail exchanger is no way for mail between servers.
		if c.advice != "" && (cause.ID != PortBlocked || s.port() != 25) {
			cause.Advice, cause.Fix = c.advice, c.fix
		}
		cause.Evidence = append(cause.Evidence, c.evidence...)
	}
	placed(d.Findings, s.report.Vantage)
	d.Verdict.Outcome = outcome(s, found, d)
	switch d.Verdict.Outcome {
	case Working, WithWarnings:
		d.Verdict.Reach, d.Verdict.Untested = s.reach()
	default:
		d.Verdict.Stage = s.broke(d.Findings)
	}
	return d
}

func outcome(s *session, found []match, d Diagnosis) Outcome {
	errors := slices.ContainsFunc(d.Findings, func(f Finding) bool { return f.Severity == Error })
	switch {
	case s.failed(probe.KindDenied), s.failed(probe.KindRateLimited):
		return NotTested
	case s.failure != nil && s.failure.Kind == probe.KindCanceled && s.main == nil:
		return NotTested
	case s.failure != nil && len(found) > 0 && found[0].inconclusive():
		return Inconclusive
	case s.failed(probe.KindCanceled) && !errors:
		return Inconclusive
	case s.failure != nil || errors:
		return Failed
	case d.Verdict.Warnings > 0:
		return WithWarnings
	}
	return Working
}
