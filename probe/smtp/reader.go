package smtp

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
)

// Limits of what is kept of a reply. RFC 5321 §4.5.3.1.5 allows 512 octets a
// line; RFC 5321 sets no limit for a reply. Real servers stay far below.
const (
	MaxLineOctets   = 4 << 10  // of one line; the rest is read and dropped
	MaxReplyOctets  = 64 << 10 // of one reply, dropped octets included
	MaxReplyLines   = 1000     // of one reply
	standardOctets  = 512      // RFC 5321 §4.5.3.1.5, CRLF included
	replyCodeDigits = 3
)

// Rule names a rule without which a reply cannot be understood.
type Rule string

// The rules.
const (
	RuleReplyCode Rule = "reply-code" // the first line must begin with a code from 200 to 599 (RFC 5321 §4.2)
	RuleSameCode  Rule = "same-code"  // all lines of a reply have the same code (RFC 5321 §4.2.1)
	RuleLength    Rule = "length"     // a reply ends: MaxReplyOctets or MaxReplyLines was reached
)

// ProtocolError says that what arrived is not a reply that can be
// understood. The Reply that is returned beside it holds what came.
type ProtocolError struct{ Broken Rule }

// Error says which rule is broken, in one sentence without the octets.
func (e *ProtocolError) Error() string {
	switch e.Broken {
	case RuleReplyCode:
		return "the line does not begin with an SMTP reply code"
	case RuleSameCode:
		return "the reply code changes inside one reply"
	}
	return "the reply does not end"
}

// ReadReply reads one reply. With an error the Reply holds what had arrived.
// Errors: *ProtocolError; io.ErrUnexpectedEOF when the connection ended
// inside the reply and io.EOF when it ended before; and the stream's own.
func (c *Conn) ReadReply() (Reply, error) {
	var r Reply
	if c.queued {
		r.note(DeviationAlreadyThere)
		c.queued = false
	}
	read := 0
	for len(r.Lines) < MaxReplyLines {
		raw, dropped, err := c.readLine(MaxReplyOctets - read)
		read += len(raw) + dropped
		if len(raw) > 0 {
			c.take(&r, raw, dropped)
		}
		if err != nil {
			return r, brokenOff(&r, len(raw) > 0, err)
		}
		last := r.Lines[len(r.Lines)-1]
		switch {
		case r.Code < 200 || r.Code > 599:
			return r, &ProtocolError{RuleReplyCode}
		case last.final() && r.Has(DeviationMixedCodes):
			return r, &ProtocolError{RuleSameCode}
		case last.final():
			return r, nil
		}
	}
	return r, &ProtocolError{RuleLength}
}

// readLine reads up to and with LF. At most MaxLineOctets are kept, dropped
// counts the rest, and at most limit octets are read, give or take a buffer.
// raw is valid until the next call.
func (c *Conn) readLine(limit int) (raw []byte, dropped int, err error) {
	raw, err = c.r.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		raw = bytes.Clone(raw) // the next ReadSlice overwrites it
	}
	for errors.Is(err, bufio.ErrBufferFull) {
		if len(raw)+dropped >= limit {
			return raw, dropped, &ProtocolError{RuleLength}
		}
		var rest []byte
		rest, err = c.r.ReadSlice('\n')
		dropped += len(rest)
	}
	if err == nil && len(raw)+dropped > limit {
		err = &ProtocolError{RuleLength}
	}
	return raw, dropped, err
}

// take adds one line to the reply and passes it to the tap.
func (c *Conn) take(r *Reply, raw []byte, dropped int) {
	if c.hide != nil {
		raw = c.hidden(raw, dropped > 0)
	}
	line, deviations := parseLine(raw, dropped > 0)
	if c.hide != nil {
		line.Text = c.hide.MaskText(line.Text) // a secret in another character set shows only when it is decoded
	}
	line.At = c.elapsed()
	switch {
	case len(r.Lines) == 0:
		r.Code = line.Code
	case line.Code == 0:
		deviations = append(deviations, DeviationNoCode)
	case line.Code != r.Code:
		deviations = append(deviations, DeviationMixedCodes)
	}
	if line.Code != 0 && (line.Code < 200 || line.Code > 599) {
		deviations = append(deviations, DeviationUnknownClass)
	}
	for _, o := range deviations {
		r.note(o)
	}
	if r.Enhanced.IsZero() {
		if e, _, ok := ParseEnhanced(line.Text); ok && e.Class == line.Code/100 {
			r.Enhanced = e
		}
	}
	r.Lines = append(r.Lines, line)
	c.tap.Received(line)
}

