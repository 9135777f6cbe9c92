package tlsscan

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net"
	"net/netip"
	"time"

	"smtptest/probe"
	"smtptest/probe/clienthello"
	"smtptest/probe/smtp"
)

// Limits of one connection. What works answers soon; a server that lets its
// clients wait for the greeting (postscreen) needs 6 s.
const (
	connectLimit = 5 * time.Second
	wholeLimit   = 10 * time.Second // from connect to close
)

// conversation is one connection while it is open.
type conversation struct {
	*scan
	hello *clienthello.Hello
	facts *Connection
	conn  *counted
	phase probe.Phase
	reply *smtp.Reply // that ended it
}

// counted counts what passes, and ends a handshake that is too long.
type counted struct {
	net.Conn
	sent, received int
	left           int // of the handshake; negative: it has not begun
}

// Read implements net.Conn.
func (c *counted) Read(p []byte) (int, error) {
	if c.left == 0 {
		return 0, errTooLong
	}
	if c.left > 0 {
		p = p[:min(len(p), c.left)]
	}
	n, err := c.Conn.Read(p)
	c.received += n
	c.left -= min(n, max(c.left, 0))
	return n, err
}

// Write implements net.Conn.
func (c *counted) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.sent += n
	return n, err
}

const errTooLong clienthello.Fault = "the server sent more than 64 KiB without an end of its part of the handshake"

// converse makes one connection and asks what its hello offers.
func (s *scan) converse(ctx context.Context, to netip.AddrPort, asks Question, h *clienthello.Hello) (Connection, clienthello.Flight) {
	c := conversation{scan: s, hello: h, facts: &Connection{Asks: asks, Offer: h.Offer, Began: time.Since(s.began)}}
	f, err := c.run(ctx, to)
	c.facts.Choice = f.Choice
	if f.Leaf != nil {
		c.facts.Choice.Certificate = fingerprint(f.Leaf)
	}
	if err != nil {
		c.facts.Failure = c.failure(ctx, err)
	}
	c.facts.Elapsed = time.Since(s.began) - c.facts.Began
	return *c.facts, f
}

func (c *conversation) run(ctx context.Context, to netip.AddrPort) (clienthello.Flight, error) {
	whole, cancel := context.WithTimeout(ctx, wholeLimit)
	defer cancel()
	if err := c.connect(whole, to); err != nil {
		return clienthello.Flight{}, err
	}
	defer c.close()
	defer func() { c.facts.BytesSent, c.facts.BytesReceived = c.conn.sent, c.conn.received }()
	defer context.AfterFunc(whole, func() { c.conn.SetDeadline(time.Unix(1, 0)) })()
	if c.report.Security == probe.SecuritySTARTTLS {
		if err := c.startTLS(); err != nil {
			return clienthello.Flight{}, err
		}
	}
	c.phase = probe.PhaseHandshake
	var random [32]byte
	rand.Read(random[:])
	if _, err := c.conn.Write(c.hello.Encode(random)); err != nil {
		return clienthello.Flight{}, err
	}
	c.conn.left = clienthello.MaxBytes
	return clienthello.Read(c.conn, c.hello)
}

func (c *conversation) connect(ctx context.Context, to netip.AddrPort) error {
	c.phase = probe.PhaseConnect
	ctx, cancel := context.WithTimeout(ctx, connectLimit)
	defer cancel()
	conn, err := c.local.Connect(ctx, to)
	if err != nil {
		return err
	}
	c.conn = &counted{Conn: conn, left: -1}
	return nil
}

// errRefused stands for the reply that ended a conversation, errNotOffered for
// the extension that is missing, errInjected for octets behind the 220.
var (
	errRefused    = errors.New("the server refused")
	errNotOffered = errors.New("STARTTLS is not offered")
	errInjected   = errors.New("octets followed the reply to STARTTLS")
)

