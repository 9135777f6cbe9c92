//go:build unix

package realtest

import (
	"strings"
	"testing"

	"smtptest/probe"
)

// misjudge asks listeners for what they do not do: implicit TLS where the
// server speaks first, and words where TLS comes first.
func (s *site) misjudge(listeners ...listener) {
	for _, l := range listeners {
		if l.ways[0] == probe.SecurityImplicit {
			s.Run(l.name+"/asked in the clear", func(t *testing.T) {
				t.Parallel()
				s.silence(t, l)
			})
			continue
		}
		s.Run(l.name+"/asked for TLS at once", func(t *testing.T) {
			t.Parallel()
			s.notTLS(t, l)
		})
	}
}

// notTLS wants the server's greeting as the evidence, as swaks sees it on
// the same port.
func (s *site) notTLS(t *testing.T, l listener) {
	report := s.probe(t, l, probe.Request{Security: probe.SecurityImplicit})
	m := report.Main()
	seen := ofSession(m)
	differ(t, seen, "openssl", s.openssl(t, l, probe.SecurityImplicit), handshake, breach, version, suite, chainLength)
	differ(t, seen, "swaks", readSwaks(s.swaks(t, l, probe.SecurityImplicit, "--quit-after", "EHLO")), handshake, greeting)
	clear := readSwaks(s.swaks(t, l, probe.SecurityNone, "--quit-after", "EHLO"))
	f := m.Failure
	if f == nil || f.Phase != probe.PhaseHandshake || f.Kind != probe.KindNotTLS ||
		!strings.HasPrefix(f.Octets, clear[greeting]) || clear[greeting] == "" {
		t.Errorf("the failure is %+v, want octets that begin with %q instead of TLS", f, clear[greeting])
	}
}

// silence wants the second connection that finds TLS, with the same facts
// that openssl finds.
func (s *site) silence(t *testing.T, l listener) {
	report := s.probe(t, l, probe.Request{Security: probe.SecurityNone})
	m, second := report.Main(), report.FollowUp(probe.VariantTLS)
	if m.Failure == nil || m.Failure.Phase != probe.PhaseGreeting || m.Failure.Kind != probe.KindTimeout ||
		m.Greeting != nil {
		t.Errorf("the failure is %+v, want silence in place of the greeting", m.Failure)
	}
	if second == nil || second.TLS == nil {
		t.Fatal("no second connection looked for TLS")
	}
	seen, said := ofSession(second), s.openssl(t, l, probe.SecurityImplicit)
	differ(t, seen, "openssl", said, handshake, version, suite, group, trust, chainLength)
	differ(t, seen, "openssl", said, certificateNames(seen, said)...)
}

// TestCertificates lets Postfix show certificates with one fault each.
func TestCertificates(t *testing.T) {
	s := newSite(t)
	cases := []struct {
		name     string
		spec     string
		trust    string // what is wrong
		accepted bool   // by swaks, which does not check names
	}{
		{"expired", "not-before=-2000h not-after=-72h", "expired", false},
		{"not yet valid", "not-before=72h not-after=2000h", "not-yet-valid", false},
		{"other name", "names=other.example.test", "mismatch", true},
		{"wildcard of the parent", "names=*.example.test", "", true},
		{"self-signed", "issuer=self", "self-signed", false},
		{"expired and self-signed", "issuer=self not-before=-2000h not-after=-72h", "expired, self-signed", false},
		{"no intermediate", "chain=leaf", "incomplete", false},
		{"private authority", "issuer=private", "unknown-issuer", false},
		{"wrong order", "chain=reversed", "", true},
		{"for clients", "usage=client", "other", false},
	}
	p := &postfix{}
	for _, c := range cases {
		p.Services = append(p.Services, service{Program: "smtpd",
			Options: []string{"smtpd_tls_chain_files=" + s.certificate(c.spec)}})
	}
	p.start(s)
	for i, c := range cases {
		s.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s.judge(t, listener{port: p.Services[i].Port}, c.trust, c.accepted)
		})
	}
}

func (s *site) judge(t *testing.T, l listener, fault string, accepted bool) {
	report := s.probe(t, l, probe.Request{Security: probe.SecuritySTARTTLS})
	seen, said := ofSession(report.Main()), s.openssl(t, l, probe.SecuritySTARTTLS)
	differ(t, seen, "openssl", said, handshake, version, suite, group, trust, chainLength)
	differ(t, seen, "openssl", said, certificateNames(seen, said)...)
	if seen[trust] != fault {
		t.Errorf("the probe finds fault with %q, want %q", seen[trust], fault)
	}
	if seen[handshake] != "complete" || seen[secureHello] == "" {
		t.Error("a bad certificate ended the session: it should only be reported")
	}
	sessions := 1
	if fault == string(probe.NameMismatch) && report.FollowUp(probe.VariantNoSNI) != nil {
		sessions = 2 // what is shown to a client that names no host?
	}
	if len(report.Sessions) != sessions {
		t.Errorf("%d sessions, want %d", len(report.Sessions), sessions)
	}
	verified := readSwaks(s.swaks(t, l, probe.SecuritySTARTTLS, "--tls-verify", "--quit-after", "TLS"))
	if accepted != (verified[handshake] == "complete") {
		t.Errorf("swaks, which verifies, says that the handshake is %s; accepted should be %t", verified[handshake], accepted)
	}
}

