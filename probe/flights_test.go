package probe_test

import (
	"testing"
	"testing/synctest"
	"time"

	"smtptest/probe"
	"smtptest/probe/probetest"
)

// oneWay is how long a segment travels. Dialling in memory costs nothing, so
// the trips of the TCP handshake are not counted below.
const oneWay = 50 * time.Millisecond

// flights are sessions with the trips that each part of them takes: no more
// than the protocol needs. Trips to the server and back are counted singly.
var flights = []struct {
	name, dialogue string
	security       probe.Security
	trips          int // from the connection to the last capability list
}{
	// greeting 1, EHLO 2, STARTTLS 2, ClientHello to ServerHello 2, Finished with EHLO 2
	{"STARTTLS with TLS 1.3", "S: 220 mx\nC: EHLO *\nS: 250-mx\nS: 250 STARTTLS\nC: STARTTLS\nS: 220 go\nTLS: min=1.3\n" +
		"C: EHLO *\nS: 250-mx\nS: 250 DSN\nC: QUIT\nS: 221 bye\n", probe.SecuritySTARTTLS, 9},
	// TLS 1.2 waits for the server's Finished: 2 more
	{"STARTTLS with TLS 1.2", "S: 220 mx\nC: EHLO *\nS: 250-mx\nS: 250 STARTTLS\nC: STARTTLS\nS: 220 go\nTLS: max=1.2\n" +
		"C: EHLO *\nS: 250-mx\nS: 250 DSN\nC: QUIT\nS: 221 bye\n", probe.SecuritySTARTTLS, 11},
	// ClientHello to ServerHello 2, Finished to the greeting 2, EHLO 2
	{"implicit TLS 1.3", "TLS: min=1.3\nS: 220 mx\nC: EHLO *\nS: 250-mx\nS: 250 DSN\nC: QUIT\nS: 221 bye\n",
		probe.SecurityImplicit, 6},
	// the greeting comes right behind the server's Finished
	{"implicit TLS 1.2", "TLS: max=1.2\nS: 220 mx\nC: EHLO *\nS: 250-mx\nS: 250 DSN\nC: QUIT\nS: 221 bye\n",
		probe.SecurityImplicit, 6},
	{"cleartext", "S: 220 mx\nC: EHLO *\nS: 250-mx\nS: 250 DSN\nC: QUIT\nS: 221 bye\n", probe.SecurityNone, 3},
	// a group that was not among the key shares costs a second ClientHello
	{"TLS 1.3 with another group",
		"S: 220 mx\nC: EHLO *\nS: 250-mx\nS: 250 STARTTLS\nC: STARTTLS\nS: 220 go\nTLS: min=1.3 groups=p521\n" +
			"C: EHLO *\nS: 250-mx\nS: 250 DSN\nC: QUIT\nS: 221 bye\n", probe.SecuritySTARTTLS, 11},
}

func TestFlights(t *testing.T) {
	for _, tt := range flights {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				report, known := fly(t, tt.dialogue, probe.Request{Security: tt.security})
				s := report.Main()
				lines := s.Hello().Reply.Lines
				if got, want := lines[len(lines)-1].At, time.Duration(tt.trips)*oneWay; got != want {
					t.Errorf("the capabilities came after %v, %v trips; want %d", got, float64(got)/float64(oneWay), tt.trips)
				}
				checkVerdictTime(t, s, known, tt.trips)
			})
		})
	}
}

// checkVerdictTime wants the verdict when all but the reply to QUIT is there:
// QUIT costs nobody's time.
func checkVerdictTime(t *testing.T, s *probe.Session, known probe.Event, trips int) {
	t.Helper()
	if known.Known == nil || s.Quit == nil {
		t.Fatalf("known %v, reply to QUIT %v", known.Known, s.Quit)
	}
	verdict, quit := time.Duration(trips)*oneWay, s.Quit.Lines[0].At
	if known.At != verdict || quit != verdict+2*oneWay {
		t.Errorf("the verdict was known at %v, QUIT answered at %v; want %v and %v", known.At, quit, verdict,
			verdict+2*oneWay)
	}
	if early := known.Known.Main(); early == nil || early.Hello() == nil || early.Failure != nil || early.Quit != nil {
		t.Errorf("what is known early: %+v", early)
	}
}

