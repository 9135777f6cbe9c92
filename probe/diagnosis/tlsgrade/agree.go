package tlsgrade

import (
	"fmt"
	"slices"
	"strings"

	"smtptest/probe/registry"
	"smtptest/probe/tlsscan"
)

// Reason is in what a client and the server do not agree.
type Reason string

// The reasons.
const (
	ReasonVersion       Reason = "version"
	ReasonSuite         Reason = "suite"
	ReasonGroup         Reason = "group"
	ReasonPrime         Reason = "prime"
	ReasonScheme        Reason = "signature"
	ReasonKey           Reason = "certificate key"
	ReasonRenegotiation Reason = "renegotiation"
	ReasonNoName        Reason = "no host name"
)

// Failing is a client that cannot agree with the server.
type Failing struct {
	Client Client
	Reason Reason
	Why    string // the same with the facts of both sides
}

// failing are the clients that use such a port and do not agree with the server;
// compared counts those of which it is known either way.
func failing(r *tlsscan.Report, p Purpose) (all []Failing, compared int) {
	for _, c := range Clients(p) {
		m := meeting{client: c, report: r, verifies: p == Submission}
		reason, why, known := m.outcome()
		if known {
			compared++
		}
		if reason != "" {
			all = append(all, Failing{c, reason, why})
		}
	}
	return all, compared
}

// meeting is a client that meets the server.
type meeting struct {
	client   Client
	report   *tlsscan.Report
	verifies bool // the client verifies the certificate, as senders mostly do not (RFC 7435 §1.2)
	version  *tlsscan.Version
	left     []tlsscan.Suite // that both have and that still can be agreed, in the server's order
}

// step finds what is in the way. ok is false where the scan did not see enough;
// an empty reason: nothing is.
type step func(*meeting) (reason Reason, why string, ok bool)

// outcome is why they cannot agree; an empty reason: they can, if it is known.
func (m *meeting) outcome() (reason Reason, why string, known bool) {
	if !m.spoken() {
		return "", "", false
	}
	for _, s := range []step{
		(*meeting).agreeVersion, (*meeting).agreeName, (*meeting).agreeRenegotiation, (*meeting).agreeSuite,
		(*meeting).agreeGroup, (*meeting).agreeScheme, (*meeting).agreePrime, (*meeting).agreeKey,
	} {
		if reason, why, known = s(m); reason != "" || !known {
			return reason, why, known
		}
	}
	return "", "", true
}

// spoken reports a server that agreed to something: otherwise nothing is wrong
// with any client.
func (m *meeting) spoken() bool { return newest(m.report, tlsscan.TLS13) != nil }

// agreeVersion takes the newest version that both have (RFC 8446 §4.2.1).
func (m *meeting) agreeVersion() (Reason, string, bool) {
	for i := range m.report.Versions {
		v := &m.report.Versions[i]
		switch {
		case !slices.Contains(m.client.versions, v.Number):
		case v.Offered == tlsscan.Unknown:
			return "", "", false
		case v.Offered == tlsscan.Yes:
			m.version = v
			return "", "", true
		}
	}
	return ReasonVersion, fmt.Sprintf("%s offered; the server takes %s",
		versionWords(m.client.versions), versionWords(spokenVersions(m.report))), true
}

func (m *meeting) agreeName() (Reason, string, bool) {
	if m.client.noSNI && m.report.WithoutSNI.Agreed == tlsscan.No {
		return ReasonNoName, "no host is named (SNI); the server answers only those that name one", true
	}
	return "", "", true
}

func (m *meeting) agreeRenegotiation() (Reason, string, bool) {
	if m.client.secureRenegotiation && m.version.Number != tlsscan.TLS13 && m.report.SecureRenegotiation == tlsscan.No {
		return ReasonRenegotiation, "secure renegotiation (RFC 5746) is required; the server has none", true
	}
	return "", "", true
}

func (m *meeting) agreeSuite() (Reason, string, bool) {
	for _, s := range m.version.Suites {
		if slices.Contains(m.client.suites, s.Number) {
			m.left = append(m.left, s)
		}
	}
	switch {
	case len(m.left) > 0:
		return "", "", true
	case !m.version.Complete:
		return "", "", false
	}
	return ReasonSuite, fmt.Sprintf("no suite in common in %s", VersionName(m.version.Number)), true
}

// agreeGroup leaves out what needs a curve where they have none in common. The
// groups of the versions before TLS 1.3 were asked in the newest of them.
func (m *meeting) agreeGroup() (Reason, string, bool) {
	v := m.version
	if v.Number != tlsscan.TLS13 {
		v = newest(m.report, tlsscan.TLS12)
	}
	if len(m.client.groups) == 0 || len(v.Groups) == 0 || common(v.Groups, m.client.groups) {
		return "", "", true
	}
	m.left = slices.DeleteFunc(m.left, func(s tlsscan.Suite) bool {
		row, _ := registry.SuiteOf(s.Number)
		return row.KeyExchange == "ECDHE" || v.Number == tlsscan.TLS13
	})
	if len(m.left) > 0 || !v.GroupsComplete {
		return "", "", len(m.left) > 0
	}
	return ReasonGroup, "no group in common; the server takes " + groupWords(v.Groups), true
}

func common(a, b []uint16) bool {
	return slices.ContainsFunc(a, func(n uint16) bool { return slices.Contains(b, n) })
}

