package formatting

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"smtptest/probe"
	"smtptest/probe/diagnosis"
	"smtptest/probe/smtp"
)

func TestVerdictWords(t *testing.T) {
	type v = diagnosis.Verdict
	all := []diagnosis.Reach{diagnosis.ReachTLS, diagnosis.ReachLogin, diagnosis.ReachSender, diagnosis.ReachRecipient}
	for _, c := range []struct {
		verdict v
		tone    Tone
		want    string
	}{
		{v{Outcome: diagnosis.Working, Untested: all}, ToneGood, "Works without TLS: login not tested"},
		{v{Outcome: diagnosis.Working, Untested: all[1:]}, ToneGood, "Works: TLS tested, login not tested"},
		{v{Outcome: diagnosis.Working, Untested: all[2:]}, ToneGood, "Works: TLS and login tested"},
		{v{Outcome: diagnosis.Working, Untested: all[3:]}, ToneGood, "Works: TLS, login and sender tested"},
		{v{Outcome: diagnosis.Working}, ToneGood, "Works: TLS, login, sender and recipient tested"},
		{v{Outcome: diagnosis.Working, Untested: all[1:2]}, ToneGood,
			"Works: TLS, sender and recipient tested, login not tested"},
		{v{Outcome: diagnosis.WithWarnings, Untested: all[1:], Warnings: 1}, ToneWarning,
			"Works with 1 warning: TLS tested, login not tested"},
		{v{Outcome: diagnosis.WithWarnings, Untested: all, Warnings: 2}, ToneWarning,
			"Works with 2 warnings, without TLS: login not tested"},
		{v{Outcome: diagnosis.Failed, Stage: probe.PhaseLookup}, ToneBad, "Failed at DNS"},
		{v{Outcome: diagnosis.Failed, Stage: probe.PhaseGuard}, ToneBad, "Failed at policy"},
		{v{Outcome: diagnosis.Failed, Stage: probe.PhaseConnect}, ToneBad, "Failed at connect"},
		{v{Outcome: diagnosis.Failed, Stage: probe.PhaseGreeting}, ToneBad, "Failed at greeting"},
		{v{Outcome: diagnosis.Failed, Stage: probe.PhaseEHLO}, ToneBad, "Failed at EHLO"},
		{v{Outcome: diagnosis.Failed, Stage: probe.PhaseSTARTTLS}, ToneBad, "Failed at STARTTLS"},
		{v{Outcome: diagnosis.Failed, Stage: probe.PhaseHandshake}, ToneBad, "Failed at TLS"},
		{v{Outcome: diagnosis.Failed, Stage: probe.PhaseAuth}, ToneBad, "Failed at login"},
		{v{Outcome: diagnosis.Failed, Stage: probe.PhaseEnvelope}, ToneBad, "Failed at MAIL FROM"},
		{v{Outcome: diagnosis.Failed, Stage: probe.PhaseQuit}, ToneBad, "Failed at QUIT"},
		{v{Outcome: diagnosis.Inconclusive, Stage: probe.PhaseGreeting}, ToneUnsure, "Inconclusive from here"},
		{v{Outcome: diagnosis.NotTested, Stage: probe.PhaseGuard}, ToneRefused, "Not tested"},
	} {
		j := diagnosis.Judged{Report: &probe.Report{}, Diagnosis: diagnosis.Diagnosis{Verdict: c.verdict}}
		if got := VerdictWords(j); got != c.want || outcomeTones[c.verdict.Outcome] != c.tone {
			t.Errorf("%+v: %q, %s; want %q, %s", c.verdict, got, outcomeTones[c.verdict.Outcome], c.want, c.tone)
		}
	}
}

func TestStageName(t *testing.T) {
	for _, c := range []struct {
		phase    probe.Phase
		envelope *probe.EnvelopeResult
		want     string
	}{
		{probe.PhaseEHLO, &probe.EnvelopeResult{}, "EHLO"},
		{probe.PhaseEnvelope, nil, "MAIL FROM"},
		{probe.PhaseEnvelope, &probe.EnvelopeResult{}, "MAIL FROM"},
		{probe.PhaseEnvelope, &probe.EnvelopeResult{Mail: reply(550, "no")}, "MAIL FROM"},
		{probe.PhaseEnvelope, &probe.EnvelopeResult{Mail: reply(250, "ok")}, "RCPT TO"},
	} {
		if got := stageName(session(probe.Session{Envelope: c.envelope}), c.phase); got != c.want {
			t.Errorf("%s, %+v: %q, want %q", c.phase, c.envelope, got, c.want)
		}
	}
}

func TestSymbolsDiffer(t *testing.T) {
	seen := map[string]Tone{}
	for _, tone := range []Tone{ToneGood, ToneWarning, ToneBad, ToneUnsure, ToneRefused} {
		if other, taken := seen[tone.Symbol()]; taken {
			t.Errorf("%s and %s have the same symbol", tone, other)
		}
		seen[tone.Symbol()] = tone
	}
}

