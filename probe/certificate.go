package probe

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/ocsp"

	"smtptest/probe/smtp"
)

// Limits of what is kept of the certificates. crypto/tls reads at most
// 256 KiB of them.
const (
	maxChainCertificates    = 10       // described
	maxVerifiedCertificates = 100      // among which issuers are looked for: some servers send a whole store of roots
	maxKeptDER              = 64 << 10 // octets of all certificates that a request keeps; usual chains have 5,000
	maxCertificateNames     = 100      // of one certificate
	maxSerialOctets         = 64       // of a serial number: RFC 5280 §4.1.2.2 allows 20, and clients meet longer ones
)

// learnChain describes the certificates as sent and answers the questions
// about them.
func (d *dialogue) learnChain(chain []*x509.Certificate) {
	t := d.facts.TLS
	for _, cert := range chain[:min(len(chain), maxChainCertificates)] {
		t.Chain = append(t.Chain, describe(cert))
	}
	t.ChainOmitted = len(chain) - len(t.Chain)
	if d.run.req.KeepChain {
		t.DER = rawChain(chain[:len(t.Chain)])
	}
	t.Trust = d.run.trust(chain[:min(len(chain), maxVerifiedCertificates)])
}

// rawChain copies certificates, for they are parts of a longer record.
func rawChain(chain []*x509.Certificate) (out [][]byte) {
	left := maxKeptDER
	for _, cert := range chain {
		if left -= len(cert.Raw); left < 0 {
			break
		}
		out = append(out, bytes.Clone(cert.Raw))
	}
	return out
}

// describe puts a certificate into printable, bounded words.
func describe(c *x509.Certificate) Certificate {
	sum := sha256.Sum256(c.Raw)
	subject := readName(c.RawSubject)
	out := Certificate{
		Subject: subject.text, Issuer: readName(c.RawIssuer).text, CommonName: subject.common,
		NotBefore: c.NotBefore.UTC(), NotAfter: c.NotAfter.UTC(),
		Key: keyName(c), Signature: c.SignatureAlgorithm.String(),
		Serial: serial(c.SerialNumber), SHA256: hex.EncodeToString(sum[:]),
		CA: c.BasicConstraintsValid && c.IsCA, SelfIssued: selfIssued(c),
		MustStaple: mustStaple(c), IssuerURL: slices.ContainsFunc(c.IssuingCertificateURL, fetchable),
	}
	for _, dns := range c.DNSNames[:min(len(c.DNSNames), maxCertificateNames)] {
		out.Names = append(out.Names, printableName(dns))
	}
	for _, ip := range c.IPAddresses[:min(len(c.IPAddresses), maxCertificateNames-len(out.Names))] {
		out.Names = append(out.Names, ip.String())
	}
	out.NamesOmitted = len(c.DNSNames) + len(c.IPAddresses) - len(out.Names)
	return out
}

// fetchable is where browsers fetch an issuer's certificate. Authorities
// inside an organisation often name their directory (ldap:) instead.
func fetchable(url string) bool {
	return len(url) > 4 && strings.EqualFold(url[:4], "http")
}

func printableName(s string) string { return smtp.Printable([]byte(clip(s, maxNameOctets))) }

func selfIssued(c *x509.Certificate) bool { return bytes.Equal(c.RawSubject, c.RawIssuer) }

// serial is the number as openssl writes it: whole octets, also for zero. A
// number that is too long to be one is cut.
func serial(n *big.Int) string {
	sign, number := "", n.Bytes()
	if n.Sign() < 0 {
		sign = "-"
	}
	switch {
	case len(number) == 0:
		return "00"
	case len(number) > maxSerialOctets:
		return sign + hex.EncodeToString(number[:maxSerialOctets]) + "…"
	}
	return sign + hex.EncodeToString(number)
}

