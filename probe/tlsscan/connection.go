package tlsscan

import (
	"cmp"
	"context"
	"errors"
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

// counted counts what passes.
type counted struct {
	net.Conn
	facts *Connection
}

// Read implements net.Conn.
func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.facts.BytesReceived += n
	return n, err
}

// Write implements net.Conn.
func (c *counted) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.facts.BytesSent += n
	return n, err
}

// converse makes one connection and asks what its hello offers.
func (s *scan) converse(ctx context.Context, asks Question, h *clienthello.Hello) (Connection, clienthello.Flight) {
	facts := Connection{Asks: asks, Offer: h.Offer, Began: time.Since(s.began)}
	f, err := s.ask(ctx, &facts, h)
	facts.Choice = f.Choice
	if f.Leaf != nil {
		facts.Choice.Certificate = fingerprint(f.Leaf)
	}
	if err != nil {
		facts.Failure = failure(ctx, err)
	}
	facts.Elapsed = time.Since(s.began) - facts.Began
	return facts, f
}

func (s *scan) ask(ctx context.Context, facts *Connection, h *clienthello.Hello) (clienthello.Flight, error) {
	whole, cancel := context.WithTimeout(ctx, wholeLimit)
	defer cancel()
	short, over := context.WithTimeout(whole, connectLimit)
	defer over()
	conn, err := s.local.Connect(short, s.to)
	if err != nil {
		return clienthello.Flight{}, err
	}
	defer conn.Close()
	defer context.AfterFunc(whole, func() { conn.SetDeadline(time.Unix(1, 0)) })()
	ehlo := ""
	if s.report.Security == probe.SecuritySTARTTLS {
		ehlo = cmp.Or(s.report.Request.EHLOName, s.local.EHLOName, literal(conn.LocalAddr()))
	}
	f, err := clienthello.Ask(&counted{conn, facts}, ehlo, h)
	if step, early := errors.AsType[*clienthello.StepError](err); !early || step.Step == clienthello.StepHandshake {
		cancelHandshake(conn, h.Version)
	}
	return f, err
}

// literal is our address as an argument of EHLO (RFC 5321 §4.1.3).
func literal(own net.Addr) string {
	if tcp, ok := own.(*net.TCPAddr); ok {
		return smtp.AddressLiteral(tcp.AddrPort().Addr())
	}
	return smtp.AddressLiteral(netip.IPv4Unspecified())
}

// cancelHandshake says that it is this side that ends the handshake (RFC 8446
// §6.1), so that the server need not take it for an attack.
func cancelHandshake(conn net.Conn, version uint16) {
	const alert, warning, userCanceled, closeNotify = 21, 1, 90, 0
	minor := byte(min(version, TLS12))
	conn.SetWriteDeadline(time.Now().Add(time.Second))
	_, _ = conn.Write([]byte{alert, 3, minor, 0, 2, warning, userCanceled, alert, 3, minor, 0, 2, warning, closeNotify})
}

// failure translates the error that ended a connection.
func failure(ctx context.Context, err error) *probe.Failure {
	step, connected := errors.AsType[*clienthello.StepError](err)
	if !connected {
		f := probe.FailureOf(ctx, err, connectLimit)
		f.Phase = probe.PhaseConnect
		return f
	}
	f := probe.FailureOf(ctx, step.Err, wholeLimit)
	f.Phase, f.Reply = probe.Phase(step.Step), step.Reply
	return f
}
