//go:build unix

package realtest

import (
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"smtptest/probe/probetest"
)

// oneWay is how long each direction takes in the comparison.
const oneWay = 50 * time.Millisecond

// speedCase serves all three programs: openssl leaves without QUIT.
const speedCase = `-- request --
target: mx.example.test:587
-- dialogue --
S: 220 mx.example.test ESMTP
C: EHLO *
S: 250-mx.example.test
S: 250 STARTTLS
C: STARTTLS
S: 220 2.0.0 go ahead
TLS:
C: EHLO *
S: 250-mx.example.test
S: 250 AUTH PLAIN
C: QUIT
S: 221 2.0.0 bye
`

// BenchmarkWallTime shows how long a person waits for smtptest, swaks and
// openssl s_client at the same server, 50 ms away in each direction:
//
//	go test ./probe/realtest -run '^$' -bench WallTime -benchtime 5x
//
// All three start as programs of their own, greet, upgrade with STARTTLS and
// (openssl leaves here) ask for the capabilities again.
func BenchmarkWallTime(b *testing.B) {
	server := startSpeedServer(b)
	host, port, _ := net.SplitHostPort(delayed(b, server))
	for _, p := range []struct {
		name string
		args []string
	}{
		{buildSmtptest(b), []string{"mx.example.test:" + port, "--at", host, "--tls", "starttls"}},
		{"swaks", []string{"--server", host, "--port", port, "--ehlo", "mx.example.test", "--tls", "--quit-after", "EHLO"}},
		{"openssl", []string{"s_client", "-starttls", "smtp", "-crlf", "-connect", net.JoinHostPort(host, port)}},
	} {
		b.Run(filepath.Base(p.name), func(b *testing.B) {
			if _, err := exec.LookPath(p.name); err != nil {
				b.Skip(p.name + " is not installed")
			}
			for b.Loop() {
				// The verdict about a throw-away certificate is not the point.
				_ = exec.Command(p.name, p.args...).Run()
			}
			b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/run")
		})
	}
}

func startSpeedServer(b *testing.B) net.Addr {
	c, err := probetest.ParseCase("speed", []byte(speedCase))
	must(b, err)
	s, err := probetest.NewSandbox([]*probetest.Case{c})
	must(b, err)
	b.Cleanup(func() { s.Close() })
	return s.Address("speed")
}

func buildSmtptest(b *testing.B) string {
	program := filepath.Join(b.TempDir(), "smtptest")
	build := exec.Command("go", "build", "-o", program, "smtptest/cmd/smtptest")
	build.Stderr = os.Stderr
	must(b, build.Run())
	return program
}

// delayed opens a port that leads to a server and delays both directions.
// The handshake of TCP itself is not delayed: it is the same for all.
func delayed(b testing.TB, to net.Addr) string {
	address, _ := delayedAndCounted(b, to.String())
	return address
}

// delayedAndCounted counts the connections that are made to it, too.
func delayedAndCounted(b testing.TB, to string) (address string, connections *atomic.Int64) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	must(b, err)
	b.Cleanup(func() { l.Close() })
	connections = &atomic.Int64{}
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			connections.Add(1)
			far, err := net.Dial("tcp4", to)
			if err != nil {
				near.Close()
				continue
			}
			go carry(near, far)
			go carry(far, near)
		}
	}()
	return l.Addr().String(), connections
}

// parcel is what one read brought, and when it may be handed over.
type parcel struct {
	due  time.Time
	data []byte
}

// carry hands octets over after oneWay, also while later ones arrive.
func carry(from, to net.Conn) {
	way := make(chan parcel, 1024)
	go func() {
		defer close(way)
		for {
			buffer := make([]byte, 32<<10)
			n, err := from.Read(buffer)
			if n > 0 {
				way <- parcel{time.Now().Add(oneWay), buffer[:n]}
			}
			if err != nil {
				return
			}
		}
	}()
	for p := range way {
		time.Sleep(time.Until(p.due))
		if _, err := to.Write(p.data); err != nil {
			break
		}
	}
	time.Sleep(oneWay)
	to.Close()
	_, _ = io.Copy(io.Discard, from)
}
