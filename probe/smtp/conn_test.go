package smtp

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
)

func TestSend(t *testing.T) {
	for _, tt := range []struct {
		name     string
		commands []string
		want     []string // writes
	}{
		{"one", []string{"EHLO [192.0.2.7]"}, []string{"EHLO [192.0.2.7]\r\n"}},
		{"three in one flight", []string{"MAIL FROM:<>", "RCPT TO:<a@example.test>", "RSET"},
			[]string{"MAIL FROM:<>\r\nRCPT TO:<a@example.test>\r\nRSET\r\n"}},
		{"512 octets", []string{strings.Repeat("a", 510)}, []string{strings.Repeat("a", 510) + "\r\n"}},
		{"UTF-8", []string{"MAIL FROM:<ü@example.test> SMTPUTF8"}, []string{"MAIL FROM:<ü@example.test> SMTPUTF8\r\n"}},
		{"none", nil, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			stream, tap := &wire{}, &recording{}
			if err := NewConn(stream, still, tap).Send(tt.commands...); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(stream.writes, tt.want) {
				t.Errorf("wrote %q, want %q", stream.writes, tt.want)
			}
			for i, command := range tt.commands {
				if tap.passed[i] != "C: "+command {
					t.Errorf("the tap received %q", tap.passed)
				}
			}
		})
	}
}

func TestSendRefuses(t *testing.T) {
	for _, tt := range []struct{ name, command, verb string }{
		{"CRLF", "EHLO a\r\nMAIL FROM:<>", "EHLO"},
		{"CR", "EHLO a\rb", "EHLO"},
		{"LF", "EHLO a\n", "EHLO"},
		{"NUL", "EHLO a\x00", "EHLO"},
		{"513 octets", "EHLO " + strings.Repeat("a", 506), "EHLO"},
		{"line end in the verb", "EH\r\nLO", "command"},
		{"no verb", strings.Repeat("a", 600), "command"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			stream, tap := &wire{}, &recording{}
			err := NewConn(stream, still, tap).Send("RSET", tt.command)
			var refused *CommandError
			if !errors.As(err, &refused) || refused.Verb != tt.verb || refused.Reason == "" {
				t.Fatalf("error %v", err)
			}
			if len(stream.writes) > 0 || len(tap.passed) > 0 {
				t.Errorf("wrote %q all the same, the tap received %q", stream.writes, tap.passed)
			}
			if text := err.Error(); strings.Contains(text, "aaa") || !plainASCII([]byte(text)) {
				t.Errorf("the error quotes arguments: %q", text)
			}
		})
	}
}

func TestSendFails(t *testing.T) {
	tap := &recording{}
	err := NewConn(&wire{fail: io.ErrClosedPipe}, still, tap).Send("MAIL FROM:<a@example.test>", "RSET")
	if !errors.Is(err, io.ErrClosedPipe) || strings.Contains(err.Error(), "example") {
		t.Errorf("error %v", err)
	}
	if len(tap.passed) > 0 {
		t.Errorf("the tap received %q, which was not sent", tap.passed)
	}
}

// TestTapOrder compares the order of the transcript with that of the wire.
func TestTapOrder(t *testing.T) {
	tap := &recording{}
	c := NewConn(&wire{chunks: []string{"220 a\r\n", "250-b\r\n250 c\r\n", "250 d\r\n250 e\r\n"}, end: io.EOF}, still, tap)
	mustRead(t, c)
	c.Send("EHLO x")
	mustRead(t, c)
	c.Send("MAIL FROM:<>", "RSET")
	mustRead(t, c)
	mustRead(t, c)
	want := []string{"S: 220 a", "C: EHLO x", "S: 250-b", "S: 250 c", "C: MAIL FROM:<>", "C: RSET", "S: 250 d", "S: 250 e"}
	if !slices.Equal(tap.passed, want) {
		t.Errorf("received %q, want %q", tap.passed, want)
	}
}

func mustRead(t *testing.T, c *Conn) Reply {
	t.Helper()
	r, err := c.ReadReply()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestAlreadyThere notices a reply that is older than its command, but not
// the later replies of a pipelined flight.
func TestAlreadyThere(t *testing.T) {
	c := NewConn(&wire{chunks: []string{"220 a\r\n250 b\r\n", "250 c\r\n", "250 d\r\n250 e\r\n"}, end: io.EOF}, still,
		&recording{})
	for i, want := range []bool{false, true, false, false, false} {
		if got := mustRead(t, c); got.Has(DeviationAlreadyThere) != want {
			t.Errorf("reply %d: deviations %v", i+1, got.Deviations)
		}
		if i < 3 {
			c.Send("NOOP")
		}
	}
}

func TestUnread(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"nothing", "220 go\r\n", ""},
		{"replies", "220 go\r\n250-injected\r\n250 AUTH PLAIN\r\n", "250-injected\r\n250 AUTH PLAIN\r\n"},
		{"one octet", "220 go\r\n\x00", "\x00"},
		{"a LF too many", "220 go\r\n\n", "\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := NewConn(&wire{chunks: []string{tt.in}, end: io.EOF}, still, &recording{})
			mustRead(t, c)
			got := c.Unread()
			if string(got) != tt.want || (got == nil) != (tt.want == "") {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if again := c.Unread(); again != nil {
				t.Errorf("taken out twice: %q", again)
			}
		})
	}
}
