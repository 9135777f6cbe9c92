package diagnosis

import (
	"fmt"
	"strings"

	"smtptest/probe"
)

// unspokenRules know what this client cannot do and others can: no error of the
// server's follows from it.
func unspokenRules() []rule {
	symptoms := []ID{TLSAlert, TLSClosed, TLSFailed, TLSTimeout, LargeHello}
	return []rule{
		{
			id: CertificateUnreadable, severity: Warning, reference: "RFC 5280 §4.1",
			title: "This test cannot read the server's certificate",
			advice: "Test with another client, such as openssl; for clients written in Go " +
				"have the certificate issued again.",
			inconclusive: true,
			suppresses:   symptoms,
			match:        certificateUnreadable,
		},
		{
			id: TLSNotSpoken, severity: Warning, reference: "RFC 7568 §3, RFC 9325 §4.1",
			title: "The server chooses a TLS that this test does not speak",
			advice: "Update the server's TLS library and settings so that it offers TLS 1.2 or 1.3 with " +
				"elliptic curves (ECDHE).",
			inconclusive: true,
			suppresses:   symptoms,
			match:        tlsNotSpoken,
		},
	}
}

// refusedBecause words what crypto/tls says of certificates that it refuses, and
// which of them are as they may be.
var refusedBecause = []struct {
	in, words string
	allowed   bool
}{
	{"negative serial number", "its serial number is negative (RFC 5280 §4.1.2.2); Go refuses that since 1.23", false},
	{"invalid version", "its version number is none that exists", false},
	{"RSA key larger", "its RSA key has more than 8192 bits", true},
	{"unsupported elliptic curve", "its key is on a curve that Go does not know", true},
	{"type of public key", "its key is of a kind that Go does not know", true},
}

// certificateUnreadable names the certificate as far as it was read: the second
// connection offers TLS 1.2 at most, where certificates travel in the clear.
func certificateUnreadable(s *session) *result {
	reason, allowed := s.tls().Refused, false
	if reason == "" || s.failure == nil {
		return nil
	}
	for _, known := range refusedBecause {
		if strings.Contains(reason, known.in) {
			reason, allowed = known.words, known.allowed
		}
	}
	res := s.because("The TLS library of this test (Go) does not take the certificate: %s. ", reason)
	if allowed {
		res.owner, res.advice = OwnerYou, "Test with another client, such as openssl."
	}
	again := s.report.FollowUp(probe.VariantLegacy)
	if again == nil || again.TLS == nil || len(again.TLS.Chain) == 0 {
		res.explanation += "OpenSSL, GnuTLS, Java and Windows may take it."
		return res
	}
	leaf := again.TLS.Chain[0]
	res.explanation += "OpenSSL, GnuTLS, Java and Windows may take it. It is for " + names(leaf)
	if leaf.Issuer != "" {
		res.explanation += ", issued by " + leaf.Issuer
	}
	if !leaf.NotAfter.IsZero() {
		res.explanation += fmt.Sprintf(", valid from %s to %s", day(leaf.NotBefore), day(leaf.NotAfter))
	}
	res.explanation += "; whether it can be trusted was not tested."
	res.evidence = append(res.evidence, s.variantEvidence(probe.VariantLegacy, probe.PhaseHandshake)...)
	return res
}

// tlsNotSpoken is a server that answers the handshake with SSL 3.0, or one that
// has finite-field Diffie-Hellman alone.
func tlsNotSpoken(s *session) *result {
	t := s.tls()
	if s.failedAt(probe.PhaseHandshake, probe.KindTLS) && t.Version == "SSL 3.0" {
		return s.because("The server answers the handshake with SSL 3.0 and %s. SSL 3.0 was withdrawn in 2015 (RFC 7568): "+
			"this test and all current clients stop here; very old ones go on.", t.CipherSuite)
	}
	other := s.report.FollowUp(probe.VariantFiniteField)
	if other == nil || other.TLS == nil || other.TLS.CipherSuite == "" {
		return nil
	}
	res := s.because("The server accepts nothing that this test offers; to a handshake that offers finite-field "+
		"Diffie-Hellman (DHE) it answers with %s and %s. The TLS library of this test (Go), rustls and current browsers "+
		"do not have such suites; OpenSSL, GnuTLS and Java do.", other.TLS.Version, other.TLS.CipherSuite)
	res.evidence = append(res.evidence, s.variantEvidence(probe.VariantFiniteField, probe.PhaseHandshake)...)
	return res
}
