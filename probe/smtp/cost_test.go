package smtp

import (
	"io"
	"strings"
	"testing"
	"time"

	"smtptest/probe/probetest/cost"
)

// said is a server that has spoken already.
type said struct{ io.Reader }

// Write implements io.Writer.
func (said) Write(p []byte) (int, error) { return len(p), nil }

// deaf is a tap that hears nothing.
type deaf struct{}

func (deaf) Received(Line) {}
func (deaf) Sent(string)   {}

// TestCostOfReplies: to read a reply and its capabilities costs in proportion to
// its octets.
func TestCostOfReplies(t *testing.T) {
	for about, line := range map[string]string{
		"short lines": "250-X", "long lines": "250-" + strings.Repeat("y", 500),
		"8-bit lines": "250-" + strings.Repeat("\xff", 500), "parameters": "250-A" + strings.Repeat(" b", 240),
		"other codes": "251-X", "no codes": "X y", "mechanisms": "250-AUTH" + strings.Repeat(" PLAIN", 80),
		"marks": "250-Z" + strings.Repeat("\u0300", 240),
	} {
		most := min(60<<10/(len(line)+2), MaxReplyLines-2)
		cost.Linear(t, about, most, func(n int) func() {
			text := "250-x\r\n" + strings.Repeat(line+"\r\n", n) + "250 end\r\n"
			return func() {
				c := NewConn(said{strings.NewReader(text)}, func() time.Duration { return 0 }, deaf{})
				r, _ := c.ReadReply()
				ParseCapabilities(&r)
			}
		})
	}
}
