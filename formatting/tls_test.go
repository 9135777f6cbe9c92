package formatting

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"smtptest/probe"
	"smtptest/probe/diagnosis"
)

func value(f Facts, name string) string {
	for _, row := range f.Rows {
		if row.Name == name {
			return row.Value
		}
	}
	return ""
}

func TestVerification(t *testing.T) {
	good := probe.Trust{Reference: "a.test", Name: probe.NameMatches, Dates: probe.DatesValid, Chain: probe.ChainTrusted,
		Usage: probe.UsageServer, Roots: "system"}
	for _, c := range []struct {
		name   string
		change func(*probe.Trust)
		want   string
	}{
		{"good", func(*probe.Trust) {}, "trusted: name, dates, chain and usage are right (roots: system)"},
		{"name", func(t *probe.Trust) { t.Name = probe.NameMismatch },
			"not trusted: name WRONG (wanted a.test), dates right, chain right, usage right"},
		{"common name", func(t *probe.Trust) { t.Name = probe.NameCNOnly },
			"not trusted: name WRONG (no subjectAltName, wanted a.test), dates right, chain right, usage right"},
		{"expired", func(t *probe.Trust) { t.Dates = probe.DatesExpired },
			"not trusted: name right, dates WRONG (expired), chain right, usage right"},
		{"not yet", func(t *probe.Trust) { t.Dates = probe.DatesNotYet },
			"not trusted: name right, dates WRONG (not valid yet), chain right, usage right"},
		{"self-signed", func(t *probe.Trust) { t.Chain = probe.ChainSelfSigned },
			"not trusted: name right, dates right, chain WRONG (self-signed), usage right"},
		{"unknown issuer", func(t *probe.Trust) { t.Chain = probe.ChainUnknownIssuer },
			"not trusted: name right, dates right, chain WRONG (unknown authority), usage right"},
		{"incomplete", func(t *probe.Trust) { t.Chain = probe.ChainIncomplete },
			"not trusted: name right, dates right, chain WRONG (an issuer is missing), usage right"},
		{"weak", func(t *probe.Trust) { t.Chain = probe.ChainWeak },
			"not trusted: name right, dates right, chain WRONG (weak signature), usage right"},
		{"intermediate", func(t *probe.Trust) { t.Chain = probe.ChainExpired },
			"not trusted: name right, dates right, chain WRONG (an intermediate is out of its dates), usage right"},
		{"invalid", func(t *probe.Trust) { t.Chain = probe.ChainInvalid },
			"not trusted: name right, dates right, chain WRONG (a rule is broken), usage right"},
		{"usage", func(t *probe.Trust) { t.Usage = probe.UsageOther },
			"not trusted: name right, dates right, chain right, usage WRONG (not for servers)"},
		{"nothing checked", func(t *probe.Trust) { *t = probe.Trust{} },
			"not trusted: name not checked, dates not checked, chain not checked, usage not checked"},
	} {
		trust := good
		c.change(&trust)
		if got := Verification(trust); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestValidity(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		from, to time.Duration // from now, in days
		want     string
	}{
		{-30, 60, "2026-01-30 to 2026-04-30 12:00 UTC, 60 days left"},
		{-90, -3, "2025-12-01 to 2026-02-26 12:00 UTC, ended 3 days ago"},
		{1, 90, "2026-03-02 to 2026-05-30 12:00 UTC, begins in 24 hours"},
		{-90, 0, "2025-12-01 to 2026-03-01 12:00 UTC, under 1 minute left"},
	} {
		const day = 24 * time.Hour
		cert := probe.Certificate{NotBefore: now.Add(c.from * day), NotAfter: now.Add(c.to * day)}
		if got := validity(cert, now); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

func TestTLSRows(t *testing.T) {
	for _, c := range []struct {
		name string
		tls  probe.TLS
		row  string
		want string
	}{
		{"failed early", probe.TLS{}, "Handshake", "not completed"},
		{"group", probe.TLS{Group: "X25519"}, "Key exchange", "X25519"},
		{"post-quantum", probe.TLS{Group: "X25519MLKEM768", PostQuantum: true}, "Key exchange",
			"X25519MLKEM768 (post-quantum hybrid)"},
		{"client certificate", probe.TLS{ClientCertAsked: true}, "Client certificate", "asked for, none given"},
		{"its authorities", probe.TLS{ClientCertAsked: true, ClientCAs: []string{"a", "b", "c", "d"}, ClientCAsOmitted: 2},
			"Client certificate", "asked for, none given; accepted from a; b; c and 3 more"},
		{"no names", probe.TLS{Chain: chain("a")}, "Names", "none (no subjectAltName)"},
		{"no subject", probe.TLS{Chain: chain("")}, "Certificate", "empty name"},
		{"names counted", probe.TLS{Chain: []probe.Certificate{{Names: []string{"a.test", "b.test"}, NamesOmitted: 7}}},
			"Names", "a.test, b.test (2 of 9 shown)"},
		{"leaf alone", probe.TLS{Chain: chain("a")}, "Chain sent", "1 certificate, no issuer"},
		{"chain", probe.TLS{Chain: chain("a", "b", "c")}, "Chain sent", "3 certificates: the server's own, then b; c"},
		{"chain without order", probe.TLS{Chain: chain("a", "b"), Trust: probe.Trust{Order: probe.OrderWrong}}, "Chain sent",
			"2 certificates, not in order: the server's own, then b"},
		{"long chain", probe.TLS{Chain: chain("a", "b"), ChainOmitted: 4}, "Chain sent",
			"6 certificates: the server's own, then b; 4 more"},
		{"staple", probe.TLS{Chain: chain("a"), Staple: &probe.Staple{Status: "good"}}, "OCSP staple",
			"good, signature not checked"},
		{"bad staple", probe.TLS{Chain: chain("a"), StapleUnreadable: true}, "OCSP staple", "sent, but unreadable"},
		{"missing staple", probe.TLS{Chain: []probe.Certificate{{MustStaple: true}}}, "OCSP staple",
			"missing, though the certificate demands one"},
		{"no staple", probe.TLS{Chain: chain("a")}, "OCSP staple", ""},
	} {
		if got := value(tlsFacts("TLS", &c.tls, time.Now()), c.row); got != c.want {
			t.Errorf("%s: %s is %q, want %q", c.name, c.row, got, c.want)
		}
	}
}

func chain(subjects ...string) []probe.Certificate {
	var all []probe.Certificate
	for _, s := range subjects {
		all = append(all, probe.Certificate{Subject: s})
	}
	return all
}

// Nobody must take what a follow-up saw for what the session saw.
func TestSecondLookTLS(t *testing.T) {
	done, broken := &probe.TLS{Complete: true, Version: "TLS 1.0"}, &probe.TLS{}
	one := &probe.TLS{Complete: true, Chain: []probe.Certificate{{SHA256: "01"}}}
	two := &probe.TLS{Complete: true, Chain: []probe.Certificate{{SHA256: "02"}}}
	to := netip.MustParseAddrPort("192.0.2.1:465")
	for _, c := range []struct {
		name string
		main *probe.TLS
		look probe.Session
		want string
	}{
		{"main came through", done, probe.Session{Variant: probe.VariantLegacy, TLS: done}, "TLS"},
		{"legacy look", broken, probe.Session{Variant: probe.VariantLegacy, TLS: done},
			"TLS|TLS of the follow-up only: old TLS versions and suites offered"},
		{"look for TLS", nil, probe.Session{Variant: probe.VariantTLS, TLS: done},
			"TLS of the follow-up only: TLS from the start"},
		{"look failed too", broken, probe.Session{Variant: probe.VariantLegacy, TLS: broken}, "TLS"},
		{"same certificate without SNI", one, probe.Session{Variant: probe.VariantNoSNI, TLS: one}, "TLS"},
		{"other certificate without SNI", one, probe.Session{Variant: probe.VariantNoSNI, TLS: two},
			"TLS|TLS of the comparison only: no host named (no SNI)"},
		{"other port", nil, probe.Session{Variant: probe.VariantPort, Address: to, TLS: one},
			"TLS of the comparison only: 192.0.2.1:465"},
		{"other IP version", nil, probe.Session{Variant: probe.VariantFamily, Address: to, TLS: one},
			"TLS of the comparison only: 192.0.2.1:465"},
		{"STARTTLS", broken, probe.Session{Variant: probe.VariantUpgrade, TLS: one},
			"TLS|TLS of the comparison only: STARTTLS on the same port"},
		{"EHLO name", nil, probe.Session{Variant: probe.VariantEHLO, TLS: one},
			"TLS of the comparison only: our address as the EHLO name"},
		{"another address is no look", nil, probe.Session{TLS: done}, ""},
	} {
		r := session(probe.Session{TLS: c.main})
		r.Sessions = append(r.Sessions, c.look)
		var titles []string
		for _, s := range tlsSections(diagnosis.Judged{Report: r}, &r.Sessions[0]) {
			titles = append(titles, s.(Facts).Title)
		}
		if got := strings.Join(titles, "|"); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
