package probe

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
	"net"
	"strings"
	"testing"
	"unicode/utf8"

	"smtptest/probe/probetest/greedy"
	"smtptest/probe/smtp"
)

func TestDescribeSerial(t *testing.T) {
	for _, test := range []struct {
		about  string
		serial *big.Int
		want   string
	}{
		{"zero", big.NewInt(0), "00"},
		{"one digit", big.NewInt(7), "07"},
		{"negative", big.NewInt(-7), "-07"},
		{"leading zero octet of the DER form", big.NewInt(0x80), "80"},
		{"twenty octets", new(big.Int).Lsh(big.NewInt(0xab), 152), "ab" + strings.Repeat("00", 19)},
		{"as many as are shown", new(big.Int).Lsh(big.NewInt(0xab), 8*63), "ab" + strings.Repeat("00", 63)},
		{"too many", new(big.Int).Lsh(big.NewInt(0xab), 8*64), "ab" + strings.Repeat("00", 63) + "…"},
	} {
		if got := serial(test.serial); got != test.want {
			t.Errorf("%s: got %s, want %s", test.about, got, test.want)
		}
	}
}

func TestDescribeText(t *testing.T) {
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		RawSubject:   nameDER(t, pkix.Name{CommonName: "Bücher \u202egro.live", Organization: []string{"\x1b[2J"}}),
		RawIssuer:    nameDER(t, pkix.Name{CommonName: strings.Repeat("é", maxNameOctets)}),
		IPAddresses:  []net.IP{net.IPv4(192, 0, 2, 1), net.ParseIP("2001:db8::1")},
	}
	for i := range maxCertificateNames {
		c.DNSNames = append(c.DNSNames, fmt.Sprintf("mx%d.example.test", i))
	}
	c.DNSNames[0] = strings.Repeat("a", 2*maxNameOctets)
	d := describe(c)
	checkPrintable(t, d)
	if len(d.Names) != maxCertificateNames || d.NamesOmitted != 2 {
		t.Errorf("%d names and %d omitted, want %d and 2", len(d.Names), d.NamesOmitted, maxCertificateNames)
	}
	if want := `Bücher \u{202e}gro.live`; d.CommonName != want {
		t.Errorf("common name: got %q, want %q", d.CommonName, want)
	}
	if len(d.Names[0]) != maxNameOctets {
		t.Errorf("a name has %d octets, want %d", len(d.Names[0]), maxNameOctets)
	}
}

func nameDER(t testing.TB, n pkix.Name) []byte {
	t.Helper()
	der, err := asn1.Marshal(n.ToRDNSequence())
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func TestReadName(t *testing.T) {
	mail := pkix.AttributeTypeAndValue{Type: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 1}, Value: "a@example.test"}
	unknown := pkix.AttributeTypeAndValue{Type: asn1.ObjectIdentifier{2, 999, 3}, Value: "x"}
	number := pkix.AttributeTypeAndValue{Type: asn1.ObjectIdentifier{1, 2, 3}, Value: 5}
	wide := pkix.AttributeTypeAndValue{Type: asn1.ObjectIdentifier{2, 5, 4, 3},
		Value: asn1.RawValue{Tag: asn1.TagBMPString, Bytes: []byte{0, 'B', 0, 0xfc}}}
	long := asn1.ObjectIdentifier{1, 2}
	for range 2 * maxOIDOctets {
		long = append(long, 1)
	}
	var many []pkix.AttributeTypeAndValue
	for range 100 {
		many = append(many, unknown)
	}
	with := func(all ...pkix.AttributeTypeAndValue) pkix.Name { return pkix.Name{ExtraNames: all} }
	for _, test := range []struct {
		name         pkix.Name
		text, common string
	}{
		{pkix.Name{CommonName: "R11", Organization: []string{"Let's Encrypt"}, Country: []string{"US"}},
			"CN=R11,O=Let's Encrypt,C=US", "R11"},
		{pkix.Name{CommonName: `Example, "Inc" `, Organization: []string{"a+b"}},
			`CN=Example\, \"Inc\"\ ,O=a\+b`, `Example, "Inc" `},
		{with(mail), "emailAddress=a@example.test", ""},
		{with(wide, unknown, number), "1.2.3=#05,2.999.3=x,CN=Bü", "Bü"},
		{with(pkix.AttributeTypeAndValue{Type: long, Value: "x"}), "OID=x", ""},
		{with(many...), strings.Repeat("2.999.3=x,", 50) + "2.999.3=x,… (49 more parts)", ""},
		{pkix.Name{}, "", ""},
	} {
		if got := readName(nameDER(t, test.name)); got != (name{test.text, test.common}) {
			t.Errorf("got %+v\nwant %+v", got, name{test.text, test.common})
		}
	}
	if got := readName([]byte("junk")); got != (name{}) {
		t.Errorf("no name: %+v", got)
	}
}

