package diagnosis

import (
	"fmt"
	"strings"

	"smtptest/probe"
	"smtptest/probe/registry"
)

// handshakeRules judge a handshake that did not come to its end.
func handshakeRules() []rule {
	return append(handshakeCauses(), handshakeSymptoms()...)
}

// handshakeCauses know why it failed.
func handshakeCauses() []rule {
	symptoms := []ID{TLSAlert, TLSClosed, TLSFailed, TLSTimeout}
	return []rule{
		{
			id: PlaintextPort, owner: OwnerYou, reference: "RFC 8314 §3.3",
			title: "This port starts in the clear",
			match: plaintextPort,
		},
		{
			id: LegacyOnly, reference: "RFC 8996 §4, RFC 9325 §4.2",
			title: "The server knows only outdated TLS",
			advice: "Update the server's TLS library and settings so that it offers TLS 1.2 or " +
				"1.3 with forward secrecy.",
			suppresses: append(symptoms, LargeHello),
			match:      legacyOnly,
		},
		{
			id: LargeHello, owner: OwnerNetwork, confidence: Likely, reference: "RFC 8446 §4.2.8",
			title: "Something drops large TLS handshakes (post-quantum keys)",
			advice: "Update the server's TLS library or the firewall in front of it; " +
				"clients can leave out post-quantum groups until then.",
			suppresses: symptoms,
			match:      largeHello,
		},
		{
			id: ClientCertificate, reference: "RFC 8446 §4.4.2.4",
			title:      "The server wants a client certificate",
			advice:     "Use a port for ordinary clients, or make the client certificate optional on the server.",
			suppresses: append(symptoms, SessionAlert, SessionClosed, GreetingClosed),
			match:      clientCertificate,
		},
		{
			id: ServerNameUnknown, reference: "RFC 6066 §3",
			title: "The server does not know the name that was asked for",
			advice: "Check the name; if it is right, give the server a certificate for it, " +
				"or one to use for every name.",
			suppresses: symptoms,
			match:      serverNameUnknown,
		},
	}
}

// handshakeSymptoms say how it failed when nothing tells why.
func handshakeSymptoms() []rule {
	return []rule{
		{
			id: TLSAlert, reference: "RFC 8446 §6",
			title:  "The server breaks the TLS handshake off",
			advice: "Look at the TLS settings and the log of the server.",
			match:  alert,
		},
		{
			id: TLSClosed, confidence: Likely, reference: "RFC 8446 §6.1",
			title:  "The server hangs up during the TLS handshake",
			advice: "Look at the server's TLS log; if it shows nothing, look for a firewall or proxy in between.",
			match: func(s *session) *result {
				if !s.failedAt(probe.PhaseHandshake, probe.KindClosed, probe.KindReset) {
					return nil
				}
				return s.because("The connection was %s before the handshake was complete.%s",
					s.failure.Kind, s.secondTry())
			},
		},
		{
			id: TLSTimeout, confidence: Likely, reference: "RFC 8446 §4.1",
			title:  "The TLS handshake does not come to its end",
			advice: "Look for a proxy or firewall that holds TLS back, and at the server's load.",
			match: func(s *session) *result {
				if !s.failedAt(probe.PhaseHandshake, probe.KindTimeout) {
					return nil
				}
				return s.because("The client began the handshake and it was not complete after %s.%s",
					probe.Duration(s.failure.Limit), s.secondTry())
			},
		},
		{
			id: TLSFailed, confidence: Likely, reference: "RFC 8446 §4.1",
			title:  "The TLS handshake fails",
			advice: "Look at the TLS settings of the server.",
			match: func(s *session) *result {
				if !s.failedAt(probe.PhaseHandshake, probe.KindTLS, probe.KindLocal) {
					return nil
				}
				return s.because("The client could not go on: %s.%s", s.failure.Detail, s.secondTry())
			},
		},
	}
}

