package dane

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"strings"
	"time"
)

// shown is what a server showed, and what it is held against.
type shown struct {
	chain [][]byte
	certs []*x509.Certificate // of the same place in chain; nil: it cannot be read
	names []string
	now   time.Time
	left  int // chains that may still be verified
}

// maxVerified bounds the chains that are verified for one server: each may cost
// a hundred signatures, of keys that a stranger has chosen. Servers have one or
// two authorities.
const maxVerified = 8

func parsed(chain [][]byte) (certs []*x509.Certificate) {
	for _, der := range chain {
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			cert = nil
		}
		certs = append(certs, cert)
	}
	return certs
}

// against holds a chain against one usable record.
func (s *shown) against(r Record) (Result, int) {
	switch {
	case len(s.chain) == 0:
		return NoMatch, -1
	case r.Usage == usageEE: // name and dates do not count (RFC 7672 §3.1.1)
		if names(r, s.chain[0]) {
			return Matches, 0
		}
		return NoMatch, -1
	}
	result, depth := s.sent(r)
	if r.Matching == 0 && result == NoMatch {
		result, depth = s.notSent(r)
	}
	return result, depth
}

// names reports that a record names a certificate.
func names(r Record, der []byte) bool {
	data, ok := Select(der, r.Selector, r.Matching)
	return ok && bytes.Equal(data, r.Data)
}

// sent looks for the authority of a record among the certificates that were
// sent; it is never the server's own (RFC 7671 §5.2).
func (s *shown) sent(r Record) (Result, int) {
	for depth := 1; depth < len(s.chain); depth++ {
		if names(r, s.chain[depth]) && !bytes.Equal(s.chain[depth], s.chain[0]) {
			return s.verify(s.certs[depth]), depth
		}
	}
	return NoMatch, -1
}

// notSent verifies a chain by an authority that stands in the record whole, so
// that the server need not send it: its certificate (2 0 0) or its key (2 1 0,
// RFC 7671 §5.2.2, §5.2.3). Where that leads nowhere the record is of another chain.
func (s *shown) notSent(r Record) (Result, int) {
	depth := len(s.chain)
	if r.Selector == 0 {
		root, err := x509.ParseCertificate(r.Data)
		if err != nil || tooLarge(root.PublicKey) || bytes.Equal(r.Data, s.chain[0]) {
			return NoMatch, -1
		}
		if result := s.verify(root); result != BadChain {
			return result, depth
		}
		return NoMatch, -1
	}
	key, err := x509.ParsePKIXPublicKey(r.Data)
	if err != nil || tooLarge(key) {
		return NoMatch, -1
	}
	for _, cert := range s.certs { // the topmost is trusted as the one that the key has signed
		if cert == nil || !signedBy(cert, key) {
			continue
		}
		if result := s.verify(cert); result != BadChain {
			return result, depth
		}
	}
	return NoMatch, -1
}

// maxKeyBits bounds a key of DNS whose signatures are verified; crypto/tls has
// the same bound for those of certificates that were sent.
const maxKeyBits = 8192

func tooLarge(key any) bool {
	k, ok := key.(*rsa.PublicKey)
	return ok && k.N.BitLen() > maxKeyBits
}

// signedBy reports that a bare key has signed a certificate.
func signedBy(cert *x509.Certificate, key any) bool {
	issuer := &x509.Certificate{PublicKey: key}
	return issuer.CheckSignature(cert.SignatureAlgorithm, cert.RawTBSCertificate, cert.Signature) == nil
}

// verify verifies the server's certificate up to one that a record has named:
// that one is the root, whatever has signed it (RFC 7671 §5.2). What else was sent
// may stand between them in any order.
func (s *shown) verify(root *x509.Certificate) Result {
	if s.left--; s.left < 0 {
		return BadChain
	}
	leaf := s.certs[0]
	if root == nil || leaf == nil {
		return BadChain
	}
	options := x509.VerifyOptions{
		Roots: x509.NewCertPool(), Intermediates: x509.NewCertPool(), CurrentTime: s.now,
	}
	options.Roots.AddCert(root)
	for _, cert := range s.certs[1:] {
		if cert != nil {
			options.Intermediates.AddCert(cert)
		}
	}
	if _, err := leaf.Verify(options); err != nil {
		return whenValid(leaf, options, err)
	}
	for _, name := range s.names {
		if isFor(leaf, name) {
			return Matches
		}
	}
	return WrongName
}

// whenValid distinguishes a chain whose time is over, or has not begun, from
// one that never held: the dates of the server's own are looked at first, whoever
// has signed it.
func whenValid(leaf *x509.Certificate, options x509.VerifyOptions, err error) Result {
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); !ok || invalid.Reason != x509.Expired {
		return BadChain
	}
	for _, options.CurrentTime = range []time.Time{leaf.NotBefore, leaf.NotAfter} {
		if _, err := leaf.Verify(options); err == nil {
			return Expired
		}
	}
	return BadChain
}

// isFor reports a certificate for a name. Without any DNS name in it the common
// name counts, as it does for the senders that use OpenSSL (RFC 6125 §6.4.4).
func isFor(cert *x509.Certificate, name string) bool {
	if len(cert.DNSNames) == 0 && name != "" && strings.EqualFold(cert.Subject.CommonName, name) {
		return true
	}
	return cert.VerifyHostname(name) == nil
}
