package formatting

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"smtptest/probe"
	"smtptest/probe/diagnosis"
	"smtptest/probe/smtp"
)

func steps(all ...probe.Step) probe.Session { return probe.Session{Steps: all} }

func TestTiming(t *testing.T) {
	const ms = time.Millisecond
	passed := func(p probe.Phase, d time.Duration) probe.Step {
		return probe.Step{Phase: p, Elapsed: d, Outcome: probe.Passed}
	}
	for _, c := range []struct {
		name string
		main probe.Session
		more []probe.Session
		dns  time.Duration
		want string
	}{
		{"nothing worth naming", steps(passed(probe.PhaseConnect, 900*time.Microsecond)), nil, 0, "total 42 ms"},
		{"in order", steps(passed(probe.PhaseConnect, 12*ms), passed(probe.PhaseEHLO, 3*ms),
			passed(probe.PhaseHandshake, 20*ms), passed(probe.PhaseEHLO, 4*ms)), nil, 2 * ms,
			"DNS 2 ms · connect 12 ms · EHLO 3 ms · TLS 20 ms · EHLO 4 ms · total 42 ms"},
		{"skipped", steps(probe.Step{Phase: probe.PhaseSTARTTLS, Elapsed: 5 * ms, Outcome: probe.Skipped}), nil, 0,
			"total 42 ms"},
		{"longest", steps(passed(probe.PhaseGreeting, 6000*ms), passed(probe.PhaseEHLO, 2500*ms)), nil, 0,
			"greeting 6 s (the longest wait) · EHLO 2.5 s · total 42 ms"},
		{"not yet long", steps(passed(probe.PhaseGreeting, 1999*ms)), nil, 0, "greeting 2 s · total 42 ms"},
		{"legacy look", steps(passed(probe.PhaseHandshake, 3*ms)),
			[]probe.Session{{Variant: probe.VariantLegacy, Elapsed: 7 * ms}}, 0, "TLS 3 ms · follow-up 7 ms · total 42 ms"},
		{"comparisons beside each other", steps(passed(probe.PhaseConnect, 3*ms)),
			[]probe.Session{{Variant: probe.VariantPort, Elapsed: 7 * ms}, {Variant: probe.VariantPort, Elapsed: 5 * ms}}, 0,
			"connect 3 ms · comparison 7 ms · total 42 ms"},
		{"look beside the greeting", steps(passed(probe.PhaseGreeting, 5*ms)),
			[]probe.Session{{Variant: probe.VariantTLS, Elapsed: 7 * ms}}, 0, "greeting 5 ms · total 42 ms"},
	} {
		r := session(c.main)
		r.Sessions = append(r.Sessions, c.more...)
		if c.dns > 0 {
			r.Lookup.Name, r.Lookup.Elapsed = "mx.example.test", c.dns
		}
		if got := timing(r).Value; got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestTimingNamesOtherAddresses(t *testing.T) {
	r := session(steps(probe.Step{Phase: probe.PhaseConnect, Elapsed: 3 * time.Millisecond, Outcome: probe.Passed}))
	dead := probe.Session{Address: netip.MustParseAddrPort("[2001:db8::1]:587"), Elapsed: 10 * time.Second,
		Failure: &probe.Failure{Kind: probe.KindTimeout}}
	r.Sessions, r.Elapsed = append([]probe.Session{dead}, r.Sessions...), 10*time.Second
	if got, want := timing(r).Value, "another address 10 s (the longest wait) · connect 3 ms · total 10 s"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := elapsedWords(r), "10 s, all for another address"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func hello(secure bool, lines ...string) probe.Hello {
	h := probe.Hello{Verb: "EHLO", Secure: secure}
	for _, line := range lines {
		c, _ := smtp.ParseCapability(line)
		h.Capabilities = append(h.Capabilities, c)
	}
	return h
}

func TestCapabilities(t *testing.T) {
	for _, c := range []struct {
		name   string
		hellos []probe.Hello
		want   string
	}{
		{"none", nil, ""},
		{"in the clear", []probe.Hello{hello(false, "SIZE 100")}, "Capabilities in the clear (1)|SIZE 100"},
		{"unknown keyword", []probe.Hello{hello(false, "XFOO")}, "Capabilities in the clear (1)|XFOO"},
		{"both, STARTTLS left out", []probe.Hello{hello(false, "STARTTLS", "SIZE"), hello(true, "SIZE", "AUTH PLAIN")},
			"Capabilities inside TLS (2)|SIZE|AUTH PLAIN|Only inside TLS"},
		{"taken away", []probe.Hello{hello(false, "AUTH PLAIN", "auth plain", "STARTTLS"), hello(true, "SIZE")},
			"Capabilities inside TLS (1)|SIZE|Only before TLS|Only inside TLS"},
		{"case does not count", []probe.Hello{hello(false, "size 1"), hello(true, "SIZE 1")},
			"Capabilities inside TLS (1)|SIZE 1"},
		{"EHLO refused inside", []probe.Hello{hello(false, "SIZE"), hello(true)}, ""},
	} {
		var got []string
		for _, s := range capabilities(diagnosis.Judged{}, &probe.Session{Hellos: c.hellos}) {
			got = append(got, s.(Facts).Title)
			for _, row := range s.(Facts).Rows {
				got = append(got, row.Name)
			}
		}
		if text := strings.Join(got, "|"); text != c.want {
			t.Errorf("%s: %q, want %q", c.name, text, c.want)
		}
	}
}

// Long lists are cut, and it is said.
func TestLongLists(t *testing.T) {
	var lines []string
	for i := range 100 {
		lines = append(lines, fmt.Sprintf("X-%d", i))
	}
	lines = append(lines, "X-"+strings.Repeat("x", 488))
	f := capabilities(diagnosis.Judged{}, &probe.Session{Hellos: []probe.Hello{hello(false, lines...),
		hello(true, append([]string{lines[100]}, append(lines[50:], "SIZE 1")...)...)}})[0].(Facts)
	if got, want := f.Rows[0].Name, "X-"+strings.Repeat("x", 49)+"… (shortened, 490 characters)"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := f.Rows[mostUnknown+1].Name, "(11 of 53 shown, see the transcript)"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := value(f, "Only before TLS"); !strings.HasSuffix(got, "X-9 (10 of 50 shown)") {
		t.Errorf("%q does not say how many there are", got)
	}
	if got := brief(reply(220, strings.Repeat("x", 400))); !strings.HasSuffix(got,
		"xxx… (300 of 404 characters, see the transcript)") {
		t.Errorf("%q does not say how much there is", got)
	}
}

func TestEnvelopeRows(t *testing.T) {
	got := rowText(envelope(&probe.EnvelopeResult{Mail: reply(250, "ok"), Rcpt: reply(550, "no", "never")}).Rows)
	if want := "MAIL FROM: 250 ok\nRCPT TO: 550-no / 550 never\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestSectionOrder(t *testing.T) {
	s := probe.Session{
		Envelope: &probe.EnvelopeResult{Mail: reply(250, "ok")}, TLS: &probe.TLS{Complete: true},
		Hellos: []probe.Hello{hello(true, "SIZE")},
	}
	var titles []string
	for _, section := range sessionSections(diagnosis.Judged{Report: session(s)}, &s) {
		titles = append(titles, section.(Facts).Title)
	}
	if got, want := strings.Join(titles, "|"),
		"Envelope (no message was sent)|TLS|Capabilities inside TLS (1)"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	empty := probe.Session{Envelope: &probe.EnvelopeResult{}}
	if len(sessionSections(diagnosis.Judged{Report: session(empty)}, &empty)) != 0 {
		t.Error("an envelope without any reply has a section")
	}
}

func TestTranscripts(t *testing.T) {
	r := session(probe.Session{
		Elapsed: time.Second, Dropped: 3,
		Transcript: []probe.Entry{{At: time.Millisecond, Side: probe.SideServer, Secure: true, Text: "220 hi"}},
	})
	entry := []probe.Entry{{Side: probe.SideNote, Text: "connected"}}
	r.Sessions = append(r.Sessions, probe.Session{})
	for _, look := range []probe.Variant{probe.VariantTLS, probe.VariantLegacy, probe.VariantPort, probe.VariantUpgrade,
		probe.VariantNoSNI, probe.VariantEHLO} {
		r.Sessions = append(r.Sessions, probe.Session{Variant: look, Address: netip.MustParseAddrPort("192.0.2.1:465"),
			Transcript: entry})
	}
	all := transcripts(r)
	var titles []string
	for _, s := range all {
		titles = append(titles, s.(Code).Title)
	}
	want := "Transcript 192.0.2.1:587|Follow-up: TLS from the start|Follow-up: old TLS versions and suites offered|" +
		"Compared: 192.0.2.1:465|Compared: STARTTLS on the same port|Compared: no host named (no SNI)|Compared: our " +
		"address as the EHLO name"
	if got := strings.Join(titles, "|"); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	lines := all[0].(Code).Lines
	if lines[0] != (CodeLine{At: time.Millisecond, Side: "S", Secure: true, Text: "220 hi"}) {
		t.Errorf("first line is %+v", lines[0])
	}
	if lines[1].Side != "*" || lines[1].Text != "1 of 4 lines shown; the rest was not kept" {
		t.Errorf("last line is %+v", lines[1])
	}
}

// The failing greeting stands in the finding and in the transcript; twice is
// enough.
func TestGreetingRow(t *testing.T) {
	s := probe.Session{Greeting: reply(554, "no")}
	if got := value(connection(diagnosis.Judged{Report: session(s)}, &s), "Greeting"); got != "554 no" {
		t.Errorf("greeting is %q", got)
	}
	s.Failure = &probe.Failure{Phase: probe.PhaseGreeting}
	if got := value(connection(diagnosis.Judged{Report: session(s)}, &s), "Greeting"); got != "" {
		t.Errorf("greeting is %q", got)
	}
}
