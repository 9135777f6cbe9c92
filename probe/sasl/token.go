package sasl

import (
	"encoding/json"
	"strconv"
	"strings"
)

// bearer is a mechanism that sends an OAuth 2 access token: XOAUTH2 or
// OAUTHBEARER. A refusal comes as a challenge that holds JSON, which has to
// be acknowledged before the server says 535 (RFC 7628 §3.2.3).
type bearer struct {
	credential      Credential
	initial         func(Credential) string // not made before it is sent: it holds the token
	acknowledgement string
	refused         bool
}

// xoauth2 is Google's form.
func xoauth2(c Credential) string {
	return "user=" + c.User + "\x01auth=Bearer " + c.Token.Reveal() + "\x01\x01"
}

// oauthBearer is the form of RFC 7628 §3.1, behind a GS2 header without
// channel binding (RFC 5801 §4). Host and port are left out if not known.
func oauthBearer(c Credential) string {
	identity := c.User
	if c.Authzid != "" {
		identity = c.Authzid
	}
	var b strings.Builder
	b.WriteString("n,a=" + strings.NewReplacer("=", "=3D", ",", "=2C").Replace(identity) + ",\x01")
	if c.Host != "" {
		b.WriteString("host=" + c.Host + "\x01")
	}
	if c.Port != 0 {
		b.WriteString("port=" + strconv.Itoa(int(c.Port)) + "\x01")
	}
	b.WriteString("auth=Bearer " + c.Token.Reveal() + "\x01\x01")
	return b.String()
}

func (b *bearer) start() (response, bool) {
	return response{b.initial(b.credential), markUserAndToken}, true
}

// next takes any challenge for a refusal: there is no other reason for one.
func (b *bearer) next(challenge []byte, n *notes) (response, Problem) {
	if b.refused {
		return response{}, ProblemUnexpected
	}
	b.refused = true
	n.tokenError(challenge)
	if b.acknowledgement != "" {
		return response{b.acknowledgement, markAcknowledgement}, ""
	}
	return response{"", markEmpty}, ""
}

// tokenError reads the refusal. What is not a JSON object is noted as a
// prompt.
func (n *notes) tokenError(challenge []byte) {
	n.TokenError = &TokenError{}
	var fields map[string]any
	if json.Unmarshal(challenge, &fields) != nil {
		n.prompt(challenge)
		return
	}
	field := func(name string) string {
		switch v := fields[name].(type) {
		case string:
			return n.text(v)
		case float64: // Google sends the status as a string, others as a number
			return strconv.FormatFloat(v, 'f', -1, 32)
		}
		return ""
	}
	*n.TokenError = TokenError{field("status"), field("schemes"), field("scope"), field("openid-configuration")}
}
