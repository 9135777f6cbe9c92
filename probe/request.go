package probe

import (
	"net/netip"
	"strconv"
	"strings"
	"time"

	"smtptest/probe/sasl"
	"smtptest/probe/smtp"
)

// Request says what to probe and how. It is plain data; what is secret in a
// Login does not show itself.
type Request struct {
	Target   Target
	Security Security      // empty: SecurityAuto
	Family   Family        // FamilyAny: both IPv4 and IPv6 addresses may be dialled
	At       netip.Addr    // dial this address instead of looking the host up; zero: look it up
	EHLOName string        // argument of EHLO: a domain or an address literal; empty: the prober's own
	Login    *Login        // nil: AUTH is not tried. Never in a Report
	Envelope *Envelope     // nil: no MAIL, no RCPT. DATA is never sent
	Enforced bool          // also ask, before STARTTLS, whether MAIL is taken in the clear; nothing without STARTTLS
	Timeout  time.Duration // limit of the whole run; 0: DefaultTimeout
	// Alone makes one connection to each address that is tried: no follow-up, no
	// comparison, no control connection. For runs that ask many servers.
	Alone bool
	// KeepChain keeps the certificates in TLS.DER.
	KeepChain bool
}

// Target is the server as it was asked for.
type Target struct {
	Host string // A-labels without a trailing dot, or an IP address without brackets
	Port uint16 // 1 to 65535
}

// String is HOST:PORT, an IPv6 address in brackets.
func (t Target) String() string {
	host := t.Host
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return host + ":" + strconv.Itoa(int(t.Port))
}

// Address is the target's IP address when it was given as one.
func (t Target) Address() (netip.Addr, bool) {
	addr, err := netip.ParseAddr(t.Host)
	return addr, err == nil
}

// Security is how the session is to be protected, in the words of RFC 8314.
type Security string

// The four ways. Auto means implicit TLS on the ports that are known for it
// and STARTTLS elsewhere if the server offers it.
const (
	SecurityAuto     Security = "auto"
	SecuritySTARTTLS Security = "starttls" // required: without it the probe stops
	SecurityImplicit Security = "implicit" // TLS from the first octet (RFC 8314 §3.3)
	SecurityNone     Security = "none"     // cleartext, even if STARTTLS is offered
)

// Family limits a probe to one IP version.
type Family int

// The families, by their IP version.
const (
	FamilyAny Family = 0
	FamilyIP4 Family = 4
	FamilyIP6 Family = 6
)

// Allows reports whether an address is of this family.
func (f Family) Allows(a netip.Addr) bool {
	switch f {
	case FamilyIP4:
		return a.Unmap().Is4()
	case FamilyIP6:
		return !a.Unmap().Is4()
	}
	return true
}

// Envelope asks for a mail transaction that stops before DATA: MAIL FROM,
// RCPT TO, RSET (RFC 5321 §3.3).
type Envelope struct {
	From smtp.Mailbox  // zero: the null reverse-path <> (RFC 5321 §4.5.5)
	To   *smtp.Mailbox // nil: RCPT is not sent
}

// Login asks for one AUTH exchange (RFC 4954).
type Login struct {
	Mechanism  string // empty: the best of those offered, see sasl.Choose
	Credential sasl.Credential
	// Private shows codes alone of what the server says from AUTH on: the secret
	// is not of the person who asks.
	Private bool
	Form    *LoginForm // goes into the report; nil: nobody checked the credential's form
}

// LoginForm names what a user name and a password look like, and holds nothing
// of either. Package diagnosis makes and judges it.
type LoginForm struct {
	User   string // a word that some provider gives to every account as user name, such as "apikey"; empty: none of them
	Secret string // the id of a known form, such as "sendgrid-key"; empty: no known form
}
