package dane

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"testing"
	"time"
)

// chain is a server's certificate with the authority that signed it.
func chain(t *testing.T, name string) [][]byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	made := func(name string, ca bool, parent *x509.Certificate) []byte {
		c := &x509.Certificate{
			SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name}, IsCA: ca,
			BasicConstraintsValid: true, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		}
		if parent == nil {
			parent = c
		}
		der, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, key)
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	authority := made("authority", true, nil)
	parent, err := x509.ParseCertificate(authority)
	if err != nil {
		t.Fatal(err)
	}
	return [][]byte{made(name, false, parent), authority}
}

func record(t *testing.T, usage, selector, matching uint8, der []byte) Record {
	t.Helper()
	data, ok := Select(der, selector, matching)
	if !ok {
		t.Fatal("nothing to select")
	}
	return Record{usage, selector, matching, data}
}

// TestVerify goes through RFC 7672 §3.
func TestVerify(t *testing.T) {
	sent := chain(t, "mx.example.com")
	other := chain(t, "mx.example.com")
	now := time.Now()
	names := []string{"mx.example.com"}
	for _, c := range []struct {
		name    string
		records []Record
		chain   [][]byte
		names   []string
		now     time.Time
		want    Outcome
	}{
		{"3 1 1", []Record{record(t, 3, 1, 1, sent[0])}, sent, names, now, Outcome{Matches, 0, 0}},
		{"3 0 2", []Record{record(t, 3, 0, 2, sent[0])}, sent, names, now, Outcome{Matches, 0, 0}},
		{"3 0 0", []Record{record(t, 3, 0, 0, sent[0])}, sent, names, now, Outcome{Matches, 0, 0}},
		{"3 asks for neither name nor dates", []Record{record(t, 3, 1, 1, sent[0])}, sent, []string{"other.example"},
			now.AddDate(1, 0, 0), Outcome{Matches, 0, 0}},
		{"2 1 1", []Record{record(t, 2, 1, 1, sent[1])}, sent, names, now, Outcome{Matches, 0, 1}},
		{"2 asks for the name", []Record{record(t, 2, 1, 1, sent[1])}, sent, []string{"other.example"}, now,
			Outcome{WrongName, 0, 1}},
		{"2 asks for the dates", []Record{record(t, 2, 1, 1, sent[1])}, sent, names, now.AddDate(1, 0, 0),
			Outcome{BadChain, 0, 1}},
		{"2 asks for a signature", []Record{record(t, 2, 0, 1, other[1])}, [][]byte{sent[0], other[1]}, names, now,
			Outcome{BadChain, 0, 1}},
		{"2 is not for the server's own", []Record{record(t, 2, 0, 1, sent[0])}, sent, names, now, Outcome{NoMatch, -1, 0}},
		{"another key", []Record{record(t, 3, 0, 1, other[0])}, sent, names, now, Outcome{NoMatch, -1, 0}},
		{"one of two", []Record{record(t, 3, 0, 1, other[0]), record(t, 3, 0, 1, sent[0])}, sent, names, now,
			Outcome{Matches, 1, 0}},
		{"1 is unusable", []Record{record(t, 1, 0, 1, sent[0])}, sent, names, now, Outcome{Unusable, -1, 0}},
		{"a short digest", []Record{{3, 1, 1, []byte{1}}}, sent, names, now, Outcome{Unusable, -1, 0}},
		{"unknown numbers", []Record{{4, 1, 1, make([]byte, 32)}, {3, 9, 1, make([]byte, 32)}, {3, 1, 9, nil}}, sent,
			names, now, Outcome{Unusable, -1, 0}},
		{"no records", nil, sent, names, now, Outcome{NoRecords, -1, 0}},
		{"no certificate", []Record{record(t, 3, 0, 1, sent[0])}, nil, names, now, Outcome{NotCompare, -1, 0}},
		{"what is no certificate", []Record{record(t, 3, 0, 1, []byte("x"))}, [][]byte{[]byte("x")}, names, now,
			Outcome{Matches, 0, 0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Verify(c.records, c.chain, c.names, c.now); got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}
