package diagnosis

import (
	"fmt"
	"strings"

	"smtptest/probe"
	"smtptest/probe/registry"
)

// handshakeEntries judge a handshake that did not come to its end.
func handshakeEntries() []entry {
	return append(handshakeCauses(), handshakeSymptoms()...)
}

// handshakeCauses know why it failed.
func handshakeCauses() []entry {
	symptoms := []ID{TLSAlert, TLSClosed, TLSFailed, TLSTimeout}
	return []entry{
		{
			id: PlaintextPort, severity: Error, owner: OwnerYou, confidence: Certain, reference: "RFC 8314 §3.3",
			title: "This port starts in the clear",
			seen:  plaintextPort,
		},
		{
			id: LegacyOnly, severity: Error, owner: OwnerServer, confidence: Certain, reference: "RFC 8996 §4, RFC 9325 §4.2",
			title:    "The server knows only outdated TLS",
			advice:   "Update the server's TLS library and settings so that it offers TLS 1.2 or 1.3 with forward secrecy.",
			silences: append(symptoms, LargeHello),
			seen:     legacyOnly,
		},
		{
			id: LargeHello, severity: Error, owner: OwnerNetwork, confidence: Likely, reference: "RFC 8446 §4.2.8",
			title:    "Something drops large TLS handshakes (post-quantum keys)",
			advice:   "Update the server's TLS library or the firewall in front of it; clients can leave out post-quantum groups until then.",
			silences: symptoms,
			seen:     largeHello,
		},
		{
			id: ClientCertificate, severity: Error, owner: OwnerServer, confidence: Certain, reference: "RFC 8446 §4.4.2.4",
			title:    "The server wants a client certificate",
			advice:   "Use a port for ordinary clients, or make the client certificate optional on the server.",
			silences: append(symptoms, SessionAlert, SessionClosed, GreetingClosed),
			seen:     clientCertificate,
		},
		{
			id: ServerNameUnknown, severity: Error, owner: OwnerServer, confidence: Certain, reference: "RFC 6066 §3",
			title:    "The server does not know the name that was asked for",
			advice:   "Check the name; if it is right, give the server a certificate for it, or one to use for every name.",
			silences: symptoms,
			seen:     serverNameUnknown,
		},
	}
}

// handshakeSymptoms say how it failed when nothing tells why.
func handshakeSymptoms() []entry {
	return []entry{
		{
			id: TLSAlert, severity: Error, owner: OwnerServer, confidence: Certain, reference: "RFC 8446 §6",
			title:  "The server breaks the TLS handshake off",
			advice: "Look at the TLS settings and the log of the server.",
			seen:   alert,
		},
		{
			id: TLSClosed, severity: Error, owner: OwnerServer, confidence: Likely, reference: "RFC 8446 §6.1",
			title:  "The server hangs up during the TLS handshake",
			advice: "Look at the server's TLS log; a middlebox that dislikes the handshake ends it in the same way.",
			seen: func(v *view) *match {
				if !v.failedAt(probe.PhaseHandshake, probe.KindClosed, probe.KindReset) {
					return nil
				}
				return v.because("The connection was %s before the handshake was complete.%s", v.failure.Kind, v.secondLook())
			},
		},
		{
			id: TLSTimeout, severity: Error, owner: OwnerServer, confidence: Likely, reference: "RFC 8446 §4.1",
			title:  "The TLS handshake does not come to its end",
			advice: "Look for a proxy or firewall that holds TLS back, and at the server's load.",
			seen: func(v *view) *match {
				if !v.failedAt(probe.PhaseHandshake, probe.KindTimeout) {
					return nil
				}
				return v.because("The client began the handshake and it was not complete after %s.%s", seconds(v.failure.Limit), v.secondLook())
			},
		},
		{
			id: TLSFailed, severity: Error, owner: OwnerServer, confidence: Likely, reference: "RFC 8446 §4.1",
			title:  "The TLS handshake fails",
			advice: "Look at the TLS settings of the server.",
			seen: func(v *view) *match {
				if !v.failedAt(probe.PhaseHandshake, probe.KindTLS, probe.KindLocal) {
					return nil
				}
				return v.because("The client could not go on: %s.%s", v.failure.Detail, v.secondLook())
			},
		},
	}
}

// plaintextPort is the wrong mode on the right port; on the port of implicit
// TLS it is the server that is in the wrong mode.
func plaintextPort(v *view) *match {
	if !v.failedAt(probe.PhaseHandshake, probe.KindNotTLS) || !v.tls().Implicit {
		return nil
	}
	m := v.because("The client began with TLS and the server answered %s.", v.said())
	m.advice = "Use STARTTLS here (--tls starttls), or implicit TLS on port 465."
	if name := registry.Protocol([]byte(v.failure.Octets)); name != "" && name != "SMTP" {
		m.explanation += " That is " + name + "."
		m.title, m.advice = "This port speaks another protocol", "Check the port: implicit TLS for mail is on 465."
		return m
	}
	if p, _ := registry.PortOf(v.port()); p.Implicit {
		m.owner = OwnerServer
		m.explanation += fmt.Sprintf(" On port %d clients expect TLS from the first octet.", v.port())
		m.advice = "Switch implicit TLS on for this listener (Postfix: smtpd_tls_wrappermode=yes); until then --tls starttls may work."
	}
	return m
}

