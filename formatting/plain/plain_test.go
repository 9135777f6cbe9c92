package plain_test

import (
	"strings"
	"testing"
	"time"

	"smtptest/formatting"
	"smtptest/formatting/plain"
)

func sample() formatting.Message {
	return formatting.Message{
		Tone: formatting.ToneBad, Verdict: "Failed at STARTTLS", Target: "mx.example.test:587",
		Fact:  "The server offers STARTTLS but cannot do it · 42 ms",
		Quote: []string{"454-4.7.0 TLS not available", "454 4.7.0 due to local problem"},
		Try:   "Check its key.", Owner: "the server's operators",
		Began:  time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		Footer: "from 198.51.100.7",
		Sections: []formatting.Section{
			formatting.Findings{Items: []formatting.Finding{
				{Severity: "Error", Title: "It cannot", Explanation: "Its key cannot be loaded.", Advice: "Check its key.",
					Owner: "the server's operators", Confidence: "measured", Reference: "RFC 3207 §4", ID: "starttls.unavailable"},
				{Severity: "Note", Title: "Odd", Explanation: "It is odd.", Owner: "you, in the client's settings",
					Confidence: "likely cause", Reference: "RFC 5321 §2.4", ID: "session.odd"},
			}},
			formatting.Facts{Title: "Capabilities in the clear (4)", Rows: []formatting.Fact{
				{Name: "ENHANCEDSTATUSCODES", Value: "replies carry a second code"},
				{Name: "AUTH PLAIN LOGIN XOAUTH2 OAUTHBEARER CRAM-MD5",
					Value: "log in with PLAIN, LOGIN, XOAUTH2, OAUTHBEARER, CRAM-MD5"},
				{Name: "XUNKNOWN"},
				{Name: "SIZE 35882577", Value: "largest message 34.2 MiB"},
			}},
			formatting.Code{Title: "Transcript 192.0.2.1:587", Lines: []formatting.CodeLine{
				{At: 31 * time.Millisecond, Side: "S", Text: "220 mx.example.test ESMTP " + strings.Repeat("x", 60)},
				{At: 1234567 * time.Microsecond, Side: "C", Secure: true, Text: "QUIT"},
			}},
		},
	}
}

func TestLayout(t *testing.T) {
	want := `❌ Failed at STARTTLS  mx.example.test:587
   The server offers STARTTLS but cannot do it ·
   42 ms
   “454-4.7.0 TLS not available
   454 4.7.0 due to local problem”

Error: It cannot
  Its key cannot be loaded.
  Try: Check its key.
  Who can fix it: the server's operators ·
  measured · RFC 3207 §4 · starttls.unavailable

Note: Odd
  It is odd.
  Who can fix it: you, in the client's settings ·
  likely cause · RFC 5321 §2.4 · session.odd

Capabilities in the clear (4)
  ENHANCEDSTATUSCODES  replies carry a second code
  AUTH PLAIN LOGIN XOAUTH2 OAUTHBEARER CRAM-MD5
                       log in with PLAIN, LOGIN,
                       XOAUTH2, OAUTHBEARER,
                       CRAM-MD5
  XUNKNOWN
  SIZE 35882577        largest message 34.2 MiB

Transcript 192.0.2.1:587
    0.031 S  220 mx.example.test ESMTP xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
    1.235 C~ QUIT

from 198.51.100.7 · 2026-01-02 03:04:05 UTC
`
	if got := plain.Render(sample(), plain.Style{Columns: 50}); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func TestColour(t *testing.T) {
	got := plain.Render(sample(), plain.Style{Columns: 110, Colour: true})
	for _, part := range []string{
		"❌ \x1b[1;31mFailed at STARTTLS\x1b[0m  mx.example.test:587\n",
		"\x1b[1;31mError: It cannot\x1b[0m\n",
		"\x1b[2m  Who can fix it: the server's operators · measured · RFC 3207 §4 · starttls.unavailable\x1b[0m\n",
		"\x1b[1mCapabilities in the clear (4)\x1b[0m\n",
		" C~ \x1b[36mQUIT\x1b[0m\n",
	} {
		if !strings.Contains(got, part) {
			t.Errorf("%q is not in:\n%q", part, got)
		}
	}
}

// Head and Body are printed at different times; together they are the whole.
func TestHeadAndBody(t *testing.T) {
	m := sample()
	if got := plain.Head(m, plain.Style{}) + plain.Body(m, plain.Style{}); got != plain.Render(m, plain.Style{}) {
		t.Error("Render is not Head and Body")
	}
	if got, want := plain.Body(formatting.Message{}, plain.Style{}), ""; got != want {
		t.Errorf("an empty body is %q", got)
	}
}

// 110 columns at most, 40 at least, 80 when unknown.
func TestColumns(t *testing.T) {
	m := formatting.Message{Footer: strings.Repeat("word ", 100)}
	for columns, want := range map[int]int{0: 80, 80: 80, 110: 110, 300: 110, 10: 40, -1: 40} {
		longest := 0
		for line := range strings.Lines(plain.Body(m, plain.Style{Columns: columns})) {
			longest = max(longest, len(strings.TrimSuffix(line, "\n")))
		}
		if longest > want || longest <= want-5 {
			t.Errorf("%d columns: the longest line has %d, want up to %d", columns, longest, want)
		}
	}
}
