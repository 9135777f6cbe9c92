package diagnosis

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"smtptest/probe"
)

// lookupRules judge what DNS said (RFC 1035, RFC 2308, RFC 5321 §5.1).
func lookupRules() []rule {
	return append(domainRules(), answerRules()...)
}

// domainRules judge what was asked for: a target that may not be tested,
// or a mail domain in place of its server.
func domainRules() []rule {
	return []rule{
		{
			id: TargetDenied, owner: OwnerOperator, reference: "house policy",
			title:  "This target may not be tested from here",
			advice: "Ask the person who runs this tool to allow the target.",
			match: func(s *session) *result {
				if !s.failed(probe.KindDenied) {
					return nil
				}
				return s.because("The address or port is outside what this tool may connect to, " +
					"so no connection was made.")
			},
		},
		{
			id: RateLimited, owner: OwnerOperator, reference: "house policy",
			title:  "This server was connected to often enough",
			advice: "Wait, then test again.",
			match: func(s *session) *result {
				if !s.failed(probe.KindRateLimited) {
					return nil
				}
				return s.because("No more connections are made to it for %d s, so that tests do not become a burden.",
					wholeSeconds(s.failure.Limit))
			},
		},
		{
			id: MailDomain, owner: OwnerYou, reference: "RFC 5321 §5.1",
			title:      "This is a mail domain, not a mail server",
			suppresses: []ID{DNSUnknown},
			match:      mailDomain,
		},
		{
			id: MXIsAddress, severity: Warning, reference: "RFC 5321 §5.1, RFC 1035 §3.3.9",
			title:  "An MX record holds an address instead of a name",
			advice: "Give the mail server a host name and put that into the MX record.",
			match:  mxIsAddress,
		},
		{
			id: NullMX, reference: "RFC 7505 §3",
			title: "The domain says that it accepts no mail",
			advice: "Test the mail server's own name; only if this domain should get mail, " +
				"its owner replaces the null MX record.",
			suppresses: []ID{DNSUnknown},
			match: func(s *session) *result {
				if !isNullMX(s.report.Lookup.MX) {
					return nil
				}
				return s.because("%s has no address, and its only MX record is “.”, the sign of a domain without mail.",
					s.host())
			},
		},
	}
}

// wholeSeconds is a wait in seconds, rounded up: nobody is to come too early.
func wholeSeconds(d time.Duration) int {
	return int((d + time.Second - 1) / time.Second)
}

// answerRules judge a name that brought no address to dial.
func answerRules() []rule {
	return []rule{
		{
			id: NameNotFound, owner: OwnerYou, reference: "RFC 2308 §2.1",
			title:  "The name does not exist",
			advice: "Check the spelling; if the name is internal, test from inside that network.",
			match:  noSuchName,
		},
		{
			id: NoAddress, reference: "RFC 2308 §2.2",
			title:  "The name has no address",
			advice: "Publish an A or AAAA record for this name, or use the server's own name.",
			match:  noAddress,
		},
		{
			id: DNSSECFailure, reference: "RFC 4035 §5.5",
			title: "DNSSEC validation of the name fails",
			advice: "Compare the DS records at the registrar with the keys of the zone; " +
				"senders that validate cannot deliver until they agree.",
			match: lookupEnded(probe.AnswerBogus, "The name server refuses to answer for %s (SERVFAIL), "+
				"but answers when told not to check signatures."),
		},
		{
			id: DNSServerFailure, confidence: Likely, reference: "RFC 1035 §4.1.1",
			title:  "DNS cannot answer for this name",
			advice: "Ask whoever runs the zone's name servers to check that they answer.",
			match: lookupEnded(probe.AnswerServFail, "The name server here could not get an answer for %s "+
				"(SERVFAIL): the zone's own servers are unreachable or broken."),
		},
		{
			id: DNSTimeout, owner: OwnerNetwork, reference: "RFC 1035 §7.2", inconclusive: true,
			title:  "DNS did not answer in time",
			advice: "Check the name server that this machine uses, then test again.",
			match: func(s *session) *result {
				within := probe.Duration(s.report.Lookup.Elapsed)
				return lookupEnded(probe.AnswerTimeout, "No name server answered the question for %s "+
					"within "+within+", so the mail server was never reached.")(s)
			},
		},
		{
			id: DNSUnknown, owner: OwnerYou, confidence: Likely, reference: "RFC 1035 §4.1.1",
			title:  "No address was found for the name",
			advice: "Check the spelling, then ask DNS directly with “dig NAME”.",
			match: lookupEnded(probe.AnswerUnknown, "The system's resolver found no address for %s, "+
				"and DNS could not be asked why."),
		},
		{
			id: FamilyMissing, owner: OwnerYou, reference: "RFC 3596 §2",
			title:  "The name has no address of that IP version",
			advice: "Ask for no IP version, or publish the missing record.",
			fix:    Fix{AnyFamily: true},
			match:  familyMissing,
		},
	}
}

