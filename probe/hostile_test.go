package probe_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"smtptest/probe"
	"smtptest/probe/guard"
	"smtptest/probe/probetest"
	"smtptest/probe/smtp"
)

// nextTurn divides a hostile server's octets: what stands before the first
// one is said at once, what stands behind each after the client's next line
// or handshake.
const nextTurn = "\x1e"

// A hostile server's mode says what is asked of it and how it behaves.
const (
	modeSecurity = 0b11   // two bits: auto, starttls, implicit, none
	modePort     = 0b1100 // two bits: 587, 25, 465, 2525
	modeEnvelope = 1 << 4
	modeTLS      = 1 << 5      // it answers a ClientHello with a handshake
	modeEnd      = 0b11 << 6   // two bits: waits for the client, closes, resets, closes
	maxPieces    = 256         // written one by one; the rest comes at once
	hostileHost  = "mx.a.test" // its certificate's name
)

// hostile is a network on which every address is one server that says what
// it likes, in pieces and with pauses of its choice.
type hostile struct {
	data, pace []byte
	mode       uint8
	tls        *tls.Config

	mu      sync.Mutex
	conns   []*overheard
	playing sync.WaitGroup
}

// overheard is the client's end of a connection with what passed through it.
type overheard struct {
	net.Conn
	source netip.AddrPort
	read   []byte
	wrote  []byte
	before []byte // what had been read when the first octet was written

	inside bytes.Buffer // lines that the client sent inside TLS, as the server read them
}

// Read implements net.Conn.
func (o *overheard) Read(p []byte) (int, error) {
	n, err := o.Conn.Read(p)
	o.read = append(o.read, p[:n]...)
	return n, err
}

// Write implements net.Conn.
func (o *overheard) Write(p []byte) (int, error) {
	if len(o.wrote) == 0 {
		o.before = bytes.Clone(o.read)
	}
	n, err := o.Conn.Write(p)
	o.wrote = append(o.wrote, p[:n]...)
	return n, err
}

// request asks for what the mode says.
func (h *hostile) request(t *testing.T) probe.Request {
	req := probe.Request{
		Target: probe.Target{Host: hostileHost, Port: []uint16{587, 25, 465, 2525}[h.mode&modePort>>2]},
		Security: []probe.Security{probe.SecurityAuto, probe.SecuritySTARTTLS, probe.SecurityImplicit,
			probe.SecurityNone}[h.mode&modeSecurity],
		At: netip.MustParseAddr("192.0.2.1"),
	}
	if h.mode&modeEnvelope != 0 {
		req.Envelope = &probe.Envelope{From: mailbox(t, "a@a.test"), To: new(mailbox(t, "b@a.test"))}
	}
	return req
}

func mailbox(t testing.TB, text string) smtp.Mailbox {
	t.Helper()
	m, err := smtp.ParseMailbox(text)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// prober reaches the server.
func (h *hostile) prober() *probe.Local {
	return &probe.Local{Dial: h.dial, Policy: guard.Policy{Open: true}}
}

func (h *hostile) dial(_ context.Context, to netip.AddrPort) (net.Conn, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	source := netip.AddrPortFrom(netip.MustParseAddr("198.51.100.7"), uint16(40001+len(h.conns)))
	near, far := probetest.Pipe(time.Millisecond, net.TCPAddrFromAddrPort(source), net.TCPAddrFromAddrPort(to))
	o := &overheard{Conn: near, source: source}
	h.conns = append(h.conns, o)
	h.playing.Go(func() { h.serve(far, o) })
	return o, nil
}

// serve plays the server on one connection.
func (h *hostile) serve(raw *probetest.Conn, o *overheard) {
	turns := bytes.Split(h.data, []byte(nextTurn))
	var conn net.Conn = raw
	in := bufio.NewReader(raw)
	h.say(conn, turns[0])
	for lines := 0; len(turns) > 1; {
		first, err := in.Peek(1)
		if err != nil {
			break
		}
		if first[0] == 22 && h.mode&modeTLS != 0 && conn == raw {
			secured := tls.Server(readFrom{raw, in}, h.tls)
			if secured.Handshake() != nil {
				break
			}
			if conn, in = secured, bufio.NewReader(secured); lines > 0 {
				continue // after STARTTLS the client has the word
			}
		} else if lines++; !h.listen(in, first[0], conn != raw, o) {
			break
		}
		turns = turns[1:]
		h.say(conn, turns[0])
	}
	h.end(raw, in)
}

// readFrom is a connection that is read through a buffer.
type readFrom struct {
	net.Conn
	r io.Reader
}

// Read implements net.Conn.
func (f readFrom) Read(p []byte) (int, error) { return f.r.Read(p) }

// listen reads a line, or a record that is not answered with a handshake.
func (h *hostile) listen(in *bufio.Reader, first byte, inside bool, o *overheard) bool {
	if first == 22 {
		_, err := in.Discard(in.Buffered())
		return err == nil
	}
	line, err := in.ReadBytes('\n')
	if inside {
		o.inside.Write(line)
	}
	return err == nil
}

// say writes octets in pieces, with pauses: six bits of pace are the size of
// a piece, two the pause after it.
func (h *hostile) say(conn net.Conn, data []byte) {
	for i := 0; len(data) > 0; i++ {
		n := len(data)
		if len(h.pace) > 0 && i < maxPieces {
			p := h.pace[i%len(h.pace)]
			n = min(n, int(p&63)+1)
			time.Sleep([]time.Duration{0, 10 * time.Millisecond, time.Second, 7 * time.Second}[p>>6])
		}
		if _, err := conn.Write(data[:n]); err != nil {
			return
		}
		data = data[n:]
	}
}

func (h *hostile) end(raw *probetest.Conn, in io.Reader) {
	switch h.mode & modeEnd >> 6 {
	case 0:
		io.Copy(io.Discard, in)
	case 2:
		raw.Reset()
	}
	raw.Close()
}

// wait waits until the server is done with every connection.
func (h *hostile) wait() []*overheard {
	h.playing.Wait()
	return h.conns
}

// bytesOf makes the server's side of a script into a hostile server's
// octets and mode.
func bytesOf(script probetest.Script) (data []byte, mode uint8) {
	var b strings.Builder
	for _, a := range script {
		switch a.Verb {
		case "S", "DRIP":
			b.WriteString(a.Text + "\r\n")
		case "RAW":
			b.WriteString(a.Text)
		case "FLOOD":
			b.WriteString(strings.Repeat(a.Text+"\r\n", a.Count))
		case "ALERT":
			b.Write([]byte{21, 3, 3, 0, 2, 2, byte(a.Count)})
		case "C", "HELLO":
			b.WriteString(nextTurn)
		case "TLS":
			if mode |= modeTLS; b.Len() == 0 {
				b.WriteString(nextTurn)
			}
		case "CLOSE":
			mode |= 1 << 6
		case "RESET":
			mode |= 2 << 6
		}
	}
	return []byte(b.String()), mode
}