func TestGrounds(t *testing.T) {
	for _, c := range []struct {
		owner      diagnosis.Owner
		confidence diagnosis.Confidence
		want       string
	}{
		{diagnosis.OwnerYou, diagnosis.Certain,
			"Who can fix it: you, in the client's settings · measured · RFC 8314 §3.3 · a.b"},
		{diagnosis.OwnerServer, diagnosis.Likely,
			"Who can fix it: the server's operators · likely cause · RFC 8314 §3.3 · a.b"},
		{diagnosis.OwnerNetwork, diagnosis.Guess, "Who can fix it: this network · possible cause · RFC 8314 §3.3 · a.b"},
		{diagnosis.OwnerProvider, diagnosis.Certain, "Who can fix it: the mail provider · measured · RFC 8314 §3.3 · a.b"},
		{diagnosis.OwnerSender, diagnosis.Certain, "Who can fix it: the sender's domain · measured · RFC 8314 §3.3 · a.b"},
		{diagnosis.OwnerOperator, diagnosis.Certain,
			"Who can fix it: the operator of this bot · measured · RFC 8314 §3.3 · a.b"},
	} {
		f := findings([]diagnosis.Finding{{ID: "a.b", Owner: c.owner, Confidence: c.confidence, Reference: "RFC 8314 §3.3"}},
			Slack, "")
		if got := f.Items[0].Grounds(); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

// session is a report with one session.
func session(s probe.Session) *probe.Report {
	s.Address = netip.MustParseAddrPort("192.0.2.1:587")
	s.Source = netip.MustParseAddrPort("198.51.100.7:40001")
	return &probe.Report{
		Request: probe.Request{Target: probe.Target{Host: "mx.example.test", Port: 587}},
		Started: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Elapsed: 42 * time.Millisecond, Sessions: []probe.Session{s},
	}
}

func reply(code int, texts ...string) *smtp.Reply {
	r := &smtp.Reply{Code: code}
	for i, text := range texts {
		r.Lines = append(r.Lines, smtp.Line{Code: code, More: i < len(texts)-1, Text: text})
	}
	return r
}

func TestSaid(t *testing.T) {
	for _, c := range []struct {
		name    string
		failure *probe.Failure
		want    string
	}{
		{"nothing failed", nil, ""},
		{"no words", &probe.Failure{Kind: probe.KindTimeout}, ""},
		{"a reply", &probe.Failure{Kind: probe.KindReply, Reply: reply(454, "4.7.0 TLS not available")},
			"454 4.7.0 TLS not available"},
		{"lines", &probe.Failure{Kind: probe.KindReply, Reply: reply(554, "no", "never")}, "554-no\n554 never"},
		{"many lines", &probe.Failure{Kind: probe.KindReply, Reply: reply(554, "a", "b", "c", "d", "e")},
			"554-a\n554-b\n554-c\n… (5 lines, see the transcript)"},
		{"too long", &probe.Failure{Kind: probe.KindReply, Reply: reply(554, strings.Repeat("x", 300))},
			"554 " + strings.Repeat("x", 167) + "… (shortened, 304 characters)"},
		{"octets", &probe.Failure{Kind: probe.KindNotSMTP, Octets: "SSH-2.0-OpenSSH"}, "SSH-2.0-OpenSSH"},
		{"line ends in octets", &probe.Failure{Kind: probe.KindNotTLS, Octets: `220 a\x0d\x0a501 b\x0d\x0a`},
			"220 a\n501 b"},
		{"octets that are no text", &probe.Failure{Kind: probe.KindNotSMTP, Octets: `\x15\x03\x03`}, ""},
		{"a reply without code", &probe.Failure{Kind: probe.KindClosed, Reply: &smtp.Reply{}, Octets: "junk"}, "junk"},
	} {
		said := quote(session(probe.Session{Failure: c.failure}), diagnosis.Diagnosis{})
		if got := strings.Join(said, "\n"); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	if got := quote(&probe.Report{}, diagnosis.Diagnosis{}); got != nil {
		t.Errorf("without a session: %q", got)
	}
}

func TestHeadline(t *testing.T) {
	good := probe.Session{Hellos: []probe.Hello{{Verb: "EHLO",
		Capabilities: smtp.Capabilities{{Keyword: "AUTH", Params: []string{"PLAIN", "<!channel>", "XOAUTH2"}}}}}}
	slow := probe.Session{Steps: []probe.Step{{Phase: probe.PhaseGreeting, Elapsed: 6 * time.Second}}}
	cause := []diagnosis.Finding{{Title: "This port begins with TLS", Severity: diagnosis.Error}}
	for _, c := range []struct {
		name     string
		session  probe.Session
		verdict  diagnosis.Outcome
		findings []diagnosis.Finding
		want     string
	}{
		{"working, remote words left out", good, diagnosis.Working, nil, "login offered: PLAIN, XOAUTH2, 1 more · 42 ms"},
		{"a note is no headline", good, diagnosis.Working, []diagnosis.Finding{{Title: "Note", Severity: diagnosis.Info}},
			"login offered: PLAIN, XOAUTH2, 1 more · 42 ms"},
		{"slow", slow, diagnosis.Working, nil, "42 ms, 6 s of it for the greeting"},
		{"cause", good, diagnosis.Failed, cause, "This port begins with TLS · 42 ms"},
		{"no cause", good, diagnosis.Failed, nil, "no known cause fits; the transcript shows how it ended · 42 ms"},
		{"inconclusive", good, diagnosis.Inconclusive, cause, "This port begins with TLS · it ended at greeting · 42 ms"},
	} {
		d := diagnosis.Diagnosis{Verdict: diagnosis.Verdict{Outcome: c.verdict, Stage: probe.PhaseGreeting},
			Findings: c.findings}
		if got := Verdict(diagnosis.Judged{Report: session(c.session), Diagnosis: d}, Slack).Fact; got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestFooter(t *testing.T) {
	r := session(probe.Session{})
	d := diagnosis.Diagnosis{Verdict: diagnosis.Verdict{Untested: []diagnosis.Reach{diagnosis.ReachTLS,
		diagnosis.ReachLogin, diagnosis.ReachSender}}}
	if got, want := footer(r, d), "from 198.51.100.7 · not tested: sender"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	r.Vantage = "Frankfurt"
	if got, want := footer(r, diagnosis.Diagnosis{}),
		"from Frankfurt (198.51.100.7)"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
