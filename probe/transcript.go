package probe

import (
	"bytes"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"smtptest/probe/smtp"
)

// Limits of what a session keeps. The longest real session seen has some
// 60 lines; a hostile server can fill one reply with smtp.MaxReplyLines.
const (
	maxTranscriptEntries = 1500
	maxTranscriptBytes   = 128 << 10
	maxFailureBytes      = 1 << 10 // of Failure.Octets
	maxInjectedBytes     = 4 << 10 // of Session.Injected
	maxForeignLines      = 5       // shown of an answer that is not SMTP
)

// transcript collects what was said, in order.
type transcript struct {
	elapsed func() time.Duration
	entries []Entry
	size    int // of all texts together, in bytes
	dropped int
	secure  bool             // inside TLS from now on
	noted   []smtp.Deviation // each is noted once a session
}

func (t *transcript) add(e Entry) {
	if len(t.entries) >= maxTranscriptEntries || t.size+len(e.Text) > maxTranscriptBytes {
		t.dropped++
		return
	}
	e.Secure = t.secure
	t.size += len(e.Text)
	t.entries = append(t.entries, e)
}

// note adds an entry in our own words.
func (t *transcript) note(text string) {
	if text != "" {
		t.add(Entry{At: t.elapsed(), Side: SideNote, Text: text})
	}
}

// lines adds bytes that are no reply, line by line.
func (t *transcript) lines(side Side, data []byte) {
	for i, line := range bytes.SplitAfter(data, []byte("\n")) {
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 || i >= maxForeignLines {
			continue
		}
		t.add(Entry{At: t.elapsed(), Side: side, Text: smtp.Printable(line[:min(len(line), maxFailureBytes)])})
	}
}

// deviations notes each departure from the RFC's form once a session: most
// cannot be seen in the text.
func (t *transcript) deviations(all []smtp.Deviation) {
	for _, v := range all {
		if !slices.Contains(t.noted, v) {
			t.noted = append(t.noted, v)
			t.note(v.Words())
		}
	}
}

// clip shortens text to at most max bytes without cutting a rune. What it cuts
// off is not kept alive by the rest.
func clip(text string, max int) string {
	if len(text) <= max {
		return text
	}
	for max > 0 && !utf8.RuneStart(text[max]) {
		max--
	}
	return strings.Clone(text[:max])
}
