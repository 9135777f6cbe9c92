package diagnosis

import (
	"fmt"
	"slices"
	"strings"

	"smtptest/probe"
)

// chainRules judge whether the certificates that were sent lead to a
// trusted root. Nothing was fetched: what is not sent is not there.
func chainRules() []rule {
	return []rule{
		{
			id: Intercepted, reference: "RFC 3207 §6", confidence: Likely,
			title:       "A security product answers in the server's place",
			advice:      "Switch mail inspection off in the product that is named, or test from another network.",
			suppresses:  []ID{CertificateSelfSigned, CertificateNotTrusted, ChainIncomplete},
			certificate: intercepted,
		},
		{
			id: ChainIncomplete, reference: "RFC 8446 §4.4.2", confidence: Likely,
			title:       "The server does not send the issuer's certificate",
			advice:      "Configure the full chain on the server (often “fullchain.pem”), then reload it.",
			certificate: chainIncomplete,
		},
		{
			id: CertificateSelfSigned, reference: "RFC 5280 §3.2, RFC 8460 §4.3",
			title:       "The certificate is self-signed",
			advice:      "Install a certificate from an authority that clients trust.",
			fix:         Fix{TrustRoots: true},
			certificate: selfSigned,
		},
		{
			id: CertificateNotTrusted, reference: "RFC 5280 §6, RFC 8460 §4.3",
			title: "The certificate comes from an authority that is not trusted here",
			advice: "Install a certificate from a public authority; " +
				"the root of a private one has to be installed in each client.",
			fix:         Fix{TrustRoots: true},
			certificate: unknownIssuer,
		},
		{
			id: IntermediateExpired, reference: "RFC 5280 §6.1.3",
			title:       "A certificate in the chain is out of its dates",
			advice:      "Replace the intermediate certificate that the server sends by the issuer's current one.",
			certificate: intermediateExpired,
		},
		{
			id: CertificateWeakSignature, reference: "RFC 9155 §4",
			title:       "A certificate is signed with SHA-1 or MD5",
			advice:      "Have the certificate issued again with SHA-256 or better.",
			certificate: weakSignature,
		},
		{
			id: CertificateInvalid, reference: "RFC 5280 §6",
			title:       "The certificate chain breaks a rule",
			advice:      "Have the certificate issued again.",
			certificate: chainInvalid,
		},
		{
			id: ChainOrder, severity: Warning, reference: "RFC 5246 §7.4.2, RFC 8446 §4.4.2",
			title: "The certificates are not sent in order",
			advice: "Put the server's own certificate first in the file, " +
				"then each issuer's after the one that it signed.",
			certificate: chainOrder,
		},
	}
}

// inspectors are words in the names of authorities that security products
// make for themselves, to read what passes.
func inspectors() []string {
	return []string{
		"avast", "avg web/mail", "bitdefender", "eset ssl filter", "fortigate", "kaspersky", "sophos", "utm", "zscaler",
	}
}

func intercepted(_ *session, t probe.TLS) *result {
	end := issuerOf(t.Chain)
	if t.Trust.Chain == probe.ChainTrusted || !slices.ContainsFunc(attributes(end), inspector) {
		return nil
	}
	res := explain("The certificate is issued by %s, as products that inspect mail on the way do. "+
		"Behind it the server's own certificate may well be good; it was not seen.", end)
	res.owner = OwnerNetwork
	return res
}

// inspector reports a name that begins with such a word.
func inspector(name string) bool {
	return slices.ContainsFunc(inspectors(), func(word string) bool {
		return name == word || strings.HasPrefix(name, word+" ")
	})
}

// attributes are the values of a distinguished name, in lower case.
func attributes(name string) []string {
	var values []string
	for _, part := range strings.FieldsFunc(name, func(r rune) bool { return r == ',' || r == '+' }) {
		_, value, _ := strings.Cut(part, "=")
		values = append(values, strings.ToLower(value))
	}
	return values
}

// sentPath follows the issuers from the leaf through what was sent.
func sentPath(chain []probe.Certificate) []probe.Certificate {
	path := chain[:1:1]
	for len(path) < len(chain) {
		end := path[len(path)-1]
		i := slices.IndexFunc(chain, func(c probe.Certificate) bool {
			return c.Subject == end.Issuer && c.SHA256 != end.SHA256
		})
		if end.SelfIssued || i < 0 {
			break
		}
		path = append(path, chain[i])
	}
	return path
}

// issuerOf is the authority at which the path ends.
func issuerOf(chain []probe.Certificate) string {
	path := sentPath(chain)
	return path[len(path)-1].Issuer
}