// hidden takes the secret out of a line. Of a line that was cut only the code
// is kept: a secret across the cut could not be found.
func (c *Conn) hidden(raw []byte, cut bool) []byte {
	if cut {
		return append(bytes.Clone(raw[:replyCodeDigits+1]), "[a line that is too long to be shown safely]"...)
	}
	return []byte(c.hide.MaskLine(string(raw)))
}

// final reports the last line of a reply: a code without a hyphen.
func (l Line) final() bool { return l.Code != 0 && !l.More }

// brokenOff names how a reply that did not end broke off; inLine means that
// it happened inside a line.
func brokenOff(r *Reply, inLine bool, err error) error {
	var tooLong *ProtocolError
	switch {
	case len(r.Lines) == 0:
		return err
	case (r.Code < 200 || r.Code > 599) && !begun(r.Lines[0]):
		return &ProtocolError{RuleReplyCode}
	case errors.As(err, &tooLong):
		return err
	}
	if inLine {
		r.note(DeviationNoLineEnd)
	}
	if !r.Lines[len(r.Lines)-1].final() {
		r.note(DeviationNoFinalLine)
	}
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// begun reports a line that broke off within what may become a reply code:
// it cannot be said that this is not SMTP.
func begun(l Line) bool {
	if l.Code != 0 || len(l.Text) >= replyCodeDigits || !strings.ContainsAny(l.Text[:1], "2345") {
		return false
	}
	return len(l.Text) == 1 || l.Text[1] >= '0' && l.Text[1] <= '9'
}

// parseLine takes a line apart: code, separator, text, and its deviations. cut
// means that its end was dropped.
func parseLine(raw []byte, cut bool) (Line, []Deviation) {
	body, deviations := cutLineEnd(raw, cut)
	if len(raw) > standardOctets {
		deviations = append(deviations, DeviationLongLine)
	}
	var l Line
	if code, rest, ok := cutCode(body); ok {
		l.Code = code
		switch {
		case len(rest) == 0: // the code alone is a whole line (RFC 5321 §4.2)
		case rest[0] == '-':
			l.More, rest = true, rest[1:]
		case rest[0] == ' ':
			rest = rest[1:]
		default:
			deviations = append(deviations, DeviationNoSeparator)
		}
		body = rest
	}
	deviations = append(deviations, contentDeviations(body)...)
	l.Text = legible(body, cut || slices.Contains(deviations, DeviationNoLineEnd))
	if len(deviations) > 0 || !plainASCII(body) {
		l.Raw = bytes.Clone(raw)
	}
	return l, deviations
}

// cutLineEnd takes the line end off and names its deviation.
func cutLineEnd(raw []byte, cut bool) ([]byte, []Deviation) {
	if cut { // a CR here may be the first half of the line end
		return bytes.TrimSuffix(raw, []byte("\r")), []Deviation{DeviationCutLine}
	}
	body, whole := bytes.CutSuffix(raw, []byte("\n"))
	if !whole {
		return raw, []Deviation{DeviationNoLineEnd}
	}
	body, crlf := bytes.CutSuffix(body, []byte("\r"))
	if !crlf {
		return body, []Deviation{DeviationBareLF}
	}
	// CR CR LF: a proxy turned CRLF into line ends once more. The CR belongs
	// to no word of the line.
	if whole := bytes.TrimRight(body, "\r"); len(whole) < len(body) {
		return whole, []Deviation{DeviationBareCR}
	}
	return body, nil
}

// cutCode splits three digits off. Four digits are not a reply code.
func cutCode(body []byte) (code int, rest []byte, ok bool) {
	if len(body) < replyCodeDigits {
		return 0, body, false
	}
	for _, c := range body[:replyCodeDigits] {
		if c < '0' || c > '9' {
			return 0, body, false
		}
		code = code*10 + int(c-'0')
	}
	rest = body[replyCodeDigits:]
	if len(rest) > 0 && rest[0] >= '0' && rest[0] <= '9' {
		return 0, body, false
	}
	return code, rest, code > 0
}

func contentDeviations(body []byte) []Deviation {
	var deviations []Deviation
	var nul, high, cr, control bool
	for _, c := range body {
		switch {
		case c == 0:
			nul = true
		case c == '\r':
			cr = true
		case c > 127:
			high = true
		case c < ' ' && c != '\t' || c == 127:
			control = true
		}
	}
	for _, o := range []struct {
		seen bool
		name Deviation
	}{{cr, DeviationBareCR}, {nul, DeviationNUL}, {high, Deviation8Bit}, {control, DeviationControl}} {
		if o.seen {
			deviations = append(deviations, o.name)
		}
	}
	return deviations
}
