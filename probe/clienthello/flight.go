package clienthello

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"smtptest/probe/registry"
)

// MaxBytes is more than one answer has: usual ones have 6 KiB up to
// ServerHelloDone. A longer message is a Fault.
const MaxBytes = 64 << 10

// Choice is what a server chose.
type Choice struct {
	Version     uint16 // 0: no ServerHello came
	Suite       uint16
	Group       uint16 // 0: no curve or named group was agreed, or it did not show
	Scheme      uint16 // of the signature over the server's key; 0: none, or it did not show
	DHBits      int    // of the prime of a finite-field exchange; 0: none
	Certificate string // SHA-256 of the end-entity certificate, hexadecimal; empty: none was shown
}

// Flight is what a server answered to a ClientHello, up to the point where keys
// would be made.
type Flight struct {
	Choice
	Leaf       []byte   // the end-entity certificate, DER; nil: none was shown
	Extensions []uint16 // of the ServerHello
	Deflate    bool     // the server compresses (RFC 3749)
	CertAsked  bool     // it asks for a client certificate
	whole      bool     // it was read to its end: a refusal would have come before
}

// Alert is a fatal alert, or the one that closes.
type Alert int

// Error names the alert.
func (a Alert) Error() string { return "the server sent the alert " + registry.AlertName(int(a)) }

// Fault is an answer that breaks the protocol.
type Fault string

// Error says what is wrong.
func (f Fault) Error() string { return string(f) }

// ErrNotTLS says that what came is no record of TLS.
var ErrNotTLS = errors.New("the answer is not TLS")

// Bounds of one flight; the octets of all records are bounded by who reads them.
const (
	maxRecordBytes   = 1 << 14 // RFC 8446 §5.1
	maxWarningAlerts = 4       // servers send one, about a name that they do not know (RFC 6066 §3)
	maxMessages      = 16      // a server sends six at most (RFC 5246 §7.3)
)

// Read reads the answer to a ClientHello. With an error the Flight holds
// what had come. Errors: Alert, fault, ErrNotTLS and those of r.
func Read(r io.Reader, offered *Hello) (f Flight, err error) {
	in := messages{r: r}
	for range maxMessages {
		kind, body, err := in.next()
		if err == nil {
			err = f.take(kind, cursor{body}, offered)
		}
		if err != nil || f.whole {
			return f, err
		}
	}
	return f, Fault("the server sent more handshake messages than there are")
}

// messages puts the handshake messages together from the records.
type messages struct {
	r        io.Reader
	buffered []byte
	warnings int
}

func (m *messages) next() (kind byte, body []byte, err error) {
	for {
		if b := m.buffered; len(b) >= 4 {
			n := int(b[1])<<16 | int(b[2])<<8 | int(b[3])
			if n > MaxBytes {
				return 0, nil, Fault(fmt.Sprintf("the server announced a handshake message of %d octets", n))
			}
			if len(b) >= 4+n {
				m.buffered = b[4+n:]
				return b[0], b[4 : 4+n], nil
			}
		}
		if err := m.record(); err != nil {
			return 0, nil, err
		}
	}
}

// record reads one record and keeps what is of the handshake.
func (m *messages) record() error {
	var head [5]byte
	if _, err := io.ReadFull(m.r, head[:]); err != nil {
		return err
	}
	length := int(binary.BigEndian.Uint16(head[3:]))
	switch {
	case head[0] < 20 || head[0] > 24 || head[1] != 3:
		return ErrNotTLS
	case length == 0 || length > maxRecordBytes:
		return Fault(fmt.Sprintf("the server sent a record of %d octets", length))
	}
	data := make([]byte, length)
	if _, err := io.ReadFull(m.r, data); err != nil {
		return err
	}
	switch head[0] {
	case recordHandshake:
		m.buffered = append(m.buffered, data...)
		return nil
	case recordAlert:
		return m.alert(data)
	}
	return Fault(fmt.Sprintf("the server sent a record of type %d inside the handshake", head[0]))
}

// alert passes over warnings, such as the one about an unknown name.
func (m *messages) alert(data []byte) error {
	const warning, closeNotify = 1, 0
	if len(data) != 2 {
		return Fault("the server sent an alert that is none")
	}
	if m.warnings++; data[0] == warning && data[1] != closeNotify && m.warnings <= maxWarningAlerts {
		return nil
	}
	return Alert(data[1])
}

