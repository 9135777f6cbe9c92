//go:build unix

package realtest

import (
	"slices"
	"testing"
	"time"

	"smtptest/probe"
	"smtptest/probe/diagnosis"
)

// greetWait is postscreen's pause. It is longer than the silence after which
// the probe asks for TLS, and a part of the greeting comes before it.
const greetWait = 6 * time.Second

// TestPostfix asks the five kinds of port that Postfix is run with.
func TestPostfix(t *testing.T) {
	s := newSite(t)
	d := &dovecot{}
	d.start(s)
	login := "smtpd_sasl_auth_enable=yes"
	p := &postfix{AuthPort: d.AuthPort, Services: []service{
		{Program: "smtpd", Options: []string{"smtpd_tls_security_level=none"}},
		{Program: "smtpd"},
		{Program: "smtpd", Options: []string{login, "smtpd_tls_security_level=encrypt",
			"smtpd_tls_mandatory_protocols=TLSv1.2", "smtpd_tls_chain_files=" + s.certificate("key=rsa2048")}},
		{Program: "smtpd", Options: []string{login, "smtpd_tls_wrappermode=yes"}},
		{Program: "postscreen"},
	}}
	p.start(s)
	codes := map[string]int{known: 250, unknown: 550, elsewhere: 554}
	tlsFirst := map[string]int{known: 530}
	plain := listener{name: "plain", port: p.Services[0].Port, ways: clearOnly(), codes: codes}
	implicit := listener{name: "implicit TLS", port: p.Services[3].Port, ways: implicitOnly(), codes: codes}
	s.examine(
		plain,
		listener{name: "STARTTLS", port: p.Services[1].Port, ways: bothWays(), codes: codes},
		listener{name: "submission before TLS", port: p.Services[2].Port, ways: clearOnly(), codes: tlsFirst},
		listener{name: "submission", port: p.Services[2].Port, ways: upgradeOnly(), codes: codes},
		implicit,
		listener{name: "postscreen", port: p.Services[4].Port, from: caller, ways: upgradeOnly(),
			codes: map[string]int{known: 250}, pause: greetWait},
	)
	s.misjudge(plain, implicit)
}

// TestEnforced asks two submission ports for mail before STARTTLS: one that
// demands TLS, and one that only offers it.
func TestEnforced(t *testing.T) {
	s := newSite(t)
	p := &postfix{Services: []service{
		{Program: "smtpd", Options: []string{"smtpd_tls_security_level=encrypt"}},
		{Program: "smtpd", Options: []string{"smtpd_tls_security_level=may"}},
	}}
	p.start(s)
	for i, want := range []diagnosis.Enforcement{diagnosis.Enforced, diagnosis.NotEnforced} {
		s.Run(string(want), func(t *testing.T) {
			t.Parallel()
			report := s.probe(t, listener{port: p.Services[i].Port, from: caller}, probe.Request{Enforced: true})
			d := diagnosis.Of(&report)
			warned := slices.Contains(idsOf(d), diagnosis.STARTTLSNotEnforced)
			if d.Enforcement != want || warned != (want == diagnosis.NotEnforced) {
				t.Errorf("the answer is %q with %v", d.Enforcement, idsOf(d))
			}
			if d.Verdict.Reach != diagnosis.ReachTLS || len(report.Sessions) != 1 {
				t.Errorf("the verdict is %+v after %d sessions", d.Verdict, len(report.Sessions))
			}
		})
	}
}

// waited checks how the probe took a greeting whose end was delayed.
// Others may have delayed it longer: a busy machine.
func waited(t *testing.T, m *probe.Session, pause time.Duration) {
	t.Helper()
	if m.Greeting == nil || len(m.Greeting.Lines) != 2 {
		t.Fatal("want a greeting of two lines")
	}
	first, last := m.Greeting.Lines[0].At, m.Greeting.Lines[1].At
	t.Logf("the lines of the greeting came after %s and %s", first, last)
	if last-first < pause-time.Second {
		t.Errorf("the lines of the greeting came after %s and %s, want about %s between them", first, last, pause)
	}
	for _, step := range m.Steps {
		if step.Phase == probe.PhaseGreeting && step.Elapsed < last-first {
			t.Errorf("the greeting's step took %s, less than there was between its lines", step.Elapsed)
		}
	}
}
