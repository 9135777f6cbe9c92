package slackbot

import (
	"strings"
	"testing"

	"smtptest/bot/bottest"
	fakeslack "smtptest/bot/playground/slack"
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
