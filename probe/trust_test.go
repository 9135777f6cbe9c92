package probe

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"testing"
	"time"
)

// testNow is when the certificates of these tests are judged.
var testNow = time.Date(2025, 3, 4, 10, 0, 0, 0, time.UTC)

// issued is a certificate with the key that belongs to it.
type issued struct {
	*x509.Certificate
	key crypto.Signer
}

// issue makes a certificate that is valid for the given days before and after
// testNow; without an issuer it signs itself.
func issue(t testing.TB, name string, ca bool, days [2]int, by *issued) *issued {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name},
		NotBefore: testNow.AddDate(0, 0, -days[0]), NotAfter: testNow.AddDate(0, 0, days[1]),
		BasicConstraintsValid: true, IsCA: ca,
	}
	if ca {
		c.KeyUsage = x509.KeyUsageCertSign
	} else {
		c.DNSNames = []string{name}
	}
	parent, signer := c, crypto.Signer(key)
	if by != nil {
		parent, signer = by.Certificate, by.key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	made, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &issued{made, key}
}

func TestLeadsToRoot(t *testing.T) {
	long, year, past := [2]int{3000, 3000}, [2]int{100, 265}, [2]int{500, -10}
	root := issue(t, "Root", true, long, nil)
	inter := issue(t, "Issuing CA", true, long, root)
	leaf := issue(t, "mx.example.test", false, year, inter)
	oldLeaf := issue(t, "mx.example.test", false, past, inter)
	oldInter := issue(t, "Issuing CA", true, past, root)
	oldInter.key = inter.key
	stranger := issue(t, "Other Root", true, long, nil)
	strangersLeaf := issue(t, "mx.example.test", false, year, stranger)
	junk := issue(t, "Old Web CA", true, past, stranger)
	own := issue(t, "mx.example.test", false, year, nil)
	pinned := issue(t, "mx.example.test", false, year, nil)
	namesake := issue(t, "mx.example.test", false, year, &issued{own.Certificate, own.key}) // issuer of the same name
	circleA := issue(t, "A", true, long, issue(t, "B", true, long, nil))
	circleB := issue(t, "B", true, long, issue(t, "A", true, long, nil))
	circle := issue(t, "mx.example.test", false, year, circleA)
	newRoot := issue(t, "Reissued Root", true, [2]int{5, 3000}, nil)
	leafBefore := issue(t, "mx.example.test", false, past, newRoot)
	future := issue(t, "mx.example.test", false, [2]int{-10, 300}, inter)

	roots := x509.NewCertPool()
	roots.AddCert(root.Certificate)
	roots.AddCert(pinned.Certificate)
	roots.AddCert(newRoot.Certificate)
	r := &run{local: &Local{Roots: roots}}

	for _, test := range []struct {
		about string
		chain []*issued
		want  ChainAnswer
	}{
		{"good", []*issued{leaf, inter}, ChainTrusted},
		{"root sent along", []*issued{leaf, inter, root}, ChainTrusted},
		{"out of order", []*issued{leaf, root, inter}, ChainTrusted},
		{"leaf expired, which is another question", []*issued{oldLeaf, inter}, ChainTrusted},
		{"leaf not valid yet, which is another question", []*issued{future, inter}, ChainTrusted},
		{"leaf expired before its root was issued again", []*issued{leafBefore}, ChainTrusted},
		{"self-signed and given as root", []*issued{pinned}, ChainTrusted},
		{"junk beside a good chain", []*issued{leaf, junk, inter}, ChainTrusted},
		{"intermediate missing", []*issued{leaf}, ChainIncomplete},
		{"another authority's intermediate", []*issued{leaf, stranger}, ChainIncomplete},
		{"intermediate missing, expired junk", []*issued{leaf, junk}, ChainIncomplete},
		{"intermediate expired", []*issued{leaf, oldInter}, ChainExpired},
		{"self-signed", []*issued{own}, ChainSelfSigned},
		{"self-signed, expired junk", []*issued{own, junk}, ChainSelfSigned},
		{"signed by a namesake", []*issued{namesake}, ChainIncomplete},
		{"private root sent", []*issued{strangersLeaf, stranger}, ChainUnknownIssuer},
		{"private root not sent", []*issued{strangersLeaf}, ChainIncomplete},
		{"issuers in a circle", []*issued{circle, circleA, circleB}, ChainIncomplete},
	} {
		t.Run(test.about, func(t *testing.T) {
			var chain []*x509.Certificate
			for _, c := range test.chain {
				chain = append(chain, c.Certificate)
			}
			got, problem := r.leadsToRoot(chain, testNow)
			if got != test.want || (problem == "") != (got == ChainTrusted) {
				t.Errorf("got %s (%s), want %s", got, problem, test.want)
			}
		})
	}
}

func TestOrder(t *testing.T) {
	named := func(subject, issuer string) *x509.Certificate {
		return &x509.Certificate{RawSubject: []byte(subject), RawIssuer: []byte(issuer), Raw: []byte(subject + issuer)}
	}
	leaf, inter, root := named("leaf", "inter"), named("inter", "root"), named("root", "root")
	for _, test := range []struct {
		about    string
		chain    []*x509.Certificate
		want     OrderAnswer
		unneeded int
	}{
		{"leaf alone", []*x509.Certificate{leaf}, OrderRight, 0},
		{"leaf, intermediate", []*x509.Certificate{leaf, inter}, OrderRight, 0},
		{"root included", []*x509.Certificate{leaf, inter, root}, OrderRight, 0},
		{"reversed", []*x509.Certificate{leaf, root, inter}, OrderWrong, 0},
		{"leaf twice", []*x509.Certificate{leaf, leaf, inter}, OrderRight, 1},
		{"a stranger between", []*x509.Certificate{leaf, root, named("junk", "root"), named("x", "y")}, OrderRight, 3},
		{"two roots for one name", []*x509.Certificate{leaf, inter, root, named("root", "older")}, OrderRight, 0},
	} {
		if got, unneeded := order(test.chain); got != test.want || unneeded != test.unneeded {
			t.Errorf("%s: got %s and %d unneeded, want %s and %d", test.about, got, unneeded, test.want, test.unneeded)
		}
	}
}
