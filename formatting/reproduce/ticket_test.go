package reproduce_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode"
	"unicode/utf8"

	"smtptest/formatting/formattest"
	"smtptest/formatting/reproduce"
	"smtptest/probe"
	"smtptest/probe/diagnosis"
	"smtptest/probe/probetest"
	"smtptest/probe/sasl"
	"smtptest/probe/secret"
	"smtptest/probe/smtp"
)

const maxTicketBytes = 4 << 10

// TestInjection: whatever a server says, and wherever, a ticket holds it as words.
func TestInjection(t *testing.T) {
	for _, c := range formattest.Injected(t) {
		if text := reproduce.Ticket(formattest.Judged(t, c), ""); text != "" {
			checkTicket(t, text)
		}
	}
}

// checkTicket wants a text that is bounded, printable and complete.
func checkTicket(t *testing.T, text string) {
	t.Helper()
	if len(text) > maxTicketBytes {
		t.Errorf("the ticket has %d octets", len(text))
	}
	if !utf8.ValidString(text) || strings.ContainsFunc(formattest.WithoutIsolates(text), func(c rune) bool {
		return c != '\n' &&
			!unicode.IsPrint(c)
	}) {
		t.Errorf("the ticket is not printable: %q", text)
	}
	if !strings.HasPrefix(text, "SMTP test of ") || !strings.HasSuffix(text, "Thank you.\n") {
		t.Errorf("the ticket is not whole:\n%s", text)
	}
}

func TestTicketsOfCases(t *testing.T) {
	for name, c := range cases(t) {
		synctest.Test(t, func(t *testing.T) {
			report := play(t, c)
			d := diagnosis.Judge(&report)
			text := reproduce.Ticket(d, "")
			if d.Verdict.Outcome == diagnosis.NotTested {
				if text != "" {
					t.Errorf("%s: a ticket for what was not tested", name)
				}
				return
			}
			checkTicket(t, text)
			checkPrivate(t, c, text)
			for _, want := range quoted(&report) {
				if !strings.Contains(text, want) {
					t.Errorf("%s: the server's words %q are missing in\n%s", name, want, text)
				}
			}
		})
	}
}

// checkPrivate looks for what a case logs in with.
func checkPrivate(t *testing.T, c *probetest.Case, text string) {
	t.Helper()
	if c.Request.Login == nil {
		return
	}
	login := c.Request.Login.Credential
	private := append(secret.Forms(login.Password.Reveal()), secret.Forms(login.Token.Reveal())...)
	if e := c.Request.Envelope; e == nil || e.From.String() != login.User && (e.To == nil || e.To.String() != login.User) {
		private = append(private, secret.Forms(login.User)...)
	}
	for _, form := range private {
		if strings.Contains(text, form) {
			t.Errorf("%s: %q is in\n%s", c.Name, form, text)
		}
	}
}

// quoted are the first lines of the replies that a ticket must hold, where
// they are short enough to be there whole, and hold no user name.
func quoted(r *probe.Report) []string {
	s := r.Main()
	if s == nil || s.Auth != nil {
		return nil
	}
	replies := []*smtp.Reply{s.Greeting}
	if s.Failure != nil {
		replies = append(replies, s.Failure.Reply)
	}
	var want []string
	for _, reply := range replies {
		if reply != nil && len(reply.Lines) > 0 && len(reply.String()) < 600 {
			want = append(want, "\n  "+reply.Lines[0].String())
		}
	}
	return want
}

// replyOf is a reply with one line.
func replyOf(code int, text string) *smtp.Reply {
	return &smtp.Reply{Code: code, Lines: []smtp.Line{{Code: code, Text: text}}}
}

