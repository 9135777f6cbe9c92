package diagnosis

import (
	"fmt"

	"smtptest/probe"
	"smtptest/probe/smtp"
)

// starttlsEntries judge the upgrade (RFC 3207).
func starttlsEntries() []entry {
	return []entry{
		{
			id: STARTTLSNotOffered, severity: Error, owner: OwnerServer, confidence: Certain, reference: "RFC 3207 §6",
			title:    "The server does not offer STARTTLS",
			silences: []ID{OfferedInClear},
			seen:     notOffered,
		},
		reply(entry{
			id: STARTTLSBroken, severity: Error, owner: OwnerServer, confidence: Certain, reference: "RFC 3207 §4",
			title:  "The server offers STARTTLS but cannot do it",
			advice: "Check that the server can read its certificate and key, and that the two belong together.",
		}, "To STARTTLS the server said %s: usually its key or certificate cannot be loaded."),
		reply(entry{
			id: STARTTLSRefused, severity: Error, owner: OwnerServer, confidence: Likely, reference: "RFC 3207 §4",
			title:  "The server offers STARTTLS and refuses it",
			advice: "Look for STARTTLS in the server's log; if it is not there, look for the proxy or firewall that answers in its place.",
		}, "To STARTTLS the server said %s instead of 220."),
		{
			id: EarlyPlaintext, severity: Error, owner: OwnerServer, confidence: Certain, reference: "RFC 3207 §4.2, CVE-2021-38371",
			title:  "Octets in the clear follow the server's 220 to STARTTLS",
			advice: "Update the server, and find out what stands between here and it: do not log in until this is gone.",
			seen:   earlyPlaintext,
		},
		{
			id: LeftInClear, severity: Error, owner: OwnerServer, confidence: Likely, reference: "RFC 3207 §4.2",
			title:  "The server agrees to STARTTLS and does not begin TLS",
			advice: "Look at the server's TLS settings and log, and for a proxy that speaks in its place.",
			seen: func(v *view) *match {
				if !v.failedAt(probe.PhaseHandshake, probe.KindNotTLS) || v.tls().Implicit {
					return nil
				}
				return v.because("After its 220 to STARTTLS the client began the handshake, and the server answered %s in the clear.", v.said())
			},
		},
		{
			id: EHLORefusedInsideTLS, severity: Error, owner: OwnerServer, confidence: Likely, reference: "RFC 3207 §4.2",
			title:    "The server refuses EHLO inside TLS",
			advice:   "Look for a proxy that does TLS in the server's place and goes on with a session that the server had begun.",
			silences: []ID{EHLORefused, EHLONameRefused, EHLOClientRefused, HELOOnly},
			seen:     refusedInside,
		},
		{
			id: LoginLost, severity: Warning, owner: OwnerServer, confidence: Certain, reference: "RFC 3207 §4.2, RFC 4954 §4",
			title:    "The server offers a login in the clear and none inside TLS",
			advice:   "Make the server offer AUTH inside TLS, and there only.",
			silences: []ID{OfferedInClear},
			seen:     loginLost,
		},
	}
}

// notOffered is an error when TLS was asked for. When it was left to the
// server, the session went on in the clear, which is a warning.
func notOffered(v *view) *match {
	if v.main == nil || v.main.Hello() == nil || !v.main.Hello().Reply.Positive() || v.main.Hello().Capabilities.Has("STARTTLS") || v.tls().Complete {
		return nil
	}
	m := &match{evidence: v.at(probe.PhaseEHLO)}
	m.explanation = fmt.Sprintf("After EHLO the server lists %s: it is not configured, or something on the way takes it out.", withoutSTARTTLS(len(v.main.Hello().Capabilities)))
	m.advice = "Configure a certificate on the server; if it has one, look for a firewall or proxy that rewrites the session."
	if v.submission() {
		m.advice += " Or test implicit TLS on port 465."
	}
	switch {
	case v.failedAt(probe.PhaseSTARTTLS, probe.KindNotOffered),
		v.report.Request.Security == probe.SecurityAuto && v.failedAt(probe.PhaseAuth, probe.KindUnprotected):
		return m
	case v.report.Request.Security == probe.SecurityAuto && (v.failure == nil || v.failure.Phase == probe.PhaseEnvelope):
		m.severity = Warning
		m.explanation += " The session stayed in the clear."
		return m
	}
	return nil
}

// withoutSTARTTLS is how many capabilities there are beside the missing one.
func withoutSTARTTLS(n int) string {
	switch n {
	case 0:
		return "no capabilities, so no STARTTLS"
	case 1:
		return "one capability, which is not STARTTLS"
	}
	return fmt.Sprintf("%d capabilities, and STARTTLS is not among them", n)
}

func earlyPlaintext(v *view) *match {
	if !v.failed(probe.KindInjected) {
		return nil
	}
	octets := v.main.Injected
	return v.because("%d octets came behind the 220, before the TLS handshake: “%s”. A careless client would take them for protected replies; this is how answers are injected.",
		len(octets), short(oneLine(smtp.Printable(octets))))
}

// refusedInside recognises a server that took EHLO before STARTTLS and does
// not take the one that must follow it. The name is the same, so it is not
// the name.
func refusedInside(v *view) *match {
	if v.main == nil || v.main.STARTTLS == nil || !v.tls().Complete {
		return nil
	}
	for i := range v.main.Hellos {
		h := &v.main.Hellos[i]
		if !h.Secure || h.Verb != "EHLO" || h.Reply.Positive() {
			continue
		}
		m := &match{evidence: v.line(v.at(probe.PhaseEHLO), &h.Reply)}
		m.explanation = fmt.Sprintf("Before STARTTLS the server took EHLO; inside TLS it said %s.", quote(&h.Reply))
		if v.failure == nil {
			m.severity = Warning
			m.explanation += " HELO was accepted, but it brings no extensions: no login."
		}
		return m
	}
	return nil
}

// loginLost compares the capability lists before and inside TLS. A login
// that is offered inside TLS only is as it should be.
func loginLost(v *view) *match {
	if v.main == nil || v.main.STARTTLS == nil || len(v.main.Hellos) < 2 {
		return nil
	}
	before, inside := v.main.Hellos[0], v.main.Hello()
	if !before.Capabilities.Has("AUTH") || !inside.Secure || !inside.Reply.Positive() || inside.Verb != "EHLO" || inside.Capabilities.Has("AUTH") {
		return nil
	}
	return &match{
		explanation: "AUTH was listed before STARTTLS and is not listed inside TLS. Clients that insist on TLS, as they should, cannot log in.",
		evidence:    v.at(probe.PhaseEHLO),
	}
}
