package probe

import "time"

// TLS is what a handshake showed. After a failed handshake the fields hold
// what had been seen by then.
type TLS struct {
	Implicit        bool
	ServerName      string // sent as SNI (RFC 6066 §3); empty: none sent
	Complete        bool   // the handshake came to its end
	Version         string // "TLS 1.3"; "SSL 3.0": chosen by the server, not spoken here; empty: not agreed
	CipherSuite     string // IANA name; empty: not agreed
	Group           string // key-exchange group, such as "X25519MLKEM768"; empty: none (RSA key exchange) or not agreed
	PostQuantum     bool   // the group is a post-quantum hybrid
	HelloRetry      bool   // the server asked for another key share (RFC 8446 §4.1.4)
	ClientCertAsked bool   // the server asked for a client certificate
	// Authorities whose client certificates the server says it accepts (RFC 8446 §4.2.4), at most
	// maxClientCAs; empty: any, or it did not say
	ClientCAs        []string
	ClientCAsOmitted int  // beyond those
	LegacyOffered    bool // this was the variant that offers legacy versions and suites
	// Why crypto/tls refuses the certificate, in its words; empty: it does not. Chain is then what could be read.
	Refused string
	Chain   []Certificate
	// The certificates as they were sent, where the request keeps them: those of Chain, at most maxKeptDER
	DER              [][]byte
	ChainOmitted     int // certificates sent beyond maxChainCertificates; order and trust look at some more of them
	Staple           *Staple
	StapleUnreadable bool // a staple was sent that could not be read
	SCTs             int  // signed certificate timestamps sent in the handshake (RFC 6962 §3.3)
	Trust            Trust
	Elapsed          time.Duration
}

// Protects reports whether a login may go over this connection: TLS 1.2 or better
// with a certificate that verifies and whose own staple does not say that it was
// revoked. It does not where t is nil.
func (t *TLS) Protects() bool {
	return t != nil && t.Complete && t.Version >= "TLS 1.2" && t.Trust.Trusted() &&
		(t.Staple == nil || t.Staple.Status != "revoked")
}

// Staple is the OCSP response that came with the handshake (RFC 6066 §8).
type Staple struct {
	Status     string // "good", "revoked", "unknown"
	ThisUpdate time.Time
	NextUpdate time.Time // zero: not given
}

// Certificate is one certificate as it was sent.
type Certificate struct {
	Subject      string
	Issuer       string
	Names        []string // DNS names and IP addresses of the subjectAltName, as listed
	NamesOmitted int      // beyond maxCertificateNames
	CommonName   string
	NotBefore    time.Time
	NotAfter     time.Time
	Key          string // "ECDSA P-256", "RSA 2048", "Ed25519"
	Signature    string // "SHA256-RSA", …
	Serial       string // hexadecimal, - before a negative one; more than 64 octets are cut, with an ellipsis
	SHA256       string // fingerprint of the DER form, hexadecimal
	CA           bool   // basicConstraints says CA
	SelfIssued   bool   // subject equals issuer (RFC 5280 §3.2)
	MustStaple   bool   // RFC 7633
	// authorityInfoAccess names an http address of the issuer's certificate (RFC 5280 §4.2.2.1); never fetched
	IssuerURL bool
}

// Trust answers the four questions about a certificate, each by itself. The
// whole value is zero when no certificate was seen.
type Trust struct {
	Reference string      // the name or address that the certificate was compared with (RFC 9525 §6)
	Name      NameAnswer  // does it carry that name?
	Dates     DatesAnswer // is the end-entity certificate within its dates?
	Chain     ChainAnswer // does it lead to a trusted root, dates of the leaf left aside?
	Usage     UsageAnswer // may it be used by a TLS server?
	Order     OrderAnswer // was the chain sent in order?
	Unneeded  int         // certificates sent that no issuer on the way to the root is among, or a second time
	Problem   string      // what the verifier said, in Go's words; empty: nothing
	Roots     string      // which roots were trusted: "system" or "system and given"
}

// Trusted reports that all four questions were answered well.
func (t Trust) Trusted() bool {
	return t.Name == NameMatches && t.Dates == DatesValid && t.Chain == ChainTrusted && t.Usage == UsageServer
}

// NameAnswer says whether the presented identifiers include the reference
// identifier (RFC 9525 §6.3).
type NameAnswer string

// The answers; empty: not checked.
const (
	NameMatches  NameAnswer = "matches"
	NameMismatch NameAnswer = "mismatch"    // RFC 8460 §4.3 certificate-host-mismatch
	NameCNOnly   NameAnswer = "common-name" // no subjectAltName at all: the name, if any, stands in the common name
)

// DatesAnswer says whether the end-entity certificate is within its dates.
type DatesAnswer string

// The answers; empty: not checked.
const (
	DatesValid   DatesAnswer = "valid"
	DatesExpired DatesAnswer = "expired" // RFC 8460 §4.3 certificate-expired
	DatesNotYet  DatesAnswer = "not-yet-valid"
)

// ChainAnswer says whether the certificates sent lead to a trusted root.
type ChainAnswer string

// The answers; empty: not checked.
const (
	ChainTrusted       ChainAnswer = "trusted"
	ChainSelfSigned    ChainAnswer = "self-signed"    // the leaf signs itself
	ChainUnknownIssuer ChainAnswer = "unknown-issuer" // it ends at a root that is not trusted here
	// It ends before any root: an issuer was not sent and is not known here.
	ChainIncomplete ChainAnswer = "incomplete"
	ChainWeak       ChainAnswer = "weak-signature"       // a signature in it uses MD5 or SHA-1 (RFC 9155)
	ChainExpired    ChainAnswer = "intermediate-expired" // a certificate other than the leaf is out of its dates
	ChainInvalid    ChainAnswer = "invalid"              // another rule of RFC 5280 §6 is broken: see Problem
)

// UsageAnswer says whether extended key usage allows a TLS server.
type UsageAnswer string

// The answers; empty: not checked.
const (
	UsageServer UsageAnswer = "server"
	UsageOther  UsageAnswer = "other"
)

// OrderAnswer says whether each issuer was sent after what it signed, whatever
// else was sent between (RFC 5246 §7.4.2; RFC 8446 §4.4.2 tolerates disorder).
type OrderAnswer string

// The answers; empty: not checked.
const (
	OrderRight OrderAnswer = "right"
	OrderWrong OrderAnswer = "wrong"
)
