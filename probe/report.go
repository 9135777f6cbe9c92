package probe

import (
	"net/netip"
	"time"

	"smtptest/probe/sasl"
	"smtptest/probe/smtp"
)

// Report is everything that one vantage point saw: facts, no judgement.
// Text in it that came from the network is printable and bounded.
type Report struct {
	Request  Request
	Vantage  string        // where from, as the operator names it; empty: unnamed
	Started  time.Time     // UTC
	Elapsed  time.Duration // the whole run
	Lookup   Lookup
	Sessions []Session // one per connection tried, in order of their start
	// Control is what well-known hosts answered after a mail port had timed out or refused. nil: it was
	// not asked, or the run ended first.
	Control []ControlConn
}

// Main is the session that answers the request: the last one that was not a
// follow-up. nil: no connection was tried.
func (r *Report) Main() *Session {
	for i := len(r.Sessions) - 1; i >= 0; i-- {
		if r.Sessions[i].Variant == VariantMain {
			return &r.Sessions[i]
		}
	}
	return nil
}

// FollowUp is the first session of this variant, nil if there was none.
func (r *Report) FollowUp(variant Variant) *Session {
	for i := range r.Sessions {
		if r.Sessions[i].Variant == variant {
			return &r.Sessions[i]
		}
	}
	return nil
}

// ClearMail is the session in which MAIL was asked before STARTTLS: the one
// that answers the request, unless that question was its end. nil: none.
func (r *Report) ClearMail() *Session {
	if s := r.FollowUp(VariantClearMail); s != nil {
		return s
	}
	if main := r.Main(); main != nil && main.ClearMail != nil {
		return main
	}
	return nil
}

// Lookup is what DNS answered.
type Lookup struct {
	Name      string       // looked up; empty: the target was an address, nothing was asked
	Addresses []netip.Addr // all that came back, in the order in which they are tried
	Untried   []Untried    // addresses that were not dialled, each with the reason
	Answer    Answer       // what DNS said about the name; AnswerAddresses when Addresses is not empty
	MX        []MX         // asked for only when there was no address; sorted by preference
	MXOmitted int          // records beyond those in MX
	// Where the name's chain of aliases (CNAME) ends, when that was asked; empty: unknown or no
	// alias.
	Alias string
	// The name server that explained the missing address, or only its kind where the network is
	// closed; empty: not asked.
	Server  string
	Elapsed time.Duration // for all questions together
	Failure *Failure      // nil: there is at least one address to dial
}

// Answer is the outcome of a lookup, in DNS's own terms.
type Answer string

// The answers. The last three are distinguished by a second question that is
// asked only when the first brought no address.
const (
	AnswerNone      Answer = ""          // nothing was asked
	AnswerAddresses Answer = "addresses" // at least one A or AAAA record, or an entry in the hosts file
	AnswerNoName    Answer = "nxdomain"  // the name does not exist (RFC 2308 §2.1)
	AnswerNoData    Answer = "nodata"    // the name exists but has no address (RFC 2308 §2.2)
	AnswerServFail  Answer = "servfail"  // the name server could not answer (RFC 1035 §4.1.1)
	// SERVFAIL that turns into an answer with checking disabled: DNSSEC (RFC 4035 §5.5)
	AnswerBogus   Answer = "bogus"
	AnswerTimeout Answer = "timeout" // no name server answered in time
	AnswerUnknown Answer = "unknown" // no address, and why could not be found out
)

// MX is one mail exchanger record (RFC 5321 §5.1). Host "." is the null MX
// (RFC 7505 §3).
type MX struct {
	Preference uint16
	Host       string // without the trailing dot, except for the null MX
}

// Variant says why a connection beyond the first was made.
type Variant string

