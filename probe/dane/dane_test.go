package dane

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"strings"
	"testing"
	"time"
)

// issued is a certificate with its key.
type issued struct {
	*x509.Certificate
	key *ecdsa.PrivateKey
}

// issue makes a certificate, signed by its parent or, without one, by itself.
// Names with a dot are of servers; after "CN=" the name stands in the subject alone.
func issue(t *testing.T, name string, parent *issued) *issued {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	name, subject := strings.CutPrefix(name, "CN=")
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, IsCA: !strings.Contains(name, "."),
		BasicConstraintsValid: true, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	if !subject {
		c.DNSNames = []string{name}
	}
	if parent == nil {
		parent = &issued{c, key}
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent.Certificate, &key.PublicKey, parent.key)
	if err != nil {
		t.Fatal(err)
	}
	c, err = x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &issued{c, key}
}

// chain is a server's certificate, one between, and the authority.
func chain(t *testing.T, name string) [][]byte {
	root := issue(t, "authority", nil)
	between := issue(t, "between", root)
	return [][]byte{issue(t, name, between).Raw, between.Raw, root.Raw}
}

func record(t *testing.T, usage, selector, matching uint8, der []byte) Record {
	t.Helper()
	data, ok := Select(der, selector, matching)
	if !ok {
		t.Fatal("nothing to select")
	}
	return Record{usage, selector, matching, data}
}

// largeKey is a key of 16,384 bits that nobody has.
func largeKey(t *testing.T) Record {
	t.Helper()
	key := &rsa.PublicKey{N: new(big.Int).SetBit(big.NewInt(1), 16383, 1), E: 3}
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return Record{2, 1, 0, der}
}

