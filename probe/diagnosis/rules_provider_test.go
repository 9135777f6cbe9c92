package diagnosis

import (
	"strings"
	"testing"

	"smtptest/probe"
	"smtptest/probe/sasl"
	"smtptest/probe/smtp"
)

// endedAt is the report of a session that a reply ended at a provider's host.
// Cases cannot tell it: their hosts are below example.test.
func endedAt(host string, phase probe.Phase, r *smtp.Reply) *probe.Report {
	s := probe.Session{
		Steps:   []probe.Step{{Phase: phase, Outcome: probe.Failed}},
		Failure: &probe.Failure{Phase: phase, Kind: probe.KindReply, Reply: r},
		TLS:     &probe.TLS{Complete: true, Version: "TLS 1.3"},
	}
	switch phase {
	case probe.PhaseAuth:
		s.Auth = &probe.Auth{Mechanism: "PLAIN", Sent: true, Reply: r, Form: &probe.LoginForm{Secret: "sendgrid-key"}}
	case probe.PhaseEnvelope:
		s.Envelope = &probe.EnvelopeResult{Mail: r}
	}
	return &probe.Report{
		Request:  probe.Request{Target: probe.Target{Host: host, Port: 587}, Envelope: &probe.Envelope{}},
		Sessions: []probe.Session{s},
	}
}

func TestProvidersMeaning(t *testing.T) {
	auth, greeting, envelope := probe.PhaseAuth, probe.PhaseGreeting, probe.PhaseEnvelope
	for _, tt := range []struct {
		host        string
		phase       probe.Phase
		reply       string
		id          ID
		explanation string // holds
		advice      string // holds
		reference   string // begins with
	}{
		{
			"smtp.gmail.com", auth, "534 5.7.9 no", AppPassword,
			"At Gmail this means: The account has 2-step verification", "Make an app password", "support.google.com",
		},
		{
			"smtp.gmail.com", auth, "534 5.7.14 no", WebLogin, "At Gmail this means: Google took this login for a risk",
			"Sign in once", "support.google.com",
		},
		{
			"smtp.gmail.com", auth, "535 5.7.8 no", CredentialsRefused, "The account's own password never works",
			"new app password", "support.google.com",
		},
		{
			"smtp.gmail.com", auth, "535 5.7.8 no", CredentialsRefused,
			"This has the form of a SendGrid API key, which does not log in at Gmail.", "new app password",
			"support.google.com",
		},
		{
			"mx.example.test", auth, "534 5.7.9 no", MechanismRefused, "The mechanism stands in its list.",
			"Try another", "RFC 4954",
		},
		{
			"smtp.office365.com", auth,
			"535 5.7.139 Authentication unsuccessful, user is locked by your organization's security defaults policy.",
			SecurityDefaults, "At Microsoft 365 this means: ", "OAuth", "",
		},
		{
			"smtp.office365.com", auth, "535 5.7.139 no", CredentialsRefused, "the password may be right",
			"Entra sign-in logs", "",
		},
		{
			"smtp.office365.com", auth, "550 5.7.30 Basic authentication is not supported for Client Submission",
			BasicAuthOff, "have ended here", "OAuth", "",
		},
		{
			"smtp.sendgrid.net", auth, "451 Authentication failed: Maximum credits exceeded", AuthRefused,
			"the password is not at fault", "raise the plan", "",
		},
		{
			"smtp.sendgrid.net", auth, "535 Authentication failed: Bad username / password", CredentialsRefused,
			"an API key that begins with SG.", "apikey", "",
		},
		{"smtp.mail.yahoo.com", auth, "535 5.7.0 (#AUTH005) Too many bad auth attempts", AppPassword, "At Yahoo", "", ""},
		{
			"gmail-smtp-in.l.google.com", greeting, "421 4.7.28 no", GreetingReputation,
			"At Gmail this means: Much unwanted mail", "Postmaster", "",
		},
		{
			"smtp.gmail.com", envelope, "530 5.7.0 Authentication Required. x - gsmtp", LoginRequired,
			"At Gmail this means: Mail was handed in before a login.", "Log in first", "",
		},
		{
			"mx.example.test", envelope, "530 5.7.0 Authentication Required. x - gsmtp", LoginRequired,
			"The reply looks like one of Gmail's; there it means: ", "Log in first", "",
		},
	} {
		d := Of(endedAt(tt.host, tt.phase, replyOf(t, tt.reply)))
		f := d.Findings[0]
		if f.ID != tt.id || !strings.Contains(f.Explanation, tt.explanation) ||
			!strings.Contains(f.Advice, tt.advice) || !strings.HasPrefix(f.Reference, tt.reference) {
			t.Errorf("%s: %s\ngot %s: %s\nadvice %s\nreference %s",
				tt.host, tt.reply, f.ID, f.Explanation, f.Advice, f.Reference)
		}
	}
}

