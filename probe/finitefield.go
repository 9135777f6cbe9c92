package probe

import (
	"context"
	"crypto/rand"

	"golang.org/x/crypto/cryptobyte"
)

// finiteFieldSuites are the suites of TLS 1.2 and below with ephemeral
// Diffie-Hellman over finite fields that other libraries have and crypto/tls
// has not (RFC 5246 appendix A.5, RFC 5288, RFC 7905).
var finiteFieldSuites = []struct {
	id   uint16
	name string
}{
	{0x009e, "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256"}, {0x009f, "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384"},
	{0xccaa, "TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256"}, {0x0067, "TLS_DHE_RSA_WITH_AES_128_CBC_SHA256"},
	{0x006b, "TLS_DHE_RSA_WITH_AES_256_CBC_SHA256"}, {0x0033, "TLS_DHE_RSA_WITH_AES_128_CBC_SHA"},
	{0x0039, "TLS_DHE_RSA_WITH_AES_256_CBC_SHA"}, {0x0032, "TLS_DHE_DSS_WITH_AES_128_CBC_SHA"},
	{0x0016, "TLS_DHE_RSA_WITH_3DES_EDE_CBC_SHA"},
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
	d.within(ctx, d.plan.limits.reply)
	if _, err := d.conn.Write(finiteFieldHello(t.ServerName)); err != nil {
		return failureOf(ctx, err, d.plan.limits.reply)
	}
	received := make([]byte, 0, maxRecordedBytes)
	for len(received) < cap(received) {
		n, err := d.conn.Read(received[len(received):cap(received)])
		received = received[:len(received)+n]
		if version, suite := chosen(received); version != 0 {
			t.Version, t.CipherSuite = "TLS 1.2", finiteFieldSuite(suite)
			return &Failure{Kind: KindTLS, Detail: "the server chose " + t.CipherSuite + "; this test goes no further"}
		}
		if len(received) >= 7 && received[0] == recordAlert { // header, level, number
			return &Failure{Kind: KindAlert, Alert: int(received[6])}
		}
		if err != nil {
			return failureOf(ctx, err, d.plan.limits.reply)
		}
	}
	return &Failure{Kind: KindTLS, Detail: "no ServerHello came"}
}

const recordAlert = 21 // RFC 5246 §6.2.1

// finiteFieldSuite is the IANA name.
func finiteFieldSuite(id uint16) string {
	for _, suite := range finiteFieldSuites {
		if suite.id == id {
			return suite.name
		}
	}
	return "another suite"
}

// finiteFieldHello is a ClientHello of TLS 1.2 (RFC 5246 §7.4.1.2) that offers
// those suites alone.
func finiteFieldHello(name string) []byte {
	random := make([]byte, 32)
	rand.Read(random)
	var b cryptobyte.Builder
	b.AddBytes([]byte{recordHandshake, 3, 1})
	b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
		b.AddUint8(1) // client_hello
		b.AddUint24LengthPrefixed(func(b *cryptobyte.Builder) {
			b.AddUint16(0x0303)
			b.AddBytes(random)
			b.AddUint8(0) // no session
			b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
				for _, suite := range finiteFieldSuites {
					b.AddUint16(suite.id)
				}
				b.AddUint16(0x00ff) // no renegotiation (RFC 5746 §3.3)
			})
			b.AddBytes([]byte{1, 0}) // no compression
			b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { finiteFieldExtensions(b, name) })
		})
	})
	return b.BytesOrPanic()
}

// finiteFieldExtensions are the name (RFC 6066 §3) and the signatures with RSA
// and DSA (RFC 5246 §7.4.1.4.1).
func finiteFieldExtensions(b *cryptobyte.Builder, name string) {
	if name != "" {
		b.AddUint16(0)
		b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
			b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
				b.AddUint8(0)
				b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes([]byte(name)) })
			})
		})
	}
	b.AddUint16(13)
	b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
		b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
			for _, scheme := range []uint16{0x0401, 0x0501, 0x0601, 0x0804, 0x0805, 0x0806, 0x0201, 0x0402, 0x0202} {
				b.AddUint16(scheme)
			}
		})
	})
}
