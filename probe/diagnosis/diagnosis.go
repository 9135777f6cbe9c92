package diagnosis

import "smtptest/probe"

// Diagnosis is the judgement of one Report.
type Diagnosis struct {
	Verdict  Verdict
	Findings []Finding // the cause first, then by severity; what a cause explains is left out
	// Whether mail is refused before STARTTLS; empty: not asked, or not answered.
	Enforcement Enforcement
}

// Judged is a report together with its judgement: what travels on from the
// probe, so that nobody judges the same report twice. The report must not
// change any more.
type Judged struct {
	Report *probe.Report
	Diagnosis
}

// Judge judges a report, once.
func Judge(r *probe.Report) Judged { return Judged{Report: r, Diagnosis: Of(r)} }

// Verdict is the answer in one line.
type Verdict struct {
	Outcome  Outcome
	Reach    Reach       // how far it worked; empty unless Outcome is working or working-with-warnings
	Stage    probe.Phase // where it ended; empty when it worked
	Warnings int         // findings of severity warning
	Untested []Reach     // what lies beyond Reach and was not tested, in order
}

// Outcome is the kind of a verdict.
type Outcome string

// The outcomes.
const (
	Working      Outcome = "working"
	WithWarnings Outcome = "working-with-warnings"
	Failed       Outcome = "failed"
	Inconclusive Outcome = "inconclusive" // says nothing about the server's health
	NotTested    Outcome = "not-tested"   // refused by policy, or stopped before anything was seen
)

// Reach is how far a working session was tested.
type Reach string

// The reaches, nearest first.
const (
	ReachGreeting  Reach = "greeting"  // cleartext session, EHLO answered
	ReachTLS       Reach = "tls"       // EHLO answered inside TLS
	ReachLogin     Reach = "login"     // AUTH succeeded
	ReachSender    Reach = "sender"    // MAIL FROM accepted
	ReachRecipient Reach = "recipient" // RCPT TO accepted
)

// Finding is one thing worth saying about a Report.
type Finding struct {
	ID          ID
	Severity    Severity
	Title       string // one line
	Explanation string // made from the evidence; may hold the server's words, printable
	Advice      string // what to try next: one imperative sentence that names no option; empty: nothing to do
	Fix         Fix    // what to change in the next test; zero: nothing
	Owner       Owner
	Confidence  Confidence
	Reference   string     // RFC section or provider page
	Evidence    []Evidence // where it shows; at least one
}

// Severity orders findings.
type Severity string

// The severities, worst first.
const (
	Error   Severity = "error"   // the request was not fulfilled because of this
	Warning Severity = "warning" // works now, will or may hurt
	Info    Severity = "info"    // worth knowing
)

// Owner is who can fix it.
type Owner string

// The owners.
const (
	OwnerYou      Owner = "you"      // the person who asked: a typo, a wrong port, a wrong mode
	OwnerServer   Owner = "server"   // whoever runs the server
	OwnerNetwork  Owner = "network"  // between here and there
	OwnerProvider Owner = "provider" // the mail provider's policy or account settings
	OwnerSender   Owner = "sender"   // the sender's domain: its SPF, DKIM, DMARC and addresses
	OwnerOperator Owner = "operator" // where the test comes from: its address, name or reputation
)

// Confidence says how sure a finding is.
type Confidence string

// The confidences.
const (
	Certain Confidence = "certain" // measured
	Likely  Confidence = "likely"  // the usual cause of what was measured
	Guess   Confidence = "possible"
)

// Evidence points into the Report.
type Evidence struct {
	Session int // index into Report.Sessions; -1: the lookup
	Step    int // index into Session.Steps; -1: none in particular
	Entry   int // index into Session.Transcript; -1: none in particular
}