func TestTicketNamesIDs(t *testing.T) {
	const google, queue = "5b1f17b1804b1-42b7a8b5e2csm12345678f8f.10", "4XyzAB12Cd"
	r := session(probe.Request{Envelope: &probe.Envelope{}}, probe.Session{
		Steps: steps(probe.PhaseConnect), Greeting: replyOf(220, "smtp.gmail.com ESMTP "+google+" - gsmtp"),
		Hellos: []probe.Hello{{Verb: "EHLO", Name: "probe.example.test",
			Reply: *replyOf(250, "at your service, "+google+" - gsmtp")}},
		Envelope: &probe.EnvelopeResult{Mail: replyOf(250, "OK "+google+" - gsmtp")},
		Quit:     replyOf(221, "2.0.0 closing, queued as "+queue),
	})
	text := reproduce.Ticket(diagnosis.Judge(r), "")
	checkTicket(t, text)
	for _, want := range []string{"\nGoogle session id: " + google + "\nqueue id: " + queue + "\n",
		"2026-05-01 10:00:00.000", "EHLO name probe.example.test", "Sender       <>"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
}

// TestTicketNamesTheUserInPart: its server's operators find it in a log.
func TestTicketNamesTheUserInPart(t *testing.T) {
	for user, want := range map[string]string{
		"ada@example.test": ", as a…@example.test", "élise": ", as é…", "": "accepted\n",
	} {
		r := session(probe.Request{}, probe.Session{Auth: &probe.Auth{
			Mechanism: "PLAIN", Sent: true, Accepted: true, Reply: replyOf(235, "2.7.0 ok")}})
		text := reproduce.Ticket(diagnosis.Judge(r), user)
		if !strings.Contains(text, want) || user != "" && strings.Contains(text, user) {
			t.Errorf("%q: %q is missing, or it is there whole, in\n%s", user, want, text)
		}
	}
}

// TestTicketAddresses: a private source is not the address in the server's log.
func TestTicketAddresses(t *testing.T) {
	r := session(probe.Request{}, probe.Session{})
	r.Sessions[0].Source = r.Sessions[0].Address
	if text := reproduce.Ticket(diagnosis.Judge(r), ""); strings.Contains(text, "gateway") {
		t.Errorf("a public address is taken for a private one:\n%s", text)
	}
	r = session(probe.Request{}, probe.Session{})
	r.Sessions[0].Source = netip.MustParseAddrPort("10.1.2.3:40001")
	if text := reproduce.Ticket(diagnosis.Judge(r), ""); !strings.Contains(text, "10.1.2.3:40001 (behind a gateway") {
		t.Errorf("it is not said that the log has another address:\n%s", text)
	}
}

func TestTicketNamesDeadAddresses(t *testing.T) {
	r := session(probe.Request{}, probe.Session{})
	dead := probe.Session{
		Address:    netip.MustParseAddrPort("[2001:db8::10]:587"),
		Failure:    &probe.Failure{Phase: probe.PhaseConnect, Kind: probe.KindTimeout},
		Steps:      []probe.Step{{Phase: probe.PhaseConnect, Outcome: probe.Failed, To: 1}},
		Transcript: []probe.Entry{{Side: probe.SideNote, Text: "nothing came for 10s"}},
	}
	denied := probe.Session{Address: netip.MustParseAddrPort("10.0.0.1:587"),
		Failure: &probe.Failure{Kind: probe.KindDenied}}
	r.Sessions = append([]probe.Session{dead, dead, dead, dead, denied}, r.Sessions...)
	text := reproduce.Ticket(diagnosis.Judge(r), "")
	if strings.Count(text, "Tried before [2001:db8::10]:587 at 10:00:00.000: nothing came for 10s\n") != 3 ||
		!strings.Contains(text, "Tried before and 1 more\n") {
		t.Errorf("got\n%s", text)
	}
	if strings.Contains(text, "10.0.0.1") {
		t.Errorf("a denied address is named:\n%s", text)
	}
}

func TestTicketDiagnosis(t *testing.T) {
	r := session(probe.Request{}, probe.Session{})
	f := diagnosis.Finding{Severity: diagnosis.Error, Title: "It is so", Reference: "RFC 5321 §1"}
	for _, c := range []struct {
		confidence diagnosis.Confidence
		severity   diagnosis.Severity
		want       string
	}{
		{diagnosis.Certain, diagnosis.Error, "\nDiagnosis (measured): It is so (RFC 5321 §1).\n"},
		{diagnosis.Likely, diagnosis.Warning, "\nDiagnosis (likely cause): It is so (RFC 5321 §1).\n"},
		{diagnosis.Guess, diagnosis.Error, ""},
		{diagnosis.Certain, diagnosis.Info, ""},
	} {
		f.Confidence, f.Severity = c.confidence, c.severity
		text := reproduce.Ticket(diagnosis.Judged{Report: r, Diagnosis: diagnosis.Diagnosis{
			Verdict: diagnosis.Verdict{Outcome: diagnosis.Failed}, Findings: []diagnosis.Finding{f},
		}}, "")
		if !strings.Contains(text, c.want) || c.want == "" && strings.Contains(text, "It is so") {
			t.Errorf("%s, %s: got\n%s", c.confidence, c.severity, text)
		}
	}
}

// loginCase echoes user name and password in every place where a server can.
const loginCase = `-- request --
target: mx.example.test:465
tls: implicit
-- dialogue --
TLS:
S: 220 mx.example.test ESMTP
C: EHLO [198.51.100.7]
S: 250-mx.example.test
S: 250 AUTH %s
C: AUTH *
%sC: QUIT
S: 221 2.0.0 %s
`

// TestNoSecretLeaves drives logins with a canary through a server that sends
// user name and password back, and looks for both in all that is printed.
func TestNoSecretLeaves(t *testing.T) {
	const user, password = "canary.user@example.test", `k4n"&‹é-Canary`
	echo := fmt.Sprintf("%s sender not owned by user %s, password %s", user, user, password)
	for mechanism, replies := range map[string]string{
		"PLAIN":    "S: 535 5.7.8 " + echo + "\n",
		"LOGIN":    "S: 334 VXNlcm5hbWU6\nC: *\nS: 334 UGFzc3dvcmQ6\nC: *\nS: 535 5.7.8 " + echo + "\n",
		"CRAM-MD5": "S: 334 PGFAYi5jPg==\nC: *\nS: 454 4.7.0 " + echo + "\n",
	} {
		c, err := probetest.ParseCase(mechanism, []byte(fmt.Sprintf(loginCase, mechanism, replies, echo)))
		if err != nil {
			t.Fatal(err)
		}
		c.Request.Login = &probe.Login{Mechanism: mechanism,
			Credential: sasl.Credential{User: user, Password: secret.New(password)}}
		synctest.Test(t, func(t *testing.T) {
			report := play(t, c)
			if a := report.Main().Auth; a == nil || !a.Sent {
				t.Fatalf("%s: no login was tried: %+v", mechanism, report.Main().Failure)
			}
			text := reproduce.Ticket(diagnosis.Judge(&report), "")
			checkTicket(t, text)
			for _, command := range reproduce.Commands(&report, reproduce.Here{}) {
				text += command.Line() + command.Shows
			}
			for _, form := range append(secret.Forms(user), secret.Forms(password)...) {
				if strings.Contains(text, form) {
					t.Errorf("%s: %q is in\n%s", mechanism, form, text)
				}
			}
			if !strings.Contains(text, "Login        "+mechanism+", not accepted") ||
				!strings.Contains(text, "--auth "+mechanism) {
				t.Errorf("%s: the login is missing in\n%s", mechanism, text)
			}
		})
	}
}

// FuzzTicket lets a server say anything in every place.
func FuzzTicket(f *testing.F) {
	for _, text := range []string{
		"", "220 mx.example.test ESMTP", "2.0.0 Ok: queued as 4XyzAB12Cd", "\x1b[31m", "\u202e", "\xff\xfe", "two\r\nlines",
		"id=1rXyzA-0001AB-2C",
		strings.Repeat("é", 400), strings.Repeat("queued as 4XyzAB12C0 ", 40), "a@b", "- gsmtp", "[.prod.outlook.com]",
	} {
		f.Add(text, 550, true)
		f.Add(text, 334, false)
	}
	f.Fuzz(func(t *testing.T, said string, code int, login bool) {
		r := hostile(smtp.Printable([]byte(said)), code, login)
		checkTicket(t, reproduce.Ticket(diagnosis.Judge(r), ""))
		for _, c := range reproduce.Commands(r, reproduce.Here{}) {
			if complaints := strangers(r, c.Argv); len(complaints) > 0 {
				t.Errorf("%q in %s", complaints, c.Line())
			}
		}
	})
}

// TestTicketIsBounded: what is left out is counted.
func TestTicketIsBounded(t *testing.T) {
	for _, piece := range []string{"x", "é", "a@b ", "two\nlines\n", "4711-", "[redacted]", "queued as 4XyzAB12C0 "} {
		for _, login := range []bool{false, true} {
			r := hostile(strings.Repeat(piece, 70000/len(piece)), 550, login)
			text := reproduce.Ticket(diagnosis.Judge(r), "")
			checkTicket(t, text)
			if !strings.Contains(text, "… (shortened, ") {
				t.Errorf("%q: it is not said that something is left out:\n%s", piece, text)
			}
		}
	}
}

// hostile is a report in which every text of the server is the same.
func hostile(said string, code int, login bool) *probe.Report {
	reply := replyOf(code, said)
	r := session(probe.Request{Target: probe.Target{Host: strings.Repeat("host.", 50), Port: 25}}, probe.Session{
		Greeting: reply, Hellos: []probe.Hello{{Verb: "EHLO", Name: "probe.example.test", Reply: *reply}}, STARTTLS: reply,
		Quit:     reply,
		TLS:      &probe.TLS{Complete: true, Version: "TLS 1.3", Chain: []probe.Certificate{{Subject: said}}},
		Envelope: &probe.EnvelopeResult{Mail: reply, Rcpt: reply, Rset: reply},
		Steps: append(steps(probe.PhaseConnect), probe.Step{Phase: probe.PhaseAuth, Outcome: probe.Failed, To: 9,
			Elapsed: time.Hour}),
		Transcript: []probe.Entry{{Side: probe.SideNote, Text: said}, {Side: probe.SideServer, Text: said}},
		Failure:    &probe.Failure{Phase: probe.PhaseAuth, Kind: probe.KindReply, Reply: reply},
	})
	if login {
		r.Sessions[0].Auth = &probe.Auth{Offered: []string{said}, Reply: reply, Sent: true}
	}
	return r
}
