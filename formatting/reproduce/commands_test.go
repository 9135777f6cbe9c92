package reproduce_test

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"smtptest/formatting/reproduce"
	"smtptest/probe"
	"smtptest/probe/smtp"
)

// TestCasesHoldNothingElse wants of every case that its commands consist of
// known options and of values of its request, its EHLO name and the addresses
// that were dialled.
func TestCasesHoldNothingElse(t *testing.T) {
	for name, c := range cases(t) {
		synctest.Test(t, func(t *testing.T) {
			report := play(t, c)
			commands := reproduce.Commands(&report, reproduce.Here{})
			if len(commands) == 0 && report.Main() != nil {
				t.Errorf("%s: no command", name)
			}
			for _, command := range commands {
				for _, complaint := range strangers(&report, command.Argv) {
					t.Errorf("%s: %s in %s", name, complaint, command.Line())
				}
				if command.Shows == "" || strings.HasSuffix(command.Shows, ".") || strings.Contains(command.Shows, "\n") {
					t.Errorf("%s: it shows %q", name, command.Shows)
				}
			}
		})
	}
}

// options are all that commands may hold, each with what may follow.
func options() map[string]func(*probe.Report, string) bool {
	host := func(r *probe.Report, v string) bool { return v == r.Request.Target.Host }
	number := func(_ *probe.Report, v string) bool { _, err := strconv.ParseUint(v, 10, 16); return err == nil }
	seconds := func(_ *probe.Report, v string) bool {
		d, err := time.ParseDuration(v)
		return err == nil && d >= time.Second && d <= 30*time.Second
	}
	hello := func(r *probe.Report, v string) bool { _, err := smtp.ParseHelloName(v); return err == nil }
	one := func(words ...string) func(*probe.Report, string) bool {
		return func(_ *probe.Report, v string) bool { return slices.Contains(words, v) }
	}
	from := func(r *probe.Report, v string) bool {
		return v == r.Request.Envelope.From.String() || v == "<>" && r.Request.Envelope.From.IsZero()
	}
	return map[string]func(*probe.Report, string) bool{
		"dig": nil, "+cdflag": nil, "A": nil, "AAAA": nil, "MX": nil,
		"swaks": nil, "--server": func(r *probe.Report, v string) bool { return dialled(r, v) || host(r, v) },
		"--tls-verify": nil, "-verify_return_error": nil, "--port": number, "--timeout": seconds, "--ehlo": hello,
		"--tls": nil, "--tls-on-connect": nil, "--tls-optional-strict": nil, "--tls-sni": host,
		"--from": from, "--to": func(r *probe.Report, v string) bool { return v == r.Request.Envelope.To.String() },
		"--pipeline": nil,
		"--auth":     one("PLAIN", "LOGIN", "CRAM-MD5", "DIGEST-MD5"), "--auth-hide-password": nil,
		"--quit-after": one("BANNER", "FIRST-EHLO", "TLS", "EHLO", "AUTH", "MAIL", "RCPT"),
		"openssl":      one("s_client"), "-connect": dialled, "-starttls": one("smtp"), "-name": hello,
		"-servername": host, "-noservername": nil, "-verify_hostname": host, "-verify_ip": host,
		"-min_protocol": one("TLSv1", "TLSv1.2"), "-cipher": one("ALL:@SECLEVEL=0"), "-showcerts": nil, "-crlf": nil,
		"-nocommands": nil,
	}
}

// dialled reports an address of a session, with or without its port.
func dialled(r *probe.Report, v string) bool {
	return slices.ContainsFunc(r.Sessions, func(s probe.Session) bool {
		return v == s.Address.Addr().String() || v == s.Address.String()
	})
}

// strangers are the words of a command that do not belong there.
func strangers(r *probe.Report, argv []string) []string {
	var out []string
	known := options()
	for i := 0; i < len(argv); i++ {
		judge, found := known[argv[i]]
		switch {
		case !found && argv[0] == "dig" && argv[i] == r.Request.Target.Host+".":
		case !found:
			out = append(out, argv[i])
		case judge != nil && (i+1 == len(argv) || !judge(r, argv[i+1])):
			out = append(out, argv[i]+" with a wrong value")
			i++
		case judge != nil:
			i++
		}
	}
	return out
}

func TestStrangersCanBeFound(t *testing.T) {
	r := &probe.Report{Request: probe.Request{Target: probe.Target{Host: "mx.example.test", Port: 25}}}
	for _, line := range []string{"swaks --data", "swaks --tls-sni evil.example", "swaks --server 192.0.2.99",
		"swaks --port", "dig evil.example. A"} {
		if got := strangers(r, strings.Fields(line)); len(got) != 1 {
			t.Errorf("%s: %q", line, got)
		}
	}
}

