package sasl

import (
	"slices"
	"strings"
)

// Reason says why a mechanism was chosen, or why none was.
type Reason string

// The reasons. With the first three there is a mechanism, with the others
// there is none.
const (
	ReasonAsked        Reason = "asked"         // the person asked for it
	ReasonPreferred    Reason = "preferred"     // the best of those offered
	ReasonAlone        Reason = "alone"         // retired, but nothing better is offered
	ReasonNoCredential Reason = "no-credential" // neither a password nor a token was given
	ReasonNoneOffered  Reason = "none-offered"  // the server offers no mechanism
	ReasonNoneUsable   Reason = "none-usable"   // of those offered none is spoken here and takes this kind of credential
	ReasonNotOffered   Reason = "not-offered"   // the one asked for is not among those offered
	ReasonNotSpoken    Reason = "not-spoken"    // the one asked for is not spoken here
	ReasonNotFitting   Reason = "not-fitting"   // the one asked for takes another kind of credential
)

// Choose picks the mechanism for a login. offered is what the server lists
// behind AUTH (RFC 4954 §3), asked the one that the person wants, empty for
// an automatic choice; both are compared without case. A token means XOAUTH2
// or OAUTHBEARER; a password SCRAM-SHA-256, SCRAM-SHA-1, PLAIN or LOGIN, and
// CRAM-MD5 or DIGEST-MD5 only where there is nothing else.
//
// A mechanism that is not offered is never chosen. mechanism is in upper
// case, and empty when there is none.
func Choose(offered []string, c Credential, asked string) (mechanism string, reason Reason) {
	switch {
	case c.Password.IsZero() && c.Token.IsZero():
		return "", ReasonNoCredential
	case len(offered) == 0:
		return "", ReasonNoneOffered
	case asked != "":
		return chooseAsked(offered, c, asked)
	}
	for _, m := range methods() {
		switch {
		case !offers(offered, m.name) || !m.fits(c):
		case m.retired:
			return m.name, ReasonAlone
		default:
			return m.name, ReasonPreferred
		}
	}
	return "", ReasonNoneUsable
}

func chooseAsked(offered []string, c Credential, asked string) (string, Reason) {
	m, known := methodOf(asked)
	switch {
	case !known:
		return "", ReasonNotSpoken
	case !offers(offered, m.name):
		return "", ReasonNotOffered
	case !m.fits(c):
		return "", ReasonNotFitting
	}
	return m.name, ReasonAsked
}

func offers(offered []string, name string) bool {
	return slices.ContainsFunc(offered, func(o string) bool { return strings.EqualFold(o, name) })
}

// fits reports whether a mechanism takes this kind of credential.
func (m method) fits(c Credential) bool {
	return m.token == !c.Token.IsZero() && (m.authzid || c.Authzid == "")
}