// take reads one message, in the order of RFC 5246 §7.3.
func (f *Flight) take(kind byte, body cursor, offered *Hello) error {
	switch {
	case kind == messageServerHello && f.Version == 0:
		return f.serverHello(body, offered)
	case f.Version == 0:
		return Fault(fmt.Sprintf("a handshake message of type %d came before the ServerHello", kind))
	case kind == messageCertificate && f.Leaf == nil:
		list, ok1 := body.list24()
		leaf, ok2 := list.list24()
		if f.Leaf = leaf.left; !ok1 || !ok2 {
			return Fault("the Certificate message cannot be read")
		}
	case kind == messageServerKeyExchange:
		return f.keyExchange(body, offered)
	case kind == messageCertificateRequest:
		f.CertAsked = true
	case kind == messageServerHelloDone:
		f.whole = true
	case kind != messageCertificateStatus:
		return Fault(fmt.Sprintf("a handshake message of type %d came out of turn", kind))
	}
	return nil
}

// retryRequest is the random value of a HelloRetryRequest (RFC 8446 §4.1.3).
const retryRequest = "\xcf\x21\xad\x74\xe5\x9a\x61\x11\xbe\x1d\x8c\x02\x1e\x65\xb8\x91" +
	"\xc2\xa2\x11\x16\x7a\xbb\x8c\x5e\x07\x9e\x09\xe2\xc8\xa8\x33\x9c"

// serverHello reads what was chosen.
func (f *Flight) serverHello(body cursor, offered *Hello) error {
	version, ok := body.uint16()
	random, ok2 := body.bytes(32)
	session, ok3 := body.list8()
	suite, ok4 := body.uint16()
	compression, ok5 := body.byte()
	if !(ok && ok2 && ok3 && ok4 && ok5) || len(session.left) > 32 {
		return Fault("the ServerHello cannot be read")
	}
	f.Version, f.Suite, f.Deflate = version, suite, compression == 1
	if err := f.readExtensions(body, offered); err != nil {
		return err
	}
	f.whole = f.Version == TLS13 // a HelloRetryRequest, after which the client speaks
	if f.Version == TLS13 && (string(random) != retryRequest || f.Group == 0) {
		return Fault("the server chose a key that was not offered")
	}
	return f.compare(offered, compression)
}

// compare holds what a ServerHello chose against what was offered.
func (f *Flight) compare(offered *Hello, compression byte) error {
	switch {
	case f.Version > offered.Version || f.Version < SSL30 || offered.Version == TLS13 && f.Version != TLS13:
		return Fault("the server chose " + VersionName(f.Version) + ", which was not offered")
	case !slices.Contains(offered.Suites, f.Suite):
		return Fault("the server chose the suite " + registry.SuiteName(f.Suite) + ", which was not offered")
	case compression > 1 || f.Deflate && !offered.Extras:
		return Fault(fmt.Sprintf("the server chose compression %d, which was not offered", compression))
	}
	return nil
}

// readExtensions reads the extensions of a ServerHello; there may be none
// (RFC 5246 §7.4.1.3).
func (f *Flight) readExtensions(body cursor, offered *Hello) error {
	if len(body.left) == 0 {
		return nil
	}
	list, ok := body.list16()
	if !ok || len(body.left) > 0 {
		return Fault("the extensions of the ServerHello cannot be read")
	}
	for len(list.left) > 0 {
		number, ok1 := list.uint16()
		data, ok2 := list.list16()
		switch {
		case !ok1 || !ok2 || slices.Contains(f.Extensions, number):
			return Fault("the extensions of the ServerHello cannot be read")
		case !offered.has(number):
			return Fault(fmt.Sprintf("the server answered extension %d, which was not offered", number))
		}
		f.Extensions = append(f.Extensions, number)
		switch number {
		case extSupportedVersions:
			f.Version, ok1 = data.uint16()
		case extKeyShare:
			f.Group, ok1 = data.uint16()
			if ok1 && !slices.Contains(offered.Groups, f.Group) {
				return Fault("the server chose the group " + registry.GroupName(f.Group) + ", which was not offered")
			}
		}
		if !ok1 {
			return Fault(fmt.Sprintf("extension %d of the ServerHello cannot be read", number))
		}
	}
	return nil
}

