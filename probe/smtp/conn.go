// Package smtp reads and writes the lines of an SMTP session and notices
// what other clients pass over.
//
// It knows octets, reply codes, EHLO keywords and the syntax of addresses
// and names (RFC 5321, RFC 2034, RFC 3463, RFC 6531). It does not know the
// order of commands, sockets, TLS or time limits: those are the business of
// package probe, which sets deadlines on the connection below.
//
// The reader is strict about codes and tolerant about form: a reply that
// departs from the RFC is returned whole, with its deviations named, and only
// what cannot be understood is an error. Everything it keeps is bounded, and
// octets become text at one place, Printable. The writer sends one line and
// its CRLF, and refuses what could become two lines.
package smtp

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strings"
	"time"
)

// Limits of what is sent, in octets with CRLF.
const (
	maxCommandOctets  = 512      // RFC 5321 §4.5.3.1.4
	maxResponseOctets = 12 << 10 // of a line inside a SASL exchange (RFC 4954 §4)
)

// Tap receives every line that passes, in order, at the moment it passes.
type Tap interface {
	Received(Line)       // one line of a reply, also of one that breaks off later
	Sent(command string) // one command line, without CRLF, after it was written
}

// Conn is the SMTP view of one connection.
type Conn struct {
	w       io.Writer
	r       *bufio.Reader
	elapsed func() time.Duration
	tap     Tap
	hide    Hider // nil: nothing to hide
	queued  bool  // octets of a reply were there before the command was sent
}

// NewConn makes a Conn on a stream. elapsed is the time since the
// session began and stamps each line.
func NewConn(stream io.ReadWriter, elapsed func() time.Duration, tap Tap) *Conn {
	return &Conn{w: stream, r: bufio.NewReaderSize(stream, MaxLineOctets), elapsed: elapsed, tap: tap}
}

// CommandError says why a command line was not sent.
type CommandError struct {
	Verb   string // the command's first word, never its arguments
	Reason string
}

// Error names the verb and the reason, never the arguments.
func (e *CommandError) Error() string { return e.Verb + " not sent: " + e.Reason }

// Send writes command lines and their CRLFs in one write, so that several
// commands make one flight (RFC 2920). It returns a *CommandError, and sends
// nothing, when a line holds CR, LF or NUL or is over 512 octets with CRLF.
func (c *Conn) Send(commands ...string) error {
	if len(commands) == 0 {
		return nil
	}
	for _, line := range commands {
		if err := sendable(line, maxCommandOctets); err != nil {
			return err
		}
	}
	return c.write(strings.Join(commands, "\r\n"), commands)
}

// SendSecret writes one line of a SASL exchange. The tap receives shown in its
// place. Errors are those of Send; a line may have 12,288 octets
// (RFC 4954 §4).
func (c *Conn) SendSecret(line, shown string) error {
	if err := sendable(line, maxResponseOctets); err != nil {
		return &CommandError{verb(shown), "it is too long or holds a line end"}
	}
	return c.write(line, []string{shown})
}

// Hider takes words out of what a server says.
type Hider interface {
	MaskLine(line string) string // as it came, code and line end included; each line once, in order
	MaskText(text string) string // of that line, decoded
}

// Hide takes words out of all that is read from now on, before anything else
// sees it: a server may send back what it was sent in confidence.
func (c *Conn) Hide(h Hider) { c.hide = h }

// write sends lines in one write and passes to the tap what to show of them.
func (c *Conn) write(lines string, shown []string) error {
	// A reply that is already here cannot be the answer to this command: the
	// server and we are out of step (RFC 5321 §4.2).
	c.queued = c.r.Buffered() > 0
	if _, err := io.WriteString(c.w, lines+"\r\n"); err != nil {
		return fmt.Errorf("sending %s: %w", verb(shown[0]), err)
	}
	for _, line := range shown {
		c.tap.Sent(line)
	}
	return nil
}

func sendable(line string, limit int) error {
	switch {
	case strings.ContainsAny(line, "\r\n\x00"):
		return &CommandError{verb(line), "it holds a line end or NUL"}
	case len(line)+2 > limit:
		return &CommandError{verb(line), fmt.Sprintf("it is longer than %d octets", limit)}
	}
	return nil
}

func verb(line string) string {
	word, _, _ := strings.Cut(line, " ")
	if len(word) > 16 || !plainASCII([]byte(word)) {
		return "command"
	}
	return word
}

// Unread takes out the octets that have arrived but belong to no reply that
// was read. After a 220 to STARTTLS there must be none (RFC 3207 §4.2); what
// is there was not protected by TLS.
func (c *Conn) Unread() []byte {
	data, err := c.r.Peek(c.r.Buffered())
	if err != nil || len(data) == 0 {
		return nil
	}
	data = bytes.Clone(data)
	c.r.Discard(len(data))
	return data
}
