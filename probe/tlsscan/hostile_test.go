package tlsscan

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"smtptest/probe"
	"smtptest/probe/clienthello"
	"smtptest/probe/guard"
	"smtptest/probe/probetest"
)

// hostile is a server in memory that does what no server should.
type hostile struct {
	name     string
	security probe.Security
	talk     func(n int, c *probetest.Conn) // n counts from 1
	refuses  int                            // connections beyond so many are refused; 0: none
	allow    int                            // Hooks.Allow allows so many; 0: all
	want     StopReason                     // empty: the scan was not stopped
	failure  probe.Kind                     // of Stopped or Report; empty: none
	says     string                         // a part of its detail
	most     int                            // connections
}

// answers sends octets after a ClientHello, then nothing.
func answers(sent ...string) func(int, *probetest.Conn) {
	return func(_ int, c *probetest.Conn) {
		if !readHello(c) {
			return
		}
		for _, s := range sent {
			if _, err := io.WriteString(c, s); err != nil {
				return
			}
		}
		_, _ = io.Copy(io.Discard, c)
	}
}

func readHello(c net.Conn) bool {
	var head [5]byte
	if _, err := io.ReadFull(c, head[:]); err != nil {
		return false
	}
	_, err := io.CopyN(io.Discard, c, int64(head[3])<<8|int64(head[4]))
	return err == nil
}

// hello is a record with a ServerHello of TLS 1.2.
func hello(suite string) string {
	return "\x16\x03\x03\x00\x2a\x02\x00\x00\x26\x03\x03" + strings.Repeat("r", 32) + "\x00" + suite + "\x00"
}

const (
	aes    = "\x00\x2f" // TLS_RSA_WITH_AES_128_CBC_SHA
	psk    = "\x00\x8c" // TLS_PSK_WITH_AES_128_CBC_SHA
	refuse = "\x15\x03\x03\x00\x02\x02\x28"
	// A HelloRetryRequest: TLS_AES_128_GCM_SHA256 and x25519.
	again = "\x16\x03\x03\x00\x38\x02\x00\x00\x34\x03\x03" +
		"\xcf\x21\xad\x74\xe5\x9a\x61\x11\xbe\x1d\x8c\x02\x1e\x65\xb8\x91" +
		"\xc2\xa2\x11\x16\x7a\xbb\x8c\x5e\x07\x9e\x09\xe2\xc8\xa8\x33\x9c" +
		"\x00\x13\x01\x00\x00\x0c\x00\x2b\x00\x02\x03\x04\x00\x33\x00\x02\x00\x1d"
)

// after behaves for some connections as crypto/tls does, and then otherwise.
func after(good int, config *tls.Config, then func(c *probetest.Conn)) func(int, *probetest.Conn) {
	return func(n int, c *probetest.Conn) {
		if n > good {
			then(c)
		} else if startTLS(c) {
			_ = tls.Server(c, config).HandshakeContext(context.Background())
		}
	}
}

// atOnce is after, without STARTTLS.
func atOnce(good int, config *tls.Config, then func(c *probetest.Conn)) func(int, *probetest.Conn) {
	return func(n int, c *probetest.Conn) {
		if n > good {
			then(c)
			return
		}
		_ = tls.Server(c, config).HandshakeContext(context.Background())
	}
}