// plaintextPort is the wrong mode on the right port; on the port of implicit
// TLS it is the server that is in the wrong mode.
func plaintextPort(s *session) *result {
	if !s.failedAt(probe.PhaseHandshake, probe.KindNotTLS) || !s.tls().Implicit {
		return nil
	}
	res := s.because("The client began with TLS and the server answered %s", fullStop(s.quotedReply()))
	res.advice, res.fix = "Use STARTTLS here, or implicit TLS on port 465.", Fix{Security: probe.SecuritySTARTTLS}
	upgrade := s.report.FollowUp(probe.VariantUpgrade)
	dead := upgrade != nil && (upgrade.TLS == nil || !upgrade.TLS.Complete)
	if dead {
		res.advice, res.fix = "Use a port that offers TLS, mostly 465 with implicit TLS.", Fix{}
	}
	if name := registry.Protocol([]byte(s.failure.Octets)); name != "" && name != "SMTP" {
		res.explanation += " That is " + name + "."
		res.title = "This port speaks another protocol"
		res.advice, res.fix = "Check the port: implicit TLS for mail is on 465.", Fix{}
		return res
	}
	if p, _ := registry.PortOf(s.port()); p.Implicit {
		res.owner = OwnerServer
		res.explanation += fmt.Sprintf(" On port %d clients expect TLS from the first octet.", s.port())
		res.advice = "Switch implicit TLS on for this listener (Postfix: smtpd_tls_wrappermode=yes)"
		if !dead {
			res.advice += "; until then STARTTLS may work"
		}
		res.advice += "."
	}
	return res
}

// serverNameUnknown is a server that has no certificate for a name, or none
// for a client that gave no name, as with a bare address.
func serverNameUnknown(s *session) *result {
	const unrecognizedName = 112
	if !s.failedAt(probe.PhaseHandshake, probe.KindAlert) || s.failure.Alert != unrecognizedName {
		return nil
	}
	if name := s.tls().ServerName; name != "" {
		if s.entryBroken() {
			res := s.because("Asked for %s (SNI), the server sent alert 112, unrecognized_name; asked for no name, it shows "+
				"a certificate for that very name. What it has configured for the name itself cannot be used.", name)
			res.title = "The server's entry for this name (SNI) is broken"
			res.advice = fmt.Sprintf("Correct the entry for %s in the server's table of names (Postfix: "+
				"tls_server_sni_maps): its key must fit its certificate.", name)
			return res
		}
		return s.because("The client asked for %s (SNI) and the server sent alert 112, unrecognized_name: "+
			"it chooses its certificate by name, and has none for it that it can use.", name)
	}
	res := s.because("An address was tested, so the client gave no name (SNI), and the server sent alert 112, " +
		"unrecognized_name: it chooses its certificate by name.")
	res.title, res.owner = "The server wants to know which name is asked for", OwnerYou
	res.advice, res.fix = "Test the server by its name, and keep the address.", Fix{At: s.address().Addr()}
	return res
}

// entryBroken reports a server that has a certificate for the name, and shows it
// only to a client that names no host, each time.
func (s *session) entryBroken() bool {
	noSNI := s.report.FollowUp(probe.VariantNoSNI)
	return s.repeated() == repeatedSame && noSNI != nil && noSNI.TLS != nil && noSNI.TLS.Trust.Name == probe.NameMatches
}

// alert adds what the alerts of broken servers usually mean.
func alert(s *session) *result {
	if !s.failedAt(probe.PhaseHandshake, probe.KindAlert) {
		return nil
	}
	const handshakeFailure, internalError = 40, 80
	n := s.failure.Alert
	res := s.because("The server sent alert %d, %s.", n, registry.AlertName(n))
	if a, ok := registry.AlertOf(n); ok {
		res.explanation = fmt.Sprintf("The server sent alert %d, %s: %s.", n, a.Name, a.Meaning)
	}
	res.explanation += s.secondTry()
	switch n {
	case handshakeFailure, internalError:
		res.explanation += " A server whose certificate or key cannot be used does this too."
		res.advice = "Check that the server can use its certificate and key, then which suites it allows."
	}
	return res
}

// secondTry says what the variant with legacy versions brought.
func (s *session) secondTry() string {
	legacy := s.report.FollowUp(probe.VariantLegacy)
	switch {
	case legacy == nil:
		return ""
	case legacy.TLS == nil:
		return " A second connection did not get as far as TLS."
	case legacy.TLS.Complete:
		return " A second connection that offered old versions and suites and a smaller first message came through once; " +
			"that was not repeated, so it may be chance."
	case legacy.Failure != nil && legacy.Failure.Kind == probe.KindRunTimeout:
		return " A second connection that offered old versions and suites and a smaller first message was not answered " +
			"before the time of the test was over."
	}
	return " A second connection that offered old versions and suites and a smaller first message failed too."
}

