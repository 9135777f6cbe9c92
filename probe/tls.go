package probe

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strings"
	"sync"

	"smtptest/probe/registry"
	"smtptest/probe/smtp"
)

// handshake makes the connection a TLS connection and notes what it showed.
// It never fails because of a certificate: that would hide the certificate.
func (d *dialogue) handshake(ctx context.Context) (Outcome, *Failure) {
	began := d.elapsed()
	d.facts.TLS = &TLS{Implicit: d.implicit(), LegacyOffered: d.plan.legacy, ServerName: d.plan.sni}
	if d.plan.finiteField {
		failure := d.askFiniteField(ctx)
		d.facts.TLS.Elapsed = d.elapsed() - began
		return Failed, failure
	}
	room := func() (func(), error) { return d.run.local.large.take(ctx) }
	received := &recorder{Conn: d.conn, most: maxRecordedBytes, room: room}
	defer received.stop()
	if d.plan.inClear {
		received.most = maxClearBytes
	}
	conn := tls.Client(received, d.tlsConfig())
	limit := d.within(ctx, d.plan.limits.reply)
	err := conn.HandshakeContext(ctx)
	d.facts.TLS.Elapsed = d.elapsed() - began
	d.learn(conn.ConnectionState())
	if err != nil {
		return Failed, d.broken(failureOf(ctx, err, limit), received.kept)
	}
	d.facts.TLS.Complete = true
	d.conn, d.smtp = conn, smtp.NewConn(conn, d.elapsed, d)
	d.log.secure = true
	d.log.note(d.facts.TLS.Version + " agreed, " + d.facts.TLS.CipherSuite)
	return Passed, nil
}

const ssl30 = 0x0300 // RFC 6101 §5.6.1.2

// broken explains a failed handshake. What the server sent instead of TLS is
// evidence: it goes into the transcript.
func (d *dialogue) broken(f *Failure, received []byte) *Failure {
	t := d.facts.TLS
	if t.Refused = certificateRefusal(f.Detail); t.Refused != "" && d.plan.inClear {
		t.Chain, t.ChainOmitted = readChain(received)
	}
	if version, suite := chosen(received); t.Version == "" && version == ssl30 {
		t.Version, t.CipherSuite = "SSL 3.0", tls.CipherSuiteName(suite)
	}
	if f.Kind == KindLocal || f.Kind == KindNotTLS {
		f.Kind = KindTLS // a bad record after good ones is still TLS
	}
	if plain := plaintext(received); len(plain) > 0 && f.Kind != KindAlert {
		f.Kind = KindNotTLS
		f.Octets = clip(smtp.Printable(plain), maxFailureBytes)
		d.log.lines(SideServer, plain)
	}
	return f
}

// plaintext returns what was received if it does not begin with a TLS record:
// types 20 to 23, major version 3 (RFC 8446 §5.1).
func plaintext(received []byte) []byte {
	if len(received) == 0 ||
		received[0] >= 20 && received[0] <= 23 && (len(received) < 2 || received[1] == 3) {
		return nil
	}
	return received
}

// tlsConfig offers what Go offers to any server, so that what is measured is
// what a modern client gets; the legacy variant offers what Go still can.
func (d *dialogue) tlsConfig() *tls.Config {
	c := &tls.Config{
		ServerName:         d.plan.sni,
		InsecureSkipVerify: true, // verified by ourselves, see certificate.go
		GetClientCertificate: func(asked *tls.CertificateRequestInfo) (*tls.Certificate, error) {
			d.facts.TLS.certificateAsked(asked.AcceptableCAs)
			return &tls.Certificate{}, nil
		},
	}
	if d.plan.legacy {
		offerLegacy(c, d.plan.inClear)
	}
	return c
}

// maxClientCAs bounds the authorities that are kept: some servers list a whole
// store of roots.
const maxClientCAs = 8

func (t *TLS) certificateAsked(authorities [][]byte) {
	t.ClientCertAsked, t.ClientCAs = true, nil
	for _, raw := range authorities[:min(len(authorities), maxClientCAs)] {
		t.ClientCAs = append(t.ClientCAs, readName(raw).text)
	}
	t.ClientCAsOmitted = len(authorities) - len(t.ClientCAs)
}

