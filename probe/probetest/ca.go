package probetest

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/ocsp"
)

// CA is a throw-away certificate authority: a root that clients trust, an
// intermediate below it, and a second root that nobody trusts. Its keys live
// in memory only.
type CA struct {
	trusted, private authority

	mu   sync.Mutex
	leaf map[string]*tls.Certificate // by spec and host: keys are slow to make
}

// authority is one root with its intermediate.
type authority struct {
	root, inter       *x509.Certificate
	rootKey, interKey crypto.Signer
}

// rootYears is how long the authorities last on either side of now: the
// certificates below must be able to be old.
const rootYears = 10

// NewCA makes a CA.
func NewCA() (*CA, error) {
	trusted, err := newAuthority("Example Trust Root", "Example Trust Issuing CA")
	if err != nil {
		return nil, err
	}
	private, err := newAuthority("Private Office Root", "Private Office Issuing CA")
	if err != nil {
		return nil, err
	}
	return &CA{trusted: trusted, private: private, leaf: map[string]*tls.Certificate{}}, nil
}

// Roots holds the root that clients are to trust.
func (ca *CA) Roots() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(ca.trusted.root)
	return pool
}

func newAuthority(rootName, interName string) (a authority, err error) {
	if a.rootKey, err = ecKey(); err != nil {
		return a, err
	}
	if a.interKey, err = ecKey(); err != nil {
		return a, err
	}
	root := caTemplate(rootName, 1)
	if a.root, err = sign(root, root, a.rootKey.Public(), a.rootKey); err != nil {
		return a, err
	}
	a.inter, err = sign(caTemplate(interName, 2), a.root, a.interKey.Public(), a.rootKey)
	return a, err
}

func ecKey() (crypto.Signer, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) }

func caTemplate(name string, serial int64) *x509.Certificate {
	now := time.Now()
	return &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: name, Organization: []string{"Example"}},
		NotBefore: now.AddDate(-rootYears, 0, 0), NotAfter: now.AddDate(rootYears, 0, 0),
		IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
}