// agreeScheme leaves out what the server would sign as the client does not read
// it; up to TLS 1.1 there is nothing to agree (RFC 5246 §7.4.1.4.1).
func (m *meeting) agreeScheme() (Reason, string, bool) {
	r := m.report
	if m.version.Number != tlsscan.TLS12 || len(m.client.schemes) == 0 || len(r.Schemes) == 0 {
		return "", "", true
	}
	known := true
	m.left = slices.DeleteFunc(m.left, func(s tlsscan.Suite) bool {
		a := m.signed(s)
		known = known && a != tlsscan.Unknown
		return a != tlsscan.Yes
	})
	if len(m.left) > 0 || !known {
		return "", "", len(m.left) > 0
	}
	var names []string
	for _, s := range r.Schemes {
		names = append(names, registry.SchemeName(s))
	}
	return ReasonScheme, "no signature scheme in common; the server signs with " + some(names, 3), true
}

// signed says whether nothing is signed in a suite, or with a scheme that the
// client can read.
func (m *meeting) signed(s tlsscan.Suite) tlsscan.Answer {
	row, _ := registry.SuiteOf(s.Number)
	if row.KeyExchange != "ECDHE" && row.KeyExchange != "DHE" {
		return tlsscan.Yes
	}
	prefixes := map[string][]string{"RSA": {"rsa_"}, "ECDSA": {"ecdsa_", "ed"}, "DSS": {"dsa_"}}[row.Authentication]
	answer := tlsscan.No
	for _, number := range m.client.schemes {
		name := registry.SchemeName(number)
		if !slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(name, p) }) {
			continue
		}
		switch m.report.Signs(number) {
		case tlsscan.Yes:
			return tlsscan.Yes
		case tlsscan.Unknown:
			answer = tlsscan.Unknown
		}
	}
	return answer
}

// choices are the suites of which the server may choose one: one alone where it
// is known which.
func (m *meeting) choices() []tlsscan.Suite {
	switch m.version.Order {
	case tlsscan.OrderServer: // only its first choice is one from all
		if m.left[0].Number == m.version.Suites[0].Number {
			return m.left[:1]
		}
	case tlsscan.OrderClient:
		for _, n := range m.client.suites {
			if i := slices.IndexFunc(m.left, func(s tlsscan.Suite) bool { return s.Number == n }); i >= 0 {
				return m.left[i : i+1]
			}
		}
	}
	return m.left
}

// agreePrime fails where every suite that may be chosen has a prime that the
// client does not take: it learns of it too late to choose another suite.
func (m *meeting) agreePrime() (Reason, string, bool) {
	c := m.client
	for _, s := range m.choices() {
		small, large := c.dhLeast > 0 && s.DHBits < c.dhLeast, c.dhMost > 0 && s.DHBits > c.dhMost
		if s.DHBits == 0 || !small && !large {
			return "", "", true
		}
	}
	s := m.choices()[0]
	least := fmt.Sprintf("%d bits at least", c.dhLeast)
	if s.DHBits >= c.dhLeast {
		least = fmt.Sprintf("%d bits at most", c.dhMost)
	}
	return ReasonPrime, fmt.Sprintf("the server's Diffie-Hellman prime has %d bits; %s are taken", s.DHBits, least), true
}

// agreeKey fails where every certificate that may be shown has too short a key.
// TLS 1.3 hides its certificates from a scan.
func (m *meeting) agreeKey() (Reason, string, bool) {
	if !m.verifies || m.client.rsaLeast == 0 || m.version.Number == tlsscan.TLS13 || m.report.CertificatesOmitted > 0 {
		return "", "", true
	}
	for _, s := range m.choices() {
		if row, _ := registry.SuiteOf(s.Number); row.Authentication != "RSA" {
			return "", "", true
		}
	}
	most := 0
	for _, c := range m.report.Certificates {
		if bits, isRSA := rsaBits(c.Key); isRSA {
			most = max(most, bits)
		}
	}
	if most == 0 || most >= m.client.rsaLeast {
		return "", "", true
	}
	why := fmt.Sprintf("the certificate's RSA key has %d bits; %d at least are taken", most, m.client.rsaLeast)
	return ReasonKey, why, true
}

// newest is the newest version that is spoken, up to one; nil: none is known to be.
func newest(r *tlsscan.Report, most uint16) *tlsscan.Version {
	for i := range r.Versions {
		if v := &r.Versions[i]; v.Number <= most && v.Offered == tlsscan.Yes {
			return v
		}
	}
	return nil
}

func spokenVersions(r *tlsscan.Report) (all []uint16) {
	for _, v := range r.Versions {
		if v.Offered == tlsscan.Yes {
			all = append(all, v.Number)
		}
	}
	return all
}

// versionWords are versions in a sentence, oldest first: "TLS 1.0 and 1.1".
func versionWords(all []uint16) string {
	var names []string
	for i, n := range slices.Sorted(slices.Values(all)) {
		name := VersionName(n)
		if i > 0 && names[0] != "SSL 3.0" {
			name = strings.TrimPrefix(name, "TLS ")
		}
		names = append(names, name)
	}
	return join(names)
}

func groupWords(all []uint16) string {
	var names []string
	for _, g := range all {
		names = append(names, registry.GroupName(g))
	}
	return some(names, 3)
}

// join is a list in a sentence.
func join(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

// some are the first of a list in a sentence, and how many more there are.
func some(names []string, most int) string {
	if len(names) <= most+1 {
		return join(names)
	}
	return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
}
