package discordbot

import (
	"strings"
	"testing"

	fakediscord "smtptest/bot/playground/discord"
)

// TestDeepScan: the option scans, and there is a button for it under a test.
func TestDeepScan(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{})
	i, _ := w.ask(ada(), w.channel, "old-tls.test", fakediscord.Option{Name: "deep", Value: true})
	m := w.shows(i, "2 things to change")
	for _, part := range []string{"Broken cipher suites", "NCSC-NL 2025-05", "Take these suites off"} {
		if !strings.Contains(m.Words(), part) {
			t.Errorf("the root lacks %q: %s", part, m.Words())
		}
	}
	w.Until("the thread", func() bool {
		thread := w.words(m.ID)
		return strings.Contains(thread, "What TLS it takes") && strings.Contains(thread, "Fallback SCSV")
	})
	i, _ = w.ask(ada(), w.channel, "good.test")
	w.button(w.finished(i, "Works"), "deep")
	w.clean()
}
