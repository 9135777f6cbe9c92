package probetest

import (
	"context"
	"testing"
	"time"

	"smtptest/probe"
	"smtptest/probe/sasl"
	"smtptest/probe/secret"
	"smtptest/probe/smtp"
)

// TestGuest asks servers of the sandbox for what their stories do not have.
func TestGuest(t *testing.T) {
	from, _ := smtp.ParseMailbox("a@b.example")
	envelope := func(r *probe.Request) { r.Envelope = &probe.Envelope{From: from, To: &from} }
	login := func(user, password, mechanism string) func(*probe.Request) {
		return func(r *probe.Request) {
			r.Login = &probe.Login{Mechanism: mechanism, Credential: sasl.Credential{
				User: user, Password: secret.New(password), Host: r.Target.Host, Port: r.Target.Port}}
		}
	}
	for _, tt := range []struct {
		name, server string
		ask          func(*probe.Request)
		code         int // the reply that ends the session; 0: all is well
	}{
		{"recipient", "good", envelope, 0},
		{"EHLO name", "good", func(r *probe.Request) { r.EHLOName = "foo.example" }, 0},
		{"no TLS", "good", func(r *probe.Request) { r.Security = probe.SecurityNone }, 0},
		{"a refused recipient", "recipient-refused", envelope, 550},
		{"right login", "good", login("ada@example.test", "correct horse", ""), 0},
		{"right login with LOGIN", "good", login("ada@example.test", "correct horse", "LOGIN"), 0},
		{"right login, recipient", "login-plain", func(r *probe.Request) { envelope(r) }, 0},
		{"wrong password", "good", login("ada@example.test", "wrong", ""), 535},
		{"wrong user", "good", login("eve@example.test", "correct horse", "LOGIN"), 535},
		{"SCRAM", "scram", login("ada@example.test", "correct horse", ""), 0},
		{"SCRAM, wrong password", "scram", login("ada@example.test", "wrong", ""), 535},
		{"SCRAM, wrong user", "scram", login("eve@example.test", "correct horse", ""), 535},
		{"SCRAM's server, with PLAIN", "scram", login("ada@example.test", "correct horse", "PLAIN"), 0},
		{"planned PLAIN, wrong password", "login-plain", login("ada@example.test", "wrong", ""), 535},
		{"planned LOGIN, wrong password", "login-prompts", login("ada@example.test", "wrong", ""), 535},
		{"CRAM-MD5, wrong password", "cram-md5", login("ada@example.test", "wrong", "CRAM-MD5"), 535},
		{"a story's refusal", "password-wrong", login("ada@example.test", "correct horse", "LOGIN"), 535},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := ask(t, tt.server, tt.ask)
			code := 0
			if s.Failure != nil && s.Failure.Reply != nil {
				code = s.Failure.Reply.Code
			}
			if code != tt.code || (s.Failure == nil) != (tt.code == 0) || s.Quit == nil || s.Quit.Code != 221 {
				t.Errorf("%d, want %d; %+v, QUIT %+v", code, tt.code, s.Failure, s.Quit)
				for _, e := range s.Transcript {
					t.Log(e.Side, e.Text)
				}
			}
		})
	}
}

// ask probes one case with a changed request.
func ask(t *testing.T, name string, change func(*probe.Request)) *probe.Session {
	t.Helper()
	all, err := Cases()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		if c.Name != name {
			continue
		}
		s, err := NewSandbox([]*Case{c})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		request := c.Request
		change(&request)
		report, err := s.Prober(name).Probe(ctx, request, probe.Hooks{})
		if err != nil {
			t.Fatal(err)
		}
		return report.Main()
	}
	t.Fatalf("no case %s", name)
	return nil
}
