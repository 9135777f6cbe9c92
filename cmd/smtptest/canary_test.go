package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"smtptest/formatting"
	"smtptest/formatting/jsonreport"
	"smtptest/formatting/plain"
	"smtptest/probe"
	"smtptest/probe/diagnosis"
	"smtptest/probe/probetest"
	"smtptest/probe/secret"
)

// The canaries stand in front of the secret of each case: whoever writes the
// secret writes them. They contain what JSON, HTML, URLs and transcripts escape;
// a token may be of visible ASCII only (RFC 6750 §2.1).
const (
	passwordCanary = `ca"n&a‹r\y é+/?`
	tokenCanary    = `ca"n&a<r\y+/?'`
)

// TestCanary plays every case that logs in, with its secret replaced, and
// looks for the canary in all that a run leaves behind. Only the scripted
// server may have read it, and only where its script expects a password or
// token.
func TestCanary(t *testing.T) {
	all, err := probetest.Cases()
	if err != nil {
		t.Fatal(err)
	}
	played := 0
	for _, c := range all {
		if c.Request.Login == nil {
			continue
		}
		played++
		t.Run(c.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { playCanary(t, c) })
		})
	}
	if played < 40 {
		t.Errorf("only %d cases log in", played)
	}
}

func playCanary(t *testing.T, c *probetest.Case) {
	canary := replaceSecret(c.Request.Login)
	ca, err := probetest.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	network := probetest.NewNetwork(c, ca)
	var heard strings.Builder
	network.Server.Heard = func(line string) { heard.WriteString(line) }
	report, err := network.Prober().Probe(t.Context(), c.Request, probe.Hooks{})
	problems := network.Wait()
	if err != nil || len(problems) > 0 {
		t.Errorf("the client did not keep to the script: %v %v", err, problems)
	}
	for place, text := range leftBehind(t, &report) {
		if canary.In(text) {
			t.Errorf("the secret is in the %s:\n%s", place, text)
		}
	}
	if got, want := canary.In(heard.String()), expectsSecret(c); got != want {
		t.Errorf("the server has read the secret: %t; its script expects it: %t", got, want)
	}
	if n := strings.Count("\n"+heard.String(), "\nAUTH "); n > 1 {
		t.Errorf("%d AUTH commands were sent, accounts get locked", n)
	}
}

// replaceSecret puts the canary in front of password and token and returns
// it. They get longer, for some cases are about long ones.
func replaceSecret(l *probe.Login) secret.Secret {
	if value := l.Credential.Token.Reveal(); value != "" {
		l.Credential.Token = secret.New(tokenCanary + value)
		return secret.New(tokenCanary)
	}
	l.Credential.Password = secret.New(passwordCanary + l.Credential.Password.Reveal())
	return secret.New(passwordCanary)
}

// expectsSecret reports whether a script has a line with the secret in it.
// A name behind hmac-md5 does not count: the hash does not contain it.
func expectsSecret(c *probetest.Case) bool {
	return slices.ContainsFunc(c.Dialogue(0), func(a probetest.Action) bool {
		return a.Verb == "C" && (strings.Contains(a.Text, "{password}") || strings.Contains(a.Text, "{token}"))
	})
}

// leftBehind is everything of a run that someone may see.
func leftBehind(t *testing.T, r *probe.Report) map[string]string {
	t.Helper()
	d := diagnosis.Judge(r)
	asJSON, err := jsonreport.Encode(d)
	if err != nil {
		t.Fatal(err)
	}
	message := formatting.Result(d, formatting.Terminal)
	left := map[string]string{
		"report":           fmt.Sprintf("%+v", r) + deep(r),
		"diagnosis":        fmt.Sprintf("%+v", d.Diagnosis),
		"JSON":             string(asJSON),
		"message":          fmt.Sprintf("%+v", message),
		"plain text":       plain.Render(message, plain.Style{}),
		"plain text, wide": plain.Render(message, plain.Style{Columns: 4000}),
	}
	for i := range r.Sessions {
		for _, e := range r.Sessions[i].Transcript {
			left["transcript"] += e.Text + "\n"
		}
	}
	return left
}

// deep writes what fmt shows of a report as addresses only.
func deep(r *probe.Report) string {
	var b strings.Builder
	for i := range r.Sessions {
		s := &r.Sessions[i]
		for _, part := range []any{s.Auth, s.Envelope, s.Failure, s.Greeting, s.Quit, s.TLS} {
			fmt.Fprintf(&b, "%+v ", part)
		}
		if a := s.Auth; a != nil {
			fmt.Fprintf(&b, "%+v %+v %+v ", a.Reply, a.Evidence.TokenError, a.Evidence.Prompts)
		}
		if f := s.Failure; f != nil {
			fmt.Fprintf(&b, "%+v ", f.Reply)
			if f.Reply != nil {
				b.WriteString(f.Reply.String())
			}
		}
	}
	return b.String()
}