// legacy is the TLS of that variant if it came through, nil otherwise.
func (s *session) legacy() *probe.TLS {
	legacy := s.report.FollowUp(probe.VariantLegacy)
	if legacy == nil || legacy.TLS == nil || !legacy.TLS.Complete {
		return nil
	}
	if s.failure == nil || s.failure.Phase != probe.PhaseHandshake {
		return nil
	}
	return legacy.TLS
}

func legacyOnly(s *session) *result {
	t := s.legacy()
	if t == nil || !outdated(t) || t.Version >= "TLS 1.2" && s.repeated() != repeatedSame {
		return nil
	}
	return &result{
		explanation: fmt.Sprintf("A handshake with today's versions and suites failed; "+
			"one that also offered old ones was answered with %s and %s.", t.Version, t.CipherSuite),
		evidence: s.variantEvidence(probe.VariantLegacy, probe.PhaseHandshake),
	}
}

// outdated reports what a modern client does not offer: TLS below 1.2, or a
// suite without forward secrecy or with an old cipher.
func outdated(t *probe.TLS) bool {
	return t.Version == "TLS 1.0" || t.Version == "TLS 1.1" || strings.HasPrefix(t.CipherSuite, "TLS_RSA_") ||
		containsAny(t.CipherSuite, []string{"_3DES_", "_RC4_", "_CBC_SHA256"})
}

func largeHello(s *session) *result {
	t := s.legacy()
	if t == nil || outdated(t) || s.repeated() != repeatedSame {
		return nil
	}
	var title string
	if s.failed(probe.KindAlert, probe.KindTLS) {
		title = "Something refuses large TLS handshakes (post-quantum keys)"
	}
	return &result{
		title: title,
		explanation: fmt.Sprintf("The usual handshake failed twice (%s); a smaller one without post-quantum groups "+
			"was answered both times, with %s and %s.", failedHow(s.failure), t.Version, t.CipherSuite),
		evidence: s.variantEvidence(probe.VariantLegacy, probe.PhaseHandshake),
	}
}

// failedHow says in a few words how a handshake ended.
func failedHow(f *probe.Failure) string {
	if f.Kind == probe.KindTLS {
		return f.Detail
	}
	return f.Words()
}

// clientCertificate recognises a server that goes on only with one. Under
// TLS 1.3 its refusal arrives after the handshake has ended for the client:
// as an alert, or, when that is lost, as the end of the connection. Postfix
// says it in an SMTP reply.
func clientCertificate(s *session) *result {
	if s.classification == ClientCertificate {
		return s.replied("The server said {reply}.")
	}
	if !s.tls().ClientCertAsked || s.failure == nil {
		return nil
	}
	const handshakeFailure = 40
	switch n := s.failure.Alert; {
	case s.failed(probe.KindAlert) && (n == handshakeFailure || registry.AlertAboutIdentity(n)):
		return s.because("It asked for a client certificate%s, got none, and sent alert %d, %s.",
			s.fromAuthorities(), n, registry.AlertName(n))
	case s.failed(probe.KindClosed, probe.KindReset) && s.firstInsideTLS():
		res := s.because("It asked for a client certificate%s, got none, and ended the connection "+
			"right after the handshake.", s.fromAuthorities())
		res.confidence = Likely
		return res
	}
	return nil
}

// fromAuthorities says whose client certificates the server accepts, where it
// named them.
func (s *session) fromAuthorities() string {
	all := s.tls().ClientCAs
	if len(all) == 0 {
		return ""
	}
	return " of " + short(strings.Join(all, " or "))
}

// firstInsideTLS reports a session that ended before the server had said
// anything inside TLS.
func (s *session) firstInsideTLS() bool {
	if !s.tls().Complete {
		return false
	}
	if s.tls().Implicit {
		return s.main.Greeting == nil
	}
	return !s.main.Hello().Secure
}