// TestTokensAreNotPasswords: what a provider says about passwords is not told
// of a token.
func TestTokensAreNotPasswords(t *testing.T) {
	r := endedAt("smtp.gmail.com", probe.PhaseAuth, replyOf(t, "535 5.7.8 Username and Password not accepted"))
	a := r.Sessions[0].Auth
	refusal := &sasl.TokenError{Status: "400", Scope: "https://mail.google.com/"}
	a.Mechanism, a.Evidence = "XOAUTH2", sasl.Evidence{TokenError: refusal}
	f := Of(r).Findings[0]
	if f.ID != TokenRefused || strings.Contains(f.Explanation, "password") ||
		!strings.Contains(f.Explanation, "status “400”") || !strings.Contains(f.Explanation, "needs the scope") {
		t.Errorf("%s: %s", f.ID, f.Explanation)
	}
}

func TestWrongMode(t *testing.T) {
	failed := func(phase probe.Phase, kind probe.Kind) probe.Session {
		return probe.Session{
			Steps:   []probe.Step{{Phase: phase, Outcome: probe.Failed}},
			Failure: &probe.Failure{Phase: phase, Kind: kind},
		}
	}
	for _, tt := range []struct {
		name     string
		host     string
		port     uint16
		security probe.Security
		session  probe.Session
		wrong    bool
	}{
		{
			"implicit TLS on 587", "smtp.gmail.com", 587, probe.SecurityImplicit,
			failed(probe.PhaseHandshake, probe.KindNotTLS), true,
		},
		{"clear on 465", "smtp.gmail.com", 465, probe.SecurityNone, failed(probe.PhaseGreeting, probe.KindTimeout), true},
		{"a closed port", "smtp.office365.com", 465, probe.SecurityAuto, failed(probe.PhaseConnect, probe.KindTimeout), true},
		{
			"submission at an MX", "aspmx.l.google.com", 587, probe.SecurityAuto,
			failed(probe.PhaseConnect, probe.KindRefused), true,
		},
		{
			"the right port", "smtp.gmail.com", 587, probe.SecuritySTARTTLS,
			failed(probe.PhaseConnect, probe.KindTimeout), false,
		},
		{
			"nobody's host", "mx.example.test", 587, probe.SecurityImplicit,
			failed(probe.PhaseHandshake, probe.KindNotTLS), false,
		},
		{
			"it came further", "smtp.office365.com", 465, probe.SecurityAuto,
			failed(probe.PhaseEnvelope, probe.KindClosed), false,
		},
		{
			"it was this machine", "smtp.office365.com", 465, probe.SecurityAuto,
			failed(probe.PhaseConnect, probe.KindLocal), false,
		},
		{"it worked", "smtp.gmail.com", 25, probe.SecurityAuto, probe.Session{}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := Judge(&probe.Report{
				Request:  probe.Request{Target: probe.Target{Host: tt.host, Port: tt.port}, Security: tt.security},
				Sessions: []probe.Session{tt.session},
			})
			if foreseen := Foresee(d.Report.Request) != ""; tt.wrong && !foreseen {
				t.Error("it could have been said before")
			}
			got := len(d.Findings) > 0 && d.Findings[0].ID == WrongMode
			if got != tt.wrong || got && len(d.Findings) != 1 {
				t.Errorf("got %+v", d.Findings)
			}
		})
	}
}

// TestWeakEnvelope: some providers accept what they refuse later.
func TestWeakEnvelope(t *testing.T) {
	ok := replyOf(t, "250 ok")
	for host, want := range map[string]bool{
		"smtp.postmarkapp.com": true, "smtp.gmail.com": false, "mx.example.test": false,
	} {
		d := Of(&probe.Report{
			Request: probe.Request{Target: probe.Target{Host: host, Port: 587}},
			Sessions: []probe.Session{{
				Steps:    []probe.Step{{Phase: probe.PhaseEnvelope}},
				Envelope: &probe.EnvelopeResult{Mail: ok, Rcpt: ok},
			}},
		})
		if got := len(d.Findings) == 1 && d.Findings[0].ID == WeakEnvelope && d.Verdict.Outcome == Working; got != want {
			t.Errorf("%s: %+v", host, d)
		}
	}
}
