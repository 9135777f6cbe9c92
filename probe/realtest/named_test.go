//go:build unix

package realtest

import (
	"fmt"
	"net"
	"net/netip"
	"testing"

	"smtptest/probe"
	"smtptest/probe/diagnosis"
	"smtptest/probe/sasl"
)

// mishap is a request that a server does not fulfil, and what the diagnosis
// is to say of it.
type mishap struct {
	name    string
	at      listener
	request probe.Request
	earlier int // runs of the same request whose outcome does not matter
	first   diagnosis.ID
	outcome diagnosis.Outcome
}

// name runs each mishap.
func (s *site) name(mishaps ...mishap) {
	s.Helper()
	for _, m := range mishaps {
		s.Run(m.name, func(t *testing.T) {
			t.Parallel()
			for range m.earlier {
				s.probe(t, m.at, m.request)
			}
			report := s.probe(t, m.at, m.request)
			if f := report.Main().Failure; f != nil && f.Reply != nil {
				t.Logf("the server says %s", f.Reply)
			}
			named(t, &report, m.first)
			if v := diagnosis.Of(&report).Verdict; v.Outcome != m.outcome {
				t.Errorf("the outcome is %q, want %q", v.Outcome, m.outcome)
			}
		})
	}
}

// named wants one finding to come first.
func named(t *testing.T, report *probe.Report, id diagnosis.ID) {
	t.Helper()
	d := diagnosis.Of(report)
	if len(d.Findings) == 0 || d.Findings[0].ID != id {
		t.Errorf("the findings are %v, want %s first", idsOf(d), id)
	}
}

func idsOf(d diagnosis.Diagnosis) []diagnosis.ID {
	var ids []diagnosis.ID
	for _, f := range d.Findings {
		ids = append(ids, f.ID)
	}
	return ids
}

// mailTo asks for an envelope, logging in before that if there is a user.
func mailTo(t *testing.T, way probe.Security, to string, logins ...sasl.Credential) probe.Request {
	t.Helper()
	r := probe.Request{Security: way, Envelope: envelope(t, to)}
	for _, c := range logins {
		r.Login = &probe.Login{Credential: c}
	}
	return r
}

// loginAs asks for a login alone.
func loginAs(way probe.Security, c sasl.Credential) probe.Request {
	return probe.Request{Security: way, Login: &probe.Login{Credential: c}}
}

// strandedLogin is that of a user whom Dovecot and Exim cannot look up.
func strandedLogin() sasl.Credential {
	c := asPassword(rightPassword)
	c.User = stranded
	return c
}

// TestNamedRecipients lets the three servers that take mail refuse a
// recipient.
func TestNamedRecipients(t *testing.T) {
	s := newSite(t)
	p, x, o := &postfix{Services: []service{{Program: "smtpd"}}}, exim(), opensmtpd()
	p.start(s)
	x.start(s)
	o.start(s)
	for _, server := range []struct {
		name           string
		port           uint16
		unknown, relay diagnosis.ID
	}{
		{"Postfix", p.Services[0].Port, diagnosis.UnknownRecipient, diagnosis.RelayDenied},
		{"Exim", x.PlainPort, diagnosis.UnknownRecipient, diagnosis.RelayDenied},
		// It says "Invalid recipient" to both, and which it is cannot be known.
		{"OpenSMTPD", o.PlainPort, diagnosis.RecipientRefused, diagnosis.RecipientRefused},
	} {
		at := listener{port: server.port}
		s.name(
			mishap{server.name + "/unknown recipient", at, mailTo(t, probe.SecurityNone, unknown), 0, server.unknown,
				diagnosis.Failed},
			mishap{server.name + "/relay refused", at, mailTo(t, probe.SecurityNone, elsewhere), 0, server.relay,
				diagnosis.Failed},
		)
	}
}

// TestNamedPostfix lets Postfix refuse and put off what it is asked.
func TestNamedPostfix(t *testing.T) {
	s := newSite(t)
	dead := fmt.Sprintf("inet:127.0.0.1:%d", freePorts(t, 1)[0])
	p := &postfix{Services: []service{
		{Program: "smtpd", Options: []string{"{smtpd_recipient_restrictions=" + s.policy(
			"defer_if_permit Greylisted, see http://postgrey.schweikert.ch/help/example.test.html") + "}"}},
		{Program: "smtpd", Options: []string{"{smtpd_recipient_restrictions=check_policy_service " + dead + "}",
			"smtpd_policy_service_retry_delay=1s"}},
		{Program: "smtpd", Options: []string{"smtpd_client_connection_rate_limit=1"}},
		{Program: "smtpd", Options: []string{"smtpd_client_message_rate_limit=1"}},
		{Program: "smtpd", Options: []string{"smtpd_client_recipient_rate_limit=1"}},
		{Program: "smtpd", Options: []string{"smtpd_tls_security_level=encrypt"}},
	}}
	p.start(s)
	at := func(i int) listener { return listener{port: p.Services[i].Port, from: caller} }
	clear := mailTo(t, probe.SecurityNone, known)
	s.name(
		mishap{"greylisting", at(0), clear, 0, diagnosis.Greylisted, diagnosis.Inconclusive},
		mishap{"policy service down", at(1), clear, 0, diagnosis.EnvelopeFault, diagnosis.Failed},
		mishap{"too many connections", at(2), clear, 1, diagnosis.GreetingThrottled, diagnosis.Inconclusive},
		mishap{"too many messages", at(3), clear, 1, diagnosis.Throttled, diagnosis.Inconclusive},
		mishap{"too many recipients", at(4), clear, 1, diagnosis.Throttled, diagnosis.Inconclusive},
		mishap{"TLS required", at(5), clear, 0, diagnosis.TLSRequired, diagnosis.Failed},
	)
}

