package provider

import (
	"fmt"
	"strconv"
	"strings"
)

// ModeAdvice is one sentence when the port or the security that was asked
// for does not fit a known host. security is auto, starttls, implicit or
// none; an empty or unknown word counts as auto, with which only the port can
// be wrong. ok is false when nothing is known against it. Nothing that the
// person typed stands in the sentence but the port.
func ModeAdvice(host string, port uint16, security string) (advice string, ok bool) {
	p, known := Of(host)
	if !known {
		return "", false
	}
	h, _ := p.Host(host)
	if len(h.Ports) == 0 {
		return "", false
	}
	at := Port{port, h.mode(port)}
	switch {
	case at.Mode == "" || at.Mode == ModeClosed:
		return p.elsewhere(h, at), true
	case at.Mode.takes(security):
		return "", false
	}
	return p.otherwise(h, at, security), true
}

// mode is how a port is served; empty: it is not listed.
func (h Host) mode(port uint16) Mode {
	for _, p := range h.Ports {
		if p.Number == port {
			return p.Mode
		}
	}
	return ""
}

// takes reports whether a session with this security can go on in this mode.
func (m Mode) takes(security string) bool {
	switch security {
	case "implicit":
		return m == ModeImplicit
	case "starttls":
		return m == ModeSTARTTLS || m == ModeEither
	case "none":
		return m == ModeEither || m == ModeNone
	}
	return true
}

// elsewhere says which ports are served in place of this one.
func (p Provider) elsewhere(h Host, at Port) string {
	if h.Role == RoleMX {
		advice := fmt.Sprintf("This mail exchanger of %s takes mail from other servers, on port %s only", p.Name,
			h.ports(everyMode))
		if submission := p.submission(); submission != "" {
			advice += "; to log in and send use " + submission
		}
		return advice + "."
	}
	answers := "is not known to answer"
	if at.Mode == ModeClosed {
		answers = "does not answer"
	}
	return fmt.Sprintf("%s %s on port %d of this host; use %s.", p.Name, answers, at.Number, h.served())
}

// otherwise says what the port speaks, and where to find what was asked for.
func (p Provider) otherwise(h Host, at Port, security string) string {
	return fmt.Sprintf("%s's port %d %s; %s.", p.Name, at.Number, at.Mode.words(), h.found(security))
}

// words says how a session in this mode begins.
func (m Mode) words() string {
	switch m {
	case ModeSTARTTLS:
		return "starts in the clear and upgrades with STARTTLS"
	case ModeImplicit:
		return "starts with TLS at once"
	case ModeEither:
		return "starts in the clear and offers STARTTLS"
	}
	return "stays in the clear"
}

// found says on which ports a security is to be had.
func (h Host) found(security string) string {
	ports := h.ports(func(m Mode) bool { return m.takes(security) })
	if security == "none" {
		if ports == "" {
			return "no port of this host is meant to be used without TLS"
		}
		return "a session without TLS is taken on " + ports
	}
	name := map[string]string{"implicit": "implicit TLS", "starttls": "STARTTLS"}[security]
	if ports == "" {
		return name + " is not offered by this host"
	}
	return name + " is on " + ports
}

func everyMode(m Mode) bool { return m != ModeClosed }

// ports lists the ports whose mode fits, "465 and 2465"; empty: none does.
func (h Host) ports(fits func(Mode) bool) string {
	var numbers []string
	for _, p := range h.Ports {
		if p.Mode != ModeClosed && fits(p.Mode) {
			numbers = append(numbers, strconv.Itoa(int(p.Number)))
		}
	}
	return enumerate(numbers, "and")
}

// served lists the ports by how they are spoken to: "587 with STARTTLS or
// 465 with implicit TLS".
func (h Host) served() string {
	var kinds []string
	for _, k := range []struct {
		mode Mode
		with string
	}{{ModeSTARTTLS, " with STARTTLS"}, {ModeEither, " with STARTTLS"}, {ModeImplicit,
		" with implicit TLS"}, {ModeNone, " without TLS"}} {
		if ports := h.ports(func(m Mode) bool { return m == k.mode }); ports != "" {
			kinds = append(kinds, ports+k.with)
		}
	}
	return enumerate(kinds, "or")
}

// submission is the first host to log in at.
func (p Provider) submission() string {
	for _, h := range p.Hosts {
		if h.Role == RoleSubmission {
			return h.Names[0]
		}
	}
	return ""
}

// enumerate joins words as people do: "a, b and c".
func enumerate(words []string, last string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	n := len(words) - 1
	return strings.Join(words[:n], ", ") + " " + last + " " + words[n]
}

// CredentialAdvice is one sentence when a credential of this shape is not
// what the provider wants in this place. ok is false when it fits, or when
// nothing is known against it.
func (p Provider) CredentialAdvice(as Use, s Shape) (advice string, ok bool) {
	for _, c := range p.Credentials {
		if c.Shape == s.ID && c.As == as {
			return c.Says, !c.Fits
		}
	}
	for _, issuer := range loaded().providers {
		if s.Of == issuer.ID && issuer.ID != p.ID {
			return fmt.Sprintf("This has the form of %s, which does not log in at %s.", s.What, p.Name), true
		}
	}
	return "", false
}

// SharedUser is the user name that a provider gives to every account, if name
// is one; empty if it is a name of somebody's own.
func SharedUser(name string) string {
	for _, p := range loaded().providers {
		if p.User.Literal != "" && p.User.Fits(name) {
			return p.User.Literal
		}
	}
	return ""
}

// UserAdvice is one sentence when a user name cannot be right here. The name
// does not stand in it. ok is false when it can be right.
func (p Provider) UserAdvice(name string) (advice string, ok bool) {
	return p.User.Says, !p.User.Fits(name)
}
