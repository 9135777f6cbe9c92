package diagnosis

import (
	"strings"
	"testing"
	"time"

	"smtptest/probe"
	"smtptest/probe/sasl"
	"smtptest/probe/smtp"
)

func TestProtocolTitle(t *testing.T) {
	for name, want := range map[string]string{
		"": "", "SMTP": "", "IMAP": "An IMAP server answers on this port", "POP3": "A POP3 server answers on this port",
		"SSH": "An SSH server answers on this port", "ManageSieve": "A ManageSieve server answers on this port",
		"HTTP": "A web server (HTTP) answers on this port", "RFB": "A VNC server (RFB) answers on this port",
	} {
		if got := protocolTitle(name); got != want {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

// TestThrottledTitle: connections of this address are blamed only where the
// reply does.
func TestThrottledTitle(t *testing.T) {
	for reply, many := range map[string]bool{
		"421 4.7.0 mx Error: too many connections from 198.51.100.7": true,
		"421 Too many concurrent SMTP connections; try again later":  false,
		"421 4.4.5 no": false,
	} {
		f := Of(endedAt("mx.example.test", probe.PhaseGreeting, replyOf(t, reply))).Findings[0]
		if f.ID != GreetingThrottled || strings.HasPrefix(f.Title, "Too many connections") != many {
			t.Errorf("%s: %s: %s", reply, f.ID, f.Title)
		}
	}
}

// TestAccessDeniedAfterLogin: who has logged in is not advised to.
func TestAccessDeniedAfterLogin(t *testing.T) {
	for accepted, want := range map[bool]ID{false: LoginRequired, true: AccessDenied} {
		denied := replyOf(t, "554 5.7.1 <a@example.test>: Sender address rejected: Access denied")
		r := endedAt("mx.example.test", probe.PhaseEnvelope, denied)
		r.Sessions[0].Auth = &probe.Auth{Accepted: accepted, Reply: &smtp.Reply{Code: 235}}
		if f := Of(r).Findings[0]; f.ID != want {
			t.Errorf("logged in %t: %s: %s", accepted, f.ID, f.Title)
		}
	}
}

// TestStopped: a stopped test is worth a note, and says nothing about the
// server whatever else is warned of.
func TestStopped(t *testing.T) {
	steps := []probe.Step{{Phase: probe.PhaseGreeting, Elapsed: 20 * time.Second}, {Phase: probe.PhaseEHLO}}
	r := &probe.Report{Sessions: []probe.Session{{
		Steps: steps, Greeting: &smtp.Reply{Code: 220},
		Failure: &probe.Failure{Phase: probe.PhaseEHLO, Kind: probe.KindCanceled},
	}}}
	d := Of(r)
	if d.Verdict.Outcome != Inconclusive || d.Verdict.Warnings != 1 ||
		len(d.Findings) != 2 || d.Findings[1].Severity != Info {
		t.Errorf("got %+v", d)
	}
}

func TestPasswordOnly(t *testing.T) {
	for offered, want := range map[string]bool{
		"PLAIN LOGIN": true, "SCRAM-SHA-256": true, "LOGIN": false, "PLAIN GSSAPI": false, "XOAUTH2": false, "": false,
	} {
		if got := passwordOnly(strings.Fields(offered)); got != want {
			t.Errorf("%q: got %t", offered, got)
		}
	}
	r := endedAt("mx.example.test", probe.PhaseAuth, nil)
	r.Sessions[0].Failure = &probe.Failure{Phase: probe.PhaseAuth, Kind: probe.KindNotOffered}
	r.Sessions[0].Auth = &probe.Auth{Offered: []string{"PLAIN", "LOGIN"}, Reason: sasl.ReasonNoneUsable}
	const want = "A token was given, and the server offers only password logins: PLAIN, LOGIN."
	if f := Of(r).Findings[0]; !strings.HasPrefix(f.Explanation, want) {
		t.Error(f.Explanation)
	}
}

// TestWhereItEnded names the command without an answer.
func TestWhereItEnded(t *testing.T) {
	ok := &smtp.Reply{Code: 250}
	for _, tt := range []struct {
		name   string
		result probe.EnvelopeResult
		want   string
	}{
		{"nothing answered", probe.EnvelopeResult{}, "after MAIL FROM"},
		{"nothing answered, sent together", probe.EnvelopeResult{Pipelined: true}, "before MAIL FROM was answered"},
		{"no recipient asked for", probe.EnvelopeResult{Mail: ok}, "after RSET"},
	} {
		r := endedAt("mx.example.test", probe.PhaseEnvelope, nil)
		r.Sessions[0].Failure = &probe.Failure{Phase: probe.PhaseEnvelope, Kind: probe.KindClosed}
		r.Sessions[0].Envelope = &tt.result
		if f := Of(r).Findings[0]; f.Explanation != "It ended the connection "+tt.want+"." {
			t.Errorf("%s: %s", tt.name, f.Explanation)
		}
	}
}