// TestNamedLogins lets Postfix and Dovecot refuse and put off logins, and
// mail without one.
func TestNamedLogins(t *testing.T) {
	s := newSite(t)
	d := &dovecot{}
	d.start(s)
	login, only := "smtpd_sasl_auth_enable=yes", "{smtpd_recipient_restrictions=permit_sasl_authenticated, reject}"
	p := &postfix{AuthPort: d.AuthPort, Services: []service{
		{Program: "smtpd", Options: []string{login, only}},
		{Program: "smtpd", Options: []string{login, "smtpd_client_auth_rate_limit=1"}},
		{Program: "smtpd", Options: []string{login, "smtpd_tls_security_level=none", "smtpd_tls_auth_only=no"}},
		{Program: "smtpd"},
		{Program: "smtpd", Options: []string{login, fmt.Sprintf("smtpd_sasl_path=inet:127.0.0.1:%d", freePorts(t, 1)[0])}},
		{Program: "smtpd", Options: []string{login, "smtpd_sasl_path=inet:" + s.hangsUp()}},
	}}
	p.start(s)
	at := func(i int) listener { return listener{port: p.Services[i].Port, from: caller} }
	own := listener{port: d.StartTLSPort, from: caller}
	way, right := probe.SecuritySTARTTLS, asPassword(rightPassword)
	s.name(
		mishap{"Postfix/login required", at(0), mailTo(t, way, known), 0, diagnosis.LoginRequired, diagnosis.Failed},
		mishap{"Dovecot/login required", own, mailTo(t, way, known), 0, diagnosis.LoginRequired, diagnosis.Failed},
		mishap{"Postfix/unknown recipient after login", at(0), mailTo(t, way, unknown, right), 0, diagnosis.UnknownRecipient,
			diagnosis.Failed},
		mishap{"Postfix/too many logins", at(1), loginAs(way, right), 1, diagnosis.AuthThrottled, diagnosis.Inconclusive},
		mishap{"Postfix/no TLS for a login", at(2), loginAs(probe.SecurityNone, right), 0, "auth.unprotected",
			diagnosis.Failed},
		mishap{"Postfix/no login offered", at(3), loginAs(way, right), 0, "auth.not-offered", diagnosis.Failed},
		// Dovecot tells Postfix that it is temporary; Postfix 3.7 gives 535 to the client all the same.
		mishap{"Postfix/accounts cannot be looked up", at(0), loginAs(way, strandedLogin()), 0, diagnosis.CredentialsRefused,
			diagnosis.Failed},
		mishap{"Dovecot/accounts cannot be looked up", own, loginAs(way, strandedLogin()), 0, diagnosis.BackendDown,
			diagnosis.Failed},
		mishap{"Postfix/accounts' server hangs up", at(5), loginAs(way, right), 0, diagnosis.BackendDown, diagnosis.Failed},
		// Its process ends when it would list mechanisms. Nothing on the wire says why.
		mishap{"Postfix/accounts' server not there", at(4), loginAs(way, right), 0, "session.closed", diagnosis.Failed},
	)
	// Its front process ends the connection at times before the 421 of the one behind it is there.
	s.Run("Dovecot/relay host down", func(t *testing.T) {
		t.Parallel()
		report := s.probe(t, own, mailTo(t, way, elsewhere, right))
		first := diagnosis.Overloaded
		if report.Main().Failure.Kind == probe.KindClosed {
			first = diagnosis.SessionClosed
		}
		named(t, &report, first)
	})
}

// TestNamedExim lets Exim put off a login and a client.
func TestNamedExim(t *testing.T) {
	s := newSite(t)
	x := exim()
	x.start(s)
	_, upgrade, _ := x.listeners(nil)
	busy, err := (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(crowded)}}).DialContext(t.Context(), "tcp",
		netip.AddrPortFrom(netip.MustParseAddr(loopback), x.PlainPort).String())
	must(t, err)
	t.Cleanup(func() { busy.Close() })
	s.name(
		mishap{"accounts cannot be looked up", upgrade, loginAs(probe.SecuritySTARTTLS, strandedLogin()), 0,
			diagnosis.BackendDown, diagnosis.Failed},
		mishap{"too many connections", listener{port: x.PlainPort, from: crowded}, mailTo(t, probe.SecurityNone, known), 0,
			diagnosis.GreetingThrottled, diagnosis.Inconclusive},
	)
}
