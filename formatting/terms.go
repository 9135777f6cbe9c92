package formatting

import (
	"fmt"

	"smtptest/probe"
	"smtptest/probe/diagnosis"
	"smtptest/probe/sasl"
)

// The words for each kind of fact stand here, in one table for each: whoever
// words a fact, in an answer, a transcript's title or a ticket, takes them from
// here. What a judgement and a transcript need too stands in package probe
// (Phase.Words, Failure.Words, Duration, Span).

// term is the words for a key of a table, otherwise those for all other keys.
func term[K comparable](table map[K]string, key K, otherwise string) string {
	if words, ok := table[key]; ok {
		return words
	}
	return otherwise
}

// outcomeTones are the tones of verdicts; what is not here was not tested.
var outcomeTones = map[diagnosis.Outcome]Tone{
	diagnosis.Working:      ToneGood,
	diagnosis.WithWarnings: ToneWarning,
	diagnosis.Failed:       ToneBad,
	diagnosis.Inconclusive: ToneUnsure,
	diagnosis.NotTested:    ToneRefused,
}

// inTheClear says that there was no TLS.
const inTheClear = "in the clear, without TLS"

// withoutTLS says in a verdict that there was no TLS.
const withoutTLS = "without TLS"

// reachTerms name what was tested, or was not.
var reachTerms = map[diagnosis.Reach]string{
	diagnosis.ReachTLS:       "TLS",
	diagnosis.ReachLogin:     "login",
	diagnosis.ReachSender:    "sender",
	diagnosis.ReachRecipient: "recipient",
}

// ToneOf is the tone of an outcome.
func ToneOf(o diagnosis.Outcome) Tone { return outcomeTones[o] }

var severityTerms = map[diagnosis.Severity]string{
	diagnosis.Error:   "Error",
	diagnosis.Warning: "Warning",
	diagnosis.Info:    "Note",
}

// SeverityWords say how bad a finding is.
func SeverityWords(s diagnosis.Severity) string { return severityTerms[s] }

// OwnerWords say who can fix something, to who reads it there.
func OwnerWords(o diagnosis.Owner, where Platform) string { return ownerWords(o, where, "") }

// ownerTerms say who can fix something.
var ownerTerms = map[diagnosis.Owner]string{
	diagnosis.OwnerYou:      "you, in the client's settings",
	diagnosis.OwnerServer:   "the server's operators",
	diagnosis.OwnerNetwork:  thisNetwork,
	diagnosis.OwnerProvider: "the mail provider",
	diagnosis.OwnerSender:   "the sender's domain",
	diagnosis.OwnerOperator: "the operator of this bot",
}

// ownerWords say who can fix something, to who reads it there: behind a
// terminal there is no bot. vantage is the place of the test; empty: here.
func ownerWords(o diagnosis.Owner, where Platform, vantage string) string {
	switch {
	case vantage != "" && o == diagnosis.OwnerNetwork:
		return "the network of " + vantage
	case vantage != "" && o == diagnosis.OwnerOperator:
		return "whoever runs the test at " + vantage
	}
	if o == diagnosis.OwnerOperator && where == Terminal {
		return "whoever runs this machine"
	}
	return ownerTerms[o]
}

var confidenceTerms = map[diagnosis.Confidence]string{
	diagnosis.Certain: "measured",
	diagnosis.Likely:  "likely cause",
	diagnosis.Guess:   "possible cause",
}

// ConfidenceWords say on what a finding rests.
func ConfidenceWords(c diagnosis.Confidence) string { return confidenceTerms[c] }

// phaseTerm is how people speak of a phase.
type phaseTerm struct {
	name  string // in a verdict and in lists; empty: the phase's own
	wait  string // what is waited for; empty: the answer to Phase.Words
	doing string // while it lasts; empty: waiting for it
}

var phaseTerms = map[probe.Phase]phaseTerm{
	probe.PhaseLookup:    {name: "DNS", wait: "DNS", doing: "Looking the name up"},
	probe.PhaseGuard:     {name: "policy", wait: "the policy check", doing: "Checking whether this target may be tested"},
	probe.PhaseConnect:   {wait: "the connection", doing: "Connecting"},
	probe.PhaseGreeting:  {wait: "the greeting"},
	probe.PhaseEHLO:      {name: "EHLO"},
	probe.PhaseClearMail: {name: "MAIL FROM in the clear"},
	probe.PhaseSTARTTLS:  {name: "STARTTLS"},
	probe.PhaseHandshake: {name: "TLS", wait: "the TLS handshake"},
	probe.PhaseAuth:      {name: "login"},
	probe.PhaseEnvelope:  {wait: "the answers to MAIL and RCPT"},
	probe.PhaseQuit:      {name: "QUIT", doing: "Saying goodbye"},
}

// PhaseName is what people call a phase, in a verdict or a list: "STARTTLS".
func PhaseName(p probe.Phase) string {
	if name := phaseTerms[p].name; name != "" {
		return name
	}
	return string(p)
}

// awaited is what is waited for in a phase.
func awaited(p probe.Phase) string {
	if wait := phaseTerms[p].wait; wait != "" {
		return wait
	}
	return "the answer to " + p.Words()
}

// doing says what happens in a phase while it lasts.
func doing(p probe.Phase) string {
	if words := phaseTerms[p].doing; words != "" {
		return words
	}
	return "Waiting for " + awaited(p)
}

// enforcementTerms say whether STARTTLS is enforced; the server's words follow.
var enforcementTerms = map[diagnosis.Enforcement]string{
	diagnosis.EnforcementUnknown: "unknown: MAIL FROM:<> in the clear was not answered",
	diagnosis.Enforced:           "yes, MAIL FROM:<> in the clear was answered",
	diagnosis.NotEnforced:        "no, MAIL FROM:<> in the clear was answered",
	diagnosis.RefusedOtherwise:   "unknown, MAIL FROM:<> in the clear was refused for another reason:",
}