// TestEnvelopeFlights counts the trips of MAIL, RCPT and RSET.
func TestEnvelopeFlights(t *testing.T) {
	for _, tt := range []struct {
		name, dialogue string
		trips          int
		pipelined      bool
	}{
		{"pipelined", "S: 220 mx\nC: EHLO *\nS: 250-mx\nS: 250 PIPELINING\nC: MAIL *\nC: RCPT *\nC: RSET\n" +
			"S: 250 a\nS: 250 b\nS: 250 c\nC: QUIT\nS: 221 bye\n", 2, true},
		{"one by one",
			"S: 220 mx\nC: EHLO *\nS: 250 mx\nC: MAIL *\nS: 250 a\nC: RCPT *\nS: 250 b\nC: RSET\nS: 250 c\n" +
				"C: QUIT\nS: 221 bye\n", 6, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				envelope := &probe.Envelope{From: mailbox(t, "a@a.test"), To: new(mailbox(t, "b@a.test"))}
				report, known := fly(t, tt.dialogue, probe.Request{Security: probe.SecurityNone, Envelope: envelope})
				s := report.Main()
				if s.Envelope == nil || s.Envelope.Pipelined != tt.pipelined || s.Envelope.Rset == nil {
					t.Fatalf("envelope %+v", s.Envelope)
				}
				step := s.Steps[len(s.Steps)-2]
				if want := time.Duration(tt.trips) * oneWay; step.Phase != probe.PhaseEnvelope || step.Elapsed != want {
					t.Errorf("%s took %v, want %v", step.Phase, step.Elapsed, want)
				}
				checkVerdictTime(t, s, known, 3+tt.trips)
			})
		})
	}
}

// TestEnforcedFlights counts the trips of MAIL and RSET before STARTTLS: those
// of one more command where they may be sent together, and none at all for who
// does not ask.
func TestEnforcedFlights(t *testing.T) {
	const before, after = "S: 220 mx\nC: EHLO *\nS: 250-mx\nS: 250-PIPELINING\nS: 250 STARTTLS\n",
		"C: STARTTLS\nS: 220 go\nTLS: min=1.3\nC: EHLO *\nS: 250 mx\nC: QUIT\nS: 221 bye\n"
	for asked, dialogue := range map[bool]string{
		false: before + after, true: before + "C: MAIL FROM:<>\nC: RSET\nS: 530 no\nS: 250 ok\n" + after,
	} {
		synctest.Test(t, func(t *testing.T) {
			report, known := fly(t, dialogue, probe.Request{Security: probe.SecurityAuto, Enforced: asked})
			trips := 9
			if asked {
				trips += 2
			}
			checkVerdictTime(t, report.Main(), known, trips)
			if m := report.Main().ClearMail; (m != nil) != asked || len(report.Sessions) != 1 {
				t.Errorf("asked %t: replies %+v, %d sessions", asked, m, len(report.Sessions))
			}
		})
	}
}

// TestSilenceAtQuit waits a second for 221, after the verdict.
func TestSilenceAtQuit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		report, known := fly(t, "S: 220 mx\nC: EHLO *\nS: 250 mx\nC: QUIT\nEOF\n",
			probe.Request{Security: probe.SecurityNone})
		if known.At != 3*oneWay || report.Elapsed != known.At+time.Second || report.Main().Quit != nil ||
			report.Main().Failure != nil {
			t.Errorf("known at %v, over at %v, %+v", known.At, report.Elapsed, report.Main())
		}
	})
}

// fly probes a server far away, and returns the event of the early verdict.
func fly(t *testing.T, dialogue string, req probe.Request) (probe.Report, probe.Event) {
	t.Helper()
	script, err := probetest.ParseScript(dialogue)
	if err != nil {
		t.Fatal(err)
	}
	ca, err := probetest.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	req.Target = probe.Target{Host: "mx.a.test", Port: 587}
	network := probetest.NewNetwork(&probetest.Case{Request: req, Dialogues: []probetest.Script{script}}, ca)
	network.Latency = oneWay
	var known probe.Event
	report, err := network.Prober().Probe(t.Context(), req, probe.Hooks{Event: func(e probe.Event) {
		if e.Known != nil {
			known = e
		}
	}})
	for _, problem := range append(network.Wait(), err) {
		if problem != nil {
			t.Error(problem)
		}
	}
	if f := report.Main().Failure; f != nil {
		t.Errorf("failed: %+v", f)
	}
	return report, known
}
