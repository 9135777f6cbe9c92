package probetest

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"smtptest/probe"
)

// maxClientLineBytes bounds what a scripted server reads of one line.
const maxClientLineBytes = 4 << 10

// Server plays scripts.
type Server struct {
	CA    *CA
	Host  string            // the name that certificates carry unless the script says otherwise
	Login *probe.Login      // what braces in the scripts stand for; nil: braces stand for themselves
	Guest *probe.Login      // what a client may log in with that departs from the script; nil: none may depart
	Heard func(line string) // receives each line that C: and SCRAM: read, as it came; nil: nobody does
}

// Mismatch says that a client did not do what the script expects.
type Mismatch struct {
	Line int    // of the script
	Want string // the action
	Got  string
}

// Error is one line: where, what was planned and what came.
func (m *Mismatch) Error() string {
	return fmt.Sprintf("script line %d: wanted %s, got %s", m.Line, m.Want, m.Got)
}

// Play plays a script on a connection and closes it. The error is a
// *Mismatch when the client did something else than planned. A connection
// that breaks while the server sends, and a handshake that fails, end the
// script without error: they are what many scripts are about.
func (s *Server) Play(conn net.Conn, script Script) error {
	p := &play{server: s, raw: conn, conn: conn, in: bufio.NewReaderSize(conn, maxClientLineBytes)}
	defer func() { p.conn.Close() }()
	if s.Guest != nil {
		p.guest = &guest{account: *s.Guest}
	}
	for i, a := range script {
		if p.guest != nil {
			p.guest.rest = script[i:]
		}
		err := p.act(a)
		if errors.Is(err, errOver) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return p.nothingMore(script)
}

// errOver ends a script early and in order.
var errOver = errors.New("the script is over")

type play struct {
	server *Server
	raw    net.Conn // TCP
	conn   net.Conn // raw, or TLS on top of it
	in     *bufio.Reader
	guest  *guest // nil: the client must do what the script says
}

func (p *play) act(a Action) error {
	switch a.Verb {
	case "S":
		return p.say(a)
	case "RAW":
		return p.send(a.Text)
	case "DRIP":
		return p.drip(a)
	case "FLOOD":
		return p.flood(a)
	case "POUR":
		return p.send(strings.Repeat(a.Text, a.Count))
	case "C":
		return p.expect(a)
	case "SCRAM":
		return p.scram(a)
	case "TLS":
		return p.handshake(a)
	case "HELLO":
		return p.clientHello(a)
	case "ALERT":
		return p.alert(a.Count)
	case "PAUSE":
		return p.pause(a.Every)
	case "EOF":
		return p.eof(a)
	case "HANGUP":
		p.raw.Close()
	case "RESET":
		return p.reset()
	}
	return errOver // CLOSE, HANGUP
}

func (p *play) send(text string) error {
	if _, err := io.WriteString(p.conn, text); err != nil {
		return errOver
	}
	return nil
}

// alert goes out in the clear: inside TLS it does not belong there.
func (p *play) alert(number int) error {
	if _, err := p.raw.Write([]byte{21, 3, 3, 0, 2, 2, byte(number)}); err != nil {
		return errOver
	}
	return nil
}

func (p *play) drip(a Action) error {
	for _, c := range []byte(a.Text + "\r\n") {
		if err := p.pause(a.Every); err != nil {
			return err
		}
		if err := p.send(string([]byte{c})); err != nil {
			return err
		}
	}
	return nil
}

func (p *play) flood(a Action) error {
	for range a.Count {
		if err := p.send(a.Text + "\r\n"); err != nil {
			return err
		}
	}
	return nil
}

// pause waits, but not for a client that has gone.
func (p *play) pause(d time.Duration) error {
	p.raw.SetReadDeadline(time.Now().Add(d))
	defer p.raw.SetReadDeadline(time.Time{})
	_, err := p.in.Peek(1)
	if netErr, ok := errors.AsType[net.Error](err); ok && netErr.Timeout() {
		return nil
	}
	if err != nil {
		return errOver
	}
	// The client spoke during the pause; what it said is read in its turn.
	time.Sleep(d)
	return nil
}

// say sends a line with what its braces stand for.
func (p *play) say(a Action) error {
	text, err := expand(a.Text, p.server.Login)
	if err != nil {
		return fmt.Errorf("script line %d: %w", a.Line, err)
	}
	if p.guest != nil {
		text = p.guest.verdict(text)
	}
	return p.send(text + "\r\n")
}

func (p *play) expect(a Action) error {
	for {
		got, err := p.line(a)
		if err != nil {
			return err
		}
		same := got == a.Text
		if !a.exact {
			if same, err = matchesFilled(a.Text, got, p.server.Login); err != nil {
				return fmt.Errorf("script line %d: %w", a.Line, err)
			}
		}
		if same {
			return nil
		}
		if p.guest == nil {
			return &Mismatch{a.Line, "C: " + a.Text, fmt.Sprintf("%q", got)}
		}
		if done, err := p.depart(a, got); done || err != nil {
			return err
		}
	}
}

// line reads one line of the client.
func (p *play) line(a Action) (string, error) {
	line, err := p.in.ReadString('\n')
	if p.server.Heard != nil {
		p.server.Heard(line)
	}
	if err != nil {
		return "", &Mismatch{a.Line, a.Verb + ": " + a.Text, "the end of the connection"}
	}
	text, crlf := strings.CutSuffix(line, "\r\n")
	if !crlf {
		return "", &Mismatch{a.Line, a.Verb + ": " + a.Text, fmt.Sprintf("%q", line)}
	}
	return text, nil
}

// handshake plays the server's part of TLS. A client that does not begin it
// may be busy with a follow-up: see VariantTLS.
func (p *play) handshake(a Action) error {
	config, err := p.server.tlsConfig(a.Text)
	if err != nil {
		return fmt.Errorf("script line %d: %w", a.Line, err)
	}
	conn := tls.Server(&buffered{p.raw, p.in}, config)
	if err := conn.Handshake(); err != nil {
		return errOver
	}
	p.conn, p.in = conn, bufio.NewReaderSize(conn, maxClientLineBytes)
	return nil
}

// buffered reads through the reader that may hold the ClientHello already.
type buffered struct {
	net.Conn
	r *bufio.Reader
}

// Read implements net.Conn.
func (b *buffered) Read(p []byte) (int, error) { return b.r.Read(p) }

// clientHello reads one TLS record and leaves it unanswered.
func (p *play) clientHello(a Action) error {
	var head [5]byte
	if _, err := io.ReadFull(p.in, head[:]); err != nil || head[0] != 22 {
		return &Mismatch{a.Line, "a ClientHello", fmt.Sprintf("%q", head)}
	}
	if _, err := io.CopyN(io.Discard, p.in, int64(head[3])<<8|int64(head[4])); err != nil {
		return errOver
	}
	return nil
}

func (p *play) eof(a Action) error {
	data, _ := io.ReadAll(io.LimitReader(p.in, maxClientLineBytes))
	if len(data) > 0 {
		return &Mismatch{a.Line, "the end of the connection", fmt.Sprintf("%q", data)}
	}
	return errOver
}

func (p *play) reset() error {
	switch c := p.raw.(type) {
	case *Conn:
		c.Reset()
	case *net.TCPConn:
		c.SetLinger(0)
		_ = c.Close()
	}
	return errOver
}

// nothingMore checks the client against the plan: after the script it must send
// nothing. The check needs the client's end of the connection, so it is made
// only where the script ends with QUIT's reply.
func (p *play) nothingMore(script Script) error {
	if len(script) == 0 {
		return nil
	}
	last := script[len(script)-1]
	if last.Verb != "S" || !strings.HasPrefix(last.Text, "221") {
		return nil
	}
	return ignoreOver(p.eof(Action{Line: last.Line}))
}

func ignoreOver(err error) error {
	if errors.Is(err, errOver) {
		return nil
	}
	return err
}
