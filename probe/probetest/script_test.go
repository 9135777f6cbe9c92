package probetest

import (
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

func TestParseScript(t *testing.T) {
	tests := []struct {
		name, text string
		want       Action
	}{
		{"server line", "S: 220 mx.example.test", Action{Verb: "S", Text: "220 mx.example.test"}},
		{"leading spaces are kept", "S:  x", Action{Verb: "S", Text: " x"}},
		{"colons are kept", "C: MAIL FROM:<a@example.test>", Action{Verb: "C", Text: "MAIL FROM:<a@example.test>"}},
		{"raw octets", `RAW: "220\x00\r\n"`, Action{Verb: "RAW", Text: "220\x00\r\n"}},
		{"drip", "DRIP 2s: 220 slow", Action{Verb: "DRIP", Text: "220 slow", Every: 2 * time.Second}},
		{"flood", "FLOOD 3: 220-x", Action{Verb: "FLOOD", Text: "220-x", Count: 3}},
		{"pour", "POUR 9: x", Action{Verb: "POUR", Text: "x", Count: 9}},
		{"pause", "PAUSE 6s", Action{Verb: "PAUSE", Every: 6 * time.Second}},
		{"alert", "ALERT 40", Action{Verb: "ALERT", Count: 40}},
		{"handshake without words", "TLS:", Action{Verb: "TLS"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			script, err := ParseScript("# a remark\n\n" + tt.text + "\n")
			tt.want.Line = 3
			if err != nil || len(script) != 1 || script[0] != tt.want {
				t.Errorf("got %+v, %v", script, err)
			}
		})
	}
}

func TestParseScriptNamesTheLine(t *testing.T) {
	for _, text := range []string{"SAY: x", "RAW: not quoted", "PAUSE soon", "FLOOD many: x", "ALERT forty"} {
		if _, err := ParseScript("S: 220 x\n" + text); err == nil || !strings.HasPrefix(err.Error(), "line 2: ") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestMatches(t *testing.T) {
	tests := []struct {
		pattern, line string
		want          bool
	}{
		{"QUIT", "QUIT", true},
		{"QUIT", "QUIT ", false},
		{"EHLO *", "EHLO [198.51.100.7]", true},
		{"EHLO *", "HELO a", false},
		{"*", "", true},
		{"MAIL FROM:<*@*>", "MAIL FROM:<a@example.test>", true},
		{"MAIL FROM:<*@*>", "MAIL FROM:<>", false},
		{"*a", "ab", false},
	}
	for _, tt := range tests {
		if got := matches(tt.pattern, tt.line, "*"); got != tt.want {
			t.Errorf("%q and %q: %t", tt.pattern, tt.line, got)
		}
	}
}

// TestTheServerHoldsTheClientToItsScript: without this no case could fail.
func TestTheServerHoldsTheClientToItsScript(t *testing.T) {
	const script = "S: 220 mx.example.test\nC: EHLO *\nS: 250 mx.example.test\nC: QUIT\nS: 221 Bye\n"
	tests := []struct {
		name, client string
		line         int // of the mismatch; 0: none
	}{
		{"as planned", "EHLO a\r\nQUIT\r\n", 0},
		{"another command", "HELO a\r\nQUIT\r\n", 2},
		{"bare LF", "EHLO a\nQUIT\n", 2},
		{"left early", "EHLO a\r\n", 4},
		{"went on after QUIT", "EHLO a\r\nQUIT\r\nDATA\r\n", 5},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			parsed, err := ParseScript(script)
			if err != nil {
				t.Fatal(err)
			}
			err = playAgainst(t, parsed, tt.client)
			var mismatch *Mismatch
			if errors.As(err, &mismatch) != (tt.line > 0) || mismatch != nil && mismatch.Line != tt.line {
				t.Errorf("got %v, want a mismatch at line %d", err, tt.line)
			}
		})
	}
}

// playAgainst says a client's part all at once and leaves.
func playAgainst(t *testing.T, script Script, client string) error {
	t.Helper()
	return playWith(t, &Server{}, script, client)
}

// playWithLogin does so with a login that braces stand for.
func playWithLogin(t *testing.T, script Script, client string) error {
	t.Helper()
	return playWith(t, &Server{Login: testLogin()}, script, client)
}

func playWith(t *testing.T, server *Server, script Script, client string) error {
	t.Helper()
	here, there := &net.TCPAddr{IP: net.IPv4(198, 51, 100, 7), Port: 40001},
		&net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 25}
	near, far := Pipe(0, here, there)
	done := make(chan error, 1)
	go func() { done <- server.Play(far, script) }()
	if _, err := io.WriteString(near, client); err != nil {
		t.Fatal(err)
	}
	near.Close()
	return <-done
}
