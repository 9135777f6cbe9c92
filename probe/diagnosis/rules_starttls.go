package diagnosis

import (
	"fmt"

	"smtptest/probe"
)

// STARTTLSNotOffered is RFC 8460's starttls-not-supported.
const STARTTLSNotOffered ID = "starttls.not-offered"

// starttlsEntries judge the upgrade (RFC 3207).
func starttlsEntries() []entry {
	return []entry{
		{
			id: STARTTLSNotOffered, severity: Error, owner: OwnerServer, confidence: Certain, reference: "RFC 3207 §6",
			title: "The server does not offer STARTTLS",
			seen:  notOffered,
		},
		reply(entry{
			id: STARTTLSBroken, severity: Error, owner: OwnerServer, confidence: Certain, reference: "RFC 3207 §4",
			title:  "The server offers STARTTLS but cannot do it",
			advice: "Check that the server can read its certificate and key, and that the two belong together.",
		}, "To STARTTLS the server said %s: usually its key or certificate cannot be loaded."),
		reply(entry{
			id: STARTTLSRefused, severity: Error, owner: OwnerServer, confidence: Likely, reference: "RFC 3207 §4",
			title:  "The server offers STARTTLS and refuses it",
			advice: "Look for STARTTLS in the server's log, and for a proxy that answers in its place.",
		}, "To STARTTLS the server said %s instead of 220."),
		{
			id: "starttls.early-plaintext", severity: Error, owner: OwnerServer, confidence: Certain, reference: "RFC 3207 §4.2, CVE-2021-38371",
			title:  "Octets in the clear follow the server's 220 to STARTTLS",
			advice: "Update the server, and find out what stands between here and it: do not log in until this is gone.",
			seen: func(v *view) *match {
				if !v.failed(probe.KindInjected) {
					return nil
				}
				return v.because("%d octets came between 220 and the TLS handshake. A careless client would take them for protected replies; this is how answers are injected.", len(v.main.Injected))
			},
		},
	}
}

// notOffered is an error when TLS was asked for and a warning otherwise.
func notOffered(v *view) *match {
	if v.main == nil || v.main.Hello() == nil || !v.main.Hello().Reply.Positive() || v.main.Hello().Capabilities.Has("STARTTLS") || v.tls().Complete {
		return nil
	}
	m := &match{evidence: v.at(probe.PhaseEHLO)}
	m.explanation = fmt.Sprintf("After EHLO the server lists %d capabilities, and STARTTLS is not one of them: it is not configured, or something on the way takes it out.", len(v.main.Hello().Capabilities))
	m.advice = "Configure a certificate on the server; or test implicit TLS on port 465."
	switch {
	case v.failed(probe.KindNotOffered) && v.failure.Phase == probe.PhaseSTARTTLS:
		return m
	case v.report.Request.Security == probe.SecurityAuto && v.failure == nil:
		m.severity = Warning
		m.explanation += " The session stayed in the clear."
		return m
	}
	return nil
}
