package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	fakeslack "smtptest/bot/playground/slack"
	"smtptest/probe/probetest"
	"smtptest/probe/probetest/long"
)

// The goals: what 200 tests at once may take, and how fast a command is still
// acknowledged.
const (
	load       = 200 // tests
	loadMiB    = 150 // resident at most
	loadAckP99 = 50 * time.Millisecond
)

// hall is a server whose EHLO replies are as large as the bot reads, and which
// holds everybody inside TLS until all are there.
type hall struct {
	net.Listener
	config *tls.Config
	inside atomic.Int64
	open   chan struct{} // closed: everybody is answered
}

// newHall gives the server, and the file of the authority to trust.
func newHall(b *testing.B) (*hall, string) {
	ca, err := probetest.NewCA()
	if err != nil {
		b.Fatal(err)
	}
	cert, err := ca.Certificate("issuer=private", "127.0.0.1")
	if err != nil {
		b.Fatal(err)
	}
	root := cert.Certificate[len(cert.Certificate)-1]
	file := filepath.Join(b.TempDir(), "root.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root}), 0o600); err != nil {
		b.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	h := &hall{Listener: l, config: &tls.Config{Certificates: []tls.Certificate{*cert}}, open: make(chan struct{})}
	b.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go h.serve(c)
		}
	}()
	return h, file
}

func (h *hall) serve(c net.Conn) {
	defer func() { c.Close() }()
	large := strings.Repeat("250-X-"+strings.Repeat("Y", 480)+"\r\n", 120) // about 60 KiB
	fmt.Fprint(c, "220 hall.example.test ESMTP\r\n")
	lines, secure := bufio.NewReader(c), false
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return
		}
		switch verb, _, _ := strings.Cut(strings.TrimSpace(line), " "); {
		case verb == "EHLO" && secure:
			h.inside.Add(1)
			<-h.open
			fmt.Fprint(c, large+"250 SIZE 1000\r\n")
		case verb == "EHLO":
			fmt.Fprint(c, large+"250 STARTTLS\r\n")
		case verb == "STARTTLS":
			fmt.Fprint(c, "220 go on\r\n")
			c = tls.Server(c, h.config)
			lines, secure = bufio.NewReader(c), true
		default:
			fmt.Fprint(c, "221 bye\r\n")
			return
		}
	}
}

// BenchmarkLoad prints what the program takes while 200 tests run at once,
// each of them held inside TLS with two replies of 60 KiB, and while all their
// answers are then posted: go test ./cmd/smtptest-bot -run '^$' -bench Load -benchtime 1x -long
func BenchmarkLoad(b *testing.B) {
	long.Only(b)
	h, root := newHall(b)
	_, port, _ := net.SplitHostPort(h.Addr().String())
	options := fakeslack.Options{NoRates: true, Channels: rooms(load)}
	c := launchWith(b, options, built(b), "SMTPTEST_ALLOW_NETWORKS=127.0.0.0/8", "SMTPTEST_ALLOW_PORTS="+port,
		"SMTPTEST_CA_FILE="+root,
		"SMTPTEST_LIMIT_PERSON=1000/1m", "SMTPTEST_LIMIT_CHANNEL=1000/1m", "SMTPTEST_LIMIT_TARGET=1000/1m",
		fmt.Sprint("SMTPTEST_LIMIT_PERSON_AT_ONCE=", load), fmt.Sprint("SMTPTEST_LIMIT_AT_ONCE=", load))
	took := c.load(b, h, port)
	held := float64(c.kilobytes(b, "VmRSS")) / 1024
	close(h.open)
	c.answered(b)
	peak := float64(c.kilobytes(b, "VmHWM")) / 1024
	_ = c.Process.Signal(syscall.SIGTERM)
	c.left(b)

	p99 := took[len(took)*99/100]
	b.ReportMetric(held, "MiB-held")
	b.ReportMetric(peak, "MiB-peak")
	b.ReportMetric(float64(p99.Microseconds())/1000, "ms-ack-p99")
	b.ReportMetric(0, "ns/op")
	if peak > loadMiB || p99 > loadAckP99 {
		b.Errorf("%.1f MiB held, %.1f at the peak, p99 %s; the goals are %d MiB and %s", held, peak, p99, loadMiB,
			loadAckP99)
	}
}

// rooms are channels that the bot was invited to.
func rooms(n int) []fakeslack.Channel {
	out := make([]fakeslack.Channel, n)
	for i := range out {
		out[i] = fakeslack.Channel{ID: fmt.Sprintf("C0ROOM%03d", i), Name: fmt.Sprintf("room-%d", i)}
	}
	return out
}

// load types the commands, 50 a second, and waits until all tests are held.
// It gives how long each acknowledgement took, in order of length.
func (c *child) load(b *testing.B, h *hall, port string) []time.Duration {
	ctx, cancel := context.WithTimeout(b.Context(), 30*time.Second)
	defer cancel()
	took := make([]time.Duration, load)
	var all sync.WaitGroup
	for i, room := range rooms(load) {
		d := c.slack.Command(fakeslack.Ada, room.ID, "127.0.0.1:"+port)
		all.Go(func() {
			ack, err := d.Wait(ctx)
			if err != nil {
				b.Error(err)
			}
			took[i] = ack.After
		})
		time.Sleep(time.Second / 50)
	}
	all.Wait()
	for ; h.inside.Load() < load; time.Sleep(10 * time.Millisecond) {
		if ctx.Err() != nil {
			b.Fatalf("%d of %d are inside; log:\n%s", h.inside.Load(), load, c.log)
		}
	}
	slices.Sort(took)
	return took
}

// answered waits for a verdict in every room.
func (c *child) answered(b *testing.B) {
	ctx, cancel := context.WithTimeout(b.Context(), time.Minute)
	defer cancel()
	for _, room := range rooms(load) {
		if err := c.slack.Until(ctx, func() bool {
			m := c.slack.Messages(room.ID)
			return len(m) > 1 && strings.Contains(m[0].Text, "Works")
		}); err != nil {
			b.Fatalf("%s: %v", room.ID, c.slack.Messages(room.ID))
		}
	}
}