// serverNameUnknown is a server that has no certificate for a name, or none
// for a client that gave no name, as with a bare address.
func serverNameUnknown(v *view) *match {
	const unrecognizedName = 112
	if !v.failedAt(probe.PhaseHandshake, probe.KindAlert) || v.failure.Alert != unrecognizedName {
		return nil
	}
	if name := v.tls().ServerName; name != "" {
		return v.because("The client asked for %s (SNI) and the server sent alert 112, unrecognized_name: it chooses its certificate by name and has none for this one.", name)
	}
	m := v.because("An address was tested, so the client gave no name (SNI), and the server sent alert 112, unrecognized_name: it chooses its certificate by name.")
	m.title, m.owner, m.advice = "The server wants to know which name is asked for", OwnerYou, "Test the server by its name; --at keeps the address."
	return m
}

// alert adds what the alerts of broken servers usually mean.
func alert(v *view) *match {
	if !v.failedAt(probe.PhaseHandshake, probe.KindAlert) {
		return nil
	}
	const handshakeFailure, internalError = 40, 80
	n := v.failure.Alert
	m := v.because("It sent alert %d, %s.", n, registry.AlertName(n))
	if a, ok := registry.AlertOf(n); ok {
		m.explanation = fmt.Sprintf("It sent alert %d, %s: %s.", n, a.Name, a.Meaning)
	}
	m.explanation += v.secondLook()
	switch n {
	case handshakeFailure, internalError:
		m.explanation += " A server whose certificate or key cannot be used does this too."
		m.advice = "Check that the server can use its certificate and key, then which suites it allows."
	}
	return m
}

// secondLook says what the look with legacy versions brought.
func (v *view) secondLook() string {
	look := v.report.FollowUp(probe.VariantLegacy)
	switch {
	case look == nil:
		return ""
	case look.TLS == nil:
		return " A second connection did not get as far as TLS."
	case look.TLS.Complete:
		return ""
	case look.Failure != nil && look.Failure.Kind == probe.KindRunTimeout:
		return " A second look that offered old versions and suites and a smaller first message was not answered before the time of the test was over."
	}
	return " A second look that offered old versions and suites and a smaller first message failed too."
}

// legacy is the second look if it came through, nil otherwise.
func (v *view) legacy() *probe.TLS {
	look := v.report.FollowUp(probe.VariantLegacy)
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
		evidence:    v.look(probe.VariantLegacy, probe.PhaseHandshake),
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
	var title string
	if v.failed(probe.KindAlert, probe.KindTLS) {
		title = "Something refuses large TLS handshakes (post-quantum keys)"
	}
	return &match{
		title:       title,
		explanation: fmt.Sprintf("The usual handshake failed (%s); a smaller one without post-quantum groups was answered with %s and %s.", failedHow(v.failure), t.Version, t.CipherSuite),
		evidence:    v.look(probe.VariantLegacy, probe.PhaseHandshake),
	}
}

// failedHow says in a few words how a handshake ended.
func failedHow(f *probe.Failure) string {
	switch f.Kind {
	case probe.KindAlert:
		return fmt.Sprintf("alert %d, %s", f.Alert, registry.AlertName(f.Alert))
	case probe.KindTimeout:
		return "no answer for " + seconds(f.Limit)
	case probe.KindTLS:
		return f.Detail
	}
	return "the connection was " + string(f.Kind)
}

// clientCertificate recognises a server that goes on only with one. Under
// TLS 1.3 its refusal arrives after the handshake has ended for the client:
// as an alert, or, when that is lost, as the end of the connection. Postfix
// says it in an SMTP reply.
func clientCertificate(v *view) *match {
	if v.belief == ClientCertificate {
		return v.because("The server said %s.", v.said())
	}
	if !v.tls().ClientCertAsked || v.failure == nil {
		return nil
	}
	const handshakeFailure = 40
	switch n := v.failure.Alert; {
	case v.failed(probe.KindAlert) && (n == handshakeFailure || registry.AlertAboutIdentity(n)):
		return v.because("It asked for a client certificate, got none, and sent alert %d, %s.", n, registry.AlertName(n))
	case v.failed(probe.KindClosed, probe.KindReset) && v.firstInsideTLS():
		m := v.because("It asked for a client certificate, got none, and ended the connection right after the handshake.")
		m.confidence = Likely
		return m
	}
	return nil
}

// firstInsideTLS reports a session that ended before the server had said
// anything inside TLS.
func (v *view) firstInsideTLS() bool {
	if !v.tls().Complete {
		return false
	}
	if v.tls().Implicit {
		return v.main.Greeting == nil
	}
	return !v.main.Hello().Secure
}
