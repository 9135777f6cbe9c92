package smtp

import (
	"errors"
	"io"
	"strings"
	"testing"
)

// endless is a stream that repeats itself until it is no longer read.
type endless struct {
	line  string
	at    int
	taken int
}

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = e.line[e.at%len(e.line)]
		e.at++
	}
	e.taken += len(p)
	return len(p), nil
}

func (e *endless) Write(p []byte) (int, error) { return len(p), nil }

// TestEndlessReply reads streams that never end: reading stops within a
// buffer of MaxReplyOctets, and what is kept stays below.
func TestEndlessReply(t *testing.T) {
	for _, tt := range []struct{ name, line string }{
		{"without line end", "220 a"},
		{"list", "220-wait\r\n"},
		{"list of long lines", "220-" + strings.Repeat("a", 3000) + "\r\n"},
		{"list of cut lines", "220-" + strings.Repeat("a", 60000) + "\r\n"},
		{"free text", "220-a\r\n" + strings.Repeat("b\r\n", 100000)},
		{"NUL", "220-" + strings.Repeat("\x00", 500) + "\r\n"},
		{"empty lines", "220-\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			stream := &endless{line: tt.line}
			got, err := NewConn(stream, still, &recording{}).ReadReply()
			if !sameError(err, &ProtocolError{RuleLength}) {
				t.Errorf("error %v", err)
			}
			if stream.taken > MaxReplyOctets+2*MaxLineOctets {
				t.Errorf("read %d octets", stream.taken)
			}
			checkBounds(t, &got)
		})
	}
}

// checkBounds checks a reply against the limits of what is kept.
func checkBounds(t *testing.T, r *Reply) {
	t.Helper()
	if len(r.Lines) > MaxReplyLines {
		t.Errorf("%d lines kept", len(r.Lines))
	}
	raw, text := 0, 0
	for _, l := range r.Lines {
		raw, text = raw+len(l.Raw), text+len(l.Text)
		if len(l.Raw) > MaxLineOctets || len(l.Text) > 4*MaxLineOctets {
			t.Errorf("a line of %d octets kept as %d octets and a text of %d", MaxLineOctets, len(l.Raw), len(l.Text))
		}
	}
	if limit := MaxReplyOctets + MaxLineOctets; raw > limit || text > 4*limit {
		t.Errorf("%d octets and %d of text kept", raw, text)
	}
}

// TestReplyLimits stands on both sides of each limit.
func TestReplyLimits(t *testing.T) {
	line := "250-" + strings.Repeat("a", 250) + "\r\n" // 256 octets
	for _, tt := range []struct {
		name, in string
		whole    bool
	}{
		{"65536 octets", strings.Repeat(line, 255) + "250 " + strings.Repeat("a", 250) + "\r\n", true},
		{"65537 octets", strings.Repeat(line, 255) + "250 " + strings.Repeat("a", 251) + "\r\n", false},
		{"1000 lines", strings.Repeat("250-a\r\n", 999) + "250 a\r\n", true},
		{"1001 lines", strings.Repeat("250-a\r\n", 1000) + "250 a\r\n", false},
		{"65536 octets in one line", "250 " + strings.Repeat("a", 65530) + "\r\n", true},
		{"69633 octets in one line", "250 " + strings.Repeat("a", 69627) + "\r\n", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := read(tt.in)
			if tt.whole && err != nil || !tt.whole && !sameError(err, &ProtocolError{RuleLength}) {
				t.Errorf("error %v", err)
			}
			if got.Has(DeviationNoLineEnd) || got.Has(DeviationNoFinalLine) {
				t.Errorf("deviations %v: we stopped, not the server", got.Deviations)
			}
		})
	}
}

// TestReadReplyOtherErrors hands the stream's own error on.
func TestReadReplyOtherErrors(t *testing.T) {
	broken := errors.New("broken")
	for _, in := range []string{"", "250 o", "250-a\r\n"} {
		_, err := NewConn(&wire{chunks: chunks(in, nil), end: broken}, still, &recording{}).ReadReply()
		if !errors.Is(err, broken) {
			t.Errorf("after %q: %v", in, err)
		}
	}
	if _, err := NewConn(&wire{end: nil}, still, &recording{}).ReadReply(); err != io.ErrNoProgress {
		t.Errorf("a stream that gives nothing and no error: %v", err)
	}
}

// ehlo is the answer of a large provider.
const ehlo = "250-smtp.example.test at your service, [192.0.2.7]\r\n250-SIZE 157286400\r\n250-8BITMIME\r\n" +
	"250-AUTH LOGIN PLAIN XOAUTH2 PLAIN-CLIENTTOKEN OAUTHBEARER\r\n250-ENHANCEDSTATUSCODES\r\n250-PIPELINING\r\n" +
	"250-CHUNKING\r\n250-DSN\r\n250-VRFY\r\n250-ETRN\r\n250-STARTTLS\r\n250 SMTPUTF8\r\n"

func BenchmarkReadReply(b *testing.B) {
	stream := &endless{line: ehlo}
	c := NewConn(stream, still, silent{})
	b.SetBytes(int64(len(ehlo)))
	b.ReportAllocs()
	for b.Loop() {
		if r, err := c.ReadReply(); err != nil || len(r.Lines) != 12 {
			b.Fatal(len(r.Lines), err)
		}
	}
}

// silent is a Tap that keeps nothing.
type silent struct{}

func (silent) Received(Line) {}
func (silent) Sent(string)   {}
