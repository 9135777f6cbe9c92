package smtp

import (
	"fmt"
	"strings"
	"time"
)

// Reply is one server reply: one or more lines that belong together
// (RFC 5321 §4.2). A reply that broke off holds the lines that came.
type Reply struct {
	Code       int          // three digits, 200 to 599; 0: no line held a reply code
	Enhanced   EnhancedCode // from the first line that has one; zero: none (RFC 2034)
	Lines      []Line       // in order of arrival; never empty in a Reply that was returned without error
	Deviations []Deviation  // departures from the RFC's form, each once, in order of appearance
}

// Line is one line of a reply, without its line end.
type Line struct {
	Code int           // 0: the line does not begin with a reply code
	More bool          // a hyphen followed the code: more lines follow
	Text string        // what follows code and separator, made printable by Printable
	Raw  []byte        // the octets as received, line end included; nil when the line was plain ASCII ended by CRLF
	At   time.Duration // when its last octet was read, since the Conn's start
}

// String is the line as it stood on the wire, made printable.
func (l Line) String() string {
	switch {
	case l.Code == 0:
		return l.Text
	case l.More:
		return fmt.Sprintf("%03d-%s", l.Code, l.Text)
	case l.Text == "":
		return fmt.Sprintf("%03d", l.Code)
	case len(l.Raw) > replyCodeDigits && l.Raw[replyCodeDigits] != ' ': // DeviationNoSeparator
		return fmt.Sprintf("%03d%s", l.Code, l.Text)
	}
	return fmt.Sprintf("%03d %s", l.Code, l.Text)
}

// Deviation names one departure of a reply from the form that RFC 5321
// prescribes. A deviation does not make a reply unusable.
type Deviation string

// The deviations that the reader notices.
const (
	DeviationBareLF      Deviation = "bare-lf"      // a line ended in LF without CR (RFC 5321 §2.3.8)
	DeviationBareCR      Deviation = "bare-cr"      // a CR inside a line, or CR CR LF (RFC 5321 §2.3.8)
	DeviationNUL         Deviation = "nul"          // a NUL octet (RFC 5321 §2.4)
	Deviation8Bit        Deviation = "8-bit"        // octets above 127 (RFC 5321 §2.4)
	DeviationControl     Deviation = "control"      // other control octets: escape sequences and the like
	DeviationMixedCodes  Deviation = "mixed-codes"  // the code changed inside one reply (RFC 5321 §4.2.1)
	DeviationNoSeparator Deviation = "no-separator" // neither space nor hyphen after the code (RFC 5321 §4.2)
	DeviationNoCode      Deviation = "no-code"      // a line without a reply code inside a reply
	DeviationLongLine    Deviation = "long-line"    // over 512 octets (RFC 5321 §4.5.3.1.5)
	DeviationCutLine     Deviation = "cut-line"     // over MaxLineOctets: the rest of the line was not kept
	DeviationNoLineEnd   Deviation = "no-line-end"  // the connection, or the time to wait, ended inside a line
	// The connection, or the time to wait, ended before the last line of a reply.
	DeviationNoFinalLine  Deviation = "no-final-line"
	DeviationUnknownClass Deviation = "unknown-class"  // the code's first digit is not 2 to 5 (RFC 5321 §4.2.1)
	DeviationAlreadyThere Deviation = "already-queued" // the reply was there before the command was sent
)

// Has reports whether a deviation was noticed.
func (r *Reply) Has(d Deviation) bool {
	for _, have := range r.Deviations {
		if have == d {
			return true
		}
	}
	return false
}

func (r *Reply) note(d Deviation) {
	if !r.Has(d) {
		r.Deviations = append(r.Deviations, d)
	}
}

// Class is the first digit of the code: 2 done, 3 continue, 4 try later,
// 5 no (RFC 5321 §4.2.1); 0 without a code.
func (r *Reply) Class() int { return r.Code / 100 }

// Positive reports a positive completion reply (2yz).
func (r *Reply) Positive() bool { return r.Class() == 2 }

// Text is the text of all lines, joined by newlines, codes left out.
func (r *Reply) Text() string {
	texts := make([]string, len(r.Lines))
	for i, l := range r.Lines {
		texts[i] = l.Text
	}
	return strings.Join(texts, "\n")
}

// String is the reply as on the wire, made printable, lines joined by
// newlines.
func (r *Reply) String() string {
	lines := make([]string, len(r.Lines))
	for i, l := range r.Lines {
		lines[i] = l.String()
	}
	return strings.Join(lines, "\n")
}

// Words describes the deviation for the transcript; empty if it is none of the
// above.
func (d Deviation) Words() string { return deviationWords[d] }

var deviationWords = map[Deviation]string{
	DeviationBareLF:       "a line of this reply ended in LF without CR",
	DeviationBareCR:       "a line of this reply holds a CR that does not end it",
	DeviationNUL:          "this reply holds NUL octets",
	Deviation8Bit:         "this reply holds octets beyond ASCII",
	DeviationControl:      "this reply holds control octets",
	DeviationMixedCodes:   "the reply code changed inside this reply",
	DeviationNoSeparator:  "neither space nor hyphen follows the reply code",
	DeviationNoCode:       "a line inside this reply has no reply code",
	DeviationLongLine:     "a line of this reply is longer than 512 octets",
	DeviationCutLine:      "a line of this reply is longer than 4096 octets; the rest was not kept",
	DeviationNoLineEnd:    "the last line came without its line end",
	DeviationNoFinalLine:  "the last line of this reply did not come",
	DeviationUnknownClass: "reply codes begin with 2, 3, 4 or 5; this one does not",
	DeviationAlreadyThere: "this reply had been sent before the command: the server is out of step",
}
