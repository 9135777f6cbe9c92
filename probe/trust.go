package probe

import (
	"bytes"
	"crypto/x509"
	"errors"
	"slices"
	"time"
)

// leadsToRoot asks whether the certificates that were sent lead to a trusted
// root, and if not, why. The leaf's own dates are another question, so the
// chain is verified at a time within them. Nothing is fetched: the addresses
// in the certificates were chosen by the server under test.
func (r *run) leadsToRoot(chain []*x509.Certificate, now time.Time) (ChainAnswer, string) {
	at := within(chain[0], now)
	err := r.verify(chain, at)
	if err == nil {
		return ChainTrusted, ""
	}
	problem := detail(err)
	if expired(err) || outOfDates(chain[1:], at) {
		return ChainExpired, problem
	}
	if weakSignature(chain) {
		return ChainWeak, problem
	}
	if _, unknown := errors.AsType[x509.UnknownAuthorityError](err); !unknown {
		return ChainInvalid, problem
	}
	return untrustedEnd(chain), problem
}

// verify tries the system's roots and then the given ones.
func (r *run) verify(chain []*x509.Certificate, at time.Time) error {
	sent := x509.NewCertPool()
	for _, c := range chain[1:] {
		sent.AddCert(c)
	}
	options := x509.VerifyOptions{
		Intermediates: sent, CurrentTime: at,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}, // usage is a question of its own
	}
	_, err := chain[0].Verify(options)
	if err != nil && r.local.Roots != nil {
		options.Roots = r.local.Roots
		if _, again := chain[0].Verify(options); again == nil || !isUnknownAuthority(again) {
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

// untrustedEnd follows the issuers through what was sent and looks at where
// that ends.
func untrustedEnd(chain []*x509.Certificate) ChainAnswer {
	if selfIssued(chain[0]) {
		return ChainSelfSigned
	}
	end := chain[0]
	for range chain {
		i := slices.IndexFunc(chain, func(c *x509.Certificate) bool {
			return c != end && bytes.Equal(c.RawSubject, end.RawIssuer)
		})
		if i < 0 {
			return ChainIncomplete
		}
		if end = chain[i]; selfIssued(end) {
			return ChainUnknownIssuer
		}
	}
	return ChainUnknownIssuer
}