// TestNoKey tests a Postfix that cannot read its certificate: it offers
// STARTTLS, says 220 and then shares no cipher suite with anybody.
func TestNoKey(t *testing.T) {
	s := newSite(t)
	p := &postfix{Certificate: "/nonexistent.pem", Services: []service{{Program: "smtpd"}}}
	p.start(s)
	l := listener{port: p.Services[0].Port}
	report := s.probe(t, l, probe.Request{Security: probe.SecuritySTARTTLS})
	seen := ofSession(report.Main())
	differ(t, seen, "openssl", s.openssl(t, l, probe.SecuritySTARTTLS), handshake, breach, version, suite, chainLength)
	differ(t, seen, "swaks", readSwaks(s.swaks(t, l, probe.SecuritySTARTTLS, "--quit-after", "TLS")), greeting,
		clearHello, startTLS, handshake)
	if seen[breach] != "alert 40" {
		t.Errorf("the handshake ended with %q, want alert 40", seen[breach])
	}
}

// TestOldVersion tests a Postfix that speaks TLS 1.0 alone: the handshake
// fails with what a modern client offers, and the follow-up finds out why.
func TestOldVersion(t *testing.T) {
	s := newSite(t)
	const weak = "DEFAULT@SECLEVEL=0" // OpenSSL 3 has TLS 1.0 at no other level
	p := &postfix{Services: []service{{Program: "smtpd", Options: []string{
		"smtpd_tls_protocols=TLSv1", "tls_medium_cipherlist=" + weak,
		"smtpd_tls_chain_files=" + s.certificate("key=rsa2048")}}}}
	p.start(s)
	l := listener{port: p.Services[0].Port}
	report := s.probe(t, l, probe.Request{Security: probe.SecuritySTARTTLS})
	seen := ofSession(report.Main())
	differ(t, seen, "openssl", s.openssl(t, l, probe.SecuritySTARTTLS), handshake, breach, version, suite, chainLength)
	if seen[breach] != "alert 70" {
		t.Errorf("the handshake ended with %q, want alert 70", seen[breach])
	}
	second := report.FollowUp(probe.VariantLegacy)
	if second == nil || second.TLS == nil || !second.TLS.LegacyOffered {
		t.Fatal("no second connection offered old versions")
	}
	said := readSwaks(s.swaks(t, l, probe.SecuritySTARTTLS, "--quit-after", "TLS", "--tls-protocol", "tlsv1",
		"--tls-cipher", weak))
	differ(t, ofSession(second), "swaks", said, greeting, clearHello, startTLS, handshake, version)
	if said[version] != "TLS 1.0" {
		t.Errorf("swaks says %q, want TLS 1.0", said[version])
	}
}

// TestClientCertificate tests a Postfix that wants one: the handshake
// succeeds, and the refusal comes in the greeting's place.
func TestClientCertificate(t *testing.T) {
	s := newSite(t)
	p := &postfix{Services: []service{{Program: "smtpd", Options: []string{
		"smtpd_tls_wrappermode=yes", "smtpd_tls_security_level=encrypt", "smtpd_tls_req_ccert=yes"}}}}
	p.start(s)
	l := listener{port: p.Services[0].Port}
	report := s.probe(t, l, probe.Request{Security: probe.SecurityImplicit})
	m := report.Main()
	differ(t, ofSession(m), "swaks", readSwaks(s.swaks(t, l, probe.SecurityImplicit, "--quit-after", "EHLO")), greeting,
		clearHello, handshake, version)
	if m.Greeting == nil || m.Greeting.Code != 421 || len(report.Sessions) != 1 {
		t.Errorf("the greeting is %v on %d connections, want 421 on one", m.Greeting, len(report.Sessions))
	}
	printed := s.sclient(t, l, probe.SecurityImplicit)
	if asked := strings.Contains(printed, certificateAsked); !asked || m.TLS == nil || !m.TLS.ClientCertAsked {
		t.Errorf("openssl was asked for a certificate: %t; the probe's TLS facts: %+v", asked, m.TLS)
	}
}
