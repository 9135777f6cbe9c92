package diagnosis

import (
	"fmt"
	"strings"

	"smtptest/probe"
	"smtptest/probe/registry"
)

// notSMTP recognises another protocol by what answers in SMTP's place.
func notSMTP(s *session) *result {
	switch {
	case s.failed(probe.KindNotSMTP):
		return foreign(s)
	case s.failedAt(probe.PhaseGreeting, probe.KindReply), s.failedAt(probe.PhaseEHLO, probe.KindReply):
		return foreignReply(s)
	}
	return foreignInsideTLS(s)
}

// foreign recognises what is no reply at all.
func foreign(s *session) *result {
	res := s.because("The answer was %s, which is not an SMTP reply.", s.quotedReply())
	res.confidence = Likely
	if name := s.heard(); name != "" && name != "SMTP" {
		res.explanation = fmt.Sprintf("The answer was %s: that is %s.", s.quotedReply(), protocolWords(name))
		res.title, res.confidence = protocolTitle(name), Certain
	}
	if s.failure.Phase != probe.PhaseGreeting {
		res.title, res.confidence = "The server stopped speaking SMTP", Likely
		res.owner, res.advice = OwnerServer, "Look for a proxy or filter that rewrites the session."
	}
	return res
}

// foreignReply recognises protocols that have reply codes too: FTP, LMTP,
// NNTP.
func foreignReply(s *session) *result {
	greeting := s.main.Greeting
	if greeting == nil {
		return nil
	}
	name := registry.Protocol([]byte(greeting.String()))
	if name == "" || name == "SMTP" {
		return nil
	}
	res := s.because("The greeting was %s: that is %s.", quote(greeting), protocolWords(name))
	if s.failure.Reply != greeting {
		res.explanation += " To EHLO it said " + fullStop(s.quotedReply())
	}
	res.title, res.evidence = protocolTitle(name), s.evidenceAt(probe.PhaseGreeting)
	if name == "LMTP" {
		res.advice = "Use the SMTP server in front of it: LMTP takes mail from that one only (RFC 2033)."
	}
	return res
}

// foreignInsideTLS recognises a server that is silent in the clear, and answers a
// connection that begins with TLS with something that is not SMTP.
func foreignInsideTLS(s *session) *result {
	implicit := s.report.FollowUp(probe.VariantTLS)
	if implicit == nil || implicit.Failure == nil || !s.failedAt(probe.PhaseGreeting, probe.KindTimeout) {
		return nil
	}
	f := implicit.Failure
	name := registry.Protocol([]byte(f.Octets))
	res := &result{title: protocolTitle(name), evidence: s.variantEvidence(probe.VariantTLS, f.Phase)}
	switch {
	case f.Kind == probe.KindNotTLS && name != "" && name != "SMTP":
		res.explanation = fmt.Sprintf("The server stayed silent; a second connection, which began with TLS, "+
			"was answered “%s”: that is %s.", firstLine(f.Octets), protocolWords(name))
	case f.Kind == probe.KindNotSMTP && implicit.TLS.Complete:
		what := "not an SMTP reply"
		if name != "" {
			what = protocolWords(name)
		}
		res.explanation = fmt.Sprintf("The server stayed silent in the clear; inside TLS it said “%s”, which is %s.",
			firstLine(f.Octets), what)
	default:
		return nil
	}
	return res
}

// protocolWords explains the names that few people know.
func protocolWords(name string) string {
	if name == "RFB" {
		return "RFB, the protocol of VNC"
	}
	return name
}

// protocolTitle says what answers; empty for what is not known.
func protocolTitle(name string) string {
	switch name {
	case "", "SMTP":
		return ""
	case "HTTP":
		return "A web server (HTTP) answers on this port"
	case "RFB":
		return "A VNC server (RFB) answers on this port"
	}
	article := "A"
	const vowels = "AFILMNRSX" // letters whose names begin with a vowel
	if strings.ContainsRune(vowels, rune(name[0])) && strings.ToUpper(name) == name {
		article = "An"
	}
	return fmt.Sprintf("%s %s server answers on this port", article, name)
}

// heard names the protocol of what came in place of an SMTP reply.
func (s *session) heard() string { return registry.Protocol([]byte(s.failure.Octets)) }
