package diagnosis

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"smtptest/probe"
)

// certificateEntries judge the certificate: RFC 5280, RFC 9525, and the
// result types of RFC 8460 §4.3.
func certificateEntries() []entry {
	return []entry{
		certificate(entry{
			id: "tls.certificate-expired", reference: "RFC 5280 §4.1.2.5, RFC 8460 §4.3", confidence: Certain,
			title:    "The certificate has expired",
			advice:   "Renew the certificate, then reload the mail server: a renewed file is not used before that.",
			silences: []ID{"tls.certificate-expiring"},
		}, expired),
		certificate(entry{
			id: "tls.certificate-not-yet-valid", reference: "RFC 5280 §4.1.2.5", confidence: Certain,
			title:  "The certificate is not valid yet",
			advice: "Check the server's certificate, and the clocks of the machine that issued it and of this one.",
		}, notYetValid),
		certificate(entry{
			id: "tls.certificate-host-mismatch", reference: "RFC 9525 §6.3, RFC 8460 §4.3", confidence: Certain,
			title: "The certificate is for another name",
		}, hostMismatch),
		certificate(entry{
			id: "tls.certificate-revoked", reference: "RFC 6960 §2.2", confidence: Certain,
			title:  "The certificate is revoked",
			advice: "Have a new certificate issued with a new key.",
		}, revoked),
		certificate(entry{
			id: "tls.chain-incomplete", reference: "RFC 8446 §4.4.2", confidence: Likely,
			title:  "The server does not send the issuer's certificate",
			advice: "Configure the full chain on the server (often “fullchain.pem”), then reload it.",
		}, chainIncomplete),
		certificate(entry{
			id: "tls.certificate-self-signed", reference: "RFC 5280 §3.2, RFC 8460 §4.3", confidence: Certain,
			title:  "The certificate is self-signed",
			advice: "Install a certificate from an authority that clients trust; for a private one use --ca FILE here.",
		}, selfSigned),
		certificate(entry{
			id: "tls.certificate-not-trusted", reference: "RFC 5280 §6, RFC 8460 §4.3", confidence: Certain,
			title:  "The certificate comes from an authority that is not trusted here",
			advice: "Install a certificate from a public authority; for a private one use --ca FILE here and in each client.",
		}, unknownIssuer),
		certificate(entry{
			id: "tls.intermediate-expired", reference: "RFC 5280 §6.1.3", confidence: Certain,
			title:  "A certificate in the chain is out of its dates",
			advice: "Replace the intermediate certificate that the server sends by the issuer's current one.",
		}, intermediateExpired),
		certificate(entry{
			id: "tls.certificate-weak-signature", reference: "RFC 9155 §4", confidence: Certain,
			title:  "A certificate is signed with SHA-1 or MD5",
			advice: "Have the certificate issued again with SHA-256 or better.",
		}, weakSignature),
		certificate(entry{
			id: "tls.certificate-invalid", reference: "RFC 5280 §6", confidence: Certain,
			title:  "The certificate chain breaks a rule",
			advice: "Have the certificate issued again.",
		}, chainInvalid),
		certificate(entry{
			id: "tls.certificate-usage", reference: "RFC 5280 §4.2.1.12", confidence: Certain,
			title:  "The certificate is not meant for servers",
			advice: "Install a certificate whose extended key usage includes server authentication.",
		}, wrongUsage),
		{
			id: "tls.certificate-expiring", severity: Warning, owner: OwnerServer, confidence: Certain, reference: "RFC 5280 §4.1.2.5",
			title:  "The certificate expires soon",
			advice: "Check that its renewal runs, and that the mail server is reloaded after it.",
			seen:   expiring,
		},
	}
}

// certificate completes an entry about a certificate that was seen. Mail
// exchangers on port 25 deliver to a bad certificate all the same, unless
// MTA-STS or DANE asks for a good one; clients of all other ports stop.
func certificate(e entry, judge func(probe.TLS) string) entry {
	e.severity, e.owner = Error, OwnerServer
	e.seen = func(v *view) *match {
		t := v.tls()
		if len(t.Chain) == 0 || v.failure != nil && v.failure.Phase != probe.PhaseHandshake {
			return nil
		}
		text := judge(t)
		if text == "" {
			return nil
		}
		m := &match{explanation: text, evidence: v.at(probe.PhaseHandshake)}
		if e.id == "tls.certificate-host-mismatch" {
			m.advice = mismatchAdvice(t)
		}
		switch {
		case v.failure != nil:
			m.severity = Warning // the handshake failed for another reason
		case v.port() == 25:
			m.severity = Warning
			m.explanation += " Most senders on port 25 deliver all the same; those that follow MTA-STS or DANE do not."
		}
		return m
	}
	return e
}

func expired(t probe.TLS) string {
	if t.Trust.Dates != probe.DatesExpired {
		return ""
	}
	leaf := t.Chain[0]
	return fmt.Sprintf("The certificate for %s was valid until %s.", subject(leaf), day(leaf.NotAfter))
}

func notYetValid(t probe.TLS) string {
	if t.Trust.Dates != probe.DatesNotYet {
		return ""
	}
	return fmt.Sprintf("The certificate for %s is valid from %s on.", subject(t.Chain[0]), day(t.Chain[0].NotBefore))
}