// startTLS waits for each reply before the next command: servers may refuse
// clients that send EHLO and STARTTLS together.
func (c *conversation) startTLS() error {
	dialogue := smtp.NewConn(c.conn, func() time.Duration { return time.Since(c.began) }, silent{})
	c.phase = probe.PhaseGreeting
	if _, err := c.read(dialogue, 220); err != nil {
		return err
	}
	c.phase = probe.PhaseEHLO
	if err := dialogue.Send("EHLO " + c.ehloName()); err != nil {
		return err
	}
	reply, err := c.read(dialogue, 250)
	if err != nil {
		return err
	}
	c.phase = probe.PhaseSTARTTLS
	if !smtp.ParseCapabilities(reply).Has("STARTTLS") {
		return errNotOffered
	}
	if err := dialogue.Send("STARTTLS"); err != nil {
		return err
	}
	if _, err := c.read(dialogue, 220); err != nil {
		return err
	}
	if len(dialogue.Unread()) > 0 {
		return errInjected
	}
	return nil
}

// silent is a Tap that keeps nothing: the dialogue is that of the ordinary test.
type silent struct{}

func (silent) Received(smtp.Line) {}
func (silent) Sent(string)        {}

func (c *conversation) read(dialogue *smtp.Conn, code int) (*smtp.Reply, error) {
	reply, err := dialogue.ReadReply()
	if len(reply.Lines) > 0 && (err != nil || reply.Code != code) {
		c.reply = &reply
	}
	if err == nil && reply.Code != code {
		err = errRefused
	}
	return &reply, err
}

// ehloName is the name of the request or of the prober, or our address
// (RFC 5321 §4.1.3).
func (c *conversation) ehloName() string {
	var source netip.Addr
	if tcp, ok := c.conn.LocalAddr().(*net.TCPAddr); ok {
		source = tcp.AddrPort().Addr()
	}
	if !source.IsValid() {
		source = netip.IPv4Unspecified()
	}
	return cmp.Or(c.report.Request.EHLOName, c.local.EHLOName, smtp.AddressLiteral(source))
}

// close says that it is this side that ends the handshake (RFC 8446 §6.1), so
// that the server need not take it for an attack, and closes.
func (c *conversation) close() {
	if c.phase == probe.PhaseHandshake {
		const alert, warning, userCanceled, closeNotify = 21, 1, 90, 0
		minor := byte(min(c.hello.Version, TLS12))
		c.conn.SetWriteDeadline(time.Now().Add(time.Second))
		_, _ = c.conn.Write([]byte{alert, 3, minor, 0, 2, warning, userCanceled,
			alert, 3, minor, 0, 2, warning, closeNotify})
	}
	c.conn.Close()
}

// failure translates the error that ended the conversation.
func (c *conversation) failure(ctx context.Context, err error) *probe.Failure {
	limit := wholeLimit
	if c.phase == probe.PhaseConnect {
		limit = connectLimit
	}
	f := probe.FailureOf(ctx, err, limit)
	f.Phase, f.Reply = c.phase, c.reply
	if ctx.Err() != nil {
		return f
	}
	var alert clienthello.Alert
	var broken clienthello.Fault
	switch {
	case errors.Is(err, errRefused):
		f.Kind, f.Detail = probe.KindReply, ""
	case errors.Is(err, errNotOffered):
		f.Kind, f.Detail = probe.KindNotOffered, ""
	case errors.Is(err, errInjected):
		f.Kind = probe.KindInjected
	case errors.Is(err, clienthello.ErrNotTLS):
		f.Kind = probe.KindNotTLS
	case errors.As(err, &alert):
		f.Kind, f.Alert, f.Detail = probe.KindAlert, int(alert), ""
	case errors.As(err, &broken):
		f.Kind = probe.KindProtocol
	case errors.Is(err, io.ErrUnexpectedEOF):
		f.Kind = probe.KindClosed
	}
	return f
}
