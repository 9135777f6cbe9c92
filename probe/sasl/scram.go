package sasl

import (
	"encoding/base64"
	"errors"
	"regexp"
	"strconv"
	"strings"

	"github.com/xdg-go/scram"
)

// maxIterations is what one login may cost: about half a second of one
// processor, which nothing could interrupt. RFC 7677 §4 asks servers for
// 4,096 or more; some hundred thousand are in use.
const maxIterations = 1_000_000

// scramClient is SCRAM without channel binding (RFC 5802 §5): both sides
// prove that they know the password, and it is not sent.
type scramClient struct {
	conversation *scram.ClientConversation
	nonce        string
	first        string // client-first-message
	unprepared   bool
	answered     bool // the server's first message
	over         bool
}

func newScramSHA256(c Credential, nonce string) *scramClient {
	return newScram(scram.SHA256, c, nonce)
}

func newScramSHA1(c Credential, nonce string) *scramClient {
	return newScram(scram.SHA1, c, nonce)
}

// newScram prepares user name and password with SASLprep. Where that forbids
// a character (an emoji, mixed directions), they go as typed: servers that
// stored such a password cannot have prepared it either.
func newScram(hash scram.HashGeneratorFcn, c Credential, nonce string) *scramClient {
	s := &scramClient{nonce: nonce}
	client, err := hash.NewClient(c.User, c.Password.Reveal(), c.Authzid)
	if err != nil {
		s.unprepared = true
		client, _ = hash.NewClientUnprepped(c.User, c.Password.Reveal(), c.Authzid) // its error is always nil
	}
	client.WithMinIterations(1).WithNonceGenerator(func() string { return nonce })
	s.conversation = client.NewConversation()
	s.first, _ = s.conversation.Step("") // the first step reads nothing and cannot fail
	return s
}

func (s *scramClient) start() (response, bool) { return response{s.first, markUserAndNonce}, true }

func (s *scramClient) next(challenge []byte, n *notes) (response, Problem) {
	text := string(challenge)
	n.Unprepared = s.unprepared
	switch refusal, refused := strings.CutPrefix(text, "e="); {
	case s.over:
		return response{}, ProblemUnexpected
	case refused:
		s.over = true
		refusal, _, _ = strings.Cut(refusal, ",")
		n.ServerError = n.text(refusal)
		return response{"", markEmpty}, ""
	case s.answered:
		s.over = true
		return s.verify(text, n)
	}
	s.answered = true
	return s.prove(text, n)
}

// prove answers the server-first-message. The library has no upper bound for
// iterations, and its errors hold the message: everything that can be wrong
// is looked for before.
func (s *scramClient) prove(text string, n *notes) (response, Problem) {
	m, ok := parseServerFirst(text)
	n.Iterations = m.iterations
	switch {
	case !ok:
		return response{}, ProblemMalformed
	case !strings.HasPrefix(m.nonce, s.nonce):
		return response{}, ProblemNonce
	case m.iterations < 1 || m.iterations > maxIterations:
		return response{}, ProblemIterations
	}
	final, err := s.conversation.Step(text)
	if err != nil {
		return response{}, ProblemMalformed
	}
	_, proof, _ := strings.Cut(final, ",p=")
	octets, _ := base64.StdEncoding.DecodeString(proof) // the library encoded it
	n.secrets.Add(proof, string(octets))
	return response{final, markProof}, ""
}

// verify compares the server-final-message with the signature that only
// someone who knows the password, or what is derived from it, can make.
func (s *scramClient) verify(text string, n *notes) (response, Problem) {
	if !strings.HasPrefix(text, "v=") {
		return response{}, ProblemMalformed
	}
	if _, err := s.conversation.Step(text); err != nil {
		n.Proof = ProofWrong
		return response{}, ProblemProof
	}
	n.Proof = ProofVerified
	return response{"", markEmpty}, ""
}

// serverFirst is what of a server-first-message has to be judged.
type serverFirst struct {
	nonce      string
	iterations int
}

// parseServerFirst reads r=NONCE,s=SALT,i=COUNT and passes over extensions
// behind them (RFC 5802 §7). An extension in front is one that must be
// understood, and none is.
func parseServerFirst(text string) (m serverFirst, ok bool) {
	fields := strings.Split(text, ",")
	if len(fields) < 3 {
		return m, false
	}
	nonce, hasNonce := strings.CutPrefix(fields[0], "r=")
	salt, hasSalt := strings.CutPrefix(fields[1], "s=")
	count, hasCount := strings.CutPrefix(fields[2], "i=")
	_, saltErr := base64.StdEncoding.DecodeString(salt)
	iterations, countErr := strconv.ParseUint(count, 10, 31)
	if countErr != nil && !errors.Is(countErr, strconv.ErrRange) { // out of range gives the highest number
		return m, false
	}
	return serverFirst{nonce, int(iterations)}, hasNonce && hasSalt && hasCount && saltErr == nil
}

// signature finds the server signature wherever it stands in a line: "v=" and
// at least 20 characters of base64, or all of it in base64 once more, where
// its beginning is always dj0 or dj1.
var signature = regexp.MustCompile(`(v=|dj[01])[A-Za-z0-9+/_-]{20,}=*`)

// maskSignature takes the server signature out of a reply line.
func maskSignature(text string) string {
	return signature.ReplaceAllString(text, "[server signature]")
}
