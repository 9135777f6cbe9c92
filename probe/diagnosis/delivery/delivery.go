// Package delivery judges a mail domain: what is wrong with it, and what each
// kind of sending server would do with a message for it. It reads a
// domain.Report and nothing else.
package delivery

import (
	"slices"

	"smtptest/probe/diagnosis"
	"smtptest/probe/domain"
	"smtptest/probe/resolve"
)

// Judged is a report with its judgement. The report must not change any more.
type Judged struct {
	Report   *domain.Report
	Verdict  Verdict
	Findings []Finding // errors first
	Senders  []Sender  // in the order of Kinds
}

// Verdict is the answer in a word.
type Verdict string

// The verdicts.
const (
	All          Verdict = "all"          // every kind of sender delivers
	Warnings     Verdict = "warnings"     // so they do, and something may hurt
	Some         Verdict = "some"         // some kinds of sender deliver, others do not
	NoSender     Verdict = "none"         // none delivers
	TakesNoMail  Verdict = "takes-none"   // the domain says so itself (RFC 7505)
	Inconclusive Verdict = "inconclusive" // it could not be tested from here
	NotTested    Verdict = "not-tested"   // the guard closes the domain
)

// Finding is one thing worth saying about a domain.
type Finding struct {
	ID          ID
	Severity    diagnosis.Severity
	Title       string // one line
	Explanation string // made from the evidence; printable
	Advice      string // one imperative sentence; empty: nothing to do
	Paste       string // a record or line to copy; empty: none
	Owner       Owner
	Reference   string
}

// Owner is who can mend it.
type Owner string

// The owners.
const (
	OwnerDNS     Owner = "dns"     // whoever runs the domain's DNS
	OwnerServer  Owner = "server"  // whoever runs the mail server
	OwnerWeb     Owner = "web"     // whoever runs the policy's web server
	OwnerNetwork Owner = "network" // this network
	OwnerYou     Owner = "you"     // the person who asked
	// OwnerOperator runs this program: its name server, its settings.
	OwnerOperator Owner = "operator"
)

// Judge judges a report.
func Judge(r *domain.Report) Judged {
	j := Judged{Report: r, Senders: senders(r)}
	for _, rule := range rules {
		j.Findings = append(j.Findings, rule(r)...)
		if r.MX.Outcome == resolve.NoName || r.NoDNS { // of what does not exist there is nothing more to say
			break
		}
	}
	slices.SortStableFunc(j.Findings, func(a, b Finding) int { return rank(a) - rank(b) })
	j.Verdict = j.verdict()
	return j
}

func rank(f Finding) int {
	return slices.Index([]diagnosis.Severity{diagnosis.Error, diagnosis.Warning, diagnosis.Info}, f.Severity)
}

// verdict is what the senders would do; a warning alone stops nobody.
func (j *Judged) verdict() Verdict {
	delivering, failing, unknown := 0, 0, 0
	for _, s := range j.Senders {
		switch {
		case s.Domain == Unknown || s.Domain == Depends:
			unknown++
		case s.Domain.Delivers():
			delivering++
		default:
			failing++
		}
	}
	switch {
	case j.Report.Denied != "":
		return NotTested
	case j.Report.MX.Null:
		return TakesNoMail
	case failing == len(j.Senders):
		return NoSender
	case failing > 0 && delivering > 0:
		return Some
	case unknown > 0:
		return Inconclusive
	case slices.ContainsFunc(j.Findings, func(f Finding) bool { return f.Severity != diagnosis.Info }):
		return Warnings
	}
	return All
}
