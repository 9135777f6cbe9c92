package clienthello

import (
	"crypto/rand"
	"errors"
	"io"
	"net"
	"time"

	"smtptest/probe/smtp"
)

// Step is a part of the dialogue up to the server's answer.
type Step string

// The steps, in their order.
const (
	StepGreeting  Step = "greeting"
	StepEHLO      Step = "ehlo"
	StepSTARTTLS  Step = "starttls"
	StepHandshake Step = "handshake"
)

// StepError says where a dialogue ended, and why.
type StepError struct {
	Step  Step
	Reply *smtp.Reply // that ended it, or what had come of one; nil: it was no reply
	Err   error       // ErrReply, ErrNotOffered, ErrInjected, ErrNotTLS, an Alert, a Fault, or the connection's
}

// Error names the step.
func (e *StepError) Error() string { return string(e.Step) + ": " + e.Err.Error() }

// Unwrap is Err.
func (e *StepError) Unwrap() error { return e.Err }

// Why a dialogue ended before TLS.
var (
	ErrReply      = errors.New("the server said no")
	ErrNotOffered = errors.New("STARTTLS is not offered")
	ErrInjected   = errors.New("octets followed the reply to STARTTLS")
)

// Ask sends a ClientHello over a connection and reads the answer, of which it
// takes MaxBytes at most. With an EHLO name STARTTLS comes before (RFC 3207 §4),
// each command after the reply to the one before it: servers may refuse clients
// that send EHLO and STARTTLS together. Errors are a *StepError; the
// Flight beside it holds what had come. Time is bounded by conn's deadlines.
func Ask(conn net.Conn, ehlo string, h *Hello) (Flight, error) {
	if ehlo != "" {
		if step := startTLS(conn, ehlo); step.Err != nil {
			return Flight{}, &step
		}
	}
	var random [32]byte
	rand.Read(random[:])
	_, err := conn.Write(h.Encode(random))
	var f Flight
	if err == nil {
		f, err = Read(&bounded{conn, MaxBytes}, h)
	}
	if err != nil {
		err = &StepError{Step: StepHandshake, Err: err}
	}
	return f, err
}

func startTLS(conn net.Conn, ehlo string) (end StepError) {
	began := time.Now()
	dialogue := smtp.NewConn(conn, func() time.Duration { return time.Since(began) }, silent{})
	for _, step := range []struct {
		is      Step
		command string
		code    int
	}{{StepGreeting, "", 220}, {StepEHLO, "EHLO " + ehlo, 250}, {StepSTARTTLS, "STARTTLS", 220}} {
		end.Step = step.is
		if step.command != "" {
			if end.Err = dialogue.Send(step.command); end.Err != nil {
				return end
			}
		}
		reply, err := dialogue.ReadReply()
		if err == nil && reply.Code != step.code {
			err = ErrReply
		}
		if end.Err = err; err != nil && len(reply.Lines) > 0 {
			end.Reply = &reply
		}
		if err != nil {
			return end
		}
		if step.is == StepEHLO && !smtp.ParseCapabilities(&reply).Has("STARTTLS") {
			return StepError{Step: StepSTARTTLS, Err: ErrNotOffered}
		}
	}
	if len(dialogue.Unread()) > 0 {
		end.Err = ErrInjected
	}
	return end
}

// silent is a Tap that keeps nothing: the ordinary test shows this dialogue.
type silent struct{}

// Received implements smtp.Tap.
func (silent) Received(smtp.Line) {}

// Sent implements smtp.Tap.
func (silent) Sent(string) {}

// bounded ends an answer that is too long.
type bounded struct {
	r    io.Reader
	left int
}

// Read implements io.Reader.
func (b *bounded) Read(p []byte) (int, error) {
	if b.left == 0 {
		return 0, Fault("the server sent more than 64 KiB without an end of its part of the handshake")
	}
	n, err := b.r.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}
