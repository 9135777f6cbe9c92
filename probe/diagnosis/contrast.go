package diagnosis

import (
	"fmt"
	"strconv"
	"strings"

	"smtptest/probe"
)

// comparison is what the contrast probes of a report say.
type comparison struct {
	said     []string
	advice   string // better than the finding's own; empty: none
	evidence []Evidence
}

// compare words what was compared. What was not compared is not claimed.
func (v *view) compare() comparison {
	var c comparison
	v.comparePorts(&c)
	for i := range v.report.Sessions {
		s := &v.report.Sessions[i]
		if text := v.compareWith(s); text != "" {
			c.say(text, v.in(i, lastPhase(s)))
		}
	}
	return c
}

func (c *comparison) say(text string, evidence []Evidence) {
	c.said = append(c.said, text)
	c.evidence = append(c.evidence, evidence...)
}

// text is what to add to the explanation of the cause.
func (c *comparison) text() string {
	if len(c.said) == 0 {
		return ""
	}
	return " Compared: " + strings.Join(c.said, "; ") + "."
}

// lastPhase is where a look ended.
func lastPhase(s *probe.Session) probe.Phase {
	if len(s.Steps) == 0 {
		return probe.PhaseConnect
	}
	last := s.Steps[len(s.Steps)-1]
	if last.Phase == probe.PhaseQuit && len(s.Steps) > 1 {
		last = s.Steps[len(s.Steps)-2]
	}
	return last.Phase
}

// comparePorts says which other ports answer.
func (v *view) comparePorts(c *comparison) {
	var answer, refuse, silent []string
	for i := range v.report.Sessions {
		s := &v.report.Sessions[i]
		if s.Variant != probe.VariantPort {
			continue
		}
		c.evidence = append(c.evidence, v.in(i, lastPhase(s))...)
		port := strconv.Itoa(int(s.Address.Port()))
		switch {
		case s.Greeting == nil:
			silent = append(silent, port)
		case s.Greeting.Code == 220:
			answer = append(answer, port)
			c.advice = first(c.advice, portAdvice(s.Address.Port()))
		default:
			refuse = append(refuse, fmt.Sprintf("port %s greets with %d", port, s.Greeting.Code))
		}
	}
	var said []string
	if len(answer) > 0 {
		said = append(said, portList(answer, "answers", "answer")+" at the same address")
	}
	said = append(said, refuse...)
	if len(silent) > 0 {
		said = append(said, portList(silent, "does not accept connections", "do not accept connections"))
	}
	if len(said) > 0 {
		c.said = append(c.said, strings.Join(said, ", "))
	}
}

// portList is ports with what one or several of them do.
func portList(ports []string, one, several string) string {
	if len(ports) == 1 {
		return "port " + ports[0] + " " + one
	}
	return "ports " + strings.Join(ports[:len(ports)-1], ", ") + " and " + ports[len(ports)-1] + " " + several
}

// portAdvice says how to use a port that answers.
func portAdvice(port uint16) string {
	switch port {
	case 465:
		return "Use port 465 with implicit TLS, which answers here."
	case 25:
		return "Port 25 answers here; it is for mail between servers, so clients still need a submission port."
	}
	return fmt.Sprintf("Use port %d with STARTTLS, which answers here.", port)
}

// compareWith says what one look shows beside the session that failed.
func (v *view) compareWith(s *probe.Session) string {
	switch s.Variant {
	case probe.VariantFamily:
		if s.Failure == nil {
			return fmt.Sprintf("at %s the same name works, so the two addresses lead to different servers or rules", s.Address.Addr())
		}
		return fmt.Sprintf("at %s it fails too, at %s", s.Address.Addr(), phaseWords(s.Failure.Phase))
	case probe.VariantUpgrade:
		if s.TLS != nil && s.TLS.Complete {
			return fmt.Sprintf("with STARTTLS the same port works, with %s", s.TLS.Version)
		}
		return "STARTTLS does not work on this port either"
	case probe.VariantNoSNI:
		return v.compareCertificates(s)
	case probe.VariantEHLO:
		if s.Failure == nil {
			return "our address as a literal is accepted in the name's place, so it is the name that is refused"
		}
		return "our address as a literal is refused too"
	}
	return ""
}

// compareCertificates holds what a client without SNI is shown against what
// the main session was shown.
func (v *view) compareCertificates(s *probe.Session) string {
	switch main := v.tls(); {
	case v.shownWithoutSNI() && s.TLS.Trust.Trusted():
		return "the right certificate is there, but is shown only to a client that names no host (no SNI)"
	case v.shownWithoutSNI():
		return "a certificate with the right name is there, but is shown only to a client that names no host (no SNI)"
	case s.TLS == nil || len(s.TLS.Chain) == 0:
		return "a client that names no host (no SNI) is shown no certificate"
	case len(main.Chain) == 0:
		return fmt.Sprintf("a client that names no host (no SNI) is shown a certificate for %s", names(s.TLS.Chain[0]))
	case main.Chain[0].SHA256 == s.TLS.Chain[0].SHA256:
		return "a client that names no host (no SNI) is shown the same certificate"
	default:
		return fmt.Sprintf("a client that names no host (no SNI) is shown another certificate, for %s", names(s.TLS.Chain[0]))
	}
}
