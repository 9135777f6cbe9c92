package tlsgrade

import (
	"slices"

	"smtptest/probe"
	"smtptest/probe/diagnosis"
	"smtptest/probe/tlsscan"
)

// Judged is a report with its judgement. The report must not change any more.
type Judged struct {
	Report   *tlsscan.Report
	Purpose  Purpose
	Outcome  diagnosis.Outcome
	Grade    Grade     // of the worst that the server takes; empty: nothing is known
	Items    []Item    // all that was seen
	Findings []Finding // errors first; then what is worth most
	Profile  Profile
	Failing  []Failing // of the clients that were compared
	Compared int       // clients of which it is known whether they agree with the server
}

// Purpose is what a port is for.
type Purpose string

// The purposes.
const (
	Submission Purpose = "submission" // mail programs and devices log in (RFC 6409, RFC 8314)
	Relay      Purpose = "relay"      // servers hand mail over, mostly with whatever TLS both have (RFC 3207, RFC 7435)
)

// PurposeOf is the purpose of a port: that of servers is 25 alone.
func PurposeOf(port uint16) Purpose {
	if port == 25 {
		return Relay
	}
	return Submission
}

// Finding is one thing worth saying about what a server takes.
type Finding struct {
	ID          ID
	Severity    diagnosis.Severity
	Title       string // one line
	Explanation string // made from the evidence; printable
	Advice      string // one imperative sentence; empty: nothing to do
	Owner       diagnosis.Owner
	Reference   string
	Evidence    []int // indices into Report.Connections, at most maxEvidence; empty: it is in what never came
}

// maxEvidence bounds the connections that a finding names.
const maxEvidence = 8

// Judge judges a report.
func Judge(r *tlsscan.Report) Judged {
	j := Judged{Report: r, Purpose: PurposeOf(r.Request.Target.Port), Items: items(r), Profile: profileOf(r)}
	j.Grade = worst(j.Items)
	j.Failing, j.Compared = failing(r, j.Purpose)
	for _, rule := range rules {
		if f := rule(&j); f != nil {
			j.Findings = append(j.Findings, *f)
		}
	}
	slices.SortStableFunc(j.Findings, func(a, b Finding) int { return rank(a) - rank(b) })
	j.Outcome = j.outcome()
	return j
}

func rank(f Finding) int {
	return slices.Index([]diagnosis.Severity{diagnosis.Error, diagnosis.Warning, diagnosis.Info}, f.Severity)
}

// outcome is what a person reads first. What the server could do better is a
// warning; it failed where today's clients get no TLS from it.
func (j *Judged) outcome() diagnosis.Outcome {
	has := func(s diagnosis.Severity) bool {
		return slices.ContainsFunc(j.Findings, func(f Finding) bool { return f.Severity == s })
	}
	switch f := j.Report.Failure; {
	case f != nil && (f.Kind == probe.KindDenied || f.Kind == probe.KindRateLimited):
		return diagnosis.NotTested
	case f != nil:
		return diagnosis.Inconclusive
	case has(diagnosis.Error):
		return diagnosis.Failed
	case has(diagnosis.Warning):
		return diagnosis.WithWarnings
	case j.Grade == "":
		return diagnosis.Inconclusive
	}
	return diagnosis.Working
}

// evidence are the connections whose answer shows something.
func (j *Judged) evidence(shows func(tlsscan.Connection) bool) (all []int) {
	for i, c := range j.Report.Connections {
		if len(all) < maxEvidence && shows(c) {
			all = append(all, i)
		}
	}
	return all
}

// chose is the evidence for suites.
func (j *Judged) chose(suites []uint16) []int {
	return j.evidence(func(c tlsscan.Connection) bool {
		return c.Choice.Version != 0 && slices.Contains(suites, c.Choice.Suite)
	})
}

// spoke is the evidence for versions.
func (j *Judged) spoke(versions []uint16) []int {
	return j.evidence(func(c tlsscan.Connection) bool { return slices.Contains(versions, c.Choice.Version) })
}
