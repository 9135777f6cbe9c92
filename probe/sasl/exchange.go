package sasl

import (
	"encoding/base64"
	"slices"
	"strings"

	"smtptest/probe/secret"
	"smtptest/probe/smtp"
)

// Limits of an exchange.
const (
	maxCommandOctets = 512      // of the AUTH command, with CRLF (RFC 4954 §4, RFC 5321 §4.5.3.1.4)
	maxLineOctets    = 12 << 10 // of a challenge or response in base64, with CRLF (RFC 4954 §4)
	maxChallenges    = 10       // answered in one exchange; no mechanism here has more than three
)

// Exchange is one login while it runs (RFC 4954 §4). It serves one AUTH
// command and is not safe for use by several goroutines.
type Exchange struct {
	method method
	steps  mechanism
	notes  notes
	waits  bool          // the initial response did not fit into the AUTH command
	over   bool          // canceled
	came   secret.Secret // the last line that Mask changed, as it came
	masked string        // and as Mask gave it back
	said   secret.Trail  // the lines of the server
	meant  secret.Trail  // the same, decoded where they are base64
	spread bool          // a secret stood in several lines
}

// mechanism is the client side of one mechanism. Its octets are not encoded.
type mechanism interface {
	// start gives the initial response, each time the same; ok is false where
	// the server begins.
	start() (r response, ok bool)
	// next answers one challenge, and notes what was in it.
	next(challenge []byte, n *notes) (response, Problem)
}

// response is what the client says in one step.
type response struct {
	data  string
	shown string // one of the marks
}

// The marks that stand in the transcript for what the client sends.
const (
	markUser            = "[user name]"
	markPassword        = "[password]"
	markUserAndPassword = "[user and password]"
	markUserAndProof    = "[user and proof]"
	markUserAndNonce    = "[user and nonce]"
	markUserAndToken    = "[user and token]"
	markProof           = "[proof]"
	markAcknowledgement = "[acknowledgement]"
	markEmpty           = "[empty]"
)

// New prepares a login with a mechanism, named as Choose names it. It
// returns an *Error when the mechanism is not spoken here or cannot carry
// the credential.
func New(mechanism string, c Credential) (*Exchange, error) {
	m, ok := methodOf(mechanism)
	if !ok {
		return nil, &Error{Problem: ProblemUnknown}
	}
	if p := m.refuse(c); p != "" {
		return nil, &Error{m.name, p}
	}
	return newExchange(m, m.make(c), c), nil
}

func newExchange(m method, steps mechanism, c Credential) *Exchange {
	x := &Exchange{method: m, steps: steps}
	x.notes.Mechanism = m.name
	x.notes.know(c)
	if m.proof {
		x.notes.Proof = ProofMissing
	}
	return x
}

// Start is the AUTH command, with an initial response where the mechanism
// has one that fits: a command line may have 512 octets. One that does not
// fit waits for the server's first, empty challenge (RFC 4954 §4).
func (x *Exchange) Start() Line {
	command := "AUTH " + x.method.name
	r, ok := x.steps.start()
	if !ok {
		return line(command, command)
	}
	encoded := x.encode(r)
	if len(command)+len(" ")+len(encoded)+len("\r\n") > maxCommandOctets {
		x.waits, x.notes.Deferred = true, true
		return line(command, command)
	}
	return line(command+" "+encoded, command+" "+r.shown)
}

// KeepPrivate shows codes and enhanced codes alone of what the server says from
// now on: the secret is the operator's, and who asks must not learn it.
func (x *Exchange) KeepPrivate() { x.notes.private = true }

// Next answers one challenge: text is that of the 334 reply, code and space
// left out. If the challenge cannot be answered, the error is an *Error and
// the Line cancels the exchange: it is still to be sent, and the server then
// says 501 (RFC 4954 §4).
func (x *Exchange) Next(text string) (Line, error) {
	r, problem := x.answer(text)
	encoded := x.encode(r)
	if problem == "" && len(encoded)+len("\r\n") > maxLineOctets {
		problem = ProblemResponse
	}
	if problem != "" {
		if !x.over {
			x.over, x.notes.Problem = true, problem
		}
		return line("*", "*"), &Error{x.method.name, problem}
	}
	return line(encoded, r.shown), nil
}

// encode is a response as it goes on the wire. One that holds a secret is known
// to the masks from then on as a whole line.
func (x *Exchange) encode(r response) string {
	switch r.shown {
	case markUser, markUserAndNonce, markAcknowledgement, markEmpty:
	case markUserAndToken: // beside the token, which is known, it has words that refusals have too: Bearer, a host
		x.notes.secrets.AddLine(r.data)
	default:
		x.notes.secrets.AddRuns(r.data)
	}
	return base64.StdEncoding.EncodeToString([]byte(r.data))
}

