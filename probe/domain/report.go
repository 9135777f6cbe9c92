// Package domain measures a whole mail domain: its records, whether they are
// signed, each mail server at each of its addresses, and the policies that tell
// senders what to insist on. It judges nothing.
//
// Names and addresses pass the guard before they are asked about or dialled. A
// record is never asked for twice in one run, and each server is asked once.
package domain

import (
	"net/netip"
	"time"

	"smtptest/probe"
	"smtptest/probe/blocklist"
	"smtptest/probe/dane"
	"smtptest/probe/dnssec"
	"smtptest/probe/mtasts"
)

// Limits of one run.
const (
	DefaultTimeout = 60 * time.Second // of the whole
	maxHosts       = 10               // MX records whose hosts are asked
	MaxAddresses   = 12               // that are dialled
	lanes          = 3                // sessions at once
	sessionLimit   = 35 * time.Second // of one session: a greeting may take 30 s
	maxTexts       = 16               // TXT records kept of a name
	maxTextOctets  = 2048             // of one of them
)

// Request says which domain, and what else is to be looked at.
type Request struct {
	Domain   string // A-labels without a trailing dot
	Selector string // of a DKIM key; empty: none is looked for, because nobody can list them
	EHLOName string // empty: the prober's own
	Timeout  time.Duration
}

// Report is everything that was seen. Text in it that came from the network is
// printable and bounded.
type Report struct {
	Request Request
	Vantage string // where from, as the operator names it; empty: unnamed
	Started time.Time
	Elapsed time.Duration
	// Denied names the guard's rule that closes the domain; nothing was asked then. Empty: it is open.
	Denied string
	MX     MX
	Hosts  []Host // in the order of preference
	// Beyond maxHosts and MaxAddresses: not asked, not dialled.
	HostsOmitted, AddressesOmitted int
	STS                            STS
	Reports                        Text // _smtp._tls
	ReportsTo                      []string
	SPF                            SPF
	DMARC                          DMARC
	BIMI                           Text             // default._bimi
	DKIM                           Text             // SELECTOR._domainkey; zero: not asked
	BlockLists                     []blocklist.List // in the operator's order; nil: none is named
	// Control is what well-known hosts answered on port 25 and on 443 from here.
	Control []probe.ControlConn
	NoIPv6  bool // this machine has no route to IPv6 addresses
	NoDNS   bool // no question of this run was answered, neither about the domain nor about the root
}

// MX is how the domain names its mail servers (RFC 5321 §5.1).
type MX struct {
	Outcome  string // empty: there are records; else as resolve.Outcome
	Proof    dnssec.Proof
	Null     bool // "MX 0 .": the domain takes no mail (RFC 7505)
	Implicit bool // no record: the domain's own address stands in
	Aliases  []string
	Elapsed  time.Duration
}

// Host is one mail server.
type Host struct {
	Name       string // as the MX record says; empty: it may not be shown, see Denied
	Preference uint16
	Denied     string // the guard's rule that closes the name or all its addresses; empty: it is open
	Literal    bool   // the MX record holds an IP address, which it must not
	Outcome    string // why there is no address, as resolve.Outcome; empty: there are some
	Aliases    []string
	Proof      dnssec.Proof // of the addresses, aliases included
	// Alias is the proof of the alias alone that the name is, where what it leads to is not signed; zero: not asked.
	Alias     dnssec.Proof
	TLSA      TLSA
	Addresses []Address
}

// TLSA are the records of a server on port 25 (RFC 7672 §2.2).
type TLSA struct {
	Base    string // TLSA base domain; empty: not asked
	Outcome string // empty: there are records
	Proof   dnssec.Proof
	Records []dane.Record // at most dane.MaxRecords
}

// Address is one address of a server.
type Address struct {
	IP      netip.Addr
	Skipped Skipped       // why it was not dialled; empty: it was
	Report  *probe.Report // nil: not dialled
	DANE    dane.Outcome
	PTR     PTR
	// Record is the TLSA record that the server's key would need, "3 1 1 …"; empty: no certificate was seen.
	Record string
}

// Session is the session with this address, nil if there was none.
func (a *Address) Session() *probe.Session {
	if a.Report == nil {
		return nil
	}
	return a.Report.Main()
}

// Skipped says why an address was not dialled.
type Skipped string

// The reasons.
const (
	SkippedLimit   Skipped = "limit"        // MaxAddresses was reached
	SkippedDenied  Skipped = "denied"       // the guard closes it
	SkippedNoIPv6  Skipped = "no-ipv6"      // this machine has no route to IPv6 addresses
	SkippedHost    Skipped = "host"         // another address of the server had asked to be left alone
	SkippedPort    Skipped = "port-blocked" // this network lets nothing out on port 25
	SkippedTime    Skipped = "time"         // the run's time was over
	SkippedLimited Skipped = "rate-limited" // too many connections had been made to it
)

// PTR is the name of an address (RFC 1912 §2.1).
type PTR struct {
	Outcome   string // empty: there is a name
	Name      string
	Confirmed bool // that name has this address
}

// Text are the TXT records of one name that begin as they should.
type Text struct {
	Name    string // asked for; empty: not asked
	Outcome string // empty: there are TXT records
	Proof   dnssec.Proof
	Records []string // those of the kind that was looked for
	Problem string   // why the record cannot be used; empty: it can, or there is none
}

// STS is the domain's MTA-STS (RFC 8461).
type STS struct {
	Text
	ID     string
	Policy *mtasts.Policy // nil: none could be read
	Fetch  Fetch
}

// Fetch is how the policy was fetched.
type Fetch struct {
	Status  int    // of HTTP; 0: there was no answer
	Failure string // what kept the policy away, one of the Fetch reasons; empty: nothing
	Detail  string // in Go's words, printable; empty: none
	Type    string // media type of the answer
	Elapsed time.Duration
}

// The reasons why a policy could not be fetched.
const (
	FetchNoAddress   = "no-address"  // the policy host has no address
	FetchLookup      = "lookup"      // DNS gives no answer about its address
	FetchDenied      = "denied"      // the guard closes it, or it has IPv6 alone and this machine none
	FetchConnect     = "connect"     // no connection
	FetchCertificate = "certificate" // its certificate is not valid for mta-sts.DOMAIN (RFC 8461 §3.3)
	FetchStatus      = "status"      // the status is not 200; redirections are not followed
	FetchType        = "type"        // not text/plain
	FetchTooLong     = "too-long"    // over 64 KiB
	FetchTimeout     = "timeout"
	FetchSyntax      = "syntax" // the file is no policy: see Text.Problem
)

// SPF is the domain's sender policy (RFC 7208).
type SPF struct {
	Text
	Lookups int    // terms that make a receiver ask DNS, those of included policies too; at most 10 are allowed (§4.6.4)
	Void    int    // of the names included, those that do not exist or have no policy
	All     string // "-all", "~all", "?all", "+all"; empty: there is none
	Partial bool   // some included policy could not be read: Lookups is a lower bound
}

// DMARC is the policy that counts for the domain (RFC 9989).
type DMARC struct {
	Text
	Found  string // the name that it was found at, without _dmarc; empty: none
	Policy string // of p= or, for a domain below the one that has it, sp=
	Test   bool   // t=y: receivers are asked not to apply it (RFC 9989 §4.7)
}
