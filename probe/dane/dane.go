// Package dane compares the certificates that a mail server showed with its
// TLSA records, as a sending mail server does (RFC 6698, 7671, 7672).
//
// It asks nobody and dials nobody, and does not know whether the records were
// signed: without DNSSEC no sender uses them (RFC 7672 §2.1).
package dane

import (
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"fmt"
	"slices"
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
// SMTP (RFC 7672 §3.1.3), unknown numbers are for nobody, a digest has its
// length, and what is no digest is DER. The reason is empty for a usable one.
func (r Record) Usable() (reason string) {
	length, known := map[uint8]int{0: len(r.Data), 1: sha256.Size, 2: sha512.Size}[r.Matching]
	switch {
	case r.Usage < usageTA:
		return "usage"
	case r.Usage > usageEE || r.Selector > 1 || !known:
		return "unknown"
	case len(r.Data) != length || length == 0:
		return "length"
	case r.Matching == 0 && !isDER(r.Data):
		return "data"
	}
	return ""
}

// isDER reports one whole value and nothing behind it.
func isDER(data []byte) bool {
	var value asn1.RawValue
	rest, err := asn1.Unmarshal(data, &value)
	return err == nil && len(rest) == 0 && value.Tag == asn1.TagSequence
}

// Result is the outcome of a comparison.
type Result string

// The results.
const (
	Matches    Result = "matches"      // a record names the server's certificate, key or authority, and all else fits
	NoMatch    Result = "no-match"     // no usable record names any certificate that was sent
	WrongName  Result = "wrong-name"   // an authority matches, and the certificate is for another name (RFC 7672 §3.2.3)
	Expired    Result = "expired"      // an authority matches, and a certificate on the way to it is not valid today
	PassedOver Result = "passed-over"  // a record matches, and beside it one with a stronger digest does not (RFC 7671 §9)
	BadChain   Result = "bad-chain"    // an authority matches, and the certificate does not lead to it
	Unusable   Result = "unusable"     // there are records, and no sender can use any
	NoRecords  Result = "no-records"   // there is nothing to compare with
	NotCompare Result = "not-compared" // no certificate was seen, or there are too many authorities to try
)

// Outcome says which record decided.
type Outcome struct {
	Result Result
	Record int // index of the record that matched; -1: none
	// Depth is that of the certificate that it matched: 0 is the server's own. It is the number of
	// certificates where the authority was not sent and stands in the record itself.
	Depth int
}

// MaxRecords bounds the records of one server that are looked at.
const MaxRecords = 32

// Verify compares a chain, the server's certificate first, each in DER, with
// the records of the TLSA base domain. names are the reference identifiers, one
// of which the certificate must be for under an authority (RFC 7672 §3.2.2).
func Verify(records []Record, chain [][]byte, names []string, now time.Time) Outcome {
	best, passedOver := Outcome{Result: NoMatch, Record: -1}, Outcome{}
	records = records[:min(len(records), MaxRecords)]
	s := shown{chain: chain, certs: parsed(chain), names: names, now: now, left: maxVerified}
	usable := 0
	for i, r := range records {
		if r.Usable() != "" {
			continue
		}
		usable++
		switch result, depth := s.against(r); {
		case result == Matches && weaker(r, records):
			passedOver = Outcome{PassedOver, i, depth}
		case result == Matches:
			return Outcome{Matches, i, depth}
		case result != NoMatch && !weaker(r, records):
			best = Outcome{result, i, depth}
		}
	}
	switch {
	case best.Result == NoMatch && passedOver.Result != "":
		best = passedOver
	case len(records) == 0:
		best.Result = NoRecords
	case usable == 0:
		best.Result = Unusable
	case len(chain) == 0 || s.left < 0 && best.Result != PassedOver:
		best = Outcome{Result: NotCompare, Record: -1}
	}
	return best
}

// weaker reports a digest that senders pass over, because the same usage and
// selector stand there with a stronger one (RFC 7671 §9).
func weaker(r Record, records []Record) bool {
	return r.Matching != 0 && slices.ContainsFunc(records, func(o Record) bool {
		return o.Usable() == "" && o.Usage == r.Usage && o.Selector == r.Selector && o.Matching > r.Matching
	})
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