// keyName names kind and size of the public key.
func keyName(c *x509.Certificate) string {
	switch k := c.PublicKey.(type) {
	case *rsa.PublicKey:
		return fmt.Sprintf("RSA %d", k.N.BitLen())
	case *ecdsa.PublicKey:
		return "ECDSA " + k.Curve.Params().Name
	case ed25519.PublicKey:
		return "Ed25519"
	}
	return c.PublicKeyAlgorithm.String()
}

// mustStaple looks for the TLS feature extension (RFC 7633 §4.2.3.1).
func mustStaple(c *x509.Certificate) bool {
	feature := asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 24}
	for _, e := range c.Extensions {
		if e.Id.Equal(feature) {
			return true
		}
	}
	return false
}

// trust answers the four questions one by one, because x509.Verify reports
// one problem only.
func (r *run) trust(chain []*x509.Certificate) Trust {
	leaf, now := chain[0], time.Now()
	t := Trust{Reference: r.req.Target.Host, Dates: dates(leaf, now), Name: NameMatches, Usage: UsageServer,
		Roots: "system"}
	if r.local.Roots != nil {
		t.Roots = "system and given"
	}
	if err := leaf.VerifyHostname(t.Reference); err != nil {
		t.Name = NameMismatch
		if len(leaf.DNSNames)+len(leaf.IPAddresses)+len(leaf.EmailAddresses)+len(leaf.URIs) == 0 {
			t.Name = NameCNOnly
		}
		t.Problem = detail(err)
	}
	if !forServers(leaf) {
		t.Usage = UsageOther
	}
	t.Order, t.Unneeded = order(chain)
	var problem string
	if t.Chain, problem = r.leadsToRoot(chain, now); problem != "" {
		t.Problem = problem
	}
	return t
}

func dates(leaf *x509.Certificate, now time.Time) DatesAnswer {
	switch {
	case now.Before(leaf.NotBefore):
		return DatesNotYet
	case now.After(leaf.NotAfter):
		return DatesExpired
	}
	return DatesValid
}

// forServers reads extended key usage: absent means any (RFC 5280 §4.2.1.12).
func forServers(leaf *x509.Certificate) bool {
	if len(leaf.ExtKeyUsage) == 0 && len(leaf.UnknownExtKeyUsage) == 0 {
		return true
	}
	for _, u := range leaf.ExtKeyUsage {
		if u == x509.ExtKeyUsageServerAuth || u == x509.ExtKeyUsageAny {
			return true
		}
	}
	return false
}

// order reports whether those that certify each other were sent in that order,
// and how many certificates are no issuers of the leaf at all or sent twice.
func order(chain []*x509.Certificate) (answer OrderAnswer, unneeded int) {
	sent, answer := path(chain), OrderRight
	last := -1
	for _, c := range sent {
		i := slices.Index(chain, c)
		if i < last {
			answer = OrderWrong
		}
		last = i
	}
	for i, c := range chain {
		namesake := func(other *x509.Certificate) bool { return bytes.Equal(c.RawSubject, other.RawSubject) }
		if slices.ContainsFunc(chain[:i], c.Equal) || !slices.ContainsFunc(sent, namesake) {
			unneeded++
		}
	}
	return answer, unneeded
}

// readStaple reads the OCSP response that came with the handshake. It may
// hold answers about several certificates; the leaf's is wanted. Who signed
// it is not checked: it is shown, not relied upon.
func readStaple(response []byte, leaf *x509.Certificate) (staple *Staple, unreadable bool) {
	if len(response) == 0 {
		return nil, false
	}
	r, err := ocsp.ParseResponseForCert(response, leaf, nil)
	if err != nil {
		return nil, true
	}
	s := &Staple{Status: "unknown", ThisUpdate: r.ThisUpdate.UTC()}
	if !r.NextUpdate.IsZero() {
		s.NextUpdate = r.NextUpdate.UTC()
	}
	switch r.Status {
	case ocsp.Good:
		s.Status = "good"
	case ocsp.Revoked:
		s.Status = "revoked"
	}
	return s, false
}
