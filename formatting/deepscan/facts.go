package deepscan

import (
	"fmt"
	"strings"

	"smtptest/formatting"
	"smtptest/probe"
	"smtptest/probe/diagnosis/tlsgrade"
	"smtptest/probe/registry"
	"smtptest/probe/tlsscan"
)

// others are the facts that are not of a version.
func others(j tlsgrade.Judged) formatting.Facts {
	r := j.Report
	f := formatting.Facts{Title: "Groups, certificates, extensions"}
	add := func(name, value string) {
		if value != "" {
			f.Rows = append(f.Rows, formatting.Fact{Name: name, Value: value})
		}
	}
	add("TLS begins", beginsWords[r.Security])
	for _, v := range r.Versions {
		add("Groups "+tlsgrade.VersionName(v.Number), named(v.Groups, registry.GroupName))
	}
	for _, c := range r.Certificates {
		add("Certificate", certificate(c))
	}
	if len(r.Certificates) == 0 {
		add("Certificate", noCertificate(r))
	}
	add("Signed with", named(r.Schemes, registry.SchemeName))
	add("Without SNI", withoutSNI(r))
	add("Foreign ALPN", alpnWords[r.ALPN])
	add("EMS (RFC 7627)", answerWords[r.ExtendedMasterSecret])
	add("Renegotiation", renegotiationWords[r.SecureRenegotiation])
	add("Session tickets", answerWords[r.SessionTicket])
	add("Fallback SCSV", answerWords[r.FallbackSCSV])
	add("Compression", answerWords[r.Compression])
	add("Heartbeat", answerWords[r.Heartbeat])
	add("Client certificate", map[tlsscan.Answer]string{tlsscan.Yes: "asked for"}[r.ClientCertificate])
	add("Clients compared", clients(j))
	add("Mozilla's profile", profile(j.Profile))
	return f
}

var beginsWords = map[probe.Security]string{
	probe.SecuritySTARTTLS: "with STARTTLS", probe.SecurityImplicit: "with the first octet",
}

var answerWords = map[tlsscan.Answer]string{tlsscan.Yes: "yes", tlsscan.No: "no"}

var renegotiationWords = map[tlsscan.Answer]string{
	tlsscan.Yes: "secure (RFC 5746)", tlsscan.No: "NOT SECURE (no RFC 5746)",
}

var alpnWords = map[tlsscan.ALPN]string{
	tlsscan.ALPNIgnored: "ignored", tlsscan.ALPNRefused: "refused", tlsscan.ALPNSelected: "accepted",
}

// certificate says what was shown, with the grades of key and signature.
func certificate(c tlsscan.Certificate) string {
	words := func(name string, g tlsgrade.Grade) string {
		if name == "" || g == "" {
			return name
		}
		return fmt.Sprintf("%s (%s)", name, g)
	}
	return formatting.Join([]string{
		words(c.Key, tlsgrade.OfKey(c.Key)), words(c.Signature, tlsgrade.OfSignature(c.Signature)),
		"until " + c.NotAfter.UTC().Format("2006-01-02"),
	}, " · ")
}

// noCertificate says why none was seen.
func noCertificate(r *tlsscan.Report) string {
	for _, v := range r.Versions {
		if v.Number < tlsscan.TLS13 && v.Offered == tlsscan.Yes {
			return "none: the server shows none in the suites that it took"
		}
	}
	return "not seen: TLS 1.3 encrypts it"
}

// named are numbers of a registry by their names, so many as one reads.
func named(numbers []uint16, name func(uint16) string) string {
	var names []string
	for _, n := range numbers {
		names = append(names, name(n))
	}
	const most = 8
	if more := len(names) - most; more > 0 {
		names = append(names[:most], fmt.Sprintf("%d more", more))
	}
	return strings.Join(names, ", ")
}

func withoutSNI(r *tlsscan.Report) string {
	n := r.WithoutSNI
	switch {
	case n.Agreed == tlsscan.No:
		return "refused"
	case n.Agreed == tlsscan.Unknown:
		return ""
	case n.Certificate == "":
		return "answered"
	}
	for _, c := range r.Connections {
		if c.Asks != tlsscan.AskNoSNI && c.Choice.Certificate == n.Certificate {
			return "the same certificate"
		}
	}
	return "another certificate"
}

// clients counts those that were compared, and names those that fail.
func clients(j tlsgrade.Judged) string {
	if j.Compared == 0 {
		return ""
	}
	text := fmt.Sprintf("%d", j.Compared)
	if len(j.Failing) == 0 {
		return text + ", all can connect"
	}
	var names []string
	for _, f := range j.Failing {
		names = append(names, fmt.Sprintf("%s (%s)", f.Client.Name, f.Reason))
	}
	return text + "; cannot connect: " + strings.Join(names, ", ")
}

// profile says within which it is, and what keeps it from the next one.
func profile(p tlsgrade.Profile) string {
	if !p.Compared {
		return ""
	}
	text := "none"
	if p.Name != "" {
		text = p.Name
	}
	if len(p.Beyond) == 0 {
		return text
	}
	const most = 3
	beyond := p.Beyond
	if more := len(beyond) - most; more > 0 {
		beyond = append(beyond[:most:most], fmt.Sprintf("%d more", more))
	}
	return fmt.Sprintf("%s; outside “%s”: %s", text, p.Next, strings.Join(beyond, ", "))
}
