package sasl

import (
	"crypto/hmac"
	"crypto/md5"
	"encoding/hex"
)

// cramMD5 is CRAM-MD5: a keyed hash of what the server sends (RFC 2195 §2).
type cramMD5 struct {
	credential Credential
	answered   bool
}

func (c *cramMD5) start() (response, bool) { return response{}, false }

// next does not sign an empty challenge: the answer would serve whoever sees
// it at any other time.
func (c *cramMD5) next(challenge []byte, n *notes) (response, Problem) {
	switch {
	case c.answered:
		return response{}, ProblemUnexpected
	case len(challenge) == 0:
		return response{}, ProblemMalformed
	}
	c.answered = true
	mac := hmac.New(md5.New, []byte(c.credential.Password.Reveal()))
	mac.Write(challenge)
	digest := mac.Sum(nil)
	n.secrets.Add(hex.EncodeToString(digest), string(digest))
	return response{c.credential.User + " " + hex.EncodeToString(digest), markUserAndProof}, ""
}