// checkPrintable checks a description against what a reader's client can show.
// Escapes make at most four octets of one.
func checkPrintable(t *testing.T, d Certificate) {
	t.Helper()
	for _, text := range append(d.Names, d.Subject, d.Issuer, d.CommonName, d.Key, d.Signature) {
		if !utf8.ValidString(text) || smtp.Printable([]byte(text)) != text || len(text) > 4*maxNameOctets {
			t.Errorf("%q is not printable or too long", text)
		}
	}
	if len(d.Names) > maxCertificateNames {
		t.Errorf("%d names", len(d.Names))
	}
}

func TestKeyName(t *testing.T) {
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	edwards, _, _ := ed25519.GenerateKey(rand.Reader)
	for _, test := range []struct {
		key  any
		want string
	}{
		{&small.PublicKey, "RSA 1024"},
		{issue(t, "mx.example.test", false, [2]int{1, 1}, nil).PublicKey, "ECDSA P-256"},
		{edwards, "Ed25519"},
		{nil, "DSA"},
	} {
		c := &x509.Certificate{PublicKey: test.key, PublicKeyAlgorithm: x509.DSA}
		if got := keyName(c); got != test.want {
			t.Errorf("got %s, want %s", got, test.want)
		}
	}
}

func TestForServers(t *testing.T) {
	server, client, any := x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageAny
	for _, test := range []struct {
		about   string
		usage   []x509.ExtKeyUsage
		unknown bool
		want    bool
	}{
		{"no extension means any", nil, false, true},
		{"server", []x509.ExtKeyUsage{server}, false, true},
		{"server and client", []x509.ExtKeyUsage{client, server}, false, true},
		{"any", []x509.ExtKeyUsage{any}, false, true},
		{"client only", []x509.ExtKeyUsage{client}, false, false},
		{"an unknown usage only", nil, true, false},
	} {
		c := &x509.Certificate{ExtKeyUsage: test.usage}
		if test.unknown {
			c.UnknownExtKeyUsage = append(c.UnknownExtKeyUsage, []int{1, 3, 6, 1, 4, 1, 311, 20, 2, 2})
		}
		if got := forServers(c); got != test.want {
			t.Errorf("%s: got %t", test.about, got)
		}
	}
}

// FuzzDescribe puts certificates of foreign make into words.
func FuzzDescribe(f *testing.F) {
	f.Add(issue(f, "mx.example.test", false, [2]int{1, 1}, nil).Raw)
	f.Add(greedyCertificate(f, greedy.Parts()[0], 400).Certificate[0])
	f.Add(issue(f, "\u202eRoot", true, [2]int{1, 1}, nil).Raw)
	f.Fuzz(func(t *testing.T, der []byte) {
		checkPrintable(t, readCertificate(der))
		if c, err := x509.ParseCertificate(der); err == nil {
			described := describe(c)
			checkPrintable(t, described)
			if own := readCertificate(der); own.Subject != described.Subject || own.Issuer != described.Issuer ||
				own.Serial != described.Serial || !own.NotAfter.Equal(described.NotAfter) {
				t.Errorf("read by itself: %+v\nwant %+v", own, described)
			}
			dates(c, testNow)
			order([]*x509.Certificate{c, c})
			if len(der) > 4<<10 { // what is not linear shows in long ones; measuring stops the program each time
				checkCost(t, c)
			}
		}
	})
}

// checkCost holds a description to the octets that it is made of.
func checkCost(t *testing.T, c *x509.Certificate) {
	t.Helper()
	before := allocations()
	describe(c)
	if bytes, most := allocations()-before, uint64(1<<20+16*len(c.Raw)); bytes > most {
		t.Errorf("%d bytes were allocated for %d octets, want %d at most", bytes, len(c.Raw), most)
	}
}

// FuzzStaple reads OCSP responses of foreign make: nil and readable, or
// not readable.
func FuzzStaple(f *testing.F) {
	leaf := issue(f, "mx.example.test", false, [2]int{1, 1}, nil).Certificate
	f.Add([]byte("not an OCSP response"))
	f.Add([]byte{0x30, 3, 0x0a, 1, 3}) // tryLater (RFC 6960 §4.2.1)
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, response []byte) {
		staple, unreadable := readStaple(response, leaf)
		if (staple == nil) != (unreadable || len(response) == 0) {
			t.Errorf("staple %v, unreadable %t", staple, unreadable)
		}
	})
}
