package slackbot

import (
	"strings"
	"testing"

	"smtptest/bot/bottest"
	fakeslack "smtptest/bot/playground/slack"
)

// TestSeveral: Slack takes twenty tests of one server, and two servers beside
// each other, with and without its newer blocks; a private one is no message of
// the channel. Nothing in them is about an earlier run.
func TestSeveral(t *testing.T) {
	t.Parallel()
	for _, containers := range []bool{false, true} {
		w := newFixture(t, fakeslack.Options{}, func(c *Config, _ *bottest.Fixture) { c.Containers = containers })
		w.acked(w.slack.Command(fakeslack.Ada, fakeslack.InMember, "compare good.test expired.test --private"))
		w.acked(w.slack.Command(fakeslack.Ada, fakeslack.InMember, "expired.test --repeat 20"))
		w.Until("the series", func() bool {
			return len(w.slack.Messages(fakeslack.InMember)) > 1 &&
				strings.Contains(w.thread(w.root(fakeslack.InMember)), "What is wrong: Test 1")
		})
		m := w.root(fakeslack.InMember)
		text := string(m.Blocks) + string(m.Attachments)
		if !strings.Contains(text, "20 times of 20") || strings.Contains(text, "last run") ||
			strings.Contains(text, "good.test") {
			t.Errorf("containers %t: %s", containers, text)
		}
		w.clean()
	}
}
