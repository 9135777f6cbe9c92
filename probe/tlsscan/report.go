package tlsscan

import (
	"net/netip"
	"slices"
	"time"

	"smtptest/probe"
	"smtptest/probe/clienthello"
)

// Protocol versions, as package clienthello names them.
const (
	SSL30 = clienthello.SSL30
	TLS10 = clienthello.TLS10
	TLS11 = clienthello.TLS11
	TLS12 = clienthello.TLS12
	TLS13 = clienthello.TLS13
)

// VersionName is the name of a protocol version.
func VersionName(number uint16) string { return clienthello.VersionName(number) }

// Bounds of one scan.
const (
	MaxConnections = 100              // in all
	MaxAtOnce      = 4                // open at the same time
	MaxTime        = 30 * time.Second // of the whole scan
	maxKnownCerts  = 8                // different certificates that are described
)

// UsualConnections are as many as a server needs that speaks TLS 1.2 and 1.3
// with today's suites; one that takes every suite of OpenSSL needs 90.
const UsualConnections = 35

// Request says which server to scan. It is plain data.
type Request struct {
	Target   probe.Target
	Security probe.Security // SecuritySTARTTLS or SecurityImplicit; others: what the port is known for
	Family   probe.Family   // FamilyAny: IPv4 and IPv6
	At       netip.Addr     // scan this address instead of looking the host up; zero: look it up
	EHLOName string         // a domain or an address literal; empty: our address as a literal
	Timeout  time.Duration  // of the whole scan; 0, or more than MaxTime: MaxTime
}

// Report is what one scan measured: facts, no judgement. Names of suites,
// groups and signature schemes are those of package registry. What the server
// said is printable and bounded.
type Report struct {
	Request  Request
	Vantage  string        // where from, as the operator names it; empty: unnamed
	Started  time.Time     // UTC
	Elapsed  time.Duration // the whole scan
	Lookup   probe.Lookup
	Address  netip.AddrPort // the one address that all connections went to; zero: none could be dialled
	Security probe.Security // as carried out: SecuritySTARTTLS or SecurityImplicit
	// Why nothing was measured: no connection brought an answer to a ClientHello that
	// can be understood. nil: at least one did.
	Failure *probe.Failure
	Stopped *Stopped // why the scan ended before everything was asked; nil: everything was
	// Connections are all that were made, in the order in which they began: the
	// evidence for all that follows.
	Connections   []Connection
	BytesSent     int
	BytesReceived int

	// Versions are TLS 1.3, 1.2, 1.1, 1.0 and SSL 3.0, in this order, always all
	// five. SSL 2.0 has a handshake of its own, and is not asked for.
	Versions []Version
	// Schemes are the signature schemes with which the server signed in TLS 1.2,
	// as it chose them; TLS 1.3 signs under encryption, where this scan does not look.
	Schemes         []uint16
	SchemesComplete bool // what Signs says No to; of the strong ones not all are asked for
	// Certificates are the end-entity certificates that were shown up to TLS 1.2,
	// in the order in which they were first seen. TLS 1.3 encrypts them, so that a
	// server that speaks nothing else shows none. At most eight are described.
	Certificates        []Certificate
	CertificatesOmitted int

	WithoutSNI WithoutSNI
	ALPN       ALPN // what the server did with a name that is none of mail: "http/1.1"
	// What the server answered in the newest version up to TLS 1.2 that it speaks.
	// TLS 1.3 has none of these. Unknown where it speaks only TLS 1.3.
	SessionTicket        Answer // RFC 5077: it would give one
	SecureRenegotiation  Answer // RFC 5746
	ExtendedMasterSecret Answer // RFC 7627
	Heartbeat            Answer // RFC 6520: it agreed to the extension
	Compression          Answer // RFC 3749: it chose DEFLATE, which was offered
	ClientCertificate    Answer // it asks for one (RFC 5246 §7.4.4)
	// FallbackSCSV says whether a client that pretends to speak less than both
	// sides do is refused with the alert for it (RFC 7507). Unknown where the
	// server speaks one version alone.
	FallbackSCSV Answer
}

// Version is the entry of a protocol version; nil for a number that is none of
// the five.
func (r *Report) Version(number uint16) *Version {
	for i := range r.Versions {
		if r.Versions[i].Number == number {
			return &r.Versions[i]
		}
	}
	return nil
}

// Signs says whether the server signs with a scheme in TLS 1.2.
func (r *Report) Signs(scheme uint16) Answer {
	switch {
	case slices.Contains(r.Schemes, scheme):
		return Yes
	case r.SchemesComplete && (askedAlways(scheme) || !slices.ContainsFunc(r.Schemes, strongHash)):
		return No
	}
	return Unknown
}

// Size is an upper bound of the memory that the report holds, in bytes.
func (r *Report) Size() int { return probe.HeapOf(r) }

// Answer is the answer to a yes-or-no question.
type Answer string

// The answers.
const (
	Unknown Answer = "" // not asked, or the server's answer did not say
	Yes     Answer = "yes"
	No      Answer = "no"
)

