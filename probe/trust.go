package probe

import (
	"bytes"
	"crypto/x509"
	"errors"
	"slices"
	"time"
)

// leadsToRoot asks whether the certificates that were sent lead to a trusted
// root, and if not, why. The leaf's own dates are another question: they are
// left aside, and where that leads to nothing, the chain is verified at a time
// within them. Nothing is fetched: the addresses in the certificates were
// chosen by the server under test. (On Windows and macOS the system's verifier
// answers, which may fetch issuers by itself.)
func (r *run) leadsToRoot(chain []*x509.Certificate, now time.Time) (ChainAnswer, string) {
	undated := *chain[0]
	undated.NotBefore, undated.NotAfter = now, now
	err := r.verify(&undated, chain[1:], now)
	if at := within(chain[0], now); err != nil && !at.Equal(now) {
		if r.verify(chain[0], chain[1:], at) == nil {
			err = nil
		}
	}
	if err == nil {
		return ChainTrusted, ""
	}
	return whyUntrusted(path(chain), now, err), detail(err)
}

// whyUntrusted sorts what the verifier said by what was sent. A broken part
// of the path comes before the question where the path ends: x509 reports
// weak signatures as an unknown issuer.
func whyUntrusted(path []*x509.Certificate, at time.Time, err error) ChainAnswer {
	leaf, end := path[0], path[len(path)-1]
	switch {
	case expired(err), outOfDates(path[1:], at):
		return ChainExpired
	case weakSignature(path):
		return ChainWeak
	case !isUnknownAuthority(err):
		return ChainInvalid
	case selfSigned(leaf):
		return ChainSelfSigned
	case end != leaf && selfIssued(end):
		return ChainUnknownIssuer
	}
	return ChainIncomplete
}

// path follows the issuers from the leaf through what was sent. It ends at a
// certificate that names itself as issuer, or where the issuer was not sent.
func path(chain []*x509.Certificate) []*x509.Certificate {
	path := []*x509.Certificate{chain[0]}
	for {
		end := path[len(path)-1]
		i := slices.IndexFunc(chain, func(c *x509.Certificate) bool {
			return !selfIssued(end) && bytes.Equal(c.RawSubject, end.RawIssuer) && !slices.ContainsFunc(path, c.Equal)
		})
		if i < 0 {
			return path
		}
		path = append(path, chain[i])
	}
}

// verify tries the system's roots and then the given ones.
func (r *run) verify(leaf *x509.Certificate, others []*x509.Certificate, at time.Time) error {
	sent := x509.NewCertPool()
	for _, c := range others {
		sent.AddCert(c)
	}
	options := x509.VerifyOptions{
		Intermediates: sent, CurrentTime: at,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}, // usage is a question of its own
	}
	_, err := leaf.Verify(options)
	if err != nil && r.local.Roots != nil {
		options.Roots = r.local.Roots
		if _, again := leaf.Verify(options); again == nil || !isUnknownAuthority(again) {
			return again
		}
	}
	return err
}

func isUnknownAuthority(err error) bool {
	_, ok := errors.AsType[x509.UnknownAuthorityError](err)
	return ok
}

// within moves now into the leaf's dates.
func within(leaf *x509.Certificate, now time.Time) time.Time {
	switch {
	case now.Before(leaf.NotBefore):
		return leaf.NotBefore
	case now.After(leaf.NotAfter):
		return leaf.NotAfter
	}
	return now
}

func expired(err error) bool {
	invalid, ok := errors.AsType[x509.CertificateInvalidError](err)
	return ok && invalid.Reason == x509.Expired
}

func outOfDates(certs []*x509.Certificate, at time.Time) bool {
	return slices.ContainsFunc(certs, func(c *x509.Certificate) bool {
		return !selfIssued(c) && (at.Before(c.NotBefore) || at.After(c.NotAfter))
	})
}

// weakSignature looks for MD5 and SHA-1: crypto/x509 rejects them with the
// same error as an unknown issuer.
func weakSignature(chain []*x509.Certificate) bool {
	return slices.ContainsFunc(chain, func(c *x509.Certificate) bool {
		switch c.SignatureAlgorithm {
		case x509.MD5WithRSA, x509.SHA1WithRSA, x509.DSAWithSHA1, x509.ECDSAWithSHA1:
			return !selfIssued(c) // a root's signature on itself proves nothing
		}
		return false
	})
}

// selfSigned reports that a certificate's own key signed it: an issuer of the
// same name alone would not prove that. Signatures that x509 no longer checks
// get the benefit of the doubt.
func selfSigned(c *x509.Certificate) bool {
	err := c.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature)
	_, unchecked := errors.AsType[x509.InsecureAlgorithmError](err)
	return selfIssued(c) && (err == nil || unchecked)
}
