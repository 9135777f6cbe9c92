package probe

import (
	"context"
	"errors"

	"smtptest/probe/clienthello"
	"smtptest/probe/registry"
)

// finiteFieldHello offers the suites of TLS 1.2 and below with ephemeral
// Diffie-Hellman over finite fields that other libraries have and crypto/tls
// has not (RFC 5246 appendix A.5, RFC 5288, RFC 7905), and signatures with RSA and
// DSA.
func finiteFieldHello(name string) *clienthello.Hello {
	return &clienthello.Hello{Offer: clienthello.Offer{
		Version:    clienthello.TLS12,
		Suites:     []uint16{0x009e, 0x009f, 0xccaa, 0x0067, 0x006b, 0x0033, 0x0039, 0x0032, 0x0016},
		Schemes:    []uint16{0x0401, 0x0501, 0x0601, 0x0804, 0x0805, 0x0806, 0x0201, 0x0402, 0x0202},
		ServerName: name,
	}}
}

// noSuite reports a server that found nothing that it could agree to in either
// of our handshakes.
func noSuite(sessions ...*Session) bool {
	for _, s := range sessions {
		f := s.Failure
		if f == nil || f.Phase != PhaseHandshake || f.Kind != KindAlert || f.Alert != alertHandshakeFailure ||
			s.TLS.ClientCertAsked {
			return false
		}
	}
	return true
}

const alertHandshakeFailure = 40 // RFC 8446 §6.2

// askFiniteField sends a ClientHello of our own and reads what the server would
// choose. The handshake ends there.
func (d *dialogue) askFiniteField(ctx context.Context) *Failure {
	t := d.facts.TLS
	limit := d.within(ctx, d.plan.limits.reply)
	flight, err := clienthello.Ask(d.conn, "", finiteFieldHello(t.ServerName))
	_, broken := errors.AsType[clienthello.Fault](err)
	if flight.Version == 0 || broken {
		return failureOf(ctx, err, limit)
	}
	t.Version, t.CipherSuite = clienthello.VersionName(flight.Version), registry.SuiteName(flight.Suite)
	return &Failure{Kind: KindTLS, Detail: "the server chose " + t.CipherSuite + "; this test goes no further"}
}