func sign(c, parent *x509.Certificate, public crypto.PublicKey, key crypto.Signer) (*x509.Certificate, error) {
	der, err := x509.CreateCertificate(rand.Reader, c, parent, public, key)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

// CertSpec says what a server shows. Its text form is a list of key=value
// words:
//
//	names=a,b        subjectAltName; "-" for none; default the host
//	cn=NAME          common name, _ standing for a space; default the first name
//	not-before=-72h  relative to now; default -30 days
//	not-after=-72h   relative to now; default 60 days
//	issuer=trusted   or private, self; or a name, _ standing for a space: a private root of that name
//	chain=full       or leaf (no intermediate), reversed, root (root included), direct (signed by the root),
//	                 other (another authority's intermediate), twice (the leaf twice);
//	                 private authorities send their root unless this says otherwise
//	key=ec           or rsa1024, rsa2048, ed25519
//	sig=sha256       or sha1 (RSA keys of the authority are made for it)
//	usage=server     or client
//	staple=good      or revoked, unknown, stale, other (another certificate's), garbage, none
//	must-staple=yes
//	serial=negative  which Go and some others refuse
//	inter=expired    the intermediate is out of its dates; or it begins tomorrow: future; or constrained: it may certify
//	                 elsewhere.test only
type CertSpec map[string]string

// ParseWords reads key=value words.
func ParseWords(text string) (CertSpec, error) {
	spec := CertSpec{}
	for _, word := range strings.Fields(text) {
		key, value, ok := strings.Cut(word, "=")
		if !ok {
			return nil, fmt.Errorf("%q is not key=value", word)
		}
		spec[key] = value
	}
	return spec, nil
}

// check refuses a misspelt key, which would give a good certificate.
func (s CertSpec) check() error {
	for key := range s {
		switch key {
		case "names", "cn", "not-before", "not-after", "issuer", "chain", "key", "sig", "usage", "staple",
			"must-staple", "serial", "inter":
		default:
			return fmt.Errorf("%s= is no word about certificates", key)
		}
	}
	return nil
}

func (s CertSpec) or(key, fallback string) string {
	if v, ok := s[key]; ok {
		return v
	}
	return fallback
}

// Certificate makes what the spec says, for a host. The same text gives the
// same certificate again.
func (ca *CA) Certificate(text, host string) (*tls.Certificate, error) {
	ca.mu.Lock()
	defer ca.mu.Unlock()
	if c, ok := ca.leaf[host+" "+text]; ok {
		return c, nil
	}
	spec, err := ParseWords(text)
	if err != nil {
		return nil, err
	}
	if err := spec.check(); err != nil {
		return nil, err
	}
	c, err := ca.issue(spec, host)
	if err != nil {
		return nil, fmt.Errorf("certificate %q: %w", text, err)
	}
	ca.leaf[host+" "+text] = c
	return c, nil
}

func (ca *CA) issue(spec CertSpec, host string) (*tls.Certificate, error) {
	template, err := spec.template(host)
	if err != nil {
		return nil, err
	}
	key, err := newKey(spec.or("key", "ec"))
	if err != nil {
		return nil, err
	}
	a, err := ca.authority(spec)
	if err != nil {
		return nil, err
	}
	parent, parentKey := a.inter, a.interKey
	switch {
	case spec["issuer"] == "self":
		parent, parentKey = template, key
	case spec["chain"] == "direct":
		parent, parentKey = a.root, a.rootKey
	}
	if spec.or("issuer", "trusted") != "trusted" {
		template.IssuingCertificateURL = nil // such authorities publish nothing
	}
	leaf, err := sign(template, parent, key.Public(), parentKey)
	if err != nil {
		return nil, err
	}
	out := &tls.Certificate{PrivateKey: key, Leaf: leaf}
	if out.Certificate, err = ca.chain(leaf, a, spec); err != nil {
		return nil, err
	}
	if spec["serial"] == "negative" {
		out.Certificate[0] = negative(leaf)
	}
	out.OCSPStaple, err = staple(spec["staple"], leaf, parent, parentKey)
	return out, err
}

// negative sets the sign of the serial number, which breaks the signature too.
func negative(c *x509.Certificate) []byte {
	number := c.SerialNumber.Bytes()
	at := bytes.Index(c.Raw, append([]byte{2, byte(len(number))}, number...)) // the DER form of an INTEGER
	der := bytes.Clone(c.Raw)
	der[at+2] |= 0x80
	return der
}

// authority picks the issuer, or makes one with a fault of its own.
func (ca *CA) authority(spec CertSpec) (authority, error) {
	a := ca.trusted
	switch issuer := spec.or("issuer", "trusted"); issuer {
	case "trusted", "self":
	case "private":
		a = ca.private
	default:
		return newAuthority(words(issuer), words(issuer)+" Issuing CA")
	}
	if spec["sig"] == "sha1" {
		return sha1Authority(a)
	}
	if _, faulty := spec["inter"]; !faulty {
		return a, nil
	}
	return faultyIntermediate(a, spec["inter"])
}

// words writes a value of a spec, which can hold no spaces, as people do.
func words(value string) string { return strings.ReplaceAll(value, "_", " ") }

// faultyIntermediate has the same key as the good one.
func faultyIntermediate(a authority, fault string) (authority, error) {
	c := caTemplate("Example Trust Issuing CA", 3)
	switch fault {
	case "expired":
		c.NotAfter = time.Now().Add(-24 * time.Hour)
	case "future":
		c.NotBefore = time.Now().Add(24 * time.Hour)
	case "constrained":
		c.PermittedDNSDomains, c.PermittedDNSDomainsCritical = []string{"elsewhere.test"}, true
	default:
		return a, fmt.Errorf("inter=%s is not known", fault)
	}
	var err error
	a.inter, err = sign(c, a.root, a.interKey.Public(), a.rootKey)
	return a, err
}

// sha1Authority has an RSA intermediate, because SHA-1 goes with RSA.
func sha1Authority(a authority) (authority, error) {
	key, err := newKey("rsa2048")
	if err != nil {
		return a, err
	}
	a.interKey = key
	a.inter, err = sign(caTemplate("Example Old Issuing CA", 4), a.root, key.Public(), a.rootKey)
	return a, err
}

func newKey(kind string) (crypto.Signer, error) {
	switch kind {
	case "ec":
		return ecKey()
	case "ed25519":
		_, key, err := ed25519.GenerateKey(rand.Reader)
		return key, err
	}
	bits, err := strconv.Atoi(strings.TrimPrefix(kind, "rsa"))
	if err != nil {
		return nil, fmt.Errorf("%q is no kind of key", kind)
	}
	return rsa.GenerateKey(rand.Reader, bits)
}

// chain is what the server sends.
func (ca *CA) chain(leaf *x509.Certificate, a authority, spec CertSpec) ([][]byte, error) {
	kind := "full"
	switch issuer := spec.or("issuer", "trusted"); {
	case issuer == "self":
		kind = "leaf"
	case issuer != "trusted":
		kind = "root"
	}
	switch kind := spec.or("chain", kind); kind {
	case "full":
		return raw(leaf, a.inter), nil
	case "leaf", "direct":
		return raw(leaf), nil
	case "root":
		return raw(leaf, a.inter, a.root), nil
	case "reversed":
		return raw(leaf, a.root, a.inter), nil
	case "twice":
		return raw(leaf, leaf, a.inter), nil
	case "other":
		return raw(leaf, ca.private.inter), nil
	default:
		return nil, fmt.Errorf("chain=%s is not known", kind)
	}
}

func raw(certs ...*x509.Certificate) [][]byte {
	var out [][]byte
	for _, c := range certs {
		out = append(out, c.Raw)
	}
	return out
}

func (s CertSpec) template(host string) (*x509.Certificate, error) {
	notBefore, err := time.ParseDuration(s.or("not-before", "-720h"))
	if err != nil {
		return nil, err
	}
	notAfter, err := time.ParseDuration(s.or("not-after", "1440h"))
	if err != nil {
		return nil, err
	}
	now := time.Now()
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1<<38 | now.UnixNano()&(1<<38-1)), NotBefore: now.Add(min(notBefore, notAfter-time.Hour)),
		NotAfter:              now.Add(notAfter),
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true, IssuingCertificateURL: []string{"http://ca.example.test/issuing.der"},
	}
	s.names(c, host)
	if s["usage"] == "client" {
		c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	}
	if s["sig"] == "sha1" {
		c.SignatureAlgorithm = x509.SHA1WithRSA
	}
	if s["must-staple"] == "yes" {
		c.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 24},
			Value: []byte{0x30, 3, 2, 1, 5}}}
	}
	return c, nil
}

