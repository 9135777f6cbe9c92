package formatting

import (
	"fmt"
	"strings"
	"testing"

	"smtptest/probe/bounce"
)

// TestWayFact: servers that are left out of the table are counted, and clocks
// that contradict each other give no time.
func TestWayFact(t *testing.T) {
	many := ""
	for i := range 60 {
		many += fmt.Sprintf("Received: by mx%d.example; Fri, 27 Nov 2026 10:00:%02d +0000\n", i, 59-i)
	}
	for text, want := range map[string]string{
		many: "60 servers in 59 s",
		"Received: by b.example; Fri, 27 Nov 2026 09:59:00 +0000\n" +
			"Received: by a.example; Fri, 27 Nov 2026 10:00:00 +0000\n": "2 servers",
		"Received: by a.example; soon\n": "1 server",
	} {
		n, _ := bounce.Read(text)
		if got := Bounce(n, Slack).Fact; got != want {
			t.Errorf("%s…: %s, want %s", strings.TrimSpace(text[:30]), got, want)
		}
	}
}