// has tells which extensions a server may answer (RFC 8446 §4.2).
func (h *Hello) has(extension uint16) bool {
	switch extension {
	case extSupportedVersions, extKeyShare, extCookie:
		return h.Version == TLS13
	case extServerName:
		return h.ServerName != ""
	case ExtALPN:
		return h.ALPN
	case ExtHeartbeat:
		return h.Extras
	case ExtRenegotiation: // answers the signal as well (RFC 5746 §3.6), in SSL 3.0 too
		return h.Version < TLS13
	case extGroups, extPointFormats, ExtExtendedMasterSecret, ExtSessionTicket:
		return h.Version < TLS13 && h.Version > SSL30 // groups: some servers answer them though they should not
	}
	return false
}

// keyExchange reads the parameters of an ephemeral exchange and the scheme of
// their signature (RFC 8422 §5.4, RFC 5246 §7.4.3). Others have nothing to tell.
func (f *Flight) keyExchange(body cursor, offered *Hello) error {
	suite, _ := registry.SuiteOf(f.Suite)
	switch {
	case suite.Export && suite.KeyExchange == "RSA":
		return nil
	case suite.KeyExchange == "ECDHE" || suite.KeyExchange == "ECDH":
		if !f.curve(&body) {
			return Fault("the curve of the ServerKeyExchange cannot be read")
		}
		if !slices.Contains(offered.Groups, f.Group) && offered.Groups != nil {
			return Fault("the server chose the group " + registry.GroupName(f.Group) + ", which was not offered")
		}
	case suite.KeyExchange == "DHE" || suite.KeyExchange == "DH":
		if !f.prime(&body) {
			return Fault("the prime of the ServerKeyExchange cannot be read")
		}
	default:
		return nil
	}
	if f.Version < TLS12 || suite.Authentication == "anon" {
		return nil
	}
	scheme, ok := body.uint16()
	if !ok || !slices.Contains(offered.Schemes, scheme) {
		return Fault("the server signed with " + registry.SchemeName(scheme) + ", which was not offered")
	}
	f.Scheme = scheme
	return nil
}

func (f *Flight) curve(body *cursor) bool {
	const namedCurve = 3
	kind, ok1 := body.byte()
	group, ok2 := body.uint16()
	_, ok3 := body.list8()
	f.Group = group
	return ok1 && ok2 && ok3 && kind == namedCurve
}

func (f *Flight) prime(body *cursor) bool {
	p, ok1 := body.list16()
	_, ok2 := body.list16()
	_, ok3 := body.list16()
	digits := p.left
	for len(digits) > 0 && digits[0] == 0 {
		digits = digits[1:]
	}
	if len(digits) == 0 {
		return false
	}
	f.DHBits = len(digits)*8 - leadingZeros(digits[0])
	return ok1 && ok2 && ok3
}

func leadingZeros(b byte) (n int) {
	for ; b < 0x80; b <<= 1 {
		n++
	}
	return n
}

// cursor reads octets from the front.
type cursor struct{ left []byte }

func (c *cursor) bytes(n int) ([]byte, bool) {
	if len(c.left) < n {
		return nil, false
	}
	out := c.left[:n]
	c.left = c.left[n:]
	return out, true
}

func (c *cursor) number(octets int) (n int, ok bool) {
	b, ok := c.bytes(octets)
	for _, digit := range b {
		n = n<<8 | int(digit)
	}
	return n, ok
}

func (c *cursor) byte() (byte, bool) {
	n, ok := c.number(1)
	return byte(n), ok
}

func (c *cursor) uint16() (uint16, bool) {
	n, ok := c.number(2)
	return uint16(n), ok
}

// list is what stands behind a length of so many octets.
func (c *cursor) list(octets int) (cursor, bool) {
	n, ok := c.number(octets)
	if !ok {
		return cursor{}, false
	}
	b, ok := c.bytes(n)
	return cursor{b}, ok
}

func (c *cursor) list8() (cursor, bool)  { return c.list(1) }
func (c *cursor) list16() (cursor, bool) { return c.list(2) }
func (c *cursor) list24() (cursor, bool) { return c.list(3) }
