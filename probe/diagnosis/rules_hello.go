package diagnosis

import (
	"fmt"
	"strings"

	"smtptest/probe"
)

// helloEntries judge the answer to EHLO and what it lists.
func helloEntries() []entry {
	return []entry{
		reply(entry{
			id: EHLOClientRefused, severity: Error, owner: OwnerSender, confidence: Certain, reference: "RFC 1912 §2.1", inconclusive: true,
			title:  "The server refuses clients whose address has no name",
			advice: "Publish a PTR record for the address that this test comes from, or test from a machine that has one.",
		}, "The server said %s: it looked up the reverse DNS of the address that this test comes from."),
		{
			id: EHLONameRefused, severity: Error, owner: OwnerSender, confidence: Likely, reference: "RFC 5321 §4.1.4", inconclusive: true,
			title:  "The server refuses the name that the client gave in EHLO",
			advice: "Give a full host name that resolves: --ehlo NAME, or SMTPTEST_EHLO_NAME for the bot.",
			seen:   nameRefused,
		},
		reply(entry{
			id: EHLORefused, severity: Error, owner: OwnerServer, confidence: Certain, reference: "RFC 5321 §4.1.1.1",
			title:  "The server refuses EHLO",
			advice: "Look for this connection in the server's log.",
		}, "The server said %s."),
		{
			id: EHLOMasked, severity: Warning, owner: OwnerNetwork, confidence: Certain, reference: "Cisco ASA: inspect esmtp",
			title:    "A firewall rewrites the session",
			advice:   "Switch ESMTP inspection off on the firewall (Cisco: “no inspect esmtp”, or “allow-tls”).",
			silences: []ID{STARTTLSNotOffered, HELOOnly, EHLORefused},
			seen:     masked,
		},
		{
			id: HELOOnly, severity: Warning, owner: OwnerServer, confidence: Certain, reference: "RFC 5321 §4.1.1.1",
			title:    "The server does not know EHLO",
			advice:   "Look for a filter or firewall that answers in the server's place; modern servers know EHLO.",
			silences: []ID{STARTTLSNotOffered},
			seen:     heloOnly,
		},
		{
			id: STARTTLSInsideTLS, severity: Info, owner: OwnerServer, confidence: Certain, reference: "RFC 3207 §4.2",
			title:  "The server offers STARTTLS inside TLS",
			advice: "Update the server, or the proxy that lists capabilities in its place.",
			seen: func(v *view) *match {
				if v.main == nil || v.main.Hello() == nil || !v.main.Hello().Secure || !v.main.Hello().Capabilities.Has("STARTTLS") {
					return nil
				}
				return &match{
					explanation: "The capability list inside TLS holds STARTTLS again, which it must not. Clients pass over it.",
					evidence:    v.at(probe.PhaseEHLO),
				}
			},
		},
	}
}

// nameRefused tells whose name it was that the server did not like.
func nameRefused(v *view) *match {
	if v.belief != EHLONameRefused {
		return nil
	}
	m := v.because("The client called itself %s and the server said %s.", v.main.Hello().Name, v.said())
	if v.report.Request.EHLOName != "" {
		m.owner, m.advice = OwnerYou, "Give another name with --ehlo: a full host name that resolves to the address that this test comes from."
	}
	return m
}

// heloOnly is an error when TLS was asked for: it cannot be had without EHLO.
func heloOnly(v *view) *match {
	if v.main == nil || v.main.Hello() == nil || v.main.Hello().Verb != "HELO" || !v.main.Hello().Reply.Positive() {
		return nil
	}
	m := &match{evidence: v.at(probe.PhaseEHLO)}
	m.explanation = "EHLO was answered with " + quote(&v.main.Hellos[0].Reply) + ", HELO was accepted. Without EHLO there are no extensions: no TLS, no login."
	if v.failedAt(probe.PhaseSTARTTLS, probe.KindNotOffered) {
		m.severity = Error
	}
	return m
}

// masked recognises a firewall that overwrites words with X or * of the same
// length, so that STARTTLS cannot be seen. It is an error when that was in
// the way of what was asked for.
func masked(v *view) *match {
	if v.main == nil || v.main.Hello() == nil || v.tls().Complete {
		return nil
	}
	m := maskedKeyword(v)
	if m == nil {
		m = maskedGreeting(v)
	}
	if m != nil && v.failedAt(v.stage(), probe.KindNotOffered, probe.KindReply) {
		m.severity = Error
	}
	return m
}

func maskedKeyword(v *view) *match {
	for _, h := range v.main.Hellos {
		for _, c := range h.Capabilities {
			if name := c.Name(); len(name) >= 4 && strings.Trim(strings.TrimSuffix(name, "A"), "X") == "" {
				return &match{
					explanation: fmt.Sprintf("The capability list holds “%s”, as firewalls write it over STARTTLS and other words.", short(c.Line)),
					evidence:    v.at(probe.PhaseEHLO),
				}
			}
		}
	}
	return nil
}

func maskedGreeting(v *view) *match {
	const fewestAsterisks = 5 // Cisco's shortest mask; decorated greetings hold fewer in a row or offer STARTTLS
	g := v.main.Greeting
	if g == nil || strings.Count(g.Text(), "*") < fewestAsterisks || v.main.Hello().Capabilities.Has("STARTTLS") {
		return nil
	}
	return &match{
		explanation: "The greeting is written over with asterisks, as firewalls do that inspect SMTP, and no STARTTLS can be seen.",
		evidence:    v.at(probe.PhaseGreeting),
		confidence:  Likely,
	}
}
