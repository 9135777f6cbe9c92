package discordbot

import (
	"strings"
	"testing"

	fakediscord "smtptest/bot/playground/discord"
)

// TestSeveral: Discord takes twenty tests of one server, and two servers beside
// each other. Nothing in them is about an earlier run.
func TestSeveral(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{})
	i, _ := w.ask(ada(), w.channel, "expired.test", fakediscord.Option{Name: "repeat", Value: "20"})
	m := w.shows(i, "20 times of 20")
	w.Until("the thread of the series", func() bool { return strings.Contains(w.words(m.ID), "Times of what went well") })
	i, _ = w.ask(ada(), w.channel, "compare good.test expired.test")
	two := w.shows(i, "Failed at TLS")
	w.Until("the thread of the two", func() bool { return strings.Contains(w.words(two.ID), "What differs") })
	if text := m.Words() + two.Words(); strings.Contains(text, "last run") {
		t.Error(text)
	}
	w.clean()
}