func hostiles(config *tls.Config) []hostile {
	says := func(text string) func(*probetest.Conn) {
		return func(c *probetest.Conn) { _, _ = io.WriteString(c, text) }
	}
	busy := func(c *probetest.Conn) {
		_, _ = io.WriteString(c, "220 x\r\n")
		_, _ = c.Read(make([]byte, 512))
		_, _ = io.WriteString(c, "250-x\r\n250 STARTTLS\r\n")
		_, _ = c.Read(make([]byte, 512))
		_, _ = io.WriteString(c, "454 4.7.0 TLS not available\r\n")
	}
	silent := func(c *probetest.Conn) { _, _ = io.Copy(io.Discard, c) }
	endless := func(unit string) func(int, *probetest.Conn) {
		return func(_ int, c *probetest.Conn) {
			readHello(c)
			_, _ = io.WriteString(c, hello(aes)+strings.Repeat(unit, 1<<20/len(unit)))
		}
	}
	slowly := func(_ int, c *probetest.Conn) {
		readHello(c)
		for _, octet := range hello(aes) {
			time.Sleep(time.Second)
			if _, err := fmt.Fprintf(c, "%c", octet); err != nil {
				return
			}
		}
	}
	star, now := probe.SecuritySTARTTLS, probe.SecurityImplicit
	return []hostile{
		{name: "421 after ten", security: star, talk: after(10, config, says("421 too many connections\r\n")),
			want: StopReply, failure: probe.KindReply, most: 14},
		{name: "454 after ten", security: star, talk: after(10, config, busy), want: StopReply,
			failure: probe.KindReply, most: 14},
		{name: "454 at once", security: star, talk: after(0, config, busy), failure: probe.KindReply, most: 1},
		{name: "refused after five", security: star, talk: after(99, config, silent), refuses: 5, want: StopRefused,
			failure: probe.KindRefused, most: 9},
		{name: "RST after five", security: star, talk: after(5, config, (*probetest.Conn).Reset), want: StopRefused,
			failure: probe.KindReset, most: 9},
		{name: "closed after five", security: star, talk: after(5, config, says("")), want: StopRefused,
			failure: probe.KindClosed, most: 9},
		{name: "silent after five", security: star, talk: after(5, config, silent), want: StopSilent,
			failure: probe.KindTimeout, most: 9},
		{name: "implicit TLS, RST after five", security: now, talk: atOnce(5, config, (*probetest.Conn).Reset),
			want: StopRefused, failure: probe.KindReset, most: 20},
		{name: "implicit TLS, closed after five", security: now, talk: atOnce(5, config, says("")), want: StopRefused,
			failure: probe.KindClosed, most: 20},
		{name: "implicit TLS, silent after five", security: now, talk: atOnce(5, config, silent), want: StopSilent,
			failure: probe.KindTimeout, most: 14},
		{name: "our own limit", security: star, talk: after(99, config, silent), allow: 7, want: StopLimited,
			failure: probe.KindRateLimited, most: 7},
		{name: "no STARTTLS", security: star, talk: after(0, config, says("220 x\r\n250 x\r\n")),
			failure: probe.KindNotOffered, most: 1},
		{name: "injected", security: star,
			talk:    after(0, config, says("220 x\r\n250-x\r\n250 STARTTLS\r\n220 x\r\n250 x\r\n")),
			failure: probe.KindInjected, most: 1},
		{name: "endless greeting", security: star, talk: after(0, config, says(strings.Repeat("220-x\r\n", 99_999))),
			failure: probe.KindProtocol, most: 1},
		{name: "plain text", security: now, talk: answers("220 mail.example.test ESMTP\r\n"),
			failure: probe.KindNotTLS, most: 1},
		{name: "a suite that was not offered", security: now, talk: answers(hello(psk)), want: StopFault,
			failure: probe.KindTLS, says: "TLS_PSK_WITH_AES_128_CBC_SHA, which was not offered", most: 1},
		{name: "the same suite for ever", security: now,
			talk: answers(hello(aes) + "\x16\x03\x03\x00\x04\x0e\x00\x00\x00"), want: StopFault,
			failure: probe.KindTLS, says: "not offered", most: 9},
		{name: "the same retry for ever", security: now, talk: func(n int, c *probetest.Conn) {
			if answer := again; n == 1 {
				answers(refuse)(n, c)
			} else {
				answers(answer)(n, c)
			}
		}, want: StopFault, failure: probe.KindTLS, says: "not offered", most: 9},
		{name: "messages without end", security: now, talk: endless("\x16\x03\x03\x00\x04\x16\x00\x00\x00"), want: StopFault,
			failure: probe.KindTLS, says: "more handshake messages", most: 1},
		{name: "other records", security: now, talk: endless("\x17\x03\x03\x00\x01x"), want: StopFault,
			failure: probe.KindTLS, says: "a record of type 23", most: 1},
		{name: "a certificate of megabytes", security: now, talk: endless("\x16\x03\x03\x40\x00\x0b\x00\xff\xff" +
			strings.Repeat("x", 1<<14-4)), want: StopFault, failure: probe.KindTLS, says: "more than 64 KiB", most: 1},
		{name: "one octet a second", security: now, talk: slowly, failure: probe.KindTimeout, most: 4},
		{name: "nothing", security: now, talk: answers(), failure: probe.KindTimeout, most: 4},
	}
}

