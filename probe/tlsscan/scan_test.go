package tlsscan

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"smtptest/probe"
	"smtptest/probe/guard"
	"smtptest/probe/probetest"
	"smtptest/probe/registry"
)

// server is a real listener on loopback. It counts the connections that the
// scanner has open at once.
type server struct {
	port       uint16
	mu         sync.Mutex
	open, most int
}

// serve runs a server that says each connection's words and closes it.
func serve(t *testing.T, talk func(n int, c net.Conn)) *server {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{port: l.Addr().(*net.TCPAddr).AddrPort().Port()}
	var all sync.WaitGroup
	t.Cleanup(func() {
		l.Close()
		all.Wait()
	})
	all.Go(func() {
		for n := 1; ; n++ {
			c, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() {
				defer c.Close()
				c.SetDeadline(time.Now().Add(20 * time.Second))
				talk(n, c)
			})
		}
	})
	return s
}

func (s *server) count(change int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open += change
	s.most = max(s.most, s.open)
}

// dial is for probe.Local.Dial.
func (s *server) dial(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
	var d net.Dialer
	s.count(1)
	c, err := d.DialContext(ctx, "tcp", to.String())
	if err != nil {
		s.count(-1)
		return nil, err
	}
	return &counting{Conn: c, server: s}, nil
}

type counting struct {
	net.Conn
	server *server
}

func (c *counting) Close() error {
	c.server.count(-1)
	return c.Conn.Close()
}

// scan scans it.
func (s *server) scan(t *testing.T, security probe.Security) Report {
	t.Helper()
	scanner := Scanner{Local: &probe.Local{Policy: guard.Policy{Open: true}, Dial: s.dial}}
	rep, err := scanner.Scan(t.Context(), Request{
		Target: probe.Target{Host: "localhost", Port: s.port}, Security: security, Family: probe.FamilyIP4,
	}, Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	if len(rep.Connections) > MaxConnections || s.most > MaxAtOnce {
		t.Errorf("%d connections, %d at once", len(rep.Connections), s.most)
	}
	return rep
}

// startTLS plays the server's part up to its 220.
func startTLS(c net.Conn) bool {
	in := bufio.NewReader(c)
	fmt.Fprint(c, "220 mail.example.test ESMTP\r\n")
	for {
		line, err := in.ReadString('\n')
		switch {
		case err != nil:
			return false
		case strings.HasPrefix(line, "EHLO "):
			fmt.Fprint(c, "250-mail.example.test\r\n250 STARTTLS\r\n")
		case strings.HasPrefix(line, "STARTTLS"):
			fmt.Fprint(c, "220 go ahead\r\n")
			return in.Buffered() == 0
		}
	}
}

func certificates(t *testing.T, specs ...string) (out []tls.Certificate) {
	t.Helper()
	ca, err := probetest.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	for _, spec := range specs {
		c, err := ca.Certificate(spec, "localhost")
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, *c)
	}
	return out
}

func names(number uint16, list []uint16) string {
	var out []string
	for _, n := range list {
		if number == 0 {
			out = append(out, registry.SchemeName(n))
		} else {
			out = append(out, registry.GroupName(n))
		}
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

func suiteNames(v *Version) []string {
	var out []string
	for _, s := range v.Suites {
		out = append(out, registry.SuiteName(s.Number))
	}
	slices.Sort(out)
	return out
}

// TestGo scans crypto/tls, whose lists are known to the letter.
func TestGo(t *testing.T) {
	config := &tls.Config{Certificates: certificates(t, "key=ec", "key=rsa2048"), MinVersion: tls.VersionTLS10}
	for _, s := range append(tls.CipherSuites(), tls.InsecureCipherSuites()...) {
		config.CipherSuites = append(config.CipherSuites, s.ID)
	}
	s := serve(t, func(_ int, c net.Conn) {
		if startTLS(c) {
			_ = tls.Server(c, config).HandshakeContext(context.Background())
		}
	})
	rep := s.scan(t, probe.SecuritySTARTTLS)
	if rep.Failure != nil || rep.Stopped != nil {
		t.Fatalf("failure %+v, stopped %+v", rep.Failure, rep.Stopped)
	}
	for version, offered := range map[uint16]Answer{SSL30: No, TLS10: Yes, TLS11: Yes, TLS12: Yes, TLS13: Yes} {
		v := rep.Version(version)
		if v.Offered != offered || v.Complete != (offered == Yes) {
			t.Errorf("%s: %+v", VersionName(version), v)
		}
		var want []string
		for _, s := range append(tls.CipherSuites(), tls.InsecureCipherSuites()...) {
			if slices.Contains(s.SupportedVersions, version) {
				want = append(want, s.Name)
			}
		}
		slices.Sort(want)
		if got := suiteNames(v); !slices.Equal(got, want) {
			t.Errorf("%s: %d suites\n%q, want\n%q", VersionName(version), len(got), got, want)
		}
	}
	if got := names(1, rep.Version(TLS13).Groups); got != "SecP256r1MLKEM768 SecP384r1MLKEM1024 "+
		"X25519MLKEM768 secp256r1 secp384r1 secp521r1 x25519" {
		t.Error("groups of TLS 1.3:", got)
	}
	if got := names(1, rep.Version(TLS12).Groups); got != "secp256r1 secp384r1 secp521r1 x25519" {
		t.Error("groups of TLS 1.2:", got)
	}
	for scheme, want := range map[uint16]Answer{0x0401: Yes, 0x0403: Yes, 0x0201: No, 0x0101: No, 0x0402: Unknown} {
		if got := rep.Signs(scheme); got != want {
			t.Errorf("%s: %q, want %q", registry.SchemeName(scheme), got, want)
		}
	}
	if len(rep.Certificates) != 2 {
		t.Errorf("certificates: %+v", rep.Certificates)
	}
	t.Logf("%d connections, %s", len(rep.Connections), rep.Elapsed)
}
