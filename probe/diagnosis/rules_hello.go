package diagnosis

import (
	"fmt"
	"strings"

	"smtptest/probe"
)

// helloRules judge the answer to EHLO and what it lists.
func helloRules() []rule {
	return []rule{
		{
			id: EHLOClientRefused, owner: OwnerOperator, reference: "RFC 1912 §2.1", inconclusive: true,
			title: "The server refuses clients whose address has no name",
			advice: "Publish a PTR record for the address that this test comes from, " +
				"or test from a machine that has one.",
			reply: EHLOClientRefused,
			explanation: "The server said {reply}: it looked up the reverse DNS of the address " +
				"that this test comes from.",
		},
		{
			id: EHLONameRefused, owner: OwnerOperator, confidence: Likely, inconclusive: true,
			reference: "RFC 5321 §4.1.4",
			title:     "The server refuses the name that the client gave in EHLO",
			advice:    "Give a full host name that resolves.",
			fix:       Fix{EHLOName: true},
			reply:     EHLONameRefused,
			match:     nameRefused,
		},
		{
			id: EHLORefused, reference: "RFC 5321 §4.1.1.1",
			title:  "The server refuses EHLO",
			advice: "Look for this connection in the server's log.",
			reply:  EHLORefused,
			match:  refusedEHLO,
		},
		{
			id: EHLOMasked, severity: Warning, owner: OwnerNetwork, reference: "Cisco ASA: inspect esmtp",
			title:      "A firewall rewrites the session",
			advice:     "Switch ESMTP inspection off on the firewall (Cisco: “no inspect esmtp”, or “allow-tls”).",
			suppresses: []ID{STARTTLSNotOffered, HELOOnly, EHLORefused},
			match:      masked,
		},
		{
			id: HELOOnly, severity: Warning, reference: "RFC 5321 §4.1.1.1",
			title:      "The server does not know EHLO",
			advice:     "Look for a filter or firewall that answers in the server's place; modern servers know EHLO.",
			suppresses: []ID{STARTTLSNotOffered},
			match:      heloOnly,
		},
		{
			id: STARTTLSInsideTLS, severity: Info, reference: "RFC 3207 §4.2",
			title:  "The server offers STARTTLS inside TLS",
			advice: "Update the server, or the proxy that lists capabilities in its place.",
			match: func(s *session) *result {
				hello := s.hello()
				if hello == nil || !hello.Secure || !hello.Capabilities.Has("STARTTLS") {
					return nil
				}
				return &result{
					explanation: "The capability list inside TLS holds STARTTLS again, " +
						"which it must not. Clients pass over it.",
					evidence: s.evidenceAt(probe.PhaseEHLO),
				}
			},
		},
	}
}

// refusedEHLO adds what it means when HELO is unknown as well: LMTP has LHLO in
// their place (RFC 2033 §4.1).
func refusedEHLO(s *session) *result {
	res := s.replied("To EHLO the server said {reply}.")
	all := s.main.Hellos
	if len(all) == 2 && unknownCommand(all[0].Reply.Code) && unknownCommand(all[1].Reply.Code) {
		res.explanation = fmt.Sprintf("To EHLO the server said %s, to HELO %s Every SMTP server knows one of them; an LMTP "+
			"server, which takes mail from the mail server before it, knows neither.",
			quote(&all[0].Reply), fullStop(quote(&all[1].Reply)))
		res.confidence = Likely
		res.title = "The server knows neither EHLO nor HELO: LMTP, or a filter"
		res.advice = "Use the SMTP server in front if this is LMTP (port 24, Dovecot, Cyrus); otherwise look for a filter " +
			"that takes EHLO out."
	}
	return res
}

func unknownCommand(code int) bool { return code == 500 || code == 502 }

// nameRefused tells whose name it was that the server did not like.
func nameRefused(s *session) *result {
	res := s.because("The client called itself %s and the server said %s",
		s.main.Hello().Name, fullStop(s.quotedReply()))
	if s.report.Request.EHLOName != "" {
		res.owner = OwnerYou
		res.advice = "Give another name: a full host name that resolves to the address that this test comes from."
		res.fix = Fix{EHLOName: true}
	}
	return res
}

// heloOnly is an error when TLS was asked for: it cannot be had without EHLO.
func heloOnly(s *session) *result {
	if hello := s.hello(); hello == nil || hello.Verb != "HELO" || !hello.Reply.Positive() {
		return nil
	}
	res := &result{evidence: s.evidenceAt(probe.PhaseEHLO)}
	res.explanation = "EHLO was answered with " + quote(&s.main.Hellos[0].Reply) + ", HELO was accepted. Without " +
		"EHLO there are no extensions: no TLS, no login."
	if s.failedAt(probe.PhaseSTARTTLS, probe.KindNotOffered) {
		res.severity = Error
	}
	return res
}

// masked recognises a firewall that overwrites words with X or * of the same
// length, so that STARTTLS cannot be seen. It is an error when that was in
// the way of what was asked for.
func masked(s *session) *result {
	if s.hello() == nil || s.tls().Complete {
		return nil
	}
	res := maskedKeyword(s)
	if res == nil {
		res = maskedGreeting(s)
	}
	if res != nil && s.failedAt(s.stage(), probe.KindNotOffered, probe.KindReply) {
		res.severity = Error
	}
	return res
}

func maskedKeyword(s *session) *result {
	for _, h := range s.main.Hellos {
		for _, c := range h.Capabilities {
			if name := c.Name(); len(name) >= 4 && strings.Trim(strings.TrimSuffix(name, "A"), "X") == "" {
				return &result{
					explanation: fmt.Sprintf("The capability list holds “%s”, as firewalls write it over "+
						"STARTTLS and other words.", short(c.Line)),
					evidence: s.evidenceAt(probe.PhaseEHLO),
				}
			}
		}
	}
	return nil
}

func maskedGreeting(s *session) *result {
	const fewestAsterisks = 5 // Cisco's shortest mask; decorated greetings hold fewer in a row or offer STARTTLS
	g := s.main.Greeting
	if g == nil || strings.Count(g.Text(), "*") < fewestAsterisks || s.main.Hello().Capabilities.Has("STARTTLS") {
		return nil
	}
	return &result{
		explanation: "The greeting is written over with asterisks, as firewalls do that inspect SMTP, " +
			"and no STARTTLS can be seen.",
		evidence:   s.evidenceAt(probe.PhaseGreeting),
		confidence: Likely,
	}
}
