package formatting

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"smtptest/probe/blocklist"
	"smtptest/probe/dnssec"
	"smtptest/probe/domain"
	"smtptest/probe/mtasts"
	"smtptest/probe/resolve"
)

// recordFacts are what the domain publishes, a line each.
func recordFacts(r *domain.Report) Facts {
	f := Facts{Title: "Records"}
	add := func(name, value string) {
		if value != "" {
			f.Rows = append(f.Rows, Fact{name, value})
		}
	}
	add("MX", mxWords(r))
	add("DNSSEC", proofWords(r.MX.Proof))
	add("MTA-STS", stsWords(&r.STS))
	add("TLS reports", textWords(&r.Reports))
	add("SPF", spfWords(&r.SPF))
	add("DMARC", dmarcWords(&r.DMARC))
	add("DKIM", textWords(&r.DKIM))
	if r.DKIM.Name == "" {
		add("DKIM", "not checked: a selector is needed")
	}
	add("BIMI", textWords(&r.BIMI))
	for i := range r.BlockLists {
		add("Block list", blockListWords(&r.BlockLists[i]))
	}
	return f
}

func mxWords(r *domain.Report) string {
	switch {
	case r.MX.Null:
		return "“0 .”: no mail is taken"
	case r.MX.Implicit:
		return "none: the domain's own address stands in"
	case r.MX.Outcome != "":
		return dnsWords(r.MX.Outcome)
	}
	return count(len(r.Hosts)+r.HostsOmitted, "record")
}

func dnsWords(outcome string) string {
	switch outcome {
	case resolve.NoName, resolve.NoData:
		return "none"
	case resolve.ServFail:
		return "the name server could not answer"
	case resolve.Timeout:
		return "no answer in time"
	}
	return "not known"
}

var dnssecTerms = map[dnssec.Status]string{
	dnssec.Secure:   "signed, verified here",
	dnssec.Said:     "signed, says this machine's name server",
	dnssec.Insecure: "not signed",
	dnssec.Bogus:    "BROKEN",
	dnssec.Unknown:  "not checkable from here",
}

var unknownDNSSECTerms = map[dnssec.Reason]string{
	dnssec.ReasonStripped:  "the name server hands on no signatures",
	dnssec.ReasonNoAnswer:  "a question on the way was not answered",
	dnssec.ReasonTooMany:   "there are too many signatures",
	dnssec.ReasonWildcard:  "the answer was made from a wildcard",
	dnssec.ReasonAlgorithm: "this program does not know the algorithm",
	dnssec.ReasonNoProof:   "nothing proves that the zone is unsigned",
}

// refusedTerms are of answers that the name server here holds back, and in which
// no fault was found here.
var refusedTerms = map[dnssec.Reason]string{
	dnssec.ReasonServer:  "signed, verified here, and refused by the name server here",
	dnssec.ReasonRefused: "refused by the name server here",
}

func proofWords(p dnssec.Proof) string {
	words := cmp.Or(refusedTerms[p.Reason], dnssecTerms[p.Status])
	if p.Status == dnssec.Unknown && unknownDNSSECTerms[p.Reason] != "" {
		words += ": " + unknownDNSSECTerms[p.Reason]
	}
	return words
}

// textWords are a record as it is, or why there is none.
func textWords(t *domain.Text) string {
	switch {
	case t.Name == "":
		return ""
	case t.Problem != "":
		return "“" + strings.Join(t.Records, "” “") + "”: " + t.Problem
	case len(t.Records) > 0:
		return "“" + t.Records[0] + "”"
	case t.Outcome != "":
		return dnsWords(t.Outcome)
	}
	return "none"
}

func stsWords(s *domain.STS) string {
	switch p := s.Policy; {
	case p == nil:
		return textWords(&s.Text)
	case p.Mode == mtasts.None:
		return "mode none: the domain has withdrawn its policy"
	default:
		return fmt.Sprintf("mode %s for %s, kept for %s", p.Mode, strings.Join(p.MX, ", "), daysWords(p.MaxAge))
	}
}

// blockListWords count what one list says.
func blockListWords(l *blocklist.List) string {
	switch {
	case l.Asked == 0:
		return l.Zone + ": not checkable from here"
	case l.Unanswered > 0:
		return fmt.Sprintf("%s: %d of %s listed, %d not checkable from here", l.Zone, len(l.Listings),
			count(l.Asked, "address"), l.Unanswered)
	}
	return fmt.Sprintf("%s: %d of %s listed", l.Zone, len(l.Listings), count(l.Asked, "address"))
}

// daysWords is how long a policy is kept.
func daysWords(d time.Duration) string {
	if d < 24*time.Hour {
		return Wait(d)
	}
	return count(int(d/(24*time.Hour)), "day")
}

func spfWords(s *domain.SPF) string {
	words := textWords(&s.Text)
	if len(s.Records) == 1 {
		words += fmt.Sprintf(" · %d of 10 DNS questions", s.Lookups)
	}
	return words
}

func dmarcWords(d *domain.DMARC) string {
	words := textWords(&d.Text)
	if d.Found != "" && d.Name != "_dmarc."+d.Found {
		words += " (of " + d.Found + ")"
	}
	return words
}