func hostMismatch(t probe.TLS) string {
	leaf := t.Chain[0]
	switch t.Trust.Name {
	case probe.NameMismatch:
		return fmt.Sprintf("Asked for %s, the server shows a certificate for %s.", t.Trust.Reference, names(leaf))
	case probe.NameCNOnly:
		return fmt.Sprintf("The certificate names “%s” in its common name only; clients look at the subjectAltName, and there is none.", leaf.CommonName)
	}
	return ""
}

// mismatchAdvice names the certificate's own name, which may be the right one.
func mismatchAdvice(t probe.TLS) string {
	leaf := t.Chain[0]
	if len(leaf.Names) > 0 && !strings.HasPrefix(leaf.Names[0], "*") {
		return fmt.Sprintf("Use the name %s in clients, or add %s to the certificate.", leaf.Names[0], t.Trust.Reference)
	}
	return fmt.Sprintf("Install a certificate whose subjectAltName holds %s.", t.Trust.Reference)
}

func revoked(t probe.TLS) string {
	if t.Staple == nil || t.Staple.Status != "revoked" {
		return ""
	}
	return "The OCSP response that the server itself sends says so."
}

func chainIncomplete(t probe.TLS) string {
	if t.Trust.Chain != probe.ChainIncomplete {
		return ""
	}
	last := t.Chain[len(t.Chain)-1]
	text := fmt.Sprintf("The server sent %d certificate(s); the last is issued by %s, whose certificate is neither sent nor known here.", len(t.Chain), last.Issuer)
	if slices.ContainsFunc(t.Chain, func(c probe.Certificate) bool { return c.IssuerURL }) {
		return text + " The issuer publishes it elsewhere, which browsers use and mail clients do not."
	}
	return text + " If the issuer is a private authority, it is unknown here."
}

func selfSigned(t probe.TLS) string {
	if t.Trust.Chain != probe.ChainSelfSigned {
		return ""
	}
	return fmt.Sprintf("The certificate for %s vouches for itself: no client can tell it from a forged one.", subject(t.Chain[0]))
}

func unknownIssuer(t probe.TLS) string {
	if t.Trust.Chain != probe.ChainUnknownIssuer {
		return ""
	}
	return fmt.Sprintf("The chain ends at %s, which is not among the trusted roots (%s).", t.Chain[len(t.Chain)-1].Issuer, t.Trust.Roots)
}

func intermediateExpired(t probe.TLS) string {
	if t.Trust.Chain != probe.ChainExpired {
		return ""
	}
	for _, c := range t.Chain[1:] {
		if c.NotAfter.Before(t.Chain[0].NotAfter) && !c.SelfIssued {
			return fmt.Sprintf("%s was valid until %s; clients cannot build a chain with it.", c.Subject, day(c.NotAfter))
		}
	}
	return "Clients cannot build a chain that is valid today: " + t.Trust.Problem + "."
}

func weakSignature(t probe.TLS) string {
	if t.Trust.Chain != probe.ChainWeak {
		return ""
	}
	for _, c := range t.Chain {
		if strings.Contains(c.Signature, "SHA1") || strings.Contains(c.Signature, "MD5") {
			return fmt.Sprintf("The certificate of %s is signed with %s, which clients no longer accept.", c.Subject, c.Signature)
		}
	}
	return "A signature in the chain uses a hash that clients no longer accept."
}

func chainInvalid(t probe.TLS) string {
	if t.Trust.Chain != probe.ChainInvalid {
		return ""
	}
	return "The verifier says: " + t.Trust.Problem + "."
}

func wrongUsage(t probe.TLS) string {
	if t.Trust.Usage != probe.UsageOther {
		return ""
	}
	return "Its extended key usage leaves server authentication out."
}

// expiring judges by the share of the lifetime that is left: certificates
// live from six days to more than a year, and all of them should be renewed
// well before a sixth of that remains.
func expiring(v *view) *match {
	const shares, mostDays = 6, 30
	t := v.tls()
	if len(t.Chain) == 0 || t.Trust.Dates != probe.DatesValid || v.failure != nil {
		return nil
	}
	leaf := t.Chain[0]
	left, life := leaf.NotAfter.Sub(v.report.Started), leaf.NotAfter.Sub(leaf.NotBefore)
	if left > life/shares || left > mostDays*24*time.Hour {
		return nil
	}
	return &match{
		explanation: fmt.Sprintf("It is valid until %s: %s of %s are left.", day(leaf.NotAfter), days(left), days(life)),
		evidence:    v.at(probe.PhaseHandshake),
	}
}

func day(t time.Time) string { return t.UTC().Format("2 January 2006 15:04 UTC") }

func days(d time.Duration) string {
	if d < 48*time.Hour {
		return fmt.Sprintf("%d hours", int(d.Hours()))
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}

// subject is what people call a certificate.
func subject(c probe.Certificate) string {
	if len(c.Names) > 0 {
		return c.Names[0]
	}
	return c.Subject
}

func names(c probe.Certificate) string {
	const most = 4
	if len(c.Names) == 0 {
		return "nobody in particular"
	}
	text := strings.Join(c.Names[:min(len(c.Names), most)], ", ")
	if more := len(c.Names) + c.NamesOmitted - most; more > 0 {
		text += fmt.Sprintf(" and %d more names", more)
	}
	return text
}