func (s CertSpec) names(c *x509.Certificate, host string) {
	names := strings.Split(s.or("names", host), ",")
	c.Subject.CommonName = words(s.or("cn", names[0]))
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			c.IPAddresses = append(c.IPAddresses, ip)
		} else if name != "-" {
			c.DNSNames = append(c.DNSNames, name)
		}
	}
}

// staple makes the OCSP response of the issuer.
func staple(kind string, leaf, issuer *x509.Certificate, key crypto.Signer) ([]byte, error) {
	now := time.Now()
	r := ocsp.Response{Status: ocsp.Good, SerialNumber: leaf.SerialNumber, ThisUpdate: now.Add(-time.Hour),
		NextUpdate: now.Add(23 * time.Hour)}
	switch kind {
	case "", "none":
		return nil, nil
	case "good":
	case "garbage":
		return []byte("not an OCSP response"), nil
	case "revoked":
		r.Status, r.RevokedAt, r.RevocationReason = ocsp.Revoked, now.Add(-48*time.Hour), ocsp.KeyCompromise
	case "unknown":
		r.Status = ocsp.Unknown
	case "stale":
		r.ThisUpdate, r.NextUpdate = now.Add(-240*time.Hour), now.Add(-72*time.Hour)
	case "other":
		r.SerialNumber = big.NewInt(1)
	default:
		return nil, fmt.Errorf("staple=%s is not known", kind)
	}
	return ocsp.CreateResponse(issuer, issuer, r, key)
}