func chainIncomplete(_ *session, t probe.TLS) *result {
	if t.Trust.Chain != probe.ChainIncomplete {
		return nil
	}
	path := sentPath(t.Chain)
	last := path[len(path)-1]
	if slices.ContainsFunc(path, func(c probe.Certificate) bool { return c.IssuerURL }) {
		if len(path) == 1 {
			return explain("The server leaves out the certificate of its issuer, %s. "+
				"Browsers fetch it; mail clients fail.", last.Issuer)
		}
		return explain("The server leaves out the certificate of %s, which issued that of %s. "+
			"Browsers fetch it; mail clients fail.", last.Issuer, subject(last))
	}
	res := explain("%s: the certificate of %s is issued by %s, whose certificate is neither sent nor known here. "+
		"It may be a private authority.", sentCount(t), subject(last), last.Issuer)
	res.advice = "Configure the full chain on the server; the root of a private authority has to be " +
		"installed in each client."
	res.fix = Fix{TrustRoots: true}
	return res
}

func sentCount(t probe.TLS) string {
	if n := len(t.Chain) + t.ChainOmitted; n > 1 {
		return fmt.Sprintf("The server sends %d certificates", n)
	}
	return "The server sends its own certificate alone"
}

func selfSigned(_ *session, t probe.TLS) *result {
	if t.Trust.Chain != probe.ChainSelfSigned {
		return nil
	}
	leaf := t.Chain[0]
	res := explain("The certificate for %s vouches for itself: no client can tell it from a forged one.", subject(leaf))
	if maker := madeAtInstallation(leaf); maker != "" {
		res.explanation += fmt.Sprintf(" “%s” is what software writes into the certificate that it makes at "+
			"installation: no other has been configured.", maker)
	}
	return res
}

// madeAtInstallation knows certificates that nobody asked for.
func madeAtInstallation(c probe.Certificate) string {
	for _, name := range []string{"localhost", "Plesk", "Kubernetes Ingress Controller Fake Certificate"} {
		if c.CommonName == name {
			return name
		}
	}
	return ""
}

func unknownIssuer(_ *session, t probe.TLS) *result {
	if t.Trust.Chain != probe.ChainUnknownIssuer {
		return nil
	}
	return explain("The chain is complete and ends at %s, which is not among the trusted roots (%s).",
		issuerOf(t.Chain), t.Trust.Roots)
}

func intermediateExpired(s *session, t probe.TLS) *result {
	if t.Trust.Chain != probe.ChainExpired {
		return nil
	}
	for _, c := range sentPath(t.Chain)[1:] {
		if now := s.report.Started; c.NotAfter.Before(now) {
			return explain("The intermediate %s was valid until %s, %s ago; clients cannot build a chain with it.",
				c.Subject, day(c.NotAfter), probe.Span(now.Sub(c.NotAfter)))
		}
	}
	return explain("Clients cannot build a chain that is valid today: %s.", t.Trust.Problem)
}

func weakSignature(_ *session, t probe.TLS) *result {
	if t.Trust.Chain != probe.ChainWeak {
		return nil
	}
	for _, c := range sentPath(t.Chain) {
		if !c.SelfIssued && containsAny(c.Signature, []string{"SHA1", "MD5"}) {
			return explain("The certificate of %s is signed with %s, which clients no longer accept.",
				subject(c), c.Signature)
		}
	}
	return explain("A signature in the chain uses a hash that clients no longer accept.")
}

func chainInvalid(_ *session, t probe.TLS) *result {
	if t.Trust.Chain != probe.ChainInvalid {
		return nil
	}
	// Go's words for RFC 5280 §4.2.1.10, see crypto/x509.
	nameConstraint := []string{"not authorized to sign for this name", "by any constraint", "by constraint"}
	if containsAny(t.Trust.Problem, nameConstraint) {
		res := explain("The issuer may not sign for %s (name constraint).", t.Trust.Reference)
		res.advice = "Have it issued by an authority that may, or by the same one with wider constraints."
		return res
	}
	return explain("The verifier says: %s.", t.Trust.Problem)
}

// chainOrder is worth a word only where the chain is good otherwise.
func chainOrder(_ *session, t probe.TLS) *result {
	if t.Trust.Chain != probe.ChainTrusted || t.Trust.Order != probe.OrderWrong {
		return nil
	}
	return explain("The server sends %d certificates, and not each of them certifies the one before it. "+
		"Most clients sort them; strict and old ones refuse.", len(t.Chain))
}