// offerLegacy lists what is off by default: TLS 1.0 and 1.1 (RFC 8996), RSA
// key exchange, CBC, 3DES and RC4 suites (RFC 9325 §4.2), and leaves out the
// post-quantum groups, whose large ClientHello some middleboxes drop.
func offerLegacy(c *tls.Config, inClear bool) {
	c.MinVersion = tls.VersionTLS10
	if inClear {
		c.MaxVersion = tls.VersionTLS12
	}
	for _, s := range append(tls.CipherSuites(), tls.InsecureCipherSuites()...) {
		c.CipherSuites = append(c.CipherSuites, s.ID)
	}
	c.CurvePreferences = []tls.CurveID{tls.X25519, tls.CurveP256, tls.CurveP384, tls.CurveP521}
}

// learn notes what was agreed, as far as the handshake came.
func (d *dialogue) learn(state tls.ConnectionState) {
	t := d.facts.TLS
	if state.Version != 0 {
		t.Version = tls.VersionName(state.Version)
	}
	if state.CipherSuite != 0 {
		t.CipherSuite = tls.CipherSuiteName(state.CipherSuite)
	}
	if state.CurveID != 0 {
		t.Group = state.CurveID.String()
		t.PostQuantum = strings.Contains(t.Group, "MLKEM")
	}
	t.HelloRetry = state.HelloRetryRequest
	t.SCTs = len(state.SignedCertificateTimestamps)
	if chain := state.PeerCertificates; len(chain) > 0 { // also when the server broke off afterwards
		t.Staple, t.StapleUnreadable = readStaple(state.OCSPResponse, chain[0])
		d.learnChain(chain)
		clear(chain) // the connection would keep them: hostile ones take 50 bytes for each octet that came
	}
}

// legacyMightHelp reports a failed handshake that old versions, old suites or
// a smaller ClientHello might cure. An alert about a name or a certificate,
// or from a server that had asked for one, would come again.
func legacyMightHelp(s *Session) bool {
	f := s.Failure
	if f == nil || f.Phase != PhaseHandshake {
		return false
	}
	switch f.Kind {
	case KindAlert:
		return !s.TLS.ClientCertAsked && !registry.AlertAboutIdentity(f.Alert)
	case KindClosed, KindReset, KindTLS, KindTimeout:
		return true
	}
	return false
}

// implicitPort reports a port on which TLS comes first by convention.
func implicitPort(port uint16) bool {
	p, ok := registry.PortOf(port)
	return ok && p.Implicit
}

// Bounds of a handshake's input.
const (
	maxRecordedBytes  = 4 << 10   // kept: enough for the answer of a server that does not speak TLS
	maxClearBytes     = 320 << 10 // kept of a handshake whose certificates are to be read from it
	maxHandshakeBytes = 32 << 10  // beyond, it waits for one of maxLargeHandshakes: usual chains have under 8 KiB
	// At once, of one Local: crypto/x509 makes up to 12 MiB of the 256 KiB that crypto/tls reads.
	maxLargeHandshakes = 2
)

// recorder keeps the first octets that arrive: crypto/tls hands over five of
// them at most when they are not TLS.
type recorder struct {
	net.Conn
	kept     []byte
	most     int // of kept
	received int
	over     bool
	room     func() (release func(), err error) // asked once, when the handshake grows large
	release  func()
}

// Read implements net.Conn.
func (r *recorder) Read(p []byte) (int, error) {
	n, err := r.Conn.Read(p)
	if r.over {
		return n, err
	}
	r.kept = append(r.kept, p[:min(n, r.most-len(r.kept))]...)
	if r.received += n; r.received > maxHandshakeBytes && r.release == nil {
		release, full := r.room()
		if full != nil {
			return 0, full
		}
		r.release = release
	}
	return n, err
}

// stop ends the recording.
func (r *recorder) stop() {
	r.kept, r.over = nil, true
	if r.release != nil {
		r.release()
	}
}

// slots let so many large handshakes go on at once that their certificates
// cannot take all memory. The zero value is ready.
type slots struct {
	once sync.Once
	free chan struct{}
}

// take waits for a slot, as long as the server is waited for.
func (s *slots) take(ctx context.Context) (release func(), err error) {
	s.once.Do(func() { s.free = make(chan struct{}, maxLargeHandshakes) })
	ctx, cancel := context.WithTimeout(ctx, replyLimit)
	defer cancel()
	select {
	case s.free <- struct{}{}:
		return func() { <-s.free }, nil
	case <-ctx.Done():
		return nil, errors.New("this program reads other large certificates at the moment")
	}
}
