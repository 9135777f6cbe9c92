package probe

import (
	"net/netip"
	"time"

	"smtptest/probe/smtp"
)

// variant is all in which the sessions of one run differ from each other.
type variant struct {
	name     Variant
	address  netip.AddrPort
	security Security
	sni      string // sent in the handshake (RFC 6066 §3); empty: no name is sent
	ehlo     string // argument of EHLO; empty: our own address as a literal
	legacy   bool   // old versions and suites are offered too, see offerLegacy
	inClear  bool   // beside legacy: TLS 1.2 at most, so that certificates travel in the clear
	// Only suites with finite-field Diffie-Hellman are offered, in a ClientHello of our own: see askFiniteField.
	finiteField bool
	until       Phase // the session ends when this has passed; empty: after all that was asked for
	limits      limits
	asksTLS     bool      // after a silence a second connection may ask whether this port begins with TLS
	answers     bool      // it answers the request: the caller learns at once when all but the goodbye is known
	login       *Login    // nil: no login
	envelope    *Envelope // nil: no MAIL, no RCPT
	enforced    bool      // MAIL is also asked before STARTTLS
}

// limits are how long a session waits for a connection, for a greeting, for
// anything else, and for all together; whole is 0 where only the run's time counts.
type limits struct{ connect, greeting, reply, whole time.Duration }

// main is the session that answers the request. TLS from the first octet does
// not exist on port 25, so nobody asks for it there.
func (r *run) main(to netip.AddrPort) variant {
	v := r.followUp(VariantMain, to, r.security())
	v.limits = limits{connectLimit, greetingLimit, replyLimit, 0}
	v.asksTLS = v.security != SecurityImplicit && to.Port() != 25
	v.answers = true
	v.login, v.envelope, v.enforced = r.login, r.req.Envelope, r.req.Enforced
	return v
}

// followUp is a session that asks no more than whether SMTP works: no login
// and no envelope. Its limits are those of a comparison: what works answers
// soon, and the person waits.
func (r *run) followUp(name Variant, to netip.AddrPort, security Security) variant {
	v := variant{
		name: name, address: to, security: security, ehlo: r.helloName(),
		limits: limits{contrastLimit, followUpLimit, followUpLimit, followUpLimit},
	}
	if _, literal := r.req.Target.Address(); !literal {
		v.sni = r.req.Target.Host
	}
	return v
}

// silent asks whether a port at which no greeting comes begins with TLS.
func (r *run) silent(to netip.AddrPort) variant {
	return r.followUp(VariantTLS, to, SecurityImplicit)
}

// legacy repeats a failed handshake with what is off by default. Behind
// implicit TLS the greeting has to be waited for: a client says nothing before
// it, not even QUIT (RFC 5321 §3.1).
func (r *run) legacy(s *Session) variant {
	v := r.followUp(VariantLegacy, s.Address, s.Security)
	v.legacy, v.inClear = true, s.TLS.Refused != ""
	if v.security != SecurityImplicit {
		v.until = PhaseHandshake
	}
	return v
}

// finiteField asks a server that shares no suite with crypto/tls whether it has
// one that crypto/tls does not know.
func (r *run) finiteField(s *Session) variant {
	v := r.followUp(VariantFiniteField, s.Address, s.Security)
	v.finiteField, v.until = true, PhaseHandshake
	return v
}

// otherPort asks whether another port of the same address greets.
func (r *run) otherPort(s *Session, port uint16) variant {
	security := SecurityNone
	if implicitPort(port) {
		security = SecurityImplicit
	}
	v := r.followUp(VariantPort, netip.AddrPortFrom(s.Address.Addr(), port), security)
	v.until = PhaseGreeting
	return v
}

// startTLS asks whether a port that does not begin with TLS upgrades to it.
func (r *run) startTLS(s *Session) variant {
	return r.followUp(VariantUpgrade, s.Address, SecuritySTARTTLS)
}

// noSNI repeats a session as a client that names no host: some mail transfer
// agents send no SNI (RFC 7672 §8.1).
func (r *run) noSNI(s *Session) variant {
	v := r.followUp(VariantNoSNI, s.Address, s.Security)
	v.sni = ""
	return v
}

// literalEHLO repeats a session with our address as the argument of EHLO,
// which any server can check (RFC 5321 §4.1.3).
func (r *run) literalEHLO(s *Session) variant {
	v := r.followUp(VariantEHLO, s.Address, s.Security)
	v.ehlo, v.until = "", PhaseEHLO
	return v
}

// helloName is the name that was asked for, or the configured one. A name with
// other letters than ASCII travels in A-labels. Empty: there is none.
func (r *run) helloName() string {
	for _, name := range []string{r.req.EHLOName, r.local.EHLOName} {
		if canonical, err := smtp.ParseHelloName(name); err == nil {
			return canonical
		}
	}
	return ""
}

// security settles auto: TLS from the first octet on the ports that are
// known for it, STARTTLS if offered elsewhere (RFC 8314 §3.3, §7.3).
func (r *run) security() Security {
	if r.req.Security == SecurityAuto && implicitPort(r.req.Target.Port) {
		return SecurityImplicit
	}
	return r.req.Security
}
