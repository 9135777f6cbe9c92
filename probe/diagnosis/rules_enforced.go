package diagnosis

import (
	"smtptest/probe"
	"smtptest/probe/provider"
	"smtptest/probe/replies"
)

// Enforcement is what a server did with MAIL FROM:<> before STARTTLS.
type Enforcement string

// The answers.
const (
	EnforcementUnknown Enforcement = ""         // not asked, or not answered
	Enforced           Enforcement = "enforced" // refused for want of TLS
	NotEnforced        Enforcement = "accepted"
	RefusedOtherwise   Enforcement = "refused" // for a reason that has nothing to do with TLS, or names none
)

// enforcement reads the answer that Request.Enforced asks for.
func (s *session) enforcement() Enforcement {
	asked := s.report.ClearMail()
	if asked == nil || asked.ClearMail.Mail == nil {
		return EnforcementUnknown
	}
	switch reply := asked.ClearMail.Mail; {
	case reply.Positive():
		return NotEnforced
	case provider.Classify(s.host(), replies.MAIL, reply).ID == TLSRequired:
		return Enforced
	}
	return RefusedOtherwise
}

// enforcedRules judge whether mail is taken without STARTTLS. On a submission
// port it should not be (RFC 8314 §4.1); a server that anybody may send to must
// not ask for TLS (RFC 3207 §4).
func enforcedRules() []rule {
	return []rule{
		{
			id: STARTTLSNotEnforced, severity: Warning, reference: "RFC 8314 §4.1, RFC 3207 §6",
			title: "The server takes mail without STARTTLS too",
			advice: "Require TLS on this port (Postfix: smtpd_tls_security_level=encrypt), " +
				"and set clients to insist on it.",
			match: notEnforced,
		},
		{
			id: STARTTLSForAll, severity: Info, reference: "RFC 3207 §4",
			title:  "The server takes mail inside TLS only",
			advice: "Keep it so only if every sender is known to use TLS.",
			match: func(s *session) *result {
				if s.submission() || s.enforcement() != Enforced {
					return nil
				}
				return s.clearMail(" On port 25 that keeps out every sender without TLS; " +
					"a server that anybody may send to must not ask for it.")
			},
		},
	}
}

func notEnforced(s *session) *result {
	if !s.submission() || s.enforcement() != NotEnforced {
		return nil
	}
	if s.report.ClearMail().Hellos[0].Capabilities.Has("AUTH") || len(s.offered()) == 0 {
		return s.clearMail(" A client that does not insist on TLS may send mail in the clear, and nobody notices " +
			"when something on the way takes STARTTLS out.")
	}
	res := s.clearMail(" Logins are listed inside TLS only, so no password is lost this way. " +
		"Whether it takes a recipient in the clear was not asked.")
	res.severity = Info
	return res
}

// clearMail quotes the answer to MAIL before STARTTLS.
func (s *session) clearMail(meaning string) *result {
	asked := s.report.ClearMail()
	at := s.evidenceAt(probe.PhaseClearMail)
	if asked.Variant != probe.VariantMain {
		at = s.variantEvidence(asked.Variant, probe.PhaseClearMail)
	}
	reply := asked.ClearMail.Mail
	return &result{
		explanation: "Before STARTTLS, to MAIL FROM:<> the server said " + fullStop(quote(reply)) + meaning,
		evidence:    s.replyEvidence(at, reply),
	}
}
