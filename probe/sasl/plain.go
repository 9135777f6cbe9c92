package sasl

import "strings"

// plain is PLAIN: everything in one message (RFC 4616 §2).
type plain struct{ credential Credential }

func (p plain) start() (response, bool) {
	c := p.credential
	return response{c.Authzid + "\x00" + c.User + "\x00" + c.Password.Reveal(), markUserAndPassword}, true
}

func (p plain) next([]byte, *notes) (response, Problem) { return response{}, ProblemUnexpected }

// login is LOGIN: user name and password, each when asked. There is no
// initial response: the server begins (draft-murchison-sasl-login §2), and
// some refuse one.
type login struct {
	credential           Credential
	sentUser, sentPasswd bool
}

func (l *login) start() (response, bool) { return response{}, false }

// next goes by what the prompt names, as there are servers that ask for the
// password first, and by the usual order where the prompt does not say. What
// has been sent is not sent again.
func (l *login) next(challenge []byte, n *notes) (response, Problem) {
	n.prompt(challenge)
	prompt := strings.ToLower(string(challenge))
	wantsPassword := strings.Contains(prompt, "pass")
	switch {
	case l.sentUser && l.sentPasswd:
		return response{}, ProblemUnexpected
	case l.sentUser || wantsPassword && !l.sentPasswd:
		l.sentPasswd = true
		return response{l.credential.Password.Reveal(), markPassword}, ""
	}
	l.sentUser = true
	return response{l.credential.User, markUser}, ""
}