// Version is what the server does in one version of the protocol.
type Version struct {
	Number  uint16
	Offered Answer // the server agrees to it. Unknown: the scan ended before it was asked
	// Suites that the server agrees to. The first is its choice from all; the others are in the order in which
	// it chose them, which is its own order as far as each of the parts goes in which they were asked.
	Suites   []Suite
	Complete bool  // the server refused all other suites; false: there may be more
	Order    Order // whose order decides
	// Groups of the key exchange, as the server chose them; of TLS 1.3, and of the
	// newest version before it that is spoken. Of the others they are not asked.
	Groups         []uint16
	GroupsComplete bool // the server refused all other groups
}

// Suite is a cipher suite that the server agrees to.
type Suite struct {
	Number uint16
	// Presumed: the server agrees to it in a newer version, and it exists in this one, but it was not asked
	// for here by itself. Then one connection showed that the server takes no suite in this version beside
	// those that are listed.
	Presumed bool
	// DHBits is the size of the prime of a finite-field Diffie-Hellman exchange; 0:
	// it has none, or it was not seen.
	DHBits int
}

// Order says who decides which suite is taken of those that both sides have.
type Order string

// The orders.
const (
	OrderUnknown Order = ""       // not asked, or there is only one suite
	OrderServer  Order = "server" // the server chose the same where it stood last
	OrderClient  Order = "client" // it chose another
)

// Certificate is an end-entity certificate that was shown.
type Certificate struct {
	probe.Certificate
	Kind        string // of its key: "RSA", "ECDSA", "Ed25519" or as crypto/x509 names it; empty: it could not be read
	Connections int    // in which it was shown
}

// WithoutSNI is what happened to a client that names no host (RFC 6066 §3).
type WithoutSNI struct {
	// Agreed: the handshake goes on without a name. Unknown: it was not asked, or
	// the target is an address, for which no name is ever sent.
	Agreed      Answer
	Certificate string         // SHA-256 of the certificate shown then; empty: none was seen
	Failure     *probe.Failure // how it was refused; nil: it was not
}

// ALPN is what a server does with a protocol name that it does not speak (RFC
// 7301).
type ALPN string

// What it does.
const (
	ALPNUnknown  ALPN = ""
	ALPNIgnored  ALPN = "ignored"  // the handshake goes on without an answer to it
	ALPNRefused  ALPN = "refused"  // alert 120, no_application_protocol
	ALPNSelected ALPN = "selected" // it says that it speaks it
)

// Stopped says why a scan ended before everything was asked.
type Stopped struct {
	Why     StopReason
	After   int            // connections that had been made
	Failure *probe.Failure // what happened, with its phase and the server's words; nil for StopConnections and StopTime
}

// StopReason is why a scan ended early.
type StopReason string

// The reasons.
const (
	StopConnections StopReason = "connections" // MaxConnections were made
	StopTime        StopReason = "time"        // the time of the scan was over
	StopCanceled    StopReason = "canceled"    // by who asked for it
	StopReply       StopReason = "reply"       // 421, 454 or another refusal came, after connections had gone well
	StopRefused     StopReason = "refused"     // connections were refused, reset or closed, after others had gone well
	StopSilent      StopReason = "silent"      // connections were not answered any more, or some hellos never
	StopFault       StopReason = "fault"       // the server broke the protocol: what it answers means nothing
	StopLimited     StopReason = "limited"     // Hooks.Allow allowed no more; Failure.Limit says for how long
)

// Connection is one connection: what was offered and what came back.
type Connection struct {
	Asks    Question
	Began   time.Duration // since Report.Started
	Elapsed time.Duration
	Offer   Offer
	Choice  Choice         // what the server chose; zero: nothing
	Failure *probe.Failure // nil: the server chose
	// What passed over TCP, the alert at the end left out.
	BytesSent, BytesReceived int
}

// Question is what a connection was made for.
type Question string

// The questions.
const (
	AskVersion  Question = "version"     // does it speak this version?
	AskSuites   Question = "suites"      // which suites, beside those that are known?
	AskGroups   Question = "groups"      // which groups?
	AskSchemes  Question = "schemes"     // which signature schemes?
	AskOrder    Question = "order"       // the server's choice put last; also heartbeat and compression
	AskNoSNI    Question = "without-sni" // no host named
	AskALPN     Question = "alpn"        // a foreign protocol named
	AskFallback Question = "fallback"    // RFC 7507
	AskAgain    Question = "again"       // one was closed without an answer: is what was taken before still taken?
)

// Offer is what a ClientHello offered.
type Offer = clienthello.Offer

// Choice is what the server chose.
type Choice = clienthello.Choice

// Hooks lets the caller follow a scan and limit it. Each may be nil.
type Hooks struct {
	// Event receives how far the scan is. It is called from one goroutine at a time
	// and must return quickly.
	Event func(Event)
	// Allow is asked before each connection, as probe.Hooks.Allow.
	Allow func(netip.AddrPort) time.Duration
}

// Event says how far a scan is, after each connection.
type Event struct {
	At          time.Duration // since the scan began
	Connections int           // made so far
	Asks        Question      // of the connection that ended
	Version     uint16        // that it offered
	Versions    []uint16      // found so far, newest first
	Suites      int           // found so far, over all versions
	Groups      int           // found so far
}
