// Package dane compares the certificates that a mail server showed with its
// TLSA records, as a sending mail server does (RFC 6698, 7671, 7672).
//
// It asks nobody and dials nobody, and does not know whether the records were
// signed: without DNSSEC no sender uses them (RFC 7672 §2.1).
package dane

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"time"
)

// Record is one TLSA record (RFC 6698 §2.1).
type Record struct {
	Usage    uint8
	Selector uint8
	Matching uint8
	Data     []byte // of the certificate or its digest
}

// The certificate usages that mean something in SMTP (RFC 7672 §3.1).
const (
	usageTA = 2 // DANE-TA: the record names an authority on the way to the server's certificate
	usageEE = 3 // DANE-EE: the record names the server's own certificate or key
)

// String is the record as it stands in a zone file; long data is cut.
func (r Record) String() string {
	data := hex.EncodeToString(r.Data)
	if len(data) > 2*sha512.Size {
		data = data[:2*sha512.Size] + "…"
	}
	return fmt.Sprintf("%d %d %d %s", r.Usage, r.Selector, r.Matching, data)
}

// Usable reports that a sender can use the record: usages 0 and 1 are not for
// SMTP (RFC 7672 §3.1.3), unknown numbers are for nobody, and a digest has its
// length. The reason is empty for a usable one.
func (r Record) Usable() (reason string) {
	length, known := map[uint8]int{0: len(r.Data), 1: sha256.Size, 2: sha512.Size}[r.Matching]
	switch {
	case r.Usage < usageTA:
		return "usage"
	case r.Usage > usageEE || r.Selector > 1 || !known:
		return "unknown"
	case len(r.Data) != length || length == 0:
		return "length"
	}
	return ""
}

// Result is the outcome of a comparison.
type Result string

// The results.
const (
	Matches    Result = "matches"      // a record names the server's certificate, key or authority, and all else fits
	NoMatch    Result = "no-match"     // no usable record names any certificate that was sent
	WrongName  Result = "wrong-name"   // an authority matches, and its certificate is for another name (RFC 7672 §3.2.2)
	BadChain   Result = "bad-chain"    // an authority matches, and the certificate does not lead to it today
	Unusable   Result = "unusable"     // there are records, and no sender can use any
	NoRecords  Result = "no-records"   // there is nothing to compare with
	NotCompare Result = "not-compared" // no certificate was seen
)

// Outcome says which record decided.
type Outcome struct {
	Result Result
	Record int // index of the record that matched; -1: none
	Depth  int // of the certificate that it matched: 0 is the server's own
}

// MaxRecords bounds the records of one server that are looked at.
const MaxRecords = 32

// Verify compares a chain, the server's certificate first, each in DER, with
// the records of the TLSA base domain. names are the reference identifiers of an
// authority's certificate: the base domain, and the mail domain where DNSSEC has
// proven its MX records (RFC 7672 §3.2.2).
func Verify(records []Record, chain [][]byte, names []string, now time.Time) Outcome {
	none := Outcome{Record: -1}
	usable := 0
	none.Result = NoMatch
	for i, r := range records[:min(len(records), MaxRecords)] {
		if r.Usable() != "" {
			continue
		}
		usable++
		depth := r.find(chain)
		if depth < 0 {
			continue
		}
		if r.Usage == usageEE { // name and dates do not count (RFC 7672 §3.1.1)
			return Outcome{Matches, i, depth}
		}
		result := authority(chain, depth, names, now)
		if result == Matches {
			return Outcome{Matches, i, depth}
		}
		none = Outcome{result, i, depth}
	}
	switch {
	case len(records) == 0:
		none.Result = NoRecords
	case usable == 0:
		none.Result = Unusable
	case len(chain) == 0:
		none.Result = NotCompare
	}
	return none
}

// find is the depth of the certificate that a record names, -1 for none. An
// authority is above the server's own certificate.
func (r Record) find(chain [][]byte) int {
	first, end := 0, min(len(chain), 1)
	if r.Usage == usageTA {
		first, end = 1, len(chain)
	}
	for depth := first; depth < end; depth++ {
		if data, ok := Select(chain[depth], r.Selector, r.Matching); ok && bytes.Equal(data, r.Data) {
			return depth
		}
	}
	return -1
}

// Select is what a TLSA record of this selector and matching type would hold
// for a certificate (RFC 6698 §2.1.2, §2.1.3). It is false where the certificate
// cannot be read or a number is unknown.
func Select(der []byte, selector, matching uint8) ([]byte, bool) {
	data := der
	if selector == 1 {
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, false
		}
		data = cert.RawSubjectPublicKeyInfo
	}
	switch matching {
	case 0:
		return data, selector <= 1
	case 1:
		sum := sha256.Sum256(data)
		return sum[:], selector <= 1
	case 2:
		sum := sha512.Sum512(data)
		return sum[:], selector <= 1
	}
	return nil, false
}

// authority verifies a chain up to the certificate that a record named: that
// one is the root, whatever has signed it (RFC 7671 §5.2).
func authority(chain [][]byte, depth int, names []string, now time.Time) Result {
	var certs []*x509.Certificate
	for _, der := range chain[:depth+1] {
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			return BadChain
		}
		certs = append(certs, cert)
	}
	roots, between := x509.NewCertPool(), x509.NewCertPool()
	roots.AddCert(certs[depth])
	for _, cert := range certs[1:depth] {
		between.AddCert(cert)
	}
	if _, err := certs[0].Verify(x509.VerifyOptions{Roots: roots, Intermediates: between, CurrentTime: now}); err != nil {
		return BadChain
	}
	for _, name := range names {
		if certs[0].VerifyHostname(name) == nil {
			return Matches
		}
	}
	return WrongName
}