// variantTerm is how people speak of a connection beyond the first.
type variantTerm struct {
	why   string // while it lasts: what happened, and what is done now; empty: compared
	kind  string // "Follow-up" or "Compared"
	about string // what it differs in; empty: its address
}

var variantTerms = map[probe.Variant]variantTerm{
	probe.VariantTLS: {
		why:  "No greeting yet; asking on a second connection whether the port begins with TLS",
		kind: followUp, about: "TLS from the start",
	},
	probe.VariantLegacy: {
		why:  "The handshake failed; trying again with old TLS versions and suites",
		kind: followUp, about: "old TLS versions and suites offered",
	},
	probe.VariantClearMail: {kind: followUp, about: "MAIL FROM in the clear asked first"},
	probe.VariantFiniteField: {
		why:  "No TLS suite in common; asking whether the server has one with finite-field Diffie-Hellman",
		kind: followUp, about: "finite-field Diffie-Hellman offered",
	},
	probe.VariantUpgrade: {kind: compared, about: "STARTTLS on the same port"},
	probe.VariantNoSNI:   {kind: compared, about: "no host named (no SNI)"},
	probe.VariantEHLO:    {kind: compared, about: "our address as the EHLO name"},
	probe.VariantAgain:   {kind: compared, about: "the same once more"},
	probe.VariantPort:    {kind: compared},
	probe.VariantFamily:  {kind: compared},
}

// The kinds of connections beyond the first.
const (
	followUp = "Follow-up"
	compared = "Compared"
)

// about says in what a session of a variant differs from the main one.
func about(s *probe.Session) string {
	if words := variantTerms[s.Variant].about; words != "" {
		return words
	}
	return s.Address.String()
}

// VariantName is the title of a session that is not the main one: what it was
// made for.
func VariantName(s *probe.Session) string { return variantTerms[s.Variant].kind + ": " + about(s) }

// securityTerms say how a session was protected.
var securityTerms = map[probe.Security]string{
	probe.SecurityAuto:     "STARTTLS if offered",
	probe.SecuritySTARTTLS: "STARTTLS",
	probe.SecurityImplicit: "implicit TLS",
	probe.SecurityNone:     inTheClear,
}

// SecurityName says how a session was protected.
func SecurityName(s probe.Security) string { return term(securityTerms, s, inTheClear) }

// askedSecurity says which protection a request asks for.
func askedSecurity(r probe.Request) string {
	switch {
	case r.Security == probe.SecuritySTARTTLS:
		return securityTerms[r.Security] + " required"
	case r.Security == probe.SecurityImplicit || r.Security == probe.SecurityNone:
		return securityTerms[r.Security]
	case r.Target.Port == 465:
		return securityTerms[probe.SecurityImplicit]
	}
	return securityTerms[probe.SecurityAuto]
}

// answerTerms say what DNS answered, where it is not a number of addresses.
var answerTerms = map[probe.Answer]string{
	probe.AnswerNoName:   "no such name (NXDOMAIN)",
	probe.AnswerNoData:   "no address (NODATA)",
	probe.AnswerServFail: "the name server could not answer (SERVFAIL)",
	probe.AnswerBogus:    "DNSSEC validation failed (SERVFAIL)",
	probe.AnswerTimeout:  "no answer in time",
}

// AnswerWords say what DNS answered.
func AnswerWords(l *probe.Lookup) string {
	if l.Answer == probe.AnswerAddresses {
		return count(len(l.Addresses), "address")
	}
	return term(answerTerms, l.Answer, "no address, reason unknown")
}

// untriedTerms say why an address was not dialled.
var untriedTerms = map[probe.UntriedReason]string{
	probe.UntriedAnswered:    "another address answered first",
	probe.UntriedFamily:      "not of the IP version that was asked for",
	probe.UntriedDenied:      "not allowed from here",
	probe.UntriedLimit:       "enough addresses were tried",
	probe.UntriedRateLimited: "connected to often enough in the last minute",
	probe.UntriedTime:        "the time was over",
	probe.UntriedStopped:     "the test was stopped",
}

// The answers to the questions about a certificate, where they are bad.
var (
	datesTerms = map[probe.DatesAnswer]string{
		probe.DatesExpired: "expired",
		probe.DatesNotYet:  "not valid yet",
	}
	chainTerms = map[probe.ChainAnswer]string{
		probe.ChainSelfSigned:    "self-signed",
		probe.ChainUnknownIssuer: "unknown authority",
		probe.ChainIncomplete:    "an issuer is missing",
		probe.ChainWeak:          "weak signature",
		probe.ChainExpired:       "an intermediate is out of its dates",
		probe.ChainInvalid:       "a rule is broken",
	}
	usageTerms = map[probe.UsageAnswer]string{probe.UsageOther: "not for servers"}
)

// reasonTerms say why a mechanism was taken.
var reasonTerms = map[sasl.Reason]string{
	sasl.ReasonAsked:     ", as asked for",
	sasl.ReasonPreferred: ", the best of those offered",
	sasl.ReasonAlone:     ", retired, but nothing better is offered",
}

// proofTerms say what the server proved in a login.
var proofTerms = map[sasl.Proof]string{
	sasl.ProofVerified: "right: the server knows the password",
	sasl.ProofWrong:    "wrong: the server does not know the password",
}

// count writes a number with its noun.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	if noun[len(noun)-1] == 's' {
		return fmt.Sprintf("%d %ses", n, noun)
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
