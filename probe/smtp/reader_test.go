package smtp

import (
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// wire is a stream that hands out chunks, one a read, and then ends with an
// error. It keeps what was written, write by write.
type wire struct {
	chunks []string
	end    error
	taken  int // octets read from it
	writes []string
	fail   error // of every write
}

func (w *wire) Read(p []byte) (int, error) {
	if len(w.chunks) == 0 {
		return 0, w.end
	}
	n := copy(p, w.chunks[0])
	if w.chunks[0] = w.chunks[0][n:]; w.chunks[0] == "" {
		w.chunks = w.chunks[1:]
	}
	w.taken += n
	return n, nil
}

func (w *wire) Write(p []byte) (int, error) {
	if w.fail != nil {
		return 0, w.fail
	}
	w.writes = append(w.writes, string(p))
	return len(p), nil
}

// recording is a Tap that keeps what passes, in order.
type recording struct{ passed []string }

func (h *recording) Received(l Line)     { h.passed = append(h.passed, "S: "+l.String()) }
func (h *recording) Sent(command string) { h.passed = append(h.passed, "C: "+command) }

func still() time.Duration { return 0 }

func read(chunks ...string) (Reply, error) {
	return NewConn(&wire{chunks: chunks, end: io.EOF}, still, &recording{}).ReadReply()
}

// replies are answers that can be understood.
var replies = []struct {
	name, in, want string
	deviations     []Deviation
}{
	{"one line", "220 mx.example.test ESMTP\r\n", "220 mx.example.test ESMTP", nil},
	{"three lines", "250-a\r\n250-b\r\n250 c\r\n", "250-a\n250-b\n250 c", nil},
	{"code alone", "250\r\n", "250", nil},
	{"code and space", "250 \r\n", "250", nil},
	{"code alone ends a list", "250-a\r\n250\r\n", "250-a\n250", nil},
	{"empty line of a list", "250-\r\n250 b\r\n", "250-\n250 b", nil},
	{"what follows stays", "250 a\r\n250 b\r\n", "250 a", nil},
	{"challenge", "334 VXNlcm5hbWU6\r\n", "334 VXNlcm5hbWU6", nil},
	{"lowest code", "200 a\r\n", "200 a", nil},
	{"highest code", "599 a\r\n", "599 a", nil},
	{"bare LF", "250 ok\n", "250 ok", []Deviation{DeviationBareLF}},
	{"bare LF, code alone", "250\n", "250", []Deviation{DeviationBareLF}},
	{"CR CR LF", "250 ok\r\r\n", "250 ok", []Deviation{DeviationBareCR}},
	{"CR CR LF, code alone", "250\r\r\n", "250", []Deviation{DeviationBareCR}},
	{"CR inside", "250 a\rb\r\n", `250 a\x0db`, []Deviation{DeviationBareCR}},
	{"NUL", "250 a\x00b\r\n", `250 a\x00b`, []Deviation{DeviationNUL}},
	{"UTF-8", "250 grüß dich\r\n", "250 grüß dich", []Deviation{Deviation8Bit}},
	{"Latin-1", "250 gr\xfc\xdf\r\n", `250 gr\xfc\xdf`, []Deviation{Deviation8Bit}},
	{"escape sequence", "250 \x1b[31mred\r\n", `250 \x1b[31mred`, []Deviation{DeviationControl}},
	{"DEL", "250 a\x7f\r\n", `250 a\x7f`, []Deviation{DeviationControl}},
	{"tab is common", "250 a\tb\r\n", `250 a\tb`, nil},
	{"free text inside", "250-a\r\nfree text\r\n250 c\r\n", "250-a\nfree text\n250 c", []Deviation{DeviationNoCode}},
	{"empty line inside", "250-a\r\n\r\n250 c\r\n", "250-a\n\n250 c", []Deviation{DeviationNoCode}},
	{"four digits inside", "250-a\r\n2500 b\r\n250 c\r\n", "250-a\n2500 b\n250 c", []Deviation{DeviationNoCode}},
	{"three zeros inside", "250-a\r\n000 b\r\n250 c\r\n", "250-a\n000 b\n250 c", []Deviation{DeviationNoCode}},
	{"no separator", "250ok\r\n", "250ok", []Deviation{DeviationNoSeparator}},
	{"underscore for hyphen", "250_a\r\n", "250_a", []Deviation{DeviationNoSeparator}},
	{"tab for space", "250\ta\r\n", `250\ta`, []Deviation{DeviationNoSeparator}},
	{"Cisco's stars", "220 ****2**********0****\r\n", "220 ****2**********0****", nil},
	{"each deviation once", "250-a\n250-\x00b\n250 \x00c\n", "250-a\n250-\\x00b\n250 \\x00c",
		[]Deviation{DeviationBareLF, DeviationNUL}},
	{"512 octets", "250 " + strings.Repeat("a", 506) + "\r\n", "250 " + strings.Repeat("a", 506), nil},
	{"513 octets", "250 " + strings.Repeat("a", 507) + "\r\n", "250 " + strings.Repeat("a", 507),
		[]Deviation{DeviationLongLine}},
	{"4096 octets", "250 " + strings.Repeat("a", 4090) + "\r\n", "250 " + strings.Repeat("a", 4090),
		[]Deviation{DeviationLongLine}},
	{"4097 octets", "250 " + strings.Repeat("a", 4091) + "\r\n", "250 " + strings.Repeat("a", 4091),
		[]Deviation{DeviationCutLine, DeviationLongLine}},
	{"4098 octets", "250 " + strings.Repeat("a", 4092) + "\r\n", "250 " + strings.Repeat("a", 4092),
		[]Deviation{DeviationCutLine, DeviationLongLine}},
	{"10,000 octets", "250-" + strings.Repeat("a", 9994) + "\r\n250 b\r\n",
		"250-" + strings.Repeat("a", 4092) + "\n250 b", []Deviation{DeviationCutLine, DeviationLongLine}},
}

func TestReadReply(t *testing.T) {
	for _, tt := range replies {
		t.Run(tt.name, func(t *testing.T) {
			got, err := read(tt.in)
			if err != nil {
				t.Fatal(err)
			}
			if got.String() != tt.want {
				t.Errorf("got %q, want %q", got.String(), tt.want)
			}
			if !slices.Equal(got.Deviations, tt.deviations) {
				t.Errorf("deviations %v, want %v", got.Deviations, tt.deviations)
			}
		})
	}
}

// misreplies are answers that cannot be understood, or did not come whole.
var misreplies = []struct {
	name, in   string
	end        error // of the stream
	want       error
	kept       string
	deviations []Deviation
}{
	{"nothing, closed", "", io.EOF, io.EOF, "", nil},
	{"nothing, silent", "", os.ErrDeadlineExceeded, os.ErrDeadlineExceeded, "", nil},
	{"closed inside a line", "250 o", io.EOF, io.ErrUnexpectedEOF, "250 o", []Deviation{DeviationNoLineEnd}},
	{"closed behind CR", "250 ok\r", io.EOF, io.ErrUnexpectedEOF, `250 ok\x0d`,
		[]Deviation{DeviationNoLineEnd, DeviationBareCR}},
	{"closed inside the code", "22", io.EOF, io.ErrUnexpectedEOF, "22",
		[]Deviation{DeviationNoLineEnd, DeviationNoFinalLine}},
	{"silent inside the code", "2", os.ErrDeadlineExceeded, os.ErrDeadlineExceeded, "2",
		[]Deviation{DeviationNoLineEnd, DeviationNoFinalLine}},
	{"closed behind the code", "220", io.EOF, io.ErrUnexpectedEOF, "220", []Deviation{DeviationNoLineEnd}},
	{"closed inside a list", "250-a\r\n250-b\r\n", io.EOF, io.ErrUnexpectedEOF, "250-a\n250-b",
		[]Deviation{DeviationNoFinalLine}},
	{"closed inside a line of a list", "250-a\r\n250-b", io.EOF, io.ErrUnexpectedEOF, "250-a\n250-b",
		[]Deviation{DeviationNoLineEnd, DeviationNoFinalLine}},
	{"closed inside the code of a list", "250-a\r\n25", io.EOF, io.ErrUnexpectedEOF, "250-a\n25",
		[]Deviation{DeviationNoLineEnd, DeviationNoCode, DeviationNoFinalLine}},
	{"closed inside a cut line", "250 " + strings.Repeat("a", 5000), io.EOF, io.ErrUnexpectedEOF,
		"250 " + strings.Repeat("a", 4092),
		[]Deviation{DeviationCutLine, DeviationLongLine, DeviationNoLineEnd}},
	{"silent inside a list", "220-wait\r\n", os.ErrDeadlineExceeded, os.ErrDeadlineExceeded, "220-wait",
		[]Deviation{DeviationNoFinalLine}},
	{"silent inside a line", "220-wait\r\n220 n", os.ErrDeadlineExceeded, os.ErrDeadlineExceeded, "220-wait\n220 n",
		[]Deviation{DeviationNoLineEnd}},
	{"SSH", "SSH-2.0-OpenSSH_9.6\r\n", io.EOF, &ProtocolError{RuleReplyCode}, "SSH-2.0-OpenSSH_9.6", nil},
	{"RFB has no line end", "RFB 003.008", os.ErrDeadlineExceeded, &ProtocolError{RuleReplyCode}, "RFB 003.008",
		[]Deviation{DeviationNoLineEnd}},
	{"short and no code", "+O", io.EOF, &ProtocolError{RuleReplyCode}, "+O", []Deviation{DeviationNoLineEnd}},
	{"digit and letter", "2x", io.EOF, &ProtocolError{RuleReplyCode}, "2x", []Deviation{DeviationNoLineEnd}},
	{"TLS alert", "\x15\x03\x01\x00\x02\x02\x0a", io.EOF, &ProtocolError{RuleReplyCode}, `\x15\x03\x01\x00\x02\x02`,
		[]Deviation{DeviationBareLF, DeviationNUL, DeviationControl}},
	{"empty line", "\r\n220 a\r\n", io.EOF, &ProtocolError{RuleReplyCode}, "", nil},
	{"four digits", "2200 a\r\n", io.EOF, &ProtocolError{RuleReplyCode}, "2200 a", nil},
	{"code 000", "000 a\r\n", io.EOF, &ProtocolError{RuleReplyCode}, "000 a", nil},
	{"code 199", "199-a\r\n199 b\r\n", io.EOF, &ProtocolError{RuleReplyCode}, "199-a", []Deviation{DeviationUnknownClass}},
	{"code 600", "600 a\r\n", io.EOF, &ProtocolError{RuleReplyCode}, "600 a", []Deviation{DeviationUnknownClass}},
	{"code 150, closed behind a digit", "150 2", io.EOF, &ProtocolError{RuleReplyCode}, "150 2",
		[]Deviation{DeviationNoLineEnd, DeviationUnknownClass}},
	{"mixed codes", "250-a\r\n550 b\r\n", io.EOF, &ProtocolError{RuleSameCode}, "250-a\n550 b",
		[]Deviation{DeviationMixedCodes}},
	{"mixed codes in the middle", "250-a\r\n251-b\r\n250 c\r\n", io.EOF, &ProtocolError{RuleSameCode},
		"250-a\n251-b\n250 c", []Deviation{DeviationMixedCodes}},
	{"mixed with an unknown class", "250-a\r\n999 b\r\n", io.EOF, &ProtocolError{RuleSameCode}, "250-a\n999 b",
		[]Deviation{DeviationMixedCodes, DeviationUnknownClass}},
	{"mixed codes, closed", "250-a\r\n251-b\r\n", io.EOF, io.ErrUnexpectedEOF, "250-a\n251-b",
		[]Deviation{DeviationMixedCodes, DeviationNoFinalLine}},
}

func TestReadReplyFails(t *testing.T) {
	for _, tt := range misreplies {
		t.Run(tt.name, func(t *testing.T) {
			tap := &recording{}
			got, err := NewConn(&wire{chunks: chunks(tt.in, nil), end: tt.end}, still, tap).ReadReply()
			if !sameError(err, tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
			if got.String() != tt.kept {
				t.Errorf("kept %q, want %q", got.String(), tt.kept)
			}
			if !slices.Equal(got.Deviations, tt.deviations) {
				t.Errorf("deviations %v, want %v", got.Deviations, tt.deviations)
			}
			if len(tap.passed) != len(got.Lines) {
				t.Errorf("the tap received %d lines, the reply has %d", len(tap.passed), len(got.Lines))
			}
		})
	}
}

// sameError compares protocol errors by their rule and others by identity.
func sameError(got, want error) bool {
	var g, w *ProtocolError
	if errors.As(want, &w) {
		return errors.As(got, &g) && g.Broken == w.Broken
	}
	return errors.Is(got, want)
}

// chunks cuts text into pieces whose sizes are those of pace in turn, 1 to
// 256; without pace it is one piece.
func chunks(text string, pace []byte) []string {
	var out []string
	for i := 0; text != ""; i++ {
		n := len(text)
		if len(pace) > 0 {
			n = min(n, int(pace[i%len(pace)])+1)
		}
		out, text = append(out, text[:n]), text[n:]
	}
	return out
}

func TestReadReplyOneByOne(t *testing.T) {
	tap := &recording{}
	c := NewConn(&wire{chunks: chunks("220-a\r\n220 b\r\n250 c\r\n554 5.7.1 d\r\n", []byte{2, 0, 5}), end: io.EOF}, still,
		tap)
	for _, want := range []string{"220-a\n220 b", "250 c", "554 5.7.1 d"} {
		got, err := c.ReadReply()
		if err != nil || got.String() != want {
			t.Fatalf("got %q, %v; want %q", got.String(), err, want)
		}
	}
	if _, err := c.ReadReply(); err != io.EOF {
		t.Errorf("at the end: %v", err)
	}
	if want := []string{"S: 220-a", "S: 220 b", "S: 250 c", "S: 554 5.7.1 d"}; !slices.Equal(tap.passed, want) {
		t.Errorf("the tap received %q, want %q", tap.passed, want)
	}
}

func TestReadReplyStampsLines(t *testing.T) {
	var now time.Duration
	c := NewConn(&wire{chunks: []string{"250-a\r\n", "250 b\r\n"}, end: io.EOF},
		func() time.Duration { now += time.Second; return now }, &recording{})
	got, err := c.ReadReply()
	if err != nil || got.Lines[0].At != time.Second || got.Lines[1].At != 2*time.Second {
		t.Errorf("stamped %v, %v", got.Lines, err)
	}
}

func TestProtocolErrorWords(t *testing.T) {
	seen := map[string]bool{}
	for _, rule := range []Rule{RuleReplyCode, RuleSameCode, RuleLength} {
		if text := (&ProtocolError{rule}).Error(); text == "" || seen[text] {
			t.Errorf("%s: %q is empty or said twice", rule, text)
		} else {
			seen[text] = true
		}
	}
}
