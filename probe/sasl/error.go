package sasl

// Error says why a login could not be begun or was canceled from this side.
// It holds neither secrets nor what the server sent.
type Error struct {
	Mechanism string // in upper case; empty: it is not spoken here, and not repeated
	Problem   Problem
}

// Error is the mechanism and the words of the problem.
func (e *Error) Error() string {
	if e.Mechanism == "" {
		return e.Problem.Words()
	}
	return e.Mechanism + ": " + e.Problem.Words()
}

// Problem names what is wrong.
type Problem string

// Problems of the credential: New gives them, nothing was sent.
const (
	ProblemUnknown    Problem = "unknown"     // the mechanism is not spoken here
	ProblemNoUser     Problem = "no-user"     // no user name
	ProblemNoPassword Problem = "no-password" // no password
	ProblemNoToken    Problem = "no-token"    // no token
	ProblemNoAuthzid  Problem = "no-authzid"  // the mechanism cannot carry an authorization identity
	// User name, authorization identity or host hold control characters or are not UTF-8.
	ProblemUser     Problem = "user"
	ProblemPassword Problem = "password" // the password holds NUL or is not UTF-8
	ProblemToken    Problem = "token"    // the token holds something else than visible ASCII
)

// Problems of the dialogue: Next gives them, and cancels.
const (
	ProblemEncoding   Problem = "encoding"   // the challenge is not base64 (RFC 4954 §4)
	ProblemLength     Problem = "length"     // the challenge line has more than 12,288 octets (RFC 4954 §4)
	ProblemResponse   Problem = "response"   // the response line would have more than 12,288 octets (RFC 4954 §4)
	ProblemChallenges Problem = "challenges" // more than ten challenges
	ProblemUnexpected Problem = "unexpected" // a challenge after the mechanism's last step, or after a cancellation
	ProblemMalformed  Problem = "malformed"  // the challenge is not what the mechanism's RFC prescribes
	ProblemNonce      Problem = "nonce"      // SCRAM: the server's nonce does not begin with ours (RFC 5802 §5.1)
	ProblemIterations Problem = "iterations" // SCRAM: no iterations, or more than 1,000,000
	ProblemProof      Problem = "proof"      // the server's proof is wrong: it does not know the password
	ProblemQuality    Problem = "quality"    // DIGEST-MD5: the server wants integrity or confidentiality layers
	// DIGEST-MD5: the server takes ISO 8859-1 alone, user name or password have other characters
	ProblemCharset Problem = "charset"
)

// Words says in one clause what is wrong.
func (p Problem) Words() string { return problemWords[p] }

var problemWords = map[Problem]string{
	ProblemUnknown:    "the SASL mechanism is not spoken here",
	ProblemNoUser:     "the user name is missing",
	ProblemNoPassword: "the password is missing",
	ProblemNoToken:    "the token is missing",
	ProblemNoAuthzid:  "the mechanism cannot carry an authorization identity",
	ProblemUser:       "the user name holds a control character or is not UTF-8",
	ProblemPassword:   "the password holds a NUL or is not UTF-8",
	ProblemToken:      "the token holds a space, a line end or another character that no token has",
	ProblemEncoding:   "the server's challenge is not base64",
	ProblemLength:     "the server's challenge is longer than 12288 octets",
	ProblemResponse:   "the response would be longer than 12288 octets",
	ProblemChallenges: "the server sent more than 10 challenges",
	ProblemUnexpected: "the server sent a challenge after the last step",
	ProblemMalformed:  "the server's challenge does not have the mechanism's form",
	ProblemNonce:      "the server's nonce does not begin with the client's",
	ProblemIterations: "the server's iteration count is not between 1 and 1000000",
	ProblemProof:      "the server did not prove that it knows the password",
	ProblemQuality:    "the server does not take authentication alone (qop=auth)",
	ProblemCharset:    "the server does not take UTF-8, which user name or password need",
}
