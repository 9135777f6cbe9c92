package sasl

import (
	"crypto/rand"
	"strings"
	"unicode"
	"unicode/utf8"

	"smtptest/probe/secret"
)

// Credential is what a person logs in with: a password or an access token.
// If both are there, the token counts.
type Credential struct {
	User     string        // authentication identity, UTF-8; never empty
	Authzid  string        // identity to act as (RFC 4422 §3.4.1), which not all mechanisms can carry; empty: that of User
	Password secret.Secret // UTF-8
	Token    secret.Secret // OAuth 2 access token (RFC 6750 §2.1)
	Host     string        // the server as it was asked for; named in DIGEST-MD5 and OAUTHBEARER
	Port     uint16        // the server's port; named in OAUTHBEARER
}

// method is what has to be known of a mechanism before it begins.
type method struct {
	name    string
	token   bool // takes a token, the others take a password
	authzid bool // can carry Credential.Authzid
	words   bool // its challenges are words for people and decide nothing
	retired bool // only when asked for, or when nothing better is offered
	proof   bool // the server proves that it knows the password too
	make    func(Credential) mechanism
}

// methods lists what is spoken, in order of preference. XOAUTH2 stands
// before OAUTHBEARER because providers test and describe it more.
func methods() []method {
	return []method{
		{name: "SCRAM-SHA-256", authzid: true, proof: true,
			make: func(c Credential) mechanism { return newScramSHA256(c, rand.Text()) }},
		{name: "SCRAM-SHA-1", authzid: true, proof: true,
			make: func(c Credential) mechanism { return newScramSHA1(c, rand.Text()) }},
		{name: "PLAIN", authzid: true, make: func(c Credential) mechanism { return plain{c} }},
		{name: "LOGIN", words: true, make: func(c Credential) mechanism { return &login{credential: c} }},
		{name: "CRAM-MD5", retired: true, make: func(c Credential) mechanism { return &cramMD5{credential: c} }},
		{name: "DIGEST-MD5", authzid: true, retired: true, proof: true, make: func(c Credential) mechanism {
			return &digestMD5{credential: c, service: "smtp", cnonce: rand.Text()}
		}},
		{name: "XOAUTH2", token: true, make: func(c Credential) mechanism {
			return &bearer{credential: c, initial: xoauth2}
		}},
		{name: "OAUTHBEARER", token: true, authzid: true, make: func(c Credential) mechanism {
			return &bearer{credential: c, initial: oauthBearer, acknowledgement: "\x01"}
		}},
	}
}

// methodOf finds a mechanism by its name, compared without case.
func methodOf(name string) (method, bool) {
	for _, m := range methods() {
		if strings.EqualFold(m.name, name) {
			return m, true
		}
	}
	return method{}, false
}

// refuse says why a credential cannot be used with a mechanism; empty: it
// can.
func (m method) refuse(c Credential) Problem {
	switch {
	case c.User == "":
		return ProblemNoUser
	case m.token && c.Token.IsZero():
		return ProblemNoToken
	case !m.token && c.Password.IsZero():
		return ProblemNoPassword
	case !m.authzid && c.Authzid != "":
		return ProblemNoAuthzid
	case !name(c.User) || !name(c.Authzid) || !name(c.Host):
		return ProblemUser
	case m.token && !bearerToken(c.Token.Reveal()):
		return ProblemToken
	case !m.token && !password(c.Password.Reveal()):
		return ProblemPassword
	}
	return ""
}

// name reports whether a name can stand in any response: control characters
// are the separators of several mechanisms and in no real name.
func name(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}

// password reports whether a password is UTF-8 without NUL (RFC 4616 §2).
// Other control characters are let pass: the server may have them in its
// database, and a line end typed by mistake shows as a failed login.
func password(s string) bool { return utf8.ValidString(s) && !strings.Contains(s, "\x00") }

// bearerToken reports whether a token is visible ASCII, which includes all
// that RFC 6750 §2.1 allows.
func bearerToken(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
}
