//go:build unix

package realtest

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"smtptest/probe"
	"smtptest/probe/guard"
	"smtptest/probe/smtp"
)

// The names in all configurations and commands.
const (
	mailHost  = "mail.example.test" // the servers' name, in their certificates
	probeHost = "probe.example.test"
	sender    = "bob@sender.example.test"
	known     = "alice@example.test"      // accepted
	unknown   = "stranger@example.test"   // refused: no such user
	elsewhere = "carol@elsewhere.example" // refused: relaying
)

// Loopback addresses: where servers listen, and where a client calls from
// that is not to be taken for a process of the server's own machine.
const (
	loopback = "127.0.0.1"
	caller   = "127.0.0.2"
	crowded  = "127.0.0.3" // Exim takes one connection from it at a time
)

// runTimeout is the limit of one run of the probe.
const runTimeout = 30 * time.Second

// listener is one port of a running server and what is expected there.
type listener struct {
	name string
	port uint16
	as   uint16           // what the probe takes the port for; 0: for what it is
	from string           // address of the clients; empty: the system's choice
	ways []probe.Security // in which it is asked
	// codes of the replies that end the envelopes with these recipients: to
	// RCPT, or to a refused MAIL.
	codes map[string]int
	// brokenTLS: the package's TLS does not work on this release of Debian.
	// How it fails is compared.
	brokenTLS bool
	pause     time.Duration // between the greeting's lines; 0: it has one line
}

// The ways that ports are asked in.
func bothWays() []probe.Security {
	return []probe.Security{probe.SecurityNone, probe.SecuritySTARTTLS}
}
func clearOnly() []probe.Security    { return []probe.Security{probe.SecurityNone} }
func upgradeOnly() []probe.Security  { return []probe.Security{probe.SecuritySTARTTLS} }
func implicitOnly() []probe.Security { return []probe.Security{probe.SecurityImplicit} }

// examine asks each listener in each of its ways.
func (s *site) examine(listeners ...listener) {
	for _, l := range listeners {
		for _, way := range l.ways {
			s.Run(l.name+"/"+string(way), func(t *testing.T) {
				t.Parallel()
				s.examineWay(t, l, way)
			})
		}
	}
}

// examineWay compares one session per recipient with swaks, and the last
// one's handshake against openssl.
func (s *site) examineWay(t *testing.T, l listener, way probe.Security) {
	var seen facts
	for to, code := range l.codes {
		report := s.probe(t, l, probe.Request{Security: way, Envelope: envelope(t, to)})
		seen = ofSession(report.Main())
		s.confirm(t, l, way, seen, to)
		if works := way == probe.SecurityNone || !l.brokenTLS; works {
			expect(t, report, seen, code)
		}
		if l.pause > 0 {
			waited(t, report.Main(), l.pause)
		}
	}
	if way != probe.SecurityNone {
		said := s.openssl(t, l, way)
		differ(t, seen, "openssl", said, handshake, breach, version, suite, group, trust, chainLength)
		differ(t, seen, "openssl", said, certificateNames(seen, said)...)
	}
}

// confirm compares a session with what swaks says.
func (s *site) confirm(t *testing.T, l listener, way probe.Security, seen facts, to string) {
	t.Helper()
	said := readSwaks(s.swaks(t, l, way, "--from", sender, "--to", to, "--quit-after", "RCPT"))
	names := []string{greeting, clearHello, clearCaps, startTLS, handshake, version, secureHello, secureCaps, mail}
	if strings.HasPrefix(said[mail], "2") {
		names = append(names, rcpt) // after a refused MAIL swaks does not ask; the probe may have pipelined it
	}
	if seen[handshake] != "failed" {
		names = append(names, quit)
	}
	differ(t, seen, "swaks", said, names...)
}

// expect fails the test if all witnesses agree because nothing worked.
func expect(t *testing.T, report probe.Report, seen facts, code int) {
	t.Helper()
	if len(report.Sessions) != 1 {
		t.Errorf("%d sessions, want 1: a working server never causes a second connection", len(report.Sessions))
	}
	last := seen[rcpt]
	if !strings.HasPrefix(seen[mail], "2") {
		last = seen[mail]
	}
	if !strings.HasPrefix(last, fmt.Sprint(code)) {
		t.Errorf("the envelope ended with %q, want %d", last, code)
	}
	failed := report.Main().Failure
	if refused := code >= 400; refused != (failed != nil) || refused &&
		(failed.Kind != probe.KindReply || failed.Phase != probe.PhaseEnvelope) {
		t.Errorf("after %d the failure is %+v", code, failed)
	}
}

// certificateNames names the facts about certificates that either has.
func certificateNames(one, other facts) []string {
	var names []string
	for n := 0; one[certificateFact(n)]+other[certificateFact(n)] != ""; n++ {
		names = append(names, certificateFact(n))
	}
	return names
}

// probe runs the probe against a listener.
func (s *site) probe(t *testing.T, l listener, req probe.Request) probe.Report {
	t.Helper()
	report := s.measure(t, l, req)
	if report.Main() == nil {
		t.Fatalf("the probe made no connection: %+v", report.Lookup)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(transcript(report))
		}
	})
	return report
}

// measure runs the probe, and leaves it to the caller to ask for a session.
func (s *site) measure(t *testing.T, l listener, req probe.Request) probe.Report {
	local := &probe.Local{Policy: guard.Policy{Open: true}, Roots: s.ca.Roots(), EHLOName: probeHost}
	dialer := &net.Dialer{}
	if l.from != "" {
		dialer.LocalAddr = &net.TCPAddr{IP: net.ParseIP(l.from)}
	}
	told := cmp.Or(l.as, l.port)
	local.Dial = func(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
		if to.Port() == told {
			to = netip.AddrPortFrom(to.Addr(), l.port)
		}
		return dialer.DialContext(ctx, "tcp", to.String())
	}
	req.Target = probe.Target{Host: mailHost, Port: told}
	req.At = netip.MustParseAddr(loopback)
	req.Timeout = cmp.Or(req.Timeout, runTimeout)
	report, err := local.Probe(t.Context(), req, probe.Hooks{})
	if err != nil {
		t.Error(err)
	}
	return report
}

func envelope(t *testing.T, to string) *probe.Envelope {
	t.Helper()
	from, err := smtp.ParseMailbox(sender)
	must(t, err)
	rcpt, err := smtp.ParseMailbox(to)
	must(t, err)
	return &probe.Envelope{From: from, To: &rcpt}
}

// transcript is what a failed test shows of the probe's sessions.
func transcript(r probe.Report) string {
	var text strings.Builder
	for _, s := range r.Sessions {
		fmt.Fprintf(&text, "session variant=%q security=%s failure=%+v\n", s.Variant, s.Security, s.Failure)
		for _, e := range s.Transcript {
			fmt.Fprintf(&text, "\t%6d ms %s %s\n", e.At.Milliseconds(), e.Side, e.Text)
		}
	}
	return text.String()
}
