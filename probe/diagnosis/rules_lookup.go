package diagnosis

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"smtptest/probe"
)

// lookupEntries judge what DNS said (RFC 1035, RFC 2308, RFC 5321 §5.1).
func lookupEntries() []entry {
	return append(domainEntries(), answerEntries()...)
}

// domainEntries judge what was asked for: a target that may not be tested,
// or a mail domain in place of its server.
func domainEntries() []entry {
	return []entry{
		{
			id: TargetDenied, severity: Error, owner: OwnerYou, confidence: Certain, reference: "house policy",
			title:  "This target may not be tested from here",
			advice: "Ask the person who runs this tool to allow the target.",
			seen: func(v *view) *match {
				if !v.failed(probe.KindDenied) {
					return nil
				}
				return v.because("The address or port is outside what this tool may connect to, so no connection was made.")
			},
		},
		{
			id: RateLimited, severity: Error, owner: OwnerYou, confidence: Certain, reference: "house policy",
			title:  "This server was connected to often enough",
			advice: "Wait, then test again.",
			seen: func(v *view) *match {
				if !v.failed(probe.KindRateLimited) {
					return nil
				}
				return v.because("No more connections are made to it for %d s, so that tests do not become a burden.", wholeSeconds(v.failure.Limit))
			},
		},
		{
			id: MailDomain, severity: Error, owner: OwnerYou, confidence: Certain, reference: "RFC 5321 §5.1",
			title:    "This is a mail domain, not a mail server",
			silences: []ID{DNSUnknown},
			seen:     mailDomain,
		},
		{
			id: MXIsAddress, severity: Warning, owner: OwnerServer, confidence: Certain, reference: "RFC 5321 §5.1, RFC 1035 §3.3.9",
			title:  "An MX record holds an address instead of a name",
			advice: "Give the mail server a host name and put that into the MX record.",
			seen:   mxIsAddress,
		},
		{
			id: NullMX, severity: Error, owner: OwnerServer, confidence: Certain, reference: "RFC 7505 §3",
			title:    "The domain says that it accepts no mail",
			advice:   "Test the mail server's own name; only if this domain should get mail, its owner replaces the null MX record.",
			silences: []ID{DNSUnknown},
			seen: func(v *view) *match {
				if !isNullMX(v.report.Lookup.MX) {
					return nil
				}
				return v.because("%s has no address, and its only MX record is “.”, the sign of a domain without mail.", v.host())
			},
		},
	}
}

// wholeSeconds is a wait in seconds, rounded up: nobody is to come too early.
func wholeSeconds(d time.Duration) int {
	return int((d + time.Second - 1) / time.Second)
}

// answerEntries judge a name that brought no address to dial.
func answerEntries() []entry {
	return []entry{
		{
			id: NameNotFound, severity: Error, owner: OwnerYou, confidence: Certain, reference: "RFC 2308 §2.1",
			title:  "The name does not exist",
			advice: "Check the spelling; if the name is internal, test from inside that network.",
			seen:   noSuchName,
		},
		{
			id: NoAddress, severity: Error, owner: OwnerServer, confidence: Certain, reference: "RFC 2308 §2.2",
			title:  "The name has no address",
			advice: "Publish an A or AAAA record for this name, or use the server's own name.",
			seen: func(v *view) *match {
				if len(v.report.Lookup.MX) > 0 {
					return nil
				}
				return answered(probe.AnswerNoData, "The name %s exists, but DNS has neither an A, nor an AAAA, nor an MX record for it.")(v)
			},
		},
		{
			id: DNSSECFailure, severity: Error, owner: OwnerServer, confidence: Certain, reference: "RFC 4035 §5.5",
			title:  "DNSSEC validation of the name fails",
			advice: "Compare the DS records at the registrar with the keys of the zone; senders that validate cannot deliver until they agree.",
			seen:   answered(probe.AnswerBogus, "The name server refuses to answer for %s (SERVFAIL), but answers when told not to check signatures."),
		},
		{
			id: DNSServerFailure, severity: Error, owner: OwnerServer, confidence: Likely, reference: "RFC 1035 §4.1.1",
			title:  "DNS cannot answer for this name",
			advice: "Ask whoever runs the zone's name servers to check that they answer.",
			seen:   answered(probe.AnswerServFail, "The name server here could not get an answer for %s (SERVFAIL): the zone's own servers are unreachable or broken."),
		},
		{
			id: DNSTimeout, severity: Error, owner: OwnerNetwork, confidence: Certain, reference: "RFC 1035 §7.2", inconclusive: true,
			title:  "DNS did not answer in time",
			advice: "Check the name server that this machine uses, then test again.",
			seen: func(v *view) *match {
				within := seconds(v.report.Lookup.Elapsed)
				return answered(probe.AnswerTimeout, "No name server answered the question for %s within "+within+", so the mail server was never reached.")(v)
			},
		},
		{
			id: DNSUnknown, severity: Error, owner: OwnerYou, confidence: Likely, reference: "RFC 1035 §4.1.1",
			title:  "No address was found for the name",
			advice: "Check the spelling, then ask DNS directly with “dig NAME”.",
			seen:   answered(probe.AnswerUnknown, "The system's resolver found no address for %s, and DNS could not be asked why."),
		},
		{
			id: FamilyMissing, severity: Error, owner: OwnerYou, confidence: Certain, reference: "RFC 3596 §2",
			title:  "The name has no address of that IP version",
			advice: "Leave out --ip, or publish the missing record.",
			seen:   familyMissing,
		},
	}
}

