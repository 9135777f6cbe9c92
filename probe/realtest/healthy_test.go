//go:build unix

package realtest

import (
	"slices"
	"testing"

	"smtptest/probe"
	"smtptest/probe/diagnosis"
)

// healthy is a request that a sane server fulfils.
type healthy struct {
	name    string
	at      listener
	request probe.Request
	reach   diagnosis.Reach
	// warnings that are right here, each with its reason; all others are
	// false alarms.
	warnings map[diagnosis.ID]string
}

// praise wants each request fulfilled, and no warning outside the list.
func (s *site) praise(all ...healthy) {
	s.Helper()
	for _, h := range all {
		s.Run(h.name, func(t *testing.T) {
			t.Parallel()
			report := s.probe(t, h.at, h.request)
			d := diagnosis.Of(&report)
			t.Logf("findings: %v", idsOf(d))
			if d.Verdict.Reach != h.reach {
				t.Errorf("the verdict is %+v, want one that reaches %s", d.Verdict, h.reach)
			}
			for _, f := range d.Findings {
				if _, listed := h.warnings[f.ID]; f.Severity != diagnosis.Info && !listed {
					t.Errorf("a healthy server gets %s %s: %s %s", f.Severity, f.ID, f.Title, f.Explanation)
				}
			}
			for id, reason := range h.warnings {
				if !slices.Contains(idsOf(d), id) {
					t.Errorf("%s is listed (%s) and does not come", id, reason)
				}
			}
		})
	}
}

// TestHealthyPostfix tests servers with a valid certificate and a sane
// set-up: ports where mail comes in, and ports where users log in.
func TestHealthyPostfix(t *testing.T) {
	s := newSite(t)
	d := &dovecot{}
	d.start(s)
	login, only := "smtpd_sasl_auth_enable=yes", "{smtpd_recipient_restrictions=permit_sasl_authenticated, reject}"
	p := &postfix{AuthPort: d.AuthPort, Services: []service{
		{Program: "smtpd"},
		{Program: "smtpd", Options: []string{"smtpd_tls_chain_files=" + s.certificate("key=rsa2048")}},
		{Program: "smtpd", Options: []string{"smtpd_tls_security_level=none"}},
		{Program: "postscreen"},
		{Program: "smtpd", Options: []string{login, only, "smtpd_tls_security_level=encrypt"}},
		{Program: "smtpd", Options: []string{login, only, "smtpd_tls_wrappermode=yes"}},
	}}
	p.start(s)
	at := func(i int) listener { return listener{port: p.Services[i].Port, from: caller} }
	clear, upgrade, implicit := probe.SecurityNone, probe.SecuritySTARTTLS, probe.SecurityImplicit
	right, bearer := asPassword(rightPassword), asToken(rightKey)
	s.praise(
		healthy{name: "mail comes in", at: at(0), request: mailTo(t, upgrade, known), reach: diagnosis.ReachRecipient},
		healthy{name: "nothing asked for", at: at(0), reach: diagnosis.ReachTLS},
		healthy{name: "TLS not wanted", at: at(0), request: mailTo(t, clear, known), reach: diagnosis.ReachRecipient},
		healthy{name: "RSA certificate", at: at(1), request: mailTo(t, upgrade, known), reach: diagnosis.ReachRecipient},
		healthy{name: "no TLS", at: at(2), request: mailTo(t, probe.SecurityAuto, known), reach: diagnosis.ReachRecipient,
			warnings: map[diagnosis.ID]string{
				diagnosis.STARTTLSNotOffered: "mail in the clear can be read on the way, however well the server works"}},
		healthy{name: "postscreen", at: at(3), request: mailTo(t, upgrade, known), reach: diagnosis.ReachRecipient},
		healthy{name: "submission", at: at(4), request: mailTo(t, upgrade, elsewhere, right),
			reach: diagnosis.ReachRecipient},
		healthy{name: "submission, not logged in", at: at(4), reach: diagnosis.ReachTLS},
		healthy{name: "submissions", at: at(5), request: mailTo(t, implicit, elsewhere, right),
			reach: diagnosis.ReachRecipient},
		healthy{name: "submissions, token", at: at(5), request: loginAs(implicit, bearer), reach: diagnosis.ReachLogin},
	)
}

// TestHealthyOthers tests the other three. OpenSMTPD's TLS does not work
// here, see TestOpenSMTPD, so that it is asked without.
func TestHealthyOthers(t *testing.T) {
	s := newSite(t)
	d, x, o := &dovecot{RelayPort: s.relay()}, exim(), opensmtpd()
	d.start(s)
	x.start(s)
	o.start(s)
	_, eximUpgrade, eximImplicit := x.listeners(nil)
	dovecotUpgrade, dovecotImplicit := listener{port: d.StartTLSPort, from: caller},
		listener{port: d.ImplicitPort, from: caller}
	clear, upgrade, implicit := probe.SecurityNone, probe.SecuritySTARTTLS, probe.SecurityImplicit
	right, bearer := asPassword(rightPassword), asToken(rightKey)
	s.praise(
		healthy{name: "Dovecot/submission", at: dovecotUpgrade, request: mailTo(t, upgrade, elsewhere, right),
			reach: diagnosis.ReachRecipient},
		healthy{name: "Dovecot/submissions", at: dovecotImplicit, request: loginAs(implicit, right),
			reach: diagnosis.ReachLogin},
		healthy{name: "Dovecot/submissions, token", at: dovecotImplicit, request: loginAs(implicit, bearer),
			reach: diagnosis.ReachLogin},
		healthy{name: "Exim/mail comes in", at: eximUpgrade, request: mailTo(t, upgrade, known),
			reach: diagnosis.ReachRecipient},
		healthy{name: "Exim/submission", at: eximUpgrade, request: mailTo(t, upgrade, known, right),
			reach: diagnosis.ReachRecipient},
		healthy{name: "Exim/submissions", at: eximImplicit, request: loginAs(implicit, right), reach: diagnosis.ReachLogin},
		healthy{name: "OpenSMTPD/mail comes in", at: listener{port: o.PlainPort}, request: mailTo(t, clear, known),
			reach: diagnosis.ReachRecipient},
	)
}