func (x *Exchange) answer(text string) (response, Problem) {
	if x.over {
		return response{}, ProblemUnexpected
	}
	if x.notes.Challenges++; x.notes.Challenges > maxChallenges {
		return response{}, ProblemChallenges
	}
	challenge, problem := x.decode(x.unmask(challengeOf(text)))
	if problem != "" {
		return response{}, problem
	}
	if x.waits {
		x.waits = false
		x.notes.prompt(challenge)
		r, _ := x.steps.start()
		return r, ""
	}
	return x.steps.next(challenge, &x.notes)
}

// decode takes words as they are where nothing depends on them: some servers
// send their prompts in the clear, and qmail's "334 ok. go on." is known.
func (x *Exchange) decode(text string) ([]byte, Problem) {
	if len("334 ")+len(text)+len("\r\n") > maxLineOctets {
		return nil, ProblemLength
	}
	challenge, err := base64.StdEncoding.DecodeString(text)
	// The decoder passes over line ends; a challenge has but one line.
	if err == nil && !strings.ContainsAny(text, "\r\n") {
		return challenge, ""
	}
	if x.waits || x.method.words {
		x.notes.Unencoded = true
		return []byte(text), ""
	}
	return nil, ProblemEncoding
}

// MaskLine is a line of a reply as it may be shown, from the AUTH command on, each
// line once and in order, with or without its code and line end: secrets and what
// was computed from them are masked in every form in which the server might send
// them back (see secret.Masker), so are the lines that carried them, the user name
// in part, and SCRAM's server signature, with which a reader of the transcript
// could try out passwords. Next knows a challenge that was masked before.
func (x *Exchange) MaskLine(text string) string {
	body := challengeOf(strings.TrimPrefix(text, smtp.Codes(text)))
	meaning := body
	if decoded, err := base64.StdEncoding.DecodeString(body); err == nil {
		meaning = string(decoded)
	}
	for _, crosses := range []bool{x.said.Crosses(x.notes.secrets, body), x.meant.Crosses(x.notes.secrets, meaning)} {
		x.spread = x.spread || crosses
	}
	masked := x.notes.mask(x.unsigned(text))
	if x.onlyCodes() {
		masked = smtp.CodesOf(text)
	}
	if masked != text {
		x.came, x.masked = secret.New(text), masked
	}
	return masked
}

// MaskText is the same for what follows the reply code in a line that MaskLine has
// seen.
func (x *Exchange) MaskText(text string) string {
	if x.onlyCodes() {
		return smtp.EnhancedOf(text)
	}
	return x.notes.mask(x.unsigned(text))
}

func (x *Exchange) onlyCodes() bool { return x.notes.private || x.spread }

// unsigned is a text without SCRAM's server signature.
func (x *Exchange) unsigned(text string) string {
	if strings.HasPrefix(x.method.name, "SCRAM-") {
		return maskSignature(text)
	}
	return text
}

// Spread reports that a secret was spread over several lines: its first octets
// stand in lines that MaskLine has let pass. Of all that the server has said since
// the AUTH command only smtp.CodesOf may be shown then.
func (x *Exchange) Spread() bool { return x.spread }

// unmask is a challenge as it came. The mechanisms need that: a signature is
// masked always, and a password may stand in a challenge by chance, such as
// that of a test account which is the server's name.
func (x *Exchange) unmask(challenge string) string {
	if x.masked != "" && challenge == challengeOf(x.masked) {
		return challengeOf(x.came.Reveal())
	}
	return challenge
}

// challengeOf takes code, line end and spaces off a 334 reply.
func challengeOf(line string) string {
	line = strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
	return strings.Trim(strings.TrimPrefix(line, "334 "), " ")
}

// Evidence is what has been seen so far.
func (x *Exchange) Evidence() Evidence {
	seen := x.notes.Evidence
	if x.spread {
		seen.Prompts, seen.Realm, seen.ServerError, seen.TokenError = nil, "", "", nil
	}
	seen.Prompts = slices.Clone(seen.Prompts)
	return seen
}

// Line is one line that the client sends.
type Line struct {
	Shown string // what the transcript shows in its place: never a secret, never empty

	wire secret.Secret
}

func line(wire, shown string) Line { return Line{Shown: shown, wire: secret.New(wire)} }

// Reveal is the line as it goes on the wire, without CRLF: plain ASCII, at
// most 12,286 octets, the AUTH command at most 510. An empty response is an
// empty line.
func (l Line) Reveal() string { return l.wire.Reveal() }
