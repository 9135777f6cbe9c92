package diagnosis

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"smtptest/probe"
)

// certificateRules judge the certificate: RFC 5280, RFC 9525, and the
// result types of RFC 8460 §4.3.
func certificateRules() []rule {
	return slices.Concat(leafRules(), chainRules(), sentRules(), stapleRules())
}

// leafRules judge the server's own certificate.
func leafRules() []rule {
	return []rule{
		{
			id: CertificateExpired, reference: "RFC 5280 §4.1.2.5, RFC 8460 §4.3",
			title:       "The certificate has expired",
			advice:      "Renew the certificate, then reload the mail server: a renewed file is not used before that.",
			suppresses:  []ID{StapleMissing, StapleExpired},
			certificate: expired,
		},
		{
			id: CertificateNotYetValid, reference: "RFC 5280 §4.1.2.5",
			title: "The certificate is not valid yet",
			advice: "Check the server's certificate, and the clocks of the machine that " +
				"issued it and of this one.",
			certificate: notYetValid,
		},
		{
			id: CertificateMismatch, reference: "RFC 9525 §6.3, RFC 8460 §4.3",
			title:       "The certificate is for another name",
			certificate: hostMismatch,
		},
		{
			id: CertificateUsage, reference: "RFC 5280 §4.2.1.12",
			title:       "The certificate is not meant for servers",
			advice:      "Install a certificate whose extended key usage includes server authentication.",
			certificate: wrongUsage,
		},
		{
			id: CertificateWeakKey, severity: Warning, reference: "RFC 9325 §4.5",
			title:       "The certificate's RSA key is short",
			advice:      "Have the certificate issued again for an RSA key of 2048 bits or more, or an ECDSA key.",
			certificate: weakKey,
		},
		{
			id: CertificateExpiring, severity: Warning, reference: "RFC 5280 §4.1.2.5",
			title:       "The certificate expires soon",
			advice:      "Check that its renewal runs, and that the mail server is reloaded after it.",
			certificate: expiring,
		},
	}
}

// judgeCertificate applies a rule to the certificate that was shown, if there
// was one. Mail exchangers on port 25 deliver to a bad certificate all the
// same, unless the domain's MTA-STS policy asks for a good one; clients of all
// other ports stop.
func (s *session) judgeCertificate(r rule) *result {
	t := s.tls()
	if len(t.Chain) == 0 {
		return nil
	}
	res := r.certificate(s, t)
	if res == nil {
		return nil
	}
	res.evidence = s.evidenceAt(probe.PhaseHandshake)
	switch {
	case first(r.severity, Error) != Error:
	case s.failedAt(probe.PhaseAuth, probe.KindUnprotected):
		// no login was sent because of it
	case s.failure != nil:
		res.severity = Warning // the session ended for another reason
	case s.port() == 25:
		res.severity = Warning
		res.explanation += " Most senders on port 25 deliver all the same; those that enforce an MTA-STS policy do not."
	}
	return res
}

// explain makes a result from a text; judgeCertificate adds the evidence.
func explain(format string, args ...any) *result {
	return &result{explanation: fmt.Sprintf(format, args...)}
}

func expired(s *session, t probe.TLS) *result {
	if t.Trust.Dates != probe.DatesExpired {
		return nil
	}
	leaf := t.Chain[0]
	return explain("The certificate for %s was valid until %s, %s ago.",
		leafName(t), day(leaf.NotAfter), probe.Span(s.report.Started.Sub(leaf.NotAfter)))
}

func notYetValid(s *session, t probe.TLS) *result {
	if t.Trust.Dates != probe.DatesNotYet {
		return nil
	}
	leaf := t.Chain[0]
	return explain("The certificate for %s is valid from %s on, which is in %s.",
		leafName(t), day(leaf.NotBefore), probe.Span(leaf.NotBefore.Sub(s.report.Started)))
}

func hostMismatch(s *session, t probe.TLS) *result {
	leaf := t.Chain[0]
	switch t.Trust.Name {
	case probe.NameMismatch:
		res := explain("Asked for %s, the server shows a certificate for %s.%s",
			t.Trust.Reference, names(leaf), wildcardReach(leaf.Names, t.Trust.Reference)+commonNameFits(leaf, t.Trust.Reference))
		res.advice, res.fix = mismatchAdvice(s, leaf)
		return res
	case probe.NameCNOnly:
		res := explain("The certificate names %s in its common name only; "+
			"clients look at the subjectAltName, and there is none.", commonName(leaf))
		res.title = "The certificate has no name that clients look at"
		res.advice = fmt.Sprintf("Have the certificate issued again with %s in its subjectAltName.", t.Trust.Reference)
		return res
	}
	return nil
}

// commonNameFits explains the common name that looks as if it were enough: it
// has not counted beside a subjectAltName since RFC 2818 §3.1.
func commonNameFits(leaf probe.Certificate, host string) string {
	domain, wild := strings.CutPrefix(leaf.CommonName, "*.")
	if _, parent, _ := strings.Cut(host, "."); !strings.EqualFold(leaf.CommonName, host) &&
		(!wild || !strings.EqualFold(domain, parent)) {
		return ""
	}
	return fmt.Sprintf(" Its common name, %s, would fit, but clients look at the subjectAltName alone.", leaf.CommonName)
}

