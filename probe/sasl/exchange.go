package sasl

import (
	"encoding/base64"
	"regexp"
	"slices"
	"strings"

	"smtptest/probe/secret"
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
	encoded := base64.StdEncoding.EncodeToString([]byte(r.data))
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
	encoded := base64.StdEncoding.EncodeToString([]byte(r.data))
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

// Mask is a line of a reply as it may be shown, from the AUTH command on, one
// line after the other, with or without its code and line end: secrets and what
// was computed from them are masked in every form in which the server might send
// them back (see secret.Masker), so the lines that carried them are, too, the user name in
// part, and so is SCRAM's server signature, with which a reader of the transcript
// could try out passwords. Next knows a challenge that was masked before.
func (x *Exchange) Mask(text string) string {
	masked := text
	if strings.HasPrefix(x.method.name, "SCRAM-") {
		masked = maskSignature(masked)
	}
	masked = x.notes.maskUser(x.notes.secrets.MaskLine(masked))
	if x.notes.private {
		masked = codesOf(text)
	}
	if masked != text {
		x.came, x.masked = secret.New(text), masked
	}
	return masked
}

// codes are what a reply line begins with (RFC 5321 §4.2, RFC 3463 §2).
var codes = regexp.MustCompile(`^\d{3}[ -]?([245]\.\d{1,3}\.\d{1,3}(?: |$))?`)

// codesOf is a reply line with nothing behind its codes.
func codesOf(line string) string {
	body := strings.TrimRight(line, "\r\n")
	kept := codes.FindString(body)
	if strings.TrimSpace(body[len(kept):]) == "" {
		return line
	}
	return kept + "[not shown]" + line[len(body):]
}

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
