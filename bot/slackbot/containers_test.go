package slackbot

import (
	"strings"
	"testing"

	"smtptest/bot/bottest"
	fakeslack "smtptest/bot/playground/slack"
	"smtptest/probe/domain/domaintest"
)

// TestContainers: evidence that is read on demand stands in containers, and
// where Slack takes none, in the blocks that it has always taken.
func TestContainers(t *testing.T) {
	t.Parallel()
	on := func(c *Config, _ *bottest.Fixture) { c.Containers = true }
	for name, refused := range map[string]bool{"taken": false, "refused": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newFixture(t, fakeslack.Options{NoContainers: refused}, on)
			for n := range 2 {
				w.acked(w.slack.Command(fakeslack.Ada, fakeslack.InMember, "expired.test:587"))
				w.Until("the thread", func() bool {
					m := w.root(fakeslack.InMember)
					return len(w.slack.Messages(fakeslack.InMember)) == 2*(n+1) && strings.Contains(w.thread(m), "Transcript")
				})
				m := w.root(fakeslack.InMember)
				raw := ""
				for _, r := range w.slack.Thread(m.Channel, m.TS) {
					raw += string(r.Blocks)
				}
				if strings.Contains(raw, `"type":"container"`) == refused || !strings.Contains(w.thread(m), "250-mx.example.test") {
					t.Errorf("the thread: %s", raw)
				}
			}
			w.clean()
		})
	}
}

// TestTables: a table is a data_table, and where Slack takes none, lines in a
// fence. What one message was refused for, the next are not tried with.
func TestTables(t *testing.T) {
	t.Parallel()
	scenario := domaintest.Read(t, `
		domain a.test
		zone a.test.
		a.test. MX 10 mx1.a.test.
		mx1.a.test. A 192.0.2.1
		192.0.2.1 expired`)
	for name, o := range map[string]fakeslack.Options{
		"taken": {}, "no tables": {NoTables: true}, "neither": {NoTables: true, NoContainers: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newFixture(t, o, func(c *Config, f *bottest.Fixture) {
				c.Containers, f.Handler.Domains = true, scenario.Examiner()
			})
			for n := range 2 {
				w.acked(w.slack.Command(fakeslack.Ada, fakeslack.InMember, "domain a.test"))
				w.Until("the thread", func() bool {
					m := w.root(fakeslack.InMember)
					return len(w.slack.Messages(fakeslack.InMember)) >= 2*(n+1) && strings.Contains(w.thread(m), "Records")
				})
				m := w.root(fakeslack.InMember)
				raw := ""
				for _, r := range w.slack.Thread(m.Channel, m.TS) {
					raw += string(r.Blocks)
				}
				if strings.Contains(raw, `"type":"data_table"`) == o.NoTables ||
					!strings.Contains(raw, "What each sender would do") {
					t.Errorf("the thread: %s", raw)
				}
			}
			w.clean()
		})
	}
}
