package diagnosis

import (
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
			seen: func(v *view) *match {
				if v.belief != EHLONameRefused {
					return nil
				}
				return v.because("The client called itself %s and the server said %s.", v.main.Hello().Name, v.said())
			},
		},
		reply(entry{
			id: EHLORefused, severity: Error, owner: OwnerServer, confidence: Certain, reference: "RFC 5321 §4.1.1.1",
			title:  "The server refuses EHLO",
			advice: "Look for this connection in the server's log.",
		}, "The server said %s."),
		{
			id: "ehlo.masked", severity: Error, owner: OwnerNetwork, confidence: Certain, reference: "Cisco ASA: inspect esmtp",
			title:    "A firewall rewrites the session",
			advice:   "Switch ESMTP inspection off on the firewall (Cisco: “no inspect esmtp”, or “allow-tls”).",
			silences: []ID{STARTTLSNotOffered, "ehlo.helo-only"},
			seen:     masked,
		},
		{
			id: "ehlo.helo-only", severity: Warning, owner: OwnerServer, confidence: Certain, reference: "RFC 5321 §4.1.1.1",
			title:    "The server does not know EHLO",
			advice:   "Look for a filter or firewall that answers in the server's place; modern servers know EHLO.",
			silences: []ID{STARTTLSNotOffered},
			seen: func(v *view) *match {
				if v.main == nil || v.main.Hello() == nil || v.main.Hello().Verb != "HELO" || !v.main.Hello().Reply.Positive() {
					return nil
				}
				return &match{
					explanation: "EHLO was answered with " + quote(&v.main.Hellos[0].Reply) + ", HELO was accepted. Without EHLO there are no extensions: no TLS, no login.",
					evidence:    v.at(probe.PhaseEHLO),
				}
			},
		},
	}
}

// masked recognises a firewall that overwrites words with X or * of the same
// length, so that STARTTLS cannot be seen.
func masked(v *view) *match {
	if v.main == nil || v.main.Hello() == nil || v.tls().Complete {
		return nil
	}
	for _, h := range v.main.Hellos {
		for _, c := range h.Capabilities {
			if name := c.Name(); len(name) >= 4 && strings.Trim(strings.TrimSuffix(name, "A"), "X") == "" {
				m := v.because("The capability list holds “%s”, as firewalls write it over STARTTLS and other words.", c.Line)
				m.evidence = v.at(probe.PhaseEHLO)
				return m
			}
		}
	}
	if g := v.main.Greeting; g != nil && strings.Count(g.Text(), "*") >= 8 && !v.main.Hello().Capabilities.Has("STARTTLS") {
		m := v.because("The greeting is written over with asterisks and STARTTLS is not offered.")
		m.evidence = v.at(probe.PhaseGreeting)
		return m
	}
	return nil
}
