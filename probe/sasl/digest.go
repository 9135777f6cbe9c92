package sasl

import (
	"crypto/hmac"
	"crypto/md5"
	"encoding/hex"
	"slices"
	"strings"
)

// digestMD5 is DIGEST-MD5 with qop=auth: no integrity or confidentiality
// layer, TLS is there for that (RFC 2831 §2; retired by RFC 6331).
type digestMD5 struct {
	credential Credential
	service    string // "smtp" (RFC 4954 §4); the RFC's own examples have others
	cnonce     string
	rspauth    string // what the server has to prove itself with; empty: no response yet
	over       bool
}

func (d *digestMD5) start() (response, bool) { return response{}, false }

func (d *digestMD5) next(challenge []byte, n *notes) (response, Problem) {
	directives, ok := parseDirectives(string(challenge))
	switch {
	case d.over:
		return response{}, ProblemUnexpected
	case !ok:
		return response{}, ProblemMalformed
	case d.rspauth != "":
		d.over = true
		return d.verify(directives, n)
	}
	c, problem := readDigestChallenge(directives)
	if problem != "" {
		return response{}, problem
	}
	return d.prove(c, n)
}

// verify compares the server's response-auth with ours (RFC 2831 §2.1.3).
func (d *digestMD5) verify(directives []directive, n *notes) (response, Problem) {
	values := valuesOf(directives, "rspauth")
	switch {
	case len(values) != 1:
		return response{}, ProblemMalformed
	case !hmac.Equal([]byte(values[0]), []byte(d.rspauth)):
		n.Proof = ProofWrong
		return response{}, ProblemProof
	}
	n.Proof = ProofVerified
	return response{"", markEmpty}, ""
}

// digestChallenge is what of a challenge matters (RFC 2831 §2.1.1).
type digestChallenge struct {
	realms []string
	nonce  string
	utf8   bool
}

func readDigestChallenge(directives []directive) (c digestChallenge, p Problem) {
	c.realms = valuesOf(directives, "realm")
	nonce, algorithm := valuesOf(directives, "nonce"), valuesOf(directives, "algorithm")
	qop, charset := valuesOf(directives, "qop"), valuesOf(directives, "charset")
	switch {
	case len(nonce) != 1 || nonce[0] == "" || len(qop) > 1 || len(charset) > 1:
		return c, ProblemMalformed
	case len(algorithm) != 1 || !strings.EqualFold(algorithm[0], "md5-sess"):
		return c, ProblemMalformed
	case len(charset) == 1 && !strings.EqualFold(charset[0], "utf-8"):
		return c, ProblemMalformed
	case len(qop) == 1 && !offersAuth(qop[0]): // none means auth
		return c, ProblemQuality
	}
	c.nonce, c.utf8 = nonce[0], len(charset) == 1
	return c, ""
}

func offersAuth(qop string) bool {
	return slices.ContainsFunc(strings.Split(qop, ","), func(q string) bool {
		return strings.EqualFold(strings.Trim(q, lws), "auth")
	})
}

// prove makes the digest-response (RFC 2831 §2.1.2).
func (d *digestMD5) prove(c digestChallenge, n *notes) (response, Problem) {
	user, authzid := d.credential.User, d.credential.Authzid
	if !c.utf8 {
		var userOK, passwordOK, authzidOK bool
		user, userOK = latin1(user)
		authzid, authzidOK = latin1(authzid)
		_, passwordOK = latin1(d.credential.Password.Reveal())
		if !userOK || !passwordOK || !authzidOK {
			return response{}, ProblemCharset
		}
	}
	realm := d.realm(c.realms)
	n.Realm = n.text(realm)
	proof := d.digests(c, realm, authzid)
	octets, _ := hex.DecodeString(proof) // it is hexadecimal
	n.secrets.Add(proof, string(octets), d.rspauth)
	var parts []string
	add := func(present bool, part string) {
		if present {
			parts = append(parts, part)
		}
	}
	add(c.utf8, "charset=utf-8")
	add(true, "username="+quote(user))
	add(realm != "", "realm="+quote(realm))
	add(true, "nonce="+quote(c.nonce)+",nc=00000001,cnonce="+quote(d.cnonce))
	add(true, "digest-uri="+quote(d.uri())+",response="+proof+",qop=auth")
	add(authzid != "", "authzid="+quote(authzid))
	return response{strings.Join(parts, ","), markUserAndProof}, ""
}

func (d *digestMD5) uri() string { return d.service + "/" + d.credential.Host }

// realm picks from what is offered: that of the user name, else the first.
func (d *digestMD5) realm(offered []string) string {
	if len(offered) == 0 {
		return ""
	}
	_, domain, _ := strings.Cut(d.credential.User, "@")
	for _, r := range offered {
		if domain != "" && strings.EqualFold(r, domain) {
			return r
		}
	}
	return offered[0]
}

// digests computes our response and keeps what the server's must be: the two
// differ in what A2 begins with (RFC 2831 §2.1.2.1, §2.1.3).
func (d *digestMD5) digests(c digestChallenge, realm, authzid string) string {
	if c.utf8 {
		realm = hashed(realm)
	}
	secret := md5.Sum([]byte(hashed(d.credential.User) + ":" + realm + ":" + hashed(d.credential.Password.Reveal())))
	a1 := string(secret[:]) + ":" + c.nonce + ":" + d.cnonce
	if authzid != "" {
		a1 += ":" + authzid
	}
	keyed := hexMD5(a1) + ":" + c.nonce + ":00000001:" + d.cnonce + ":auth:"
	d.rspauth = hexMD5(keyed + hexMD5(":"+d.uri()))
	return hexMD5(keyed + hexMD5("AUTHENTICATE:"+d.uri()))
}

func hexMD5(data string) string {
	sum := md5.Sum([]byte(data))
	return hex.EncodeToString(sum[:])
}

// hashed is ISO 8859-1 where it can be, UTF-8 otherwise, so that servers
// share their databases with HTTP (RFC 2831 §2.1.2.1).
func hashed(text string) string {
	data, _ := latin1(text)
	return data
}

// latin1 turns UTF-8 into ISO 8859-1; ok is false, and the text as it was,
// when it cannot be done.
func latin1(text string) (data string, ok bool) {
	var b strings.Builder
	for _, r := range text {
		if r > 0xff {
			return text, false
		}
		b.WriteByte(byte(r))
	}
	return b.String(), true
}