// answered recognises one outcome of the lookup.
func answered(want probe.Answer, format string) func(*view) *match {
	return func(v *view) *match {
		if v.main != nil || v.failed(probe.KindCanceled) || v.report.Lookup.Answer != want {
			return nil
		}
		return v.because(format, v.host())
	}
}

// noSuchName names the end of a chain of aliases when it is that which does
// not exist (RFC 6604 §3).
func noSuchName(v *view) *match {
	m := answered(probe.AnswerNoName, "DNS says that there is no name %s (NXDOMAIN).")(v)
	if alias := v.report.Lookup.Alias; m != nil && alias != "" {
		m.explanation = fmt.Sprintf("%s is an alias (CNAME) of %s, and DNS says that there is no such name (NXDOMAIN).", v.host(), alias)
		m.owner, m.advice = OwnerServer, "Correct the CNAME record, or publish the name that it points to."
	}
	return m
}

func isNullMX(mx []probe.MX) bool { return len(mx) == 1 && mx[0].Host == "." }

func mailDomain(v *view) *match {
	mx := v.report.Lookup.MX
	if len(mx) == 0 || isNullMX(mx) || v.main != nil {
		return nil
	}
	const maxNamed = 3
	var named []string
	for _, r := range mx[:min(len(mx), maxNamed)] {
		named = append(named, fmt.Sprintf("%s (preference %d)", r.Host, r.Preference))
	}
	m := v.because("%s has no address of its own. Its mail goes to %s.", v.host(), strings.Join(named, ", "))
	if more := len(mx) - len(named) + v.report.Lookup.MXOmitted; more > 0 {
		m.explanation = strings.TrimSuffix(m.explanation, ".") + fmt.Sprintf(" and %d more.", more)
	}
	if v.port() != 25 {
		m.explanation += " Those take mail on port 25; mail clients use another name, which the provider tells."
	}
	m.advice = fmt.Sprintf("Test the mail server itself: %s:25", mx[0].Host)
	return m
}

func mxIsAddress(v *view) *match {
	if v.main != nil {
		return nil
	}
	for _, mx := range v.report.Lookup.MX {
		if _, err := netip.ParseAddr(mx.Host); err == nil {
			return v.because("The MX record of %s points to %s. MX takes host names only; many senders cannot deliver to this.", v.host(), mx.Host)
		}
	}
	return nil
}

func familyMissing(v *view) *match {
	l := v.report.Lookup
	if v.main != nil || !v.failed(probe.KindNoAddress) || len(l.Untried) == 0 {
		return nil
	}
	var have []string
	for _, u := range l.Untried {
		have = append(have, u.Address.String())
	}
	return v.because("%s has no IPv%d address, only %s.", v.host(), v.report.Request.Family, strings.Join(have, ", "))
}
