//go:build unix

package realtest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"smtptest/probe"
	"smtptest/probe/diagnosis"
	"smtptest/probe/sasl"
	"smtptest/probe/secret"
)

// endpoint is a listener at which logins are tried.
type endpoint struct {
	listener
	way       probe.Security
	passwords []string // mechanisms that take a password, in order of preference
	tokens    []string // mechanisms that take a token, likewise
}

// TestDovecotLogin lets Dovecot's submission service judge logins itself.
func TestDovecotLogin(t *testing.T) {
	s := newSite(t)
	d := &dovecot{RelayPort: s.relay()}
	d.start(s)
	for way, port := range map[probe.Security]uint16{probe.SecuritySTARTTLS: d.StartTLSPort,
		probe.SecurityImplicit: d.ImplicitPort} {
		s.logIn(endpoint{listener{name: "Dovecot", port: port, from: caller}, way, dovecotPasswords(), dovecotTokens()})
	}
}

// TestPostfixLogin lets Postfix pass logins on to Dovecot.
func TestPostfixLogin(t *testing.T) {
	s := newSite(t)
	d := &dovecot{}
	d.start(s)
	login := "smtpd_sasl_auth_enable=yes"
	p := &postfix{AuthPort: d.AuthPort, Services: []service{
		{Program: "smtpd", Options: []string{login}},
		{Program: "smtpd", Options: []string{login, "smtpd_tls_wrappermode=yes"}},
	}}
	p.start(s)
	for i, way := range []probe.Security{probe.SecuritySTARTTLS, probe.SecurityImplicit} {
		s.logIn(endpoint{listener{name: "Postfix", port: p.Services[i].Port}, way, dovecotPasswords(), dovecotTokens()})
	}
}

// TestDovecotBeyondASCII logs in with passwords that have octets above 127,
// which each mechanism sends or hashes in its own way.
func TestDovecotBeyondASCII(t *testing.T) {
	s := newSite(t)
	d := &dovecot{RelayPort: s.relay()}
	d.start(s)
	at := endpoint{
		listener{name: "Dovecot", port: d.ImplicitPort, from: caller},
		probe.SecurityImplicit, dovecotPasswords(), dovecotTokens(),
	}
	for user, password := range map[string]string{latinUser: latinPassword, wideUser: widePassword} {
		for _, m := range dovecotPasswords() {
			a := attempt{m, m, sasl.Credential{User: user, Password: secret.New(password), Host: mailHost}, true}
			s.Run(user+"/"+m, func(t *testing.T) {
				t.Parallel()
				if user == latinUser && m == "DIGEST-MD5" {
					s.disputed(t, at, a)
					return
				}
				s.attempt(t, at, a)
			})
		}
	}
}

// disputed is a login on which the witnesses disagree, and why is known: what
// ISO 8859-1 has is to be hashed in that (RFC 2831 §2.1.2.1). The probe does
// so; Dovecot and swaks hash UTF-8, so that the right password is refused.
func (s *site) disputed(t *testing.T, d endpoint, a attempt) {
	report := s.probe(t, d.listener, probe.Request{Security: d.way,
		Login: &probe.Login{Mechanism: a.asked, Credential: a.credential}})
	refused(t, &report)
	if said := s.swaksLogin(t, d, a); !strings.HasPrefix(said[auth], "235 ") {
		t.Errorf("swaks was to log in, and the server said %s", said[auth])
	}
}

// All that Debian's Dovecot has for passwords and tokens, but for APOP and
// RPA, which nobody uses with SMTP.
func dovecotPasswords() []string {
	return []string{"SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN", "LOGIN", "CRAM-MD5", "DIGEST-MD5"}
}
func dovecotTokens() []string { return []string{"XOAUTH2", "OAUTHBEARER"} }

func TestEximLogin(t *testing.T) {
	s := newSite(t)
	x := exim()
	x.start(s)
	_, upgrade, implicit := x.listeners(nil)
	mechanisms := []string{"PLAIN", "LOGIN", "CRAM-MD5"}
	s.logIn(endpoint{upgrade, probe.SecuritySTARTTLS, mechanisms, nil})
	s.logIn(endpoint{implicit, probe.SecurityImplicit, mechanisms, nil})
}

// TestOpenSMTPDLogin can say something about logins only where the package's
// TLS works; where it does not, no login may be sent.
func TestOpenSMTPDLogin(t *testing.T) {
	s := newSite(t)
	o := opensmtpd()
	o.start(s)
	_, upgrade, implicit := o.listeners(nil)
	report := s.probe(t, upgrade, probe.Request{Security: probe.SecuritySTARTTLS,
		Login: &probe.Login{Credential: asPassword(rightPassword)}})
	if m := report.Main(); m.TLS == nil || !m.TLS.Complete {
		if m.Auth != nil {
			t.Errorf("after a failed handshake a login was begun: %+v", m.Auth)
		}
		t.Skip("the TLS of this release's OpenSMTPD does not work, and it offers no login without")
	}
	s.logIn(endpoint{upgrade, probe.SecuritySTARTTLS, []string{"PLAIN", "LOGIN"}, nil})
	s.logIn(endpoint{implicit, probe.SecurityImplicit, []string{"PLAIN", "LOGIN"}, nil})
}

// attempt is one login and what is to come of it.
type attempt struct {
	asked      string // mechanism; empty: the choice is the probe's
	used       string
	credential sasl.Credential
	right      bool
}