// noAddress recognises a name without an address that is no mail domain either.
func noAddress(s *session) *result {
	if len(s.report.Lookup.MX) > 0 {
		return nil
	}
	return lookupEnded(probe.AnswerNoData, "The name %s exists, but DNS has neither an A, "+
		"nor an AAAA, nor an MX record for it.")(s)
}

// lookupEnded recognises one outcome of the lookup.
func lookupEnded(want probe.Answer, format string) func(*session) *result {
	return func(s *session) *result {
		if s.main != nil || s.failed(probe.KindCanceled) || s.report.Lookup.Answer != want {
			return nil
		}
		return s.because(format, s.host())
	}
}

// noSuchName names the end of a chain of aliases when it is that which does
// not exist (RFC 6604 §3).
func noSuchName(s *session) *result {
	res := lookupEnded(probe.AnswerNoName, "DNS says that there is no name %s (NXDOMAIN).")(s)
	if alias := s.report.Lookup.Alias; res != nil && alias != "" {
		res.explanation = fmt.Sprintf("%s is an alias (CNAME) of %s, and DNS says that there "+
			"is no such name (NXDOMAIN).", s.host(), alias)
		res.owner, res.advice = OwnerServer, "Correct the CNAME record, or publish the name that it points to."
	}
	return res
}

func isNullMX(mx []probe.MX) bool { return len(mx) == 1 && mx[0].Host == "." }

func mailDomain(s *session) *result {
	mx := s.report.Lookup.MX
	if len(mx) == 0 || isNullMX(mx) || s.main != nil {
		return nil
	}
	const maxNamed = 3
	var named []string
	for _, r := range mx[:min(len(mx), maxNamed)] {
		named = append(named, fmt.Sprintf("%s (preference %d)", r.Host, r.Preference))
	}
	res := s.because("%s has no address of its own. Its mail goes to %s.", s.host(), strings.Join(named, ", "))
	if more := len(mx) - len(named) + s.report.Lookup.MXOmitted; more > 0 {
		res.explanation = strings.TrimSuffix(res.explanation, ".") + fmt.Sprintf(" and %d more.", more)
	}
	if s.port() != 25 {
		res.explanation += " Those take mail on port 25; mail clients use another name, which the provider tells."
	}
	res.advice = fmt.Sprintf("Test the mail server itself: %s:25", mx[0].Host)
	res.fix = Fix{Target: probe.Target{Host: mx[0].Host, Port: 25}}
	return res
}

func mxIsAddress(s *session) *result {
	if s.main != nil {
		return nil
	}
	for _, mx := range s.report.Lookup.MX {
		if _, err := netip.ParseAddr(mx.Host); err == nil {
			return s.because("The MX record of %s points to %s. "+
				"MX takes host names only; many senders cannot deliver to this.", s.host(), mx.Host)
		}
	}
	return nil
}

func familyMissing(s *session) *result {
	l := s.report.Lookup
	if s.main != nil || !s.failed(probe.KindNoAddress) || len(l.Untried) == 0 {
		return nil
	}
	var have []string
	for _, u := range l.Untried {
		have = append(have, u.Address.String())
	}
	return s.because("%s has no IPv%d address, only %s.", s.host(), s.report.Request.Family, strings.Join(have, ", "))
}
