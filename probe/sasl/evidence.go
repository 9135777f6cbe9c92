package sasl

import (
	"strings"
	"unicode/utf8"

	"smtptest/probe/secret"
	"smtptest/probe/smtp"
)

// maxTextBytes bounds each text in Evidence. Prompts have some ten octets,
// an OAuth scope some hundred.
const maxTextBytes = 256

// Evidence is what an exchange showed. Texts in it came from the server:
// they are printable, have at most 256 octets, and the secret is masked in
// them.
type Evidence struct {
	Mechanism   string
	Challenges  int         // received
	Deferred    bool        // the initial response was too long for the AUTH command and waited for a challenge
	Unencoded   bool        // a prompt came without the base64 that RFC 4954 §4 prescribes
	Prompts     []string    // what the server said where it only had to ask, decoded, in order
	Realm       string      // DIGEST-MD5: the one that was answered; empty: none
	Iterations  int         // SCRAM: as the server asked for, also when refused; 0: not seen
	Unprepared  bool        // SCRAM: user name and password were used as typed, SASLprep forbids a character in them
	Proof       Proof       // whether the server knows the password; empty: the mechanism does not ask that
	ServerError string      // SCRAM: the server's word for its refusal (RFC 5802 §7); empty: none
	TokenError  *TokenError // XOAUTH2, OAUTHBEARER: nil: none
	Problem     Problem     // why the exchange was canceled from this side; empty: it was not
}

// Proof says whether the server has proved that it knows the password: by
// SCRAM's server signature (RFC 5802 §3) or DIGEST-MD5's rspauth
// (RFC 2831 §2.1.3).
type Proof string

// The proofs.
const (
	ProofMissing  Proof = "missing" // not come yet; after 235 it will not come any more
	ProofVerified Proof = "verified"
	ProofWrong    Proof = "wrong" // a server that does not know the password, or another password
)

// TokenError is why a server refuses a token (RFC 7628 §3.2.2, and Google's
// paper on XOAUTH2). A field that was not sent is empty.
type TokenError struct {
	Status        string // "invalid_token", or a number as in HTTP: "400", "401"
	Schemes       string // authentication schemes that it takes
	Scope         string // what the token must be good for
	Configuration string // where the OpenID configuration is
}

// notes is Evidence in the making.
type notes struct {
	Evidence
	secrets *secret.Masker // knows password, token and what is computed from them
	user    *secret.Masker // masked in part: people must see which one it was, and others not learn it; nil: too short
	private bool           // of what the server says only codes are shown
}

// know makes the secrets of a credential known to the masks.
func (n *notes) know(c Credential) {
	n.secrets = secret.NewMasker("[redacted]", c.Password.Reveal(), c.Token.Reveal())
	if len(c.User) >= minUserOctets || strings.Contains(c.User, "@") {
		n.user = secret.NewForms(ShownUser(c.User), c.User)
	}
}

// mask takes the secrets out of a text, and then the user name: in a line that
// holds both the secret's form would be broken otherwise.
func (n *notes) mask(text string) string { return n.maskUser(n.secrets.Mask(text)) }

func (n *notes) maskUser(text string) string {
	if n.user == nil {
		return text
	}
	return n.user.Mask(text)
}

// minUserOctets is the length from which on a name without a domain is masked:
// shorter ones are in many texts by chance, and a mask would reveal them.
const minUserOctets = 6

// ShownUser is a user name as others may see it: its first character and its
// domain, if it has one.
func ShownUser(user string) string {
	name, domain, found := strings.Cut(user, "@")
	first, size := utf8.DecodeRuneInString(name)
	shown := "..." // ASCII: a reply with other octets is remarked upon
	if size > 0 {
		shown = string(first) + shown
	}
	if found {
		shown += "@" + domain
	}
	return shown
}

// text makes octets of the server fit for Evidence. They are masked before
// they are cut, so that no part of a secret is left.
func (n *notes) text(data string) string {
	if n.private {
		return ""
	}
	text := smtp.Printable([]byte(n.mask(data)))
	if len(text) <= maxTextBytes {
		return text
	}
	end := maxTextBytes
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return strings.Clone(text[:end])
}

// prompt notes a challenge that only asks. An empty one says nothing.
func (n *notes) prompt(challenge []byte) {
	if len(challenge) > 0 && !n.private {
		n.Prompts = append(n.Prompts, n.text(string(challenge)))
	}
}
