package diagnosis

import (
	"fmt"
	"strconv"
	"strings"

	"smtptest/probe"
)

// comparison is what the variants of a report show beside the main session.
type comparison struct {
	said     []string
	advice   string // better than the finding's own; empty: none
	fix      Fix    // beside advice
	evidence []Evidence
}

// compare words what was compared. What was not compared is not claimed.
func (s *session) compare() comparison {
	var c comparison
	s.comparePorts(&c)
	for i := range s.report.Sessions {
		other := &s.report.Sessions[i]
		if s.report.FollowUp(other.Variant) != other {
			continue // said of the first one, see Repeated
		}
		if text := s.compareWith(other); text != "" {
			c.say(text, s.evidenceIn(i, lastPhase(other)))
		}
	}
	if len(c.said) > 0 && s.failure == nil && s.repeated() == repeatedElse {
		c.advice = "Look for several servers behind this name, and give each of them the certificate that has the name."
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

// lastPhase is where a session ended.
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
func (s *session) comparePorts(c *comparison) {
	var answer, refuse, dead, silent []string
	for i := range s.report.Sessions {
		other := &s.report.Sessions[i]
		if other.Variant != probe.VariantPort {
			continue
		}
		c.evidence = append(c.evidence, s.evidenceIn(i, lastPhase(other))...)
		port := strconv.Itoa(int(other.Address.Port()))
		switch {
		case other.Greeting == nil && !other.Source.IsValid():
			dead = append(dead, port)
		case other.Greeting == nil:
			silent = append(silent, port)
		case other.Greeting.Code == 220:
			answer = append(answer, port)
			c.advise(s.host(), other.Address.Port())
		default:
			refuse = append(refuse, fmt.Sprintf("port %s greets with %d", port, other.Greeting.Code))
		}
	}
	var said []string
	if len(answer) > 0 {
		said = append(said, portList(answer, "answers", "answer")+" at the same address")
	}
	said = append(said, refuse...)
	if len(dead) > 0 {
		said = append(said, portList(dead, "does not accept connections", "do not accept connections"))
	}
	if len(silent) > 0 {
		said = append(said, portList(silent, "accepts connections and does not greet", "accept connections and do not greet"))
	}
	if len(said) > 0 {
		c.said = append(c.said, strings.Join(said, ", "))
	}
}

// worthTrying reports another port that was not tried beside this one, or that
// answered: what did not answer is no advice.
func (s *session) worthTrying(port uint16) bool {
	if s.port() == port {
		return false
	}
	for i := range s.report.Sessions {
		other := &s.report.Sessions[i]
		if other.Variant == probe.VariantPort && other.Address.Port() == port {
			return other.Greeting != nil && other.Greeting.Code == 220
		}
	}
	return true
}

// portList is ports with what one or several of them do.
func portList(ports []string, one, several string) string {
	if len(ports) == 1 {
		return "port " + ports[0] + " " + one
	}
	return "ports " + strings.Join(ports[:len(ports)-1], ", ") + " and " + ports[len(ports)-1] + " " + several
}

// advise recommends the first port that answers.
func (c *comparison) advise(host string, port uint16) {
	if c.advice == "" {
		c.advice, c.fix = portAdvice(port), Fix{Target: probe.Target{Host: host, Port: port}}
	}
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

// compareWith says what one variant shows beside the session that failed.
func (s *session) compareWith(other *probe.Session) string {
	repeated := s.repeated()
	if s.failure != nil && repeated == repeatedElse {
		return "" // see intermittent
	}
	switch other.Variant {
	case probe.VariantFamily:
		if other.DidBetter(s.main) {
			return fmt.Sprintf("at %s the same name works", other.Address.Addr()) +
				onlyIf(repeated, ", so the two addresses lead to different servers or rules")
		}
		return fmt.Sprintf("at %s it fails too, at %s", other.Address.Addr(), other.Failure.Phase.Words())
	case probe.VariantUpgrade:
		if other.TLS != nil && other.TLS.Complete {
			return fmt.Sprintf("with STARTTLS the same port works, with %s", other.TLS.Version)
		}
		return "STARTTLS does not work on this port either"
	case probe.VariantNoSNI:
		return s.compareCertificates(other)
	case probe.VariantEHLO:
		if other.DidBetter(s.main) {
			return "our address as a literal is accepted in the name's place" +
				onlyIf(repeated, ", so it is the name that is refused")
		}
		return "our address as a literal is refused too"
	}
	return ""
}

// onlyIf is a conclusion where the difference was there again, and says that
// it was seen once where it was not repeated.
func onlyIf(r repetition, conclusion string) string {
	if r == repeatedSame {
		return ", and so once more when both were repeated" + conclusion
	}
	return " (once; that was not repeated)"
}

// compareCertificates compares what a client without SNI is shown with what
// the main session was shown.
func (s *session) compareCertificates(other *probe.Session) string {
	switch main := s.tls(); {
	case s.repeated() == repeatedElse:
		return "a later connection was made in the same way as an earlier one and shown another certificate: " +
			"several servers answer here, and not all of them have the certificate with the name"
	case s.shownWithoutSNI() && other.TLS.Trust.Trusted():
		return "the right certificate is there, but is shown only to a client that names no host (no SNI)"
	case s.shownWithoutSNI():
		return "a certificate with the right name is there, but is shown only to a client that names no host (no SNI)"
	case other.TLS == nil || len(other.TLS.Chain) == 0:
		return "a client that names no host (no SNI) is shown no certificate"
	case len(main.Chain) == 0:
		return fmt.Sprintf("a client that names no host (no SNI) is shown a certificate for %s",
			names(other.TLS.Chain[0]))
	case main.Chain[0].SHA256 == other.TLS.Chain[0].SHA256:
		return "a client that names no host (no SNI) is shown the same certificate"
	default:
		return fmt.Sprintf("a client that names no host (no SNI) is shown another certificate, for %s",
			names(other.TLS.Chain[0]))
	}
}
