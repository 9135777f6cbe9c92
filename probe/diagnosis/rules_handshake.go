package diagnosis

import (
	"fmt"
	"strings"

	"smtptest/probe"
	"smtptest/probe/registry"
)

// handshakeEntries judge a handshake that did not come to its end.
func handshakeEntries() []entry {
	return []entry{
		{
			id: "tls.plaintext-port", severity: Error, owner: OwnerYou, confidence: Certain, reference: "RFC 8314 §3.3",
			title:  "This port starts in the clear",
			advice: "Use STARTTLS here (--tls starttls), or implicit TLS on port 465.",
			seen:   plaintextPort,
		},
		{
			id: "tls.legacy-only", severity: Error, owner: OwnerServer, confidence: Certain, reference: "RFC 8996 §4, RFC 9325 §4.2",
			title:    "The server knows only outdated TLS",
			advice:   "Update the server's TLS library and settings so that it offers TLS 1.2 or 1.3 with forward secrecy.",
			silences: []ID{"tls.alert", "tls.closed", "tls.failed", "tls.timeout", "tls.large-hello"},
			seen:     legacyOnly,
		},
		{
			id: "tls.large-hello", severity: Error, owner: OwnerNetwork, confidence: Likely, reference: "RFC 8446 §4.2.8",
			title:    "The handshake fails with a modern client's first message",
			advice:   "Update the server's TLS library or the firewall in front of it; clients can leave out post-quantum groups until then.",
			silences: []ID{"tls.alert", "tls.closed", "tls.failed", "tls.timeout"},
			seen:     largeHello,
		},
		{
			id: "tls.client-certificate", severity: Error, owner: OwnerServer, confidence: Certain, reference: "RFC 8446 §4.4.2.4",
			title:    "The server wants a client certificate",
			advice:   "Use a port for ordinary clients, or make the client certificate optional on the server.",
			silences: []ID{"tls.alert", "session.alert"},
			seen:     clientCertificate,
		},
		{
			id: "tls.alert", severity: Error, owner: OwnerServer, confidence: Certain, reference: "RFC 8446 §6",
			title:  "The server breaks the TLS handshake off",
			advice: "Look at the TLS settings and the log of the server.",
			seen: func(v *view) *match {
				if !v.failedAt(probe.PhaseHandshake, probe.KindAlert) {
					return nil
				}
				return v.because("It sent alert %d, %s.%s", v.failure.Alert, registry.AlertName(v.failure.Alert), v.secondLook())
			},
		},
		{
			id: "tls.closed", severity: Error, owner: OwnerServer, confidence: Likely, reference: "RFC 8446 §6.1",
			title:  "The server hangs up during the TLS handshake",
			advice: "Look at the server's TLS log; a middlebox that dislikes the handshake ends it in the same way.",
			seen: func(v *view) *match {
				if !v.failedAt(probe.PhaseHandshake, probe.KindClosed, probe.KindReset) {
					return nil
				}
				return v.because("The connection ended (%s) before the handshake was complete.%s", v.failure.Kind, v.secondLook())
			},
		},
		{
			id: "tls.timeout", severity: Error, owner: OwnerServer, confidence: Likely, reference: "RFC 8446 §4.1",
			title:  "The TLS handshake does not come to its end",
			advice: "Look for a proxy or firewall that holds TLS back.",
			seen: func(v *view) *match {
				if !v.failedAt(probe.PhaseHandshake, probe.KindTimeout) {
					return nil
				}
				return v.because("The server fell silent in the middle of the handshake for %s.%s", seconds(v.failure.Limit), v.secondLook())
			},
		},
		{
			id: "tls.failed", severity: Error, owner: OwnerServer, confidence: Likely, reference: "RFC 8446 §4.1",
			title:  "The TLS handshake fails",
			advice: "Update the server's TLS settings.",
			seen: func(v *view) *match {
				if !v.failedAt(probe.PhaseHandshake, probe.KindTLS, probe.KindLocal) {
					return nil
				}
				return v.because("The client could not go on: %s.%s", v.failure.Detail, v.secondLook())
			},
		},
	}
}

func plaintextPort(v *view) *match {
	if !v.failedAt(probe.PhaseHandshake, probe.KindNotTLS) {
		return nil
	}
	m := v.because("The client began with TLS and the server answered %s: it speaks before TLS.", v.said())
	if !v.tls().Implicit {
		m.title, m.owner, m.confidence = "The server leaves TLS right after agreeing to it", OwnerServer, Likely
		m.explanation = fmt.Sprintf("After 220 to STARTTLS the client began the handshake and the server answered %s in the clear.", v.said())
		m.advice = "Look at the server's TLS settings, and for a proxy that speaks in its place."
	}
	return m
}

// secondLook says what the look with legacy versions brought.
func (v *view) secondLook() string {
	look := v.report.Second(probe.LookLegacy)
	if look == nil {
		return ""
	}
	if look.TLS == nil {
		return " A second look with old versions and suites did not get as far."
	}
	if !look.TLS.Complete {
		return " A second look that offered old versions and suites failed too."
	}
	return ""
}

// legacy is the second look if it came through, nil otherwise.
func (v *view) legacy() *probe.TLS {
	look := v.report.Second(probe.LookLegacy)
	if look == nil || look.TLS == nil || !look.TLS.Complete || v.stage() != probe.PhaseHandshake || v.failure == nil {
		return nil
	}
	return look.TLS
}

func legacyOnly(v *view) *match {
	t := v.legacy()
	if t == nil || !outdated(t) {
		return nil
	}
	return &match{
		explanation: fmt.Sprintf("A handshake with today's versions and suites failed; one that also offered old ones was answered with %s and %s.", t.Version, t.CipherSuite),
		evidence:    v.look(probe.LookLegacy, probe.PhaseHandshake),
	}
}

// outdated reports what a modern client does not offer: TLS below 1.2, or a
// suite without forward secrecy or with an old cipher.
func outdated(t *probe.TLS) bool {
	return t.Version == "TLS 1.0" || t.Version == "TLS 1.1" || strings.HasPrefix(t.CipherSuite, "TLS_RSA_") ||
		containsAny(t.CipherSuite, []string{"_3DES_", "_RC4_", "_CBC_SHA256"})
}

func largeHello(v *view) *match {
	t := v.legacy()
	if t == nil || outdated(t) {
		return nil
	}
	return &match{
		explanation: fmt.Sprintf("The usual handshake failed (%s); a smaller one without post-quantum groups was answered with %s and %s.", v.failure.Kind, t.Version, t.CipherSuite),
		evidence:    v.look(probe.LookLegacy, probe.PhaseHandshake),
	}
}

// clientCertificate recognises a server that goes on only with one. Under
// TLS 1.3 its alert arrives after the handshake has ended for the client.
func clientCertificate(v *view) *match {
	const badCertificate, handshakeFailure, certificateRequired = 42, 40, 116
	if !v.failed(probe.KindAlert) || !v.tls().ClientCertAsked {
		return nil
	}
	switch v.failure.Alert {
	case badCertificate, handshakeFailure, certificateRequired:
		return v.because("It asked for a client certificate, got none, and sent alert %d, %s.", v.failure.Alert, registry.AlertName(v.failure.Alert))
	}
	return nil
}
