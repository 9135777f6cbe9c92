package probe_test

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"smtptest/probe"
	"smtptest/probe/guard"
	"smtptest/probe/probetest"
	"smtptest/probe/resolve"
)

// at is a resolver that knows the same addresses for every name.
type at []netip.Addr

// Addresses implements probe.Resolver.
func (a at) Addresses(context.Context, string) ([]netip.Addr, error) { return a, nil }

// Why implements probe.Resolver.
func (a at) Why(context.Context, string) resolve.Explanation { return resolve.Explanation{} }

var loopback = netip.MustParseAddr("127.0.0.1")

// listen opens a port on loopback that is closed with the test.
func listen(t testing.TB) *net.TCPListener {
	t.Helper()
	l, err := net.ListenTCP("tcp", net.TCPAddrFromAddrPort(netip.AddrPortFrom(loopback, 0)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func portOf(l *net.TCPListener) uint16 { return l.Addr().(*net.TCPAddr).AddrPort().Port() }

// serve lets a function play the server on each connection, and returns the
// port. All of them have ended when the test ends.
func serve(t testing.TB, play func(*net.TCPConn)) uint16 {
	t.Helper()
	l := listen(t)
	var playing sync.WaitGroup
	playing.Go(func() {
		for {
			conn, err := l.AcceptTCP()
			if err != nil {
				return
			}
			playing.Go(func() { defer conn.Close(); play(conn) })
		}
	})
	t.Cleanup(func() { l.Close(); playing.Wait() })
	return portOf(l)
}

// scripted plays a script and fails the test when the client leaves it.
func scripted(t testing.TB, script string) func(*net.TCPConn) {
	t.Helper()
	actions, err := probetest.ParseScript(script)
	if err != nil {
		t.Fatal(err)
	}
	ca, err := probetest.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	server := &probetest.Server{CA: ca, Host: hostileHost}
	return func(conn *net.TCPConn) {
		if err := server.Play(conn, actions); err != nil {
			t.Error(err)
		}
	}
}

// onLoopback is a prober that may reach loopback at one port, through the
// guard and the dialler that everybody gets.
func onLoopback(port uint16) *probe.Local {
	return &probe.Local{
		Resolver: at{loopback}, EHLOName: "client.a.test",
		Policy: guard.Policy{Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Ports: []uint16{port}},
	}
}

func request(port uint16) probe.Request {
	return probe.Request{Target: probe.Target{Host: hostileHost, Port: port}, Timeout: 20 * time.Second}
}

func run(t testing.TB, l *probe.Local, req probe.Request) probe.Report {
	t.Helper()
	report, err := l.Probe(t.Context(), req, probe.Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// reset waits until the client has seen its connection: a RST that comes
// earlier ends connect(2) itself.
func reset(conn *net.TCPConn) {
	time.Sleep(50 * time.Millisecond)
	conn.SetLinger(0)
}

func untilClosed(conn *net.TCPConn) { conn.Read(make([]byte, 1)) }

// ends are the ways in which a server on a real socket can end a session.
var ends = []struct {
	name    string
	play    func(*net.TCPConn)
	timeout time.Duration
	phase   probe.Phase
	kind    probe.Kind
	last    string // of the transcript
}{
	{"reset before the greeting", reset, 0, probe.PhaseGreeting, probe.KindReset, "the connection was reset"},
	{"closed at once", func(*net.TCPConn) {}, 0, probe.PhaseGreeting, probe.KindClosed,
		"the server closed the connection"},
	{"accepted and silent", untilClosed, 300 * time.Millisecond, probe.PhaseGreeting, probe.KindRunTimeout,
		"the time of this test was over"},
	{"part of a greeting", func(c *net.TCPConn) { c.Write([]byte("220-wait\r\n22")); untilClosed(c) },
		300 * time.Millisecond,
		probe.PhaseGreeting, probe.KindRunTimeout, "the time of this test was over"},
	{"not SMTP", func(c *net.TCPConn) { c.Write([]byte("SSH-2.0-OpenSSH_9.6\r\n")); untilClosed(c) }, 0,
		probe.PhaseGreeting, probe.KindNotSMTP, "this is not an SMTP reply"},
	{"silent after the greeting", func(c *net.TCPConn) {
		c.Write([]byte("220 a\r\n"))
		c.Read(make([]byte, 100))
		untilClosed(c)
	}, 300 * time.Millisecond,
		probe.PhaseEHLO, probe.KindRunTimeout, "the time of this test was over"},
	{"reset after EHLO", func(c *net.TCPConn) { c.Write([]byte("220 a\r\n")); c.Read(make([]byte, 100)); reset(c) }, 0,
		probe.PhaseEHLO, probe.KindReset, "the connection was reset"},
}

func TestRealSockets(t *testing.T) {
	for _, tt := range ends {
		t.Run(tt.name, func(t *testing.T) {
			port := serve(t, tt.play)
			req := request(port)
			if tt.timeout > 0 {
				req.Timeout = tt.timeout
			}
			report := run(t, onLoopback(port), req)
			s := report.Main()
			if s == nil || s.Failure == nil || s.Failure.Phase != tt.phase || s.Failure.Kind != tt.kind {
				t.Fatalf("%+v", report)
			}
			if last := s.Transcript[len(s.Transcript)-1]; last.Text != tt.last || last.Side != probe.SideNote {
				t.Errorf("the transcript ends with %+v, want %q", last, tt.last)
			}
			if s.Source.Addr() != loopback || s.Address.Port() != port || report.Elapsed > req.Timeout+time.Second {
				t.Errorf("from %v to %v in %v", s.Source, s.Address, report.Elapsed)
			}
		})
	}
}

func TestRefusedPort(t *testing.T) {
	l := listen(t)
	port := portOf(l)
	l.Close()
	report := run(t, onLoopback(port), request(port))
	s := report.Main()
	if report.Sessions[0].Variant != probe.VariantMain || s.Failure.Phase != probe.PhaseConnect ||
		s.Failure.Kind != probe.KindRefused || s.Source.IsValid() {
		t.Fatalf("%+v", report)
	}
	if len(s.Transcript) != 1 || s.Transcript[0].Text != "connection refused" || len(report.Lookup.Untried) != 0 {
		t.Errorf("transcript %+v, untried %v", s.Transcript, report.Lookup.Untried)
	}
}

// TestNextAddress: the first address refuses, the second answers, the third
// is not needed.
func TestNextAddress(t *testing.T) {
	second, third := netip.MustParseAddr("127.0.0.2"), netip.MustParseAddr("127.0.0.3")
	l, err := net.ListenTCP("tcp", net.TCPAddrFromAddrPort(netip.AddrPortFrom(second, 0)))
	if err != nil {
		t.Skip("this system has one loopback address: ", err)
	}
	defer l.Close()
	go func() {
		if conn, err := l.AcceptTCP(); err == nil {
			conn.Write([]byte("554 no\r\n"))
			untilClosed(conn)
			conn.Close()
		}
	}()
	local := onLoopback(portOf(l))
	local.Resolver = at{loopback, second, third}
	report := run(t, local, request(portOf(l)))
	if len(report.Sessions) != 2 || report.Sessions[0].Failure.Kind != probe.KindRefused ||
		report.Main().Address.Addr() != second {
		t.Fatalf("%+v", report)
	}
	if got := report.Lookup.Untried; len(got) != 1 ||
		got[0] != (probe.Untried{Address: third, Reason: probe.UntriedAnswered}) {
		t.Errorf("untried %v", got)
	}
}

// TestGuardDenies: nothing connects, and the report does not say where the
// name points to beyond the address that it was given.
func TestGuardDenies(t *testing.T) {
	l := listen(t)
	for _, tt := range []struct {
		name   string
		policy guard.Policy
		host   string
		rule   guard.Rule
	}{
		{"zero policy, port", guard.Policy{}, "127.0.0.1", guard.RulePort},
		{"address", guard.Policy{Ports: []uint16{portOf(l)}}, "127.0.0.1", guard.RuleLoopback},
		{"name", guard.Policy{Ports: []uint16{portOf(l)}}, hostileHost, guard.RuleLoopback},
	} {
		t.Run(tt.name, func(t *testing.T) {
			req := request(portOf(l))
			req.Target.Host = tt.host
			report := run(t, &probe.Local{Resolver: at{loopback}, Policy: tt.policy}, req)
			f := report.Lookup.Failure
			if f == nil || f.Phase != probe.PhaseGuard || f.Kind != probe.KindDenied || len(report.Sessions) > 0 ||
				report.Main() != nil {
				t.Fatalf("%+v", report)
			}
			if f.Detail != string(tt.rule) || strings.Contains(f.Detail, "127") {
				t.Errorf("detail %q", f.Detail)
			}
		})
	}
	l.SetDeadline(time.Now().Add(50 * time.Millisecond))
	if conn, err := l.Accept(); err == nil {
		t.Errorf("%v connected", conn.RemoteAddr())
	}
}