// The variants. All but VariantMain are follow-up connections.
const (
	VariantMain Variant = ""    // answers the request itself
	VariantTLS  Variant = "tls" // the greeting did not come: does this port begin with TLS?
	// The handshake failed: does it succeed with old versions and suites and classic groups?
	VariantLegacy Variant = "legacy-tls"
	// Both handshakes found no common suite: would one with finite-field Diffie-Hellman?
	VariantFiniteField Variant = "finite-field"
	VariantPort        Variant = "other-port" // the port did not do: does another mail port of the same address answer?
	VariantFamily      Variant = "other-ip"   // the server hung up: does its address of the other IP version do better?
	VariantUpgrade     Variant = "starttls"   // implicit TLS met plain text: does STARTTLS work on the same port?
	// The certificate is for another name: what is shown to a client that names no host?
	VariantNoSNI Variant = "no-sni"
	VariantEHLO  Variant = "other-ehlo" // EHLO was refused: does the server take our address as a literal?
	// The session ended at the question that Request.Enforced asks, or at the STARTTLS after it.
	VariantClearMail Variant = "clear-mail"
	VariantAgain     Variant = "again" // a variant did better: does what failed fail again, unchanged?
)

// Session is one connection and the dialogue on it (RFC 5321 §3.1).
type Session struct {
	Variant    Variant
	Security   Security       // as carried out; SecurityAuto when it ended before that was settled
	Address    netip.AddrPort // dialled
	Source     netip.AddrPort // our end; zero: never connected
	Began      time.Duration  // since Report.Started; negative: of an earlier run. All times inside count from here
	Elapsed    time.Duration
	Steps      []Step      // the timeline, in order
	Transcript []Entry     // the conversation, in order
	Dropped    int         // entries beyond maxTranscriptEntries or maxTranscriptBytes that were not kept
	Greeting   *smtp.Reply // nil: none received
	Hellos     []Hello     // every EHLO or HELO that was answered, in order
	// Replies to MAIL FROM:<> and RSET in the clear, before STARTTLS; nil: not asked for, or STARTTLS was not offered.
	ClearMail *EnvelopeResult
	STARTTLS  *smtp.Reply // reply to STARTTLS; nil: not sent
	// Octets that followed the 220 to STARTTLS in the clear, raw, at most maxInjectedBytes
	// (CVE-2021-38371).
	Injected []byte
	TLS      *TLS            // nil: no handshake begun
	Auth     *Auth           // nil: not asked for, or not reached
	Envelope *EnvelopeResult // nil: not asked for, or not reached
	Quit     *smtp.Reply     // reply to QUIT; nil: not sent, or none within a second
	Failure  *Failure        // nil: the session did what was asked of it
}

// Hello is the last answered EHLO or HELO; nil if there was none.
func (s *Session) Hello() *Hello {
	if len(s.Hellos) == 0 {
		return nil
	}
	return &s.Hellos[len(s.Hellos)-1]
}

// Step is the timeline entry of one phase.
type Step struct {
	Phase   Phase
	Start   time.Duration // since the session began
	Elapsed time.Duration
	Outcome Outcome
	From    int // index of the first of its entries in Transcript
	To      int // index after the last
}

// Phase is a part of the session; its name is used in verdicts, finding ids
// and JSON.
type Phase string

// The phases in the order in which they happen.
const (
	PhaseLookup    Phase = "lookup"
	PhaseGuard     Phase = "guard"
	PhaseConnect   Phase = "connect"
	PhaseGreeting  Phase = "greeting"
	PhaseEHLO      Phase = "ehlo"
	PhaseClearMail Phase = "clear-mail"
	PhaseSTARTTLS  Phase = "starttls"
	PhaseHandshake Phase = "handshake"
	PhaseAuth      Phase = "auth"
	PhaseEnvelope  Phase = "envelope"
	PhaseQuit      Phase = "quit"
)

// Outcome of a step. There is no "warning": that would be a judgement.
type Outcome string

// The outcomes.
const (
	Passed  Outcome = "passed"
	Failed  Outcome = "failed"
	Skipped Outcome = "skipped"
)

// Side says who sent a line of the transcript.
type Side string

// The sides.
const (
	SideClient Side = "C"
	SideServer Side = "S"
	SideNote   Side = "*" // ours: what happened, in our words
)

