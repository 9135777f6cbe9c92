package diagnosis

import (
	"fmt"

	"smtptest/probe"
	"smtptest/probe/registry"
)

// greetingEntries judge what came, or did not come, in the greeting's place
// (RFC 5321 §3.1, §4.3.1).
func greetingEntries() []entry {
	return []entry{
		{
			id: "greeting.tls-expected", severity: Error, owner: OwnerYou, confidence: Certain, reference: "RFC 8314 §3.3",
			title:  "This port begins with TLS",
			advice: "Use implicit TLS here (--tls implicit; “SSL/TLS” in mail clients), or STARTTLS on port 587.",
			seen: func(v *view) *match {
				look := v.report.Second(probe.LookTLS)
				if look == nil || look.TLS == nil || !look.TLS.Complete || !v.failedAt(probe.PhaseGreeting, probe.KindTimeout) {
					return nil
				}
				return &match{
					explanation: fmt.Sprintf("In the clear the server stayed silent; a second connection that began with TLS was answered with %s.", look.TLS.Version),
					evidence:    v.look(probe.LookTLS, probe.PhaseHandshake),
				}
			},
			silences: []ID{"greeting.timeout"},
		},
		{
			id: "greeting.not-smtp", severity: Error, owner: OwnerYou, confidence: Certain, reference: "RFC 5321 §4.2",
			title:  "This is not an SMTP server",
			advice: "Check the port: mail submission is on 587 or 465, mail exchange on 25.",
			seen:   notSMTP,
		},
		{
			id: "greeting.timeout", severity: Error, owner: OwnerServer, confidence: Likely, reference: "RFC 5321 §4.5.3.2.1",
			title:  "The server accepts the connection but does not greet",
			advice: "Look at the server's load, its DNS resolver and any proxy in front of it.",
			seen: func(v *view) *match {
				if !v.failedAt(probe.PhaseGreeting, probe.KindTimeout) {
					return nil
				}
				m := v.because("No greeting came within %s.", seconds(v.failure.Limit))
				if look := v.report.Second(probe.LookTLS); look != nil {
					m.explanation += " A second connection that began with TLS was not answered either."
				} else if v.port() == 25 {
					m.explanation += " Whether the port begins with TLS was not checked."
				}
				m.explanation += " Usual reasons: slow DNS lookups on the server, overload, a proxy whose mail server is down."
				return m
			},
		},
		{
			id: "greeting.closed", severity: Error, owner: OwnerServer, confidence: Likely, reference: "RFC 5321 §3.1",
			title:  "The server hangs up without a word",
			advice: "Check allow-lists and blocks for this address on the server, and the load balancer in front of it.",
			seen: func(v *view) *match {
				if !v.failedAt(probe.PhaseGreeting, probe.KindClosed, probe.KindReset) {
					return nil
				}
				return v.because("The connection was accepted and ended before any greeting: the address is blocked (fail2ban, firewall), a proxy has no live server behind it, or it expects the PROXY protocol.")
			},
		},
		reply(entry{
			id: GreetingReputation, severity: Error, owner: OwnerSender, confidence: Certain, reference: "RFC 5321 §7.9", inconclusive: true,
			title:  "The server refuses the address that this test comes from",
			advice: "Test from the machine that sends the mail; if that address is refused too, ask the list named in the reply to remove it.",
		}, "The server said %s: a judgement of the tester's address, not of the server's health."),
		reply(entry{
			id: GreetingThrottled, severity: Error, owner: OwnerSender, confidence: Certain, reference: "RFC 5321 §4.2.2", inconclusive: true,
			title:  "The server asks to come back later: too many connections",
			advice: "Wait a few minutes before the next test.",
		}, "The server said %s. It limits how often or how many may connect; this says nothing about its health."),
		reply(entry{
			id: GreetingComeBack, severity: Error, owner: OwnerServer, confidence: Likely, reference: "RFC 6647 §2.1", inconclusive: true,
			title:  "The server asks first-time callers to come back",
			advice: "Test again in a few minutes; real senders retry by themselves.",
		}, "The server said %s. Servers such as postscreen say this once to every unknown address."),
		reply(entry{
			id: GreetingNoService, severity: Error, owner: OwnerServer, confidence: Certain, reference: "RFC 7504 §3",
			title:  "This host says that it accepts no mail",
			advice: "Use the mail server's real name, or take this host out of the MX records.",
		}, "The server said %s."),
		reply(entry{
			id: GreetingRefused, severity: Error, owner: OwnerServer, confidence: Likely, reference: "RFC 5321 §3.1",
			title:  "The server refuses the session in its greeting",
			advice: "Read the server's words; then look for this connection in its log.",
		}, "Instead of 220 the server said %s."),
	}
}

// reply completes an entry that is recognised by what a reply means.
func reply(e entry, format string) entry {
	e.seen = func(v *view) *match {
		if v.belief != e.id {
			return nil
		}
		return v.because(format, v.said())
	}
	return e
}

func notSMTP(v *view) *match {
	if !v.failed(probe.KindNotSMTP) {
		return nil
	}
	m := v.because("The answer was %s, which is not an SMTP reply.", v.said())
	if name := registry.Protocol([]byte(v.failure.Octets)); name != "" {
		m.explanation = fmt.Sprintf("The answer was %s: that is %s.", v.said(), name)
	}
	if v.failure.Phase != probe.PhaseGreeting {
		m.title, m.confidence = "The server stopped speaking SMTP", Likely
		m.owner, m.advice = OwnerServer, "Look for a proxy or filter that rewrites the session."
	}
	return m
}
