//go:build unix

package realtest

import "testing"

// TestDovecot asks the submission service as a client of another machine:
// one with the server's own address counts as secure there.
func TestDovecot(t *testing.T) {
	s := newSite(t)
	d := &dovecot{}
	d.start(s)
	codes := map[string]int{known: 530, elsewhere: 530}
	upgrade := listener{name: "STARTTLS", port: d.StartTLSPort, from: caller, ways: bothWays(), codes: codes}
	implicit := listener{name: "implicit TLS", port: d.ImplicitPort, from: caller, ways: implicitOnly(), codes: codes}
	s.examine(upgrade, implicit,
		listener{name: "same machine", port: d.StartTLSPort, ways: bothWays(), codes: codes})
	s.misjudge(upgrade, implicit)
}

// TestExim asks the three kinds of port.
func TestExim(t *testing.T) {
	s := newSite(t)
	x := exim()
	x.start(s)
	plain, upgrade, implicit := x.listeners(map[string]int{known: 250, unknown: 550, elsewhere: 550})
	s.examine(plain, upgrade, implicit)
	s.misjudge(plain, implicit)
}

// TestOpenSMTPD asks the three kinds of port. The key engine of Debian 12's
// package does not work with its OpenSSL: the handshake ends in an alert.
func TestOpenSMTPD(t *testing.T) {
	s := newSite(t)
	o := opensmtpd()
	o.start(s)
	plain, upgrade, implicit := o.listeners(map[string]int{known: 250, unknown: 550, elsewhere: 550})
	upgrade.brokenTLS, implicit.brokenTLS = true, true
	s.examine(plain, upgrade, implicit)
	s.misjudge(plain)
}

// listeners are the ports of an unpacked server.
func (u *unpacked) listeners(codes map[string]int) (plain, upgrade, implicit listener) {
	return listener{name: "plain", port: u.PlainPort, ways: clearOnly(), codes: codes},
		listener{name: "STARTTLS", port: u.StartTLSPort, ways: bothWays(), codes: codes},
		listener{name: "implicit TLS", port: u.ImplicitPort, ways: implicitOnly(), codes: codes}
}