// Entry is one line of the transcript: printable, bounded, free of secrets.
type Entry struct {
	At     time.Duration // since the session began
	Side   Side
	Secure bool // it travelled inside TLS
	Text   string
}

// Hello is one EHLO or HELO with its answer.
type Hello struct {
	Verb         string // "EHLO" or "HELO"
	Name         string // the argument that was sent
	Reply        smtp.Reply
	Capabilities smtp.Capabilities // empty after HELO and after a refusal
	Secure       bool              // sent inside TLS
}

// Auth is one login. It holds neither user name nor secret.
type Auth struct {
	Offered   []string // mechanisms that the server listed, in upper case
	Mechanism string   // used; empty: none, see Reason
	Reason    sasl.Reason
	Sent      bool          // the AUTH command went out
	Reply     *smtp.Reply   // the last reply of the exchange; nil: none
	Accepted  bool          // 235, or another 2yz
	Evidence  sasl.Evidence // what the exchange showed
	Form      *LoginForm    // what user name and password look like; nil: nobody checked
}

// EnvelopeResult holds the replies to the envelope commands.
type EnvelopeResult struct {
	Mail      *smtp.Reply // nil: not sent or not answered
	Rcpt      *smtp.Reply // nil: not sent or not answered
	Rset      *smtp.Reply // nil: not sent or not answered
	Pipelined bool        // sent together (RFC 2920)
}

// Failure says how a lookup or a session ended early. A sick server is a
// result, so this is a fact of the Report and not an error.
type Failure struct {
	Phase  Phase
	Kind   Kind
	Reply  *smtp.Reply   // the reply that ended it; nil: it was not a reply
	Alert  int           // TLS alert number when Kind is KindAlert (RFC 8446 §6)
	Limit  time.Duration // what was waited for when Kind is KindTimeout; how long to wait when it is KindRateLimited
	Octets string        // what came instead of what was due, printable, at most maxFailureBytes; empty: nothing
	Detail string        // the error in Go's words, for engineers; empty: none
}

// Kind is the kind of a failure.
type Kind string

// The kinds.
const (
	KindDenied      Kind = "denied"       // policy forbids the address or port
	KindRateLimited Kind = "rate-limited" // no connection was made, because too many had been: again after Limit
	KindNoAddress   Kind = "no-address"   // DNS has no address for the name; Lookup.Answer says why
	KindRefused     Kind = "refused"      // RST to our SYN: nothing listens (ECONNREFUSED)
	KindUnreachable Kind = "unreachable"  // no route to the host or network
	KindLocal       Kind = "local"        // this machine could not: out of descriptors, forbidden by its own firewall
	KindTimeout     Kind = "timeout"      // nothing came within Limit
	KindRunTimeout  Kind = "run-timeout"  // the run's own time was over
	KindReset       Kind = "reset"        // RST on an open connection
	KindClosed      Kind = "closed"       // the server closed before it had answered
	KindReply       Kind = "reply"        // the server said no: see Reply
	KindNotOffered  Kind = "not-offered"  // the server does not offer what was required: STARTTLS, SMTPUTF8
	KindUnprotected Kind = "unprotected"  // the connection is not protected well enough for a login: nothing was sent
	KindNotSMTP     Kind = "not-smtp"     // what came is not an SMTP reply
	KindProtocol    Kind = "protocol"     // a reply that breaks the rules: mixed codes, no end, too long
	KindInjected    Kind = "injected"     // octets followed the 220 to STARTTLS before the handshake
	KindNotTLS      Kind = "not-tls"      // the answer to our ClientHello was not TLS
	KindAlert       Kind = "tls-alert"    // the server sent a TLS alert: see Alert
	KindTLS         Kind = "tls"          // the handshake failed on our side: see Detail
	KindUnsendable  Kind = "unsendable"   // a command would have broken the rules of the line (RFC 5321 §4.5.3.1.4)
	KindSuperseded  Kind = "superseded"   // a follow-up that was not needed any more: the first connection was answered
	KindCanceled    Kind = "canceled"     // the person who asked stopped it
)
