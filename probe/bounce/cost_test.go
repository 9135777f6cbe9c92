package bounce

import (
	"strings"
	"testing"

	"smtptest/probe/probetest/cost"
)

// TestCostIsLinear: twice the text costs twice the processor time, however
// nearly it is a notice.
func TestCostIsLinear(t *testing.T) {
	const longest = 64 << 10
	mark := "This is the mail system at host mail.example.\n"
	for name, piece := range map[string]string{
		"hosts": "host a.example[192.0.2.1] sai", "said": "host a[::1] said: 550 x ",
		"fields":   "Action: failed\nStatus: 5.1.1\n",
		"received": "Received: from a.example by b.example with SMTP; Tue, 3 Nov 2026 03:04:05 +0000\n", "one octet": "a",
		"quotes": ">", "brackets": "[", "Exim": "SMTP error from remote mail server after RCPT TO:<a@b>: hos",
		"Gmail": "The response was: ", "talking": "while talking to a: >>> RCPT <<",
		"parts": "\n--b\nContent-Type: text/plain\n\nx",
	} {
		head := mark
		if name == "parts" {
			head = "Subject: x\nContent-Type: multipart/report; boundary=b\n\n"
		}
		text := (head + strings.Repeat(piece, longest/len(piece)+1))[:longest]
		cost.Linear(t, name, len(text), func(n int) func() { return func() { Read(text[:n]) } })
	}
}