// TestVerify goes through RFC 7672 §3 and RFC 7671 §5.
func TestVerify(t *testing.T) {
	sent := chain(t, "mx.example.com")
	other := chain(t, "mx.example.com")
	alone := [][]byte{issue(t, "mx.example.com", nil).Raw}
	subject := chain(t, "CN=mx.example.com")
	disordered := [][]byte{sent[0], sent[2], sent[1]}
	now, later := time.Now(), time.Now().AddDate(1, 0, 0)
	mine, others := []string{"mx.example.com"}, []string{"other.example"}
	of := func(usage, selector, matching uint8, der []byte) []Record {
		return []Record{record(t, usage, selector, matching, der)}
	}
	for _, c := range []struct {
		name    string
		records []Record
		chain   [][]byte
		names   []string
		now     time.Time
		want    Outcome
	}{
		{"3 1 1", of(3, 1, 1, sent[0]), sent, mine, now, Outcome{Matches, 0, 0}},
		{"3 0 2", of(3, 0, 2, sent[0]), sent, mine, now, Outcome{Matches, 0, 0}},
		{"3 0 0", of(3, 0, 0, sent[0]), sent, mine, now, Outcome{Matches, 0, 0}},
		{"3 asks for neither name nor dates", of(3, 1, 1, sent[0]), sent, others, later, Outcome{Matches, 0, 0}},
		{"3 is not for an authority", of(3, 1, 1, sent[1]), sent, mine, now, Outcome{NoMatch, -1, 0}},
		{"2 1 1", of(2, 1, 1, sent[2]), sent, mine, now, Outcome{Matches, 0, 2}},
		{"2 may name one between", of(2, 0, 1, sent[1]), sent, mine, now, Outcome{Matches, 0, 1}},
		{"2 in any order", of(2, 1, 1, sent[2]), disordered, mine, now, Outcome{Matches, 0, 1}},
		{"2 asks for the name", of(2, 1, 1, sent[1]), sent, others, now, Outcome{WrongName, 0, 1}},
		{"2 takes one name of several", of(2, 1, 1, sent[1]), sent, append(others, mine...), now, Outcome{Matches, 0, 1}},
		{"2 takes the subject where no name is", of(2, 1, 1, subject[1]), subject, mine, now, Outcome{Matches, 0, 1}},
		{"2 asks for the dates", of(2, 1, 1, sent[1]), sent, mine, later, Outcome{Expired, 0, 1}},
		{"2 asks for a signature", of(2, 0, 1, other[1]), [][]byte{sent[0], other[1]}, mine, now, Outcome{BadChain, 0, 1}},
		{"2 asks for it, dates apart", of(2, 0, 1, other[1]), [][]byte{sent[0], other[1]}, mine, later,
			Outcome{BadChain, 0, 1}},
		{"2 is not for the server's own", of(2, 0, 1, sent[0]), sent, mine, now, Outcome{NoMatch, -1, 0}},
		{"nor where it was sent twice", of(2, 0, 1, alone[0]), [][]byte{alone[0], alone[0]}, mine, now,
			Outcome{NoMatch, -1, 0}},
		{"nor whole", of(2, 0, 0, alone[0]), alone, mine, now, Outcome{NoMatch, -1, 0}},
		{"a digest of what was not sent", of(2, 0, 1, sent[2]), sent[:2], mine, now, Outcome{NoMatch, -1, 0}},
		{"2 0 0 of what was not sent", of(2, 0, 0, sent[2]), sent[:2], mine, now, Outcome{Matches, 0, 2}},
		{"2 1 0 of what was not sent", of(2, 1, 0, sent[2]), sent[:2], mine, now, Outcome{Matches, 0, 2}},
		{"2 1 0 of the next one", of(2, 1, 0, sent[1]), sent[:1], mine, now, Outcome{Matches, 0, 1}},
		{"2 1 0 of its own key, which has signed it", of(2, 1, 0, alone[0]), alone, mine, now, Outcome{Matches, 0, 1}},
		{"2 0 0 asks for the one between", of(2, 0, 0, sent[2]), sent[:1], mine, now, Outcome{NoMatch, -1, 0}},
		{"2 1 0 asks for the one between", of(2, 1, 0, sent[2]), sent[:1], mine, now, Outcome{NoMatch, -1, 0}},
		{"2 0 0 asks for the name", of(2, 0, 0, sent[2]), sent[:2], others, now, Outcome{WrongName, 0, 2}},
		{"2 1 0 asks for the dates", of(2, 1, 0, sent[2]), sent[:2], mine, later, Outcome{Expired, 0, 2}},
		{"2 0 0 of another chain, out of date", of(2, 0, 0, other[2]), sent[:2], mine, later, Outcome{NoMatch, -1, 0}},
		{"2 1 0 of 16,384 bits", []Record{largeKey(t)}, sent, mine, now, Outcome{NoMatch, -1, 0}},
		{"another key", of(3, 0, 1, other[0]), sent, mine, now, Outcome{NoMatch, -1, 0}},
		{"one of two", append(of(3, 0, 1, other[0]), of(3, 0, 1, sent[0])...), sent, mine, now, Outcome{Matches, 1, 0}},
		{"the stronger digest counts", append(of(3, 1, 1, sent[0]), of(3, 1, 2, other[0])...), sent, mine, now,
			Outcome{PassedOver, 0, 0}},
		{"of one selector", append(of(3, 1, 1, sent[0]), of(3, 0, 2, other[0])...), sent, mine, now, Outcome{Matches, 0, 0}},
		{"beside a whole one", append(of(3, 1, 0, sent[0]), of(3, 1, 2, other[0])...), sent, mine, now,
			Outcome{Matches, 0, 0}},
		{"not where it cannot be used", append(of(3, 1, 1, sent[0]), Record{3, 1, 2, []byte{1}}), sent, mine, now,
			Outcome{Matches, 0, 0}},
		{"1 is unusable", of(1, 0, 1, sent[0]), sent, mine, now, Outcome{Unusable, -1, 0}},
		{"a short digest", []Record{{3, 1, 1, []byte{1}}}, sent, mine, now, Outcome{Unusable, -1, 0}},
		{"half a certificate", []Record{{3, 0, 0, sent[0][:100]}}, sent, mine, now, Outcome{Unusable, -1, 0}},
		{"unknown numbers", []Record{{4, 1, 1, make([]byte, 32)}, {3, 9, 1, make([]byte, 32)}, {3, 1, 9, nil}}, sent,
			mine, now, Outcome{Unusable, -1, 0}},
		{"no records", nil, sent, mine, now, Outcome{NoRecords, -1, 0}},
		{"no certificate", of(3, 0, 1, sent[0]), nil, mine, now, Outcome{NotCompare, -1, 0}},
		{"what is no certificate", of(3, 0, 1, []byte("x")), [][]byte{[]byte("x")}, mine, now, Outcome{Matches, 0, 0}},
		{"what is no certificate, under an authority", of(2, 0, 0, sent[2]), [][]byte{[]byte("x"), []byte("x")}, mine,
			now, Outcome{NoMatch, -1, 0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Verify(c.records, c.chain, c.names, c.now); got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

// TestTooManyAuthorities: of forty that are all named alike some are tried, and
// nothing is claimed of the rest.
func TestTooManyAuthorities(t *testing.T) {
	sent := chain(t, "mx.example.com")
	var records []Record
	for range MaxRecords - 1 {
		records = append(records, Record{2, 0, 0, issue(t, "authority", nil).Raw})
	}
	names := []string{"mx.example.com"}
	if o := Verify(records, sent[:2], names, time.Now()); o.Result != NotCompare {
		t.Errorf("%+v", o)
	}
	if o := Verify(append(records, record(t, 3, 1, 1, sent[0])), sent[:2], names, time.Now()); o.Result != Matches {
		t.Errorf("%+v", o)
	}
	if o := Verify(records[:maxVerified], sent[:2], names, time.Now()); o.Result != NoMatch {
		t.Errorf("%+v", o)
	}
}

// FuzzVerify holds any records against any octets.
func FuzzVerify(f *testing.F) {
	f.Add(uint8(2), uint8(0), uint8(0), []byte{0x30, 0}, []byte{0x30, 0})
	f.Add(uint8(2), uint8(1), uint8(0), []byte{0x30, 3, 2, 1, 1}, []byte("x"))
	f.Fuzz(func(t *testing.T, usage, selector, matching uint8, data, der []byte) {
		o := Verify([]Record{{usage, selector, matching, data}}, [][]byte{der, der}, []string{"a.test"}, time.Now())
		if o.Result == Matches && (o.Record != 0 || o.Depth < 0 || o.Depth > 2) {
			t.Errorf("%+v", o)
		}
	})
}