// logIn tries each mechanism, right and wrong, and the automatic choice.
func (s *site) logIn(d endpoint) {
	var all []attempt
	add := func(mechanisms []string, right, wrong sasl.Credential) {
		for i, m := range mechanisms {
			all = append(all, attempt{m, m, right, true}, attempt{m, m, wrong, false})
			if i == 0 {
				all = append(all, attempt{"", m, right, true}, attempt{"", m, wrong, false})
			}
		}
	}
	add(d.passwords, asPassword(rightPassword), asPassword(wrongPassword))
	add(d.tokens, asToken(rightKey), asToken(wrongKey))
	for _, a := range all {
		name := a.asked
		if name == "" {
			name = "automatic " + a.used
		}
		s.Run(fmt.Sprintf("%s/%s/%s/right=%t", d.name, d.way, name, a.right), func(t *testing.T) {
			t.Parallel()
			s.attempt(t, d, a)
		})
	}
}

func (s *site) attempt(t *testing.T, d endpoint, a attempt) {
	report := s.probe(t, d.listener, probe.Request{Security: d.way,
		Login: &probe.Login{Mechanism: a.asked, Credential: a.credential}})
	m := report.Main()
	if m.Auth == nil || m.Auth.Mechanism != a.used || len(report.Sessions) != 1 {
		t.Fatalf("%d sessions, login %+v, want one with %s", len(report.Sessions), m.Auth, a.used)
	}
	if want := slices.Sorted(slices.Values(slices.Concat(d.passwords, d.tokens))); !slices.Equal(
		slices.Sorted(slices.Values(m.Auth.Offered)), want) {
		t.Errorf("%v are offered, and %v tried", m.Auth.Offered, want)
	}
	if a.right {
		accepted(t, &report)
	} else {
		refused(t, &report)
	}
	keeps(t, report, a.credential)
	if a.asked != "" {
		s.confirmLogin(t, d, a, m)
	}
}

// accepted wants the server's 235, and its proof where the mechanism has one.
func accepted(t *testing.T, report *probe.Report) {
	t.Helper()
	m := report.Main()
	if m.Failure != nil || !m.Auth.Accepted || m.Auth.Reply == nil || m.Auth.Reply.Code != 235 {
		t.Errorf("the right credential ended in %+v, failure %+v", m.Auth, m.Failure)
	}
	proof := sasl.Proof("")
	if strings.HasPrefix(m.Auth.Mechanism, "SCRAM-") || m.Auth.Mechanism == "DIGEST-MD5" {
		proof = sasl.ProofVerified
	}
	if m.Auth.Evidence.Proof != proof {
		t.Errorf("the server's proof is %q, want %q", m.Auth.Evidence.Proof, proof)
	}
	if v := diagnosis.Of(report).Verdict; v.Reach != diagnosis.ReachLogin {
		t.Errorf("the verdict is %+v, want one that reaches the login", v)
	}
}

// refused wants one AUTH command, a reply that refuses, and its name.
func refused(t *testing.T, report *probe.Report) {
	t.Helper()
	m := report.Main()
	if f := m.Failure; f == nil || f.Phase != probe.PhaseAuth || f.Kind != probe.KindReply || f.Reply.Code != 535 ||
		m.Auth.Accepted {
		t.Errorf("the wrong credential ended in %+v, failure %+v", m.Auth, m.Failure)
	}
	if m.Auth.Evidence.Proof == sasl.ProofVerified {
		t.Error("a server that refuses the password cannot have proved that it knows it")
	}
	if n := commands(m, "AUTH "); n != 1 {
		t.Errorf("%d AUTH commands, want 1: accounts get locked", n)
	}
	id := diagnosis.CredentialsRefused
	if slices.Contains(dovecotTokens(), m.Auth.Mechanism) {
		id = diagnosis.TokenRefused
	}
	named(t, report, id)
}

// commands counts the client's lines that begin so.
func commands(m *probe.Session, prefix string) int {
	n := 0
	for _, e := range m.Transcript {
		if e.Side == probe.SideClient && strings.HasPrefix(e.Text, prefix) {
			n++
		}
	}
	return n
}

// keeps wants no form of the credential in the report, its transcript first
// of all.
func keeps(t *testing.T, report probe.Report, c sasl.Credential) {
	t.Helper()
	text := transcript(report) + fmt.Sprintf("%+v %+v", report, report.Main().Auth)
	for _, s := range []secret.Secret{c.Password, c.Token} {
		if !s.IsZero() && s.In(text) {
			t.Error("the credential stands in the report")
		}
	}
}

// confirmLogin compares the login with what swaks says, for the mechanisms
// that it speaks.
func (s *site) confirmLogin(t *testing.T, d endpoint, a attempt, m *probe.Session) {
	t.Helper()
	switch a.used {
	case "PLAIN", "LOGIN", "CRAM-MD5", "DIGEST-MD5":
	default:
		return
	}
	differ(t, ofSession(m), "swaks", s.swaksLogin(t, d, a), greeting, clearCaps, handshake, version, secureCaps, auth,
		quit)
}

func (s *site) swaksLogin(t *testing.T, d endpoint, a attempt) facts {
	t.Helper()
	return readSwaks(s.swaks(t, d.listener, d.way, "--auth", a.used, "--auth-user", a.credential.User,
		"--auth-password", a.credential.Password.Reveal(), "--quit-after", "AUTH"))
}