// mismatchAdvice names the certificate's own name that is nearest, which may
// be the right one.
func mismatchAdvice(s *session, leaf probe.Certificate) (string, Fix) {
	host := s.host()
	near := nearest(leaf.Names, host)
	address, literal := s.report.Request.Target.Address()
	switch {
	case !literal && s.shownWithoutSNI():
		return fmt.Sprintf("Correct the server's table of names (SNI; Postfix: tls_server_sni_maps) so that %s is "+
			"answered with its own certificate.", host), Fix{}
	case literal && near != "":
		name := probe.Target{Host: near, Port: s.port()}
		return fmt.Sprintf("Test the name %s and keep the address.", near), Fix{Target: name, At: address}
	case related(near, host):
		return fmt.Sprintf("Use the name %s in clients, or add %s to the certificate.", near, host), Fix{}
	}
	return fmt.Sprintf("Install a certificate whose subjectAltName holds %s, or use the server's own name "+
		"if the certificate has it.", host), Fix{}
}

// shownWithoutSNI reports a server that shows the certificate for this name
// only to clients that name no host, each time that it is asked.
func (s *session) shownWithoutSNI() bool {
	noSNI := s.report.FollowUp(probe.VariantNoSNI)
	return noSNI != nil && noSNI.TLS != nil && s.repeated() == repeatedSame &&
		noSNI.TLS.Trust.Name == probe.NameMatches && s.tls().Trust.Name == probe.NameMismatch
}

// nearest is the name that shares most labels of its end with host, the
// shortest of equals. Wildcards and addresses are no names to use.
func nearest(names []string, host string) string {
	best, most := "", -1
	for _, name := range names {
		if _, err := netip.ParseAddr(name); err == nil || strings.HasPrefix(name, "*") {
			continue
		}
		n := sharedLabels(name, host)
		if n > most || n == most && len(name) < len(best) {
			best, most = name, n
		}
	}
	return best
}

// related reports a name that differs from host in its first label at most:
// likely another name of the same server.
func related(name, host string) bool {
	shared := sharedLabels(name, host)
	return shared > 1 && shared >= strings.Count(name, ".")
}

func sharedLabels(a, b string) int {
	x, y := strings.Split(strings.ToLower(a), "."), strings.Split(strings.ToLower(b), ".")
	n := 0
	for n < len(x) && n < len(y) && x[len(x)-1-n] == y[len(y)-1-n] {
		n++
	}
	return n
}

// wildcardReach explains the wildcard that looks as if it fitted
// (RFC 9525 §6.3).
func wildcardReach(names []string, host string) string {
	for _, name := range names {
		domain, wild := strings.CutPrefix(name, "*.")
		if wild && within(host, domain) {
			return fmt.Sprintf(" %s stands for exactly one label before %s.", name, domain)
		}
	}
	return ""
}

func wrongUsage(_ *session, t probe.TLS) *result {
	if t.Trust.Usage != probe.UsageOther {
		return nil
	}
	return explain("The extended key usage of the certificate for %s leaves server authentication out.",
		leafName(t))
}

// weakKey knows keys that current clients refuse or will: OpenSSL 3 as
// distributions ship it wants RSA keys of 2048 bits.
func weakKey(_ *session, t probe.TLS) *result {
	var bits int
	if n, _ := fmt.Sscanf(t.Chain[0].Key, "RSA %d", &bits); n == 0 || bits >= 2048 {
		return nil
	}
	return explain("The key of the certificate for %s is %s; many clients refuse RSA keys of less than 2048 bits.",
		leafName(t), t.Chain[0].Key)
}

// expiring judges by the share of the lifetime that is left: certificates
// live from six days to more than a year, and all of them should be renewed
// well before a sixth of that remains.
func expiring(s *session, t probe.TLS) *result {
	const shares, mostDays = 6, 30
	if t.Trust.Dates != probe.DatesValid {
		return nil
	}
	leaf := t.Chain[0]
	left, life := leaf.NotAfter.Sub(s.report.Started), leaf.NotAfter.Sub(leaf.NotBefore)
	if left > life/shares || left > mostDays*24*time.Hour {
		return nil
	}
	return explain("The certificate for %s is valid until %s: %s of %s are left.",
		leafName(t), day(leaf.NotAfter), probe.Span(left), probe.Span(life))
}

func day(t time.Time) string { return t.UTC().Format("2 January 2006 15:04 UTC") }

// leafName is what people call the server's certificate: the name that they
// asked for, if it has it.
func leafName(t probe.TLS) string {
	if t.Trust.Name == probe.NameMatches {
		return t.Trust.Reference
	}
	return subject(t.Chain[0])
}

// subject is what people call a certificate.
func subject(c probe.Certificate) string {
	if len(c.Names) > 0 {
		return c.Names[0]
	}
	return first(c.CommonName, c.Subject, "nobody")
}

func commonName(c probe.Certificate) string {
	if c.CommonName == "" {
		return "nobody, not even"
	}
	return "“" + c.CommonName + "”"
}

func names(c probe.Certificate) string {
	const most = 4
	if len(c.Names) == 0 {
		return "no host at all"
	}
	text := strings.Join(c.Names[:min(len(c.Names), most)], ", ")
	if more := len(c.Names) + c.NamesOmitted - most; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}
