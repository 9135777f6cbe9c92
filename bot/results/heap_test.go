package results

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"net/netip"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"smtptest/bot/command"
	"smtptest/probe"
	"smtptest/probe/diagnosis"
	"smtptest/probe/probetest/long"
	"smtptest/probe/smtp"
)

// hostile answers with as much as this client reads: one-letter parameters,
// which cost more than their octets, replies of octets that are written as
// four characters, and a certificate whose serial number has 240,000 octets.
type hostile struct {
	tls   *tls.Config
	ehlo  string
	reply string // to all that has no other
}

func newHostile(t *testing.T) *hostile {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: new(big.Int).Lsh(big.NewInt(1), 240_000*8-2), DNSNames: []string{"other.example"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return &hostile{
		&tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}},
		"250-x\r\n250-STARTTLS\r\n" + full("250", "A"+strings.Repeat(" b", 2000)), full("250", strings.Repeat("\xff", 600)),
	}
}

// full is a reply of 60 KiB.
func full(code, line string) string {
	n := 60<<10/(len(line)+6) - 1
	return strings.Repeat(code+"-"+line+"\r\n", n) + code + " " + line + "\r\n"
}

func (h *hostile) serve(c net.Conn) {
	defer func() { _ = c.Close() }()
	_, _ = c.Write([]byte("220 x\r\n"))
	for lines := bufio.NewReader(c); ; {
		line, err := lines.ReadString('\n')
		if err != nil {
			return
		}
		reply := h.reply
		switch verb, _, _ := strings.Cut(strings.TrimSpace(line), " "); verb {
		case "EHLO":
			reply = h.ehlo
		case "STARTTLS":
			reply = "220 go\r\n"
		}
		_, _ = c.Write([]byte(reply))
		if strings.HasPrefix(line, "STARTTLS") {
			secure := tls.Server(c, h.tls)
			c, lines = secure, bufio.NewReader(secure)
		}
	}
}

// heap is what lives.
func heap() int {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// TestTheBoundIsOfTheHeap keeps the results of 24 tests, with -long of 300, of a
// server that sends all it can: what lives afterwards is within the bound, and
// within what was counted.
func TestTheBoundIsOfTheHeap(t *testing.T) {
	if testing.Short() {
		t.Skip("the race detector keeps a heap of its own, and takes a minute")
	}
	tests := 24
	if long.Requested() {
		tests = 300
	}
	h := newHostile(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go h.serve(c)
		}
	}()
	local := probe.Local{Dial: func(ctx context.Context, _ netip.AddrPort) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", l.Addr().String())
	}}
	request := probe.Request{
		Target:   probe.Target{Host: "8.8.8.8", Port: 587},
		Envelope: &probe.Envelope{To: &smtp.Mailbox{Local: "a", Domain: "b.example"}},
	}
	s, before := NewMemoryStore(), heap()
	var all sync.WaitGroup
	slots := make(chan struct{}, 8)
	for range tests {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			report, err := local.Probe(t.Context(), request, probe.Hooks{})
			if main := report.Main(); err != nil || main == nil || main.TLS == nil || len(main.TLS.Chain) == 0 {
				t.Errorf("%v, %+v", err, main)
				return
			}
			s.Put(Result{
				ID: NewID(), Place: here(), Person: "eve", Command: command.Command{Request: request},
				Judged: diagnosis.Judge(&report), Ended: time.Now().UTC(),
			})
		})
	}
	all.Wait()
	grown := heap() - before
	t.Logf("%d results, %d MiB counted, %d MiB live", s.order.Len(), s.bytes>>20, grown>>20)
	if grown > maxResultBytes || grown > s.bytes+1<<20 || s.order.Len() < 10 {
		t.Errorf("%d results, %d bytes counted, %d live, bound %d", s.order.Len(), s.bytes, grown, maxResultBytes)
	}
	runtime.KeepAlive(s)
}