// TestHostile: whatever a server does, the scan ends within its bounds and says
// why.
func TestHostile(t *testing.T) {
	config := &tls.Config{Certificates: certificates(t, "key=rsa2048")}
	for _, h := range hostiles(config) {
		t.Run(h.name, func(t *testing.T) { synctest.Test(t, h.test) })
	}
}

func (h hostile) test(t *testing.T) {
	rep := h.scan(t)
	var failure *probe.Failure
	var why StopReason
	if failure = rep.Failure; rep.Stopped != nil {
		why = rep.Stopped.Why
		if rep.Stopped.Failure != nil {
			failure = rep.Stopped.Failure
		}
	}
	if why != h.want || failure == nil || failure.Kind != h.failure || !strings.Contains(failure.Detail, h.says) {
		t.Errorf("stopped %+v, failure %+v", rep.Stopped, failure)
	}
	if n := len(rep.Connections); n > h.most || n == 0 {
		t.Errorf("%d connections, %d at most", n, h.most)
	}
	if rep.Elapsed > MaxTime+time.Second || rep.Size() > 1<<20 {
		t.Errorf("%s, %d octets", rep.Elapsed, rep.Size())
	}
	for _, v := range rep.Versions { // what was not answered is no No
		if v.Complete && v.Offered == Yes && h.want != "" {
			t.Errorf("%+v", v)
		}
		if v.Number < TLS12 && v.Offered != Unknown && (h.want == StopRefused || h.want == StopSilent) {
			t.Errorf("%s: %+v", VersionName(v.Number), v)
		}
	}
	for _, c := range rep.Connections {
		if c.BytesReceived > clienthello.MaxBytes+80<<10 { // with the replies before it
			t.Errorf("%d octets were read", c.BytesReceived)
		}
	}
}

func (h hostile) scan(t *testing.T) Report {
	t.Helper()
	var mu sync.Mutex
	made, allowed := 0, 0
	var servers sync.WaitGroup
	defer servers.Wait()
	dial := func(_ context.Context, to netip.AddrPort) (net.Conn, error) {
		mu.Lock()
		defer mu.Unlock()
		if made++; h.refuses > 0 && made > h.refuses {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
		}
		own := &net.TCPAddr{IP: net.IPv4(198, 51, 100, 7), Port: 40000}
		near, far := probetest.Pipe(0, own, net.TCPAddrFromAddrPort(to))
		n := made
		servers.Go(func() {
			defer far.Close()
			h.talk(n, far)
		})
		return near, nil
	}
	scanner := Scanner{Local: &probe.Local{Policy: guard.Policy{Open: true}, Dial: dial}}
	rep, err := scanner.Scan(t.Context(), Request{
		Target: probe.Target{Host: "mail.example.test", Port: 465}, At: netip.MustParseAddr("192.0.2.1"),
		Security: h.security,
	}, Hooks{Allow: func(netip.AddrPort) time.Duration {
		if allowed++; h.allow > 0 && allowed > h.allow {
			return time.Minute
		}
		return 0
	}})
	if err != nil {
		t.Fatal(err)
	}
	return rep
}
