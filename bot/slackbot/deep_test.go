package slackbot

import (
	"strings"
	"testing"

	"smtptest/bot/bottest"
	fakeslack "smtptest/bot/playground/slack"
)

// TestDeepScan: a scan is one message with what to change, a thread with a table,
// and a file with the rest; Slack takes all of it.
func TestDeepScan(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakeslack.Options{}, func(c *Config, _ *bottest.Fixture) { c.Containers = true })
	w.acked(w.slack.Command(fakeslack.Ada, fakeslack.InMember, "old-tls.test --deep"))
	w.Until("the thread", func() bool {
		return len(w.slack.Messages(fakeslack.InMember)) == 2 &&
			strings.Contains(w.thread(w.root(fakeslack.InMember)), "Fallback SCSV")
	})
	m := w.root(fakeslack.InMember)
	for _, part := range []string{
		"2 things to change", "Broken cipher suites", "NCSC-NL 2025-05", "Take these suites off",
	} {
		if !strings.Contains(string(m.Blocks)+string(m.Attachments), part) {
			t.Errorf("the root lacks %q: %s%s", part, m.Blocks, m.Attachments)
		}
	}
	raw := ""
	for _, r := range w.slack.Thread(m.Channel, m.TS) {
		raw += string(r.Blocks)
	}
	for _, part := range []string{`"type":"data_table"`, "What TLS it takes"} {
		if !strings.Contains(raw, part) {
			t.Errorf("the thread lacks %s: %s", part, raw)
		}
	}
	w.clean()
}
