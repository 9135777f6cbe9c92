package diagnosis

import (
	"fmt"

	"smtptest/probe"
	"smtptest/probe/smtp"
)

// starttlsRules judge the upgrade (RFC 3207).
func starttlsRules() []rule {
	return []rule{
		{
			id: STARTTLSNotOffered, reference: "RFC 3207 §6",
			title:      "The server does not offer STARTTLS",
			suppresses: []ID{OfferedInClear},
			match:      notOffered,
		},
		{
			id: STARTTLSBroken, reference: "RFC 3207 §4",
			title:       "The server offers STARTTLS but cannot do it",
			advice:      "Check that the server can read its certificate and key, and that the two belong together.",
			reply:       STARTTLSBroken,
			explanation: "To STARTTLS the server said {reply}: usually its key or certificate cannot be loaded.",
		},
		{
			id: STARTTLSRefused, confidence: Likely, reference: "RFC 3207 §4",
			title: "The server offers STARTTLS and refuses it",
			advice: "Look for STARTTLS in the server's log; if it is not there, look for the proxy or firewall " +
				"that answers in its place.",
			reply:       STARTTLSRefused,
			explanation: "To STARTTLS the server said {reply} instead of 220.",
		},
		{
			id: EarlyPlaintext, reference: "RFC 3207 §4.2, CVE-2021-38371",
			title: "Octets in the clear follow the server's 220 to STARTTLS",
			advice: "Update the server, and find out what stands between here and it: " +
				"do not log in until this is gone.",
			match: earlyPlaintext,
		},
		{
			id: LeftInClear, confidence: Likely, reference: "RFC 3207 §4.2",
			title:  "The server agrees to STARTTLS and does not begin TLS",
			advice: "Look at the server's TLS settings and log, and for a proxy that speaks in its place.",
			match: func(s *session) *result {
				if !s.failedAt(probe.PhaseHandshake, probe.KindNotTLS) || s.tls().Implicit {
					return nil
				}
				return s.because("After its 220 to STARTTLS the client began the handshake, "+
					"and the server answered %s in the clear.", s.quotedReply())
			},
		},
		{
			id: EHLORefusedInsideTLS, confidence: Likely, reference: "RFC 3207 §4.2",
			title: "The server refuses EHLO inside TLS",
			advice: "Look for a proxy that does TLS in the server's place and goes on with a session " +
				"that the server had begun.",
			suppresses: []ID{EHLORefused, EHLONameRefused, EHLOClientRefused, HELOOnly},
			match:      refusedInside,
		},
		{
			id: LoginLost, severity: Warning, reference: "RFC 3207 §4.2, RFC 4954 §4",
			title:      "The server offers a login in the clear and none inside TLS",
			advice:     "Make the server offer AUTH inside TLS, and there only.",
			suppresses: []ID{OfferedInClear},
			match:      loginLost,
		},
	}
}

// notOffered is an error when TLS was asked for. When it was left to the
// server, the session went on in the clear, which is a warning.
func notOffered(s *session) *result {
	hello := s.hello()
	if hello == nil || !hello.Reply.Positive() || hello.Capabilities.Has("STARTTLS") || s.tls().Complete {
		return nil
	}
	res := &result{evidence: s.evidenceAt(probe.PhaseEHLO)}
	res.explanation = fmt.Sprintf("After EHLO the server lists %s: it is not configured, "+
		"or something on the way takes it out.", withoutSTARTTLS(len(hello.Capabilities)))
	res.advice = "Configure a certificate on the server; if it has one, look for a firewall or proxy " +
		"that rewrites the session."
	if s.submission() && s.worthTrying(465) {
		res.advice += " Or test implicit TLS on port 465."
	}
	auto := s.report.Request.Security == probe.SecurityAuto
	switch {
	case s.failedAt(probe.PhaseSTARTTLS, probe.KindNotOffered),
		auto && s.failedAt(probe.PhaseAuth, probe.KindUnprotected):
		return res
	case auto && (s.failure == nil || s.failure.Phase == probe.PhaseEnvelope):
		res.severity = Warning
		res.explanation += " The session stayed in the clear."
		return res
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

func earlyPlaintext(s *session) *result {
	if !s.failed(probe.KindInjected) {
		return nil
	}
	octets := s.main.Injected
	return s.because("%d octets came behind the 220, before the TLS handshake: %s "+
		"A careless client would take them for protected replies; this is how answers are injected.",
		len(octets), fullStop("“"+short(smtp.OneLine(smtp.Printable(octets)))+"”"))
}

// refusedInside recognises a server that took EHLO before STARTTLS and does
// not take the one that must follow it. The name is the same, so it is not
// the name.
func refusedInside(s *session) *result {
	if s.main == nil || s.main.STARTTLS == nil || !s.tls().Complete {
		return nil
	}
	for i := range s.main.Hellos {
		h := &s.main.Hellos[i]
		if !h.Secure || h.Verb != "EHLO" || h.Reply.Positive() {
			continue
		}
		res := &result{evidence: s.replyEvidence(s.evidenceAt(probe.PhaseEHLO), &h.Reply)}
		res.explanation = "Before STARTTLS the server took EHLO; inside TLS it said " + fullStop(quote(&h.Reply))
		if s.failure == nil {
			res.severity = Warning
			res.explanation += " HELO was accepted, but it brings no extensions: no login."
		}
		return res
	}
	return nil
}

// loginLost compares the capability lists before and inside TLS. A login
// that is offered inside TLS only is as it should be.
func loginLost(s *session) *result {
	if s.main == nil || s.main.STARTTLS == nil || len(s.main.Hellos) < 2 {
		return nil
	}
	before, inside := s.main.Hellos[0], s.main.Hello()
	if !before.Capabilities.Has("AUTH") || inside.Capabilities.Has("AUTH") ||
		!inside.Secure || !inside.Reply.Positive() || inside.Verb != "EHLO" {
		return nil
	}
	return &result{
		explanation: "AUTH was listed before STARTTLS and is not listed inside TLS. " +
			"Clients that insist on TLS, as they should, cannot log in.",
		evidence: s.evidenceAt(probe.PhaseEHLO),
	}
}