// session is a report with one session at 192.0.2.1.
func session(req probe.Request, s probe.Session) *probe.Report {
	if req.Target.Host == "" {
		req.Target = probe.Target{Host: "mx.example.test", Port: 587}
	}
	if !s.Address.IsValid() {
		s.Address = netip.AddrPortFrom(netip.MustParseAddr("192.0.2.1"), req.Target.Port)
	}
	s.Source = netip.MustParseAddrPort("198.51.100.7:40001")
	return &probe.Report{Request: req, Started: time.Date(2026, 5, 1, 12, 0, 0, 0, time.FixedZone("", 7200)),
		Sessions: []probe.Session{s}}
}

func steps(phases ...probe.Phase) []probe.Step {
	var all []probe.Step
	for _, p := range phases {
		all = append(all, probe.Step{Phase: p, Outcome: probe.Passed})
	}
	return append(all, probe.Step{Phase: probe.PhaseQuit, Outcome: probe.Passed})
}

func mailbox(t *testing.T, text string) smtp.Mailbox {
	t.Helper()
	m, err := smtp.ParseMailbox(text)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestSwaksOptions looks at what no case has: logins, odd mailboxes, short
// patience, EHLO names without an answer.
func TestSwaksOptions(t *testing.T) {
	to := func(text string) *probe.Envelope {
		m := mailbox(t, text)
		return &probe.Envelope{From: mailbox(t, "-alice@example.test"), To: &m}
	}
	upTo := func(last probe.Phase) []probe.Step { return steps(probe.PhaseConnect, last) }
	envelope := &probe.EnvelopeResult{}
	together, lost := &probe.EnvelopeResult{Pipelined: true},
		&probe.Failure{Phase: probe.PhaseEnvelope, Kind: probe.KindReset}
	said := []probe.Entry{{Side: probe.SideServer, Text: "EHLO evil.example"},
		{Side: probe.SideClient, Text: "EHLO probe.example.test"}}
	for _, c := range []struct {
		name    string
		request probe.Request
		session probe.Session
		want    string // the line's end
		shows   string
	}{
		{"login", probe.Request{}, probe.Session{Steps: upTo(probe.PhaseAuth), Auth: &probe.Auth{Mechanism: "PLAIN"}},
			" --auth PLAIN --auth-hide-password --quit-after AUTH",
			"The dialogue up to the login; swaks asks for user name and password"},
		{"login that swaks does not speak", probe.Request{},
			probe.Session{Steps: upTo(probe.PhaseAuth), Auth: &probe.Auth{Mechanism: "SCRAM-SHA-256"}},
			" --timeout 30s --quit-after EHLO",
			"The dialogue up to EHLO; swaks does not speak SCRAM-SHA-256 and stops before the login"},
		{"login not tried", probe.Request{}, probe.Session{Steps: upTo(probe.PhaseAuth), Auth: &probe.Auth{}},
			" --timeout 30s --quit-after EHLO", "The dialogue up to EHLO"},
		{"login and envelope", probe.Request{Envelope: to("bob@example.test")},
			probe.Session{Steps: upTo(probe.PhaseEnvelope), Auth: &probe.Auth{Mechanism: "LOGIN"}, Envelope: envelope},
			" --auth LOGIN --auth-hide-password '--from=-alice@example.test' --to bob@example.test --quit-after RCPT",
			"The dialogue up to RCPT TO; no message is sent"},
		{"recipient with a comma", probe.Request{Envelope: to(`"a,b"@example.test`)},
			probe.Session{Steps: upTo(probe.PhaseEnvelope), Envelope: envelope},
			" --timeout 30s --quit-after EHLO",
			"The dialogue up to EHLO; swaks cannot send these mail addresses and stops before them"},
		{"recipient in quotes", probe.Request{Envelope: to(`"it's  me"@example.test`)},
			probe.Session{Steps: upTo(probe.PhaseEnvelope), Envelope: envelope},
			` '--from=-alice@example.test' --to '"it'\''s  me"@example.test' --quit-after RCPT`,
			"The dialogue up to RCPT TO; no message is sent"},
		{"sender alone", probe.Request{Envelope: &probe.Envelope{}},
			probe.Session{Steps: upTo(probe.PhaseEnvelope), Envelope: &probe.EnvelopeResult{Pipelined: true}},
			" --from '<>' --quit-after MAIL", "The dialogue up to MAIL FROM"},
		{"commands together", probe.Request{Envelope: to("bob@example.test")},
			probe.Session{Steps: upTo(probe.PhaseEnvelope), Envelope: together, Failure: lost},
			" --to bob@example.test --pipeline --quit-after RCPT", "The dialogue up to RCPT TO; no message is sent"},
		{"envelope without request", probe.Request{}, probe.Session{Steps: upTo(probe.PhaseEnvelope), Envelope: envelope},
			" --timeout 30s --quit-after EHLO", "The dialogue up to EHLO"},
		{"short patience", probe.Request{Timeout: 300 * time.Millisecond}, probe.Session{Steps: upTo(probe.PhaseGreeting)},
			" --timeout 1s --quit-after BANNER", "The connection and the greeting"},
		{"EHLO without an answer", probe.Request{Timeout: time.Hour},
			probe.Session{Steps: upTo(probe.PhaseEHLO), Transcript: said},
			" --timeout 30s --ehlo probe.example.test --quit-after EHLO", "The dialogue up to EHLO"},
		{"EHLO name asked for", probe.Request{EHLOName: "[192.0.2.9]"}, probe.Session{Steps: upTo(probe.PhaseConnect)},
			" --ehlo '[192.0.2.9]' --quit-after BANNER", "The connection and the greeting"},
		{"no step at all", probe.Request{}, probe.Session{}, " --quit-after BANNER", "The connection and the greeting"},
	} {
		c.request.Security, c.session.Security = probe.SecurityNone, probe.SecurityNone
		got := reproduce.Commands(session(c.request, c.session), reproduce.Here{})
		if len(got) != 1 || !strings.HasSuffix(got[0].Line(), c.want) || got[0].Shows != c.shows {
			t.Errorf("%s: %+v, want …%s, %s", c.name, got, c.want, c.shows)
		}
	}
}

// TestTogether: only what may come from sending commands together is shown
// that way.
func TestTogether(t *testing.T) {
	all := cases(t)
	for name, want := range map[string]bool{
		"accepted": false, "relay-denied": false, "relay-denied-exim": false, "unknown-user": false, "greylisted": false,
		"pipelining-refused": true, "pipelining-refused-exim": true, "pipeline-421": true, "reset-at-mail": true,
	} {
		synctest.Test(t, func(t *testing.T) {
			report := play(t, all[name])
			if got := strings.Contains(reproduce.Commands(&report, reproduce.Here{})[0].Line(), " --pipeline "); got != want {
				t.Errorf("%s: together is %t, want %t", name, got, want)
			}
		})
	}
}

func TestAddressesOfBothVersions(t *testing.T) {
	r := session(probe.Request{Target: probe.Target{Host: "2001:db8::1", Port: 465}},
		probe.Session{Address: netip.MustParseAddrPort("[2001:db8::1]:465"), Security: probe.SecurityImplicit,
			TLS: &probe.TLS{Implicit: true}})
	want := []string{
		"swaks --server 2001:db8::1 --port 465 --timeout 30s --tls-on-connect --tls-verify --quit-after BANNER",
		"openssl s_client -connect '[2001:db8::1]:465' -noservername -verify_ip 2001:db8::1 -verify_return_error " +
			"-min_protocol TLSv1.2 " +
			"-showcerts -crlf -nocommands",
	}
	for i, c := range reproduce.Commands(r, reproduce.Here{}) {
		if c.Line() != want[i] {
			t.Errorf("got  %s\nwant %s", c.Line(), want[i])
		}
	}
}

// TestNothingOfDenied: a policy must not be asked by way of its answers.
func TestNothingOfDenied(t *testing.T) {
	denied := &probe.Failure{Kind: probe.KindDenied}
	r := session(probe.Request{}, probe.Session{Failure: denied})
	for _, r := range []*probe.Report{r, {Lookup: probe.Lookup{Name: "mx.example.test", Failure: denied}}} {
		if got := reproduce.Commands(r, reproduce.Here{}); got != nil {
			t.Errorf("got %v", got)
		}
		if _, ok := reproduce.Section(r, reproduce.Here{}); ok {
			t.Error("there is a section")
		}
	}
}

func TestAtMostSixCommands(t *testing.T) {
	r := session(probe.Request{}, probe.Session{TLS: &probe.TLS{}})
	for range 9 {
		r.Sessions = append([]probe.Session{{Address: r.Sessions[0].Address}}, r.Sessions...)
	}
	got := reproduce.Commands(r, reproduce.Here{})
	if len(got) != 6 || got[1].Name != "openssl s_client" || got[2].Shows != "An address that was tried before" {
		t.Errorf("%d commands: %v", len(got), got)
	}
}
