package discordbot

import (
	"testing"

	"smtptest/bot/bottest"
	fakediscord "smtptest/bot/playground/discord"
)

// TestSuggestions: while a target is typed, what this person has tested lately
// and what is known are proposed.
func TestSuggestions(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{})
	i, _ := w.ask(ada(), w.channel, "good.test")
	w.finished(i, "Works: TLS tested")
	typed := func(user fakediscord.User, name, text string) []fakediscord.Suggestion {
		i, err := w.discord.Suggest(user, w.channel, "smtptest", fakediscord.Option{Name: name, Value: text})
		if err != nil {
			t.Fatal(err)
		}
		return w.answered(i).Choices
	}
	if got := typed(ada(), "target", "good"); len(got) != 1 || got[0].Value != "good.test:587" ||
		got[0].Name != "good.test:587 · tested lately" {
		t.Errorf("%+v", got)
	}
	for _, text := range []string{"good", "alice:hunter2@"} {
		if got := typed(bob(), "target", text); len(got) > 0 {
			t.Errorf("%s: %+v", text, got)
		}
	}
	if got := typed(bob(), "target", "gmail"); len(got) < 2 {
		t.Errorf("%+v", got)
	}
	w.clean()
}

// TestNoSuggestionsForStrangers: nor is the silence told.
func TestNoSuggestionsForStrangers(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{}, func(c *Config, _ *bottest.Fixture) { c.Users = []string{bob().ID} })
	i, err := w.discord.Suggest(ada(), w.channel, "smtptest", fakediscord.Option{Name: "target", Value: ""})
	if err != nil {
		t.Fatal(err)
	}
	if r := w.answered(i); r.Type != 8 || len(r.Choices) > 0 {
		t.Errorf("%+v", r)
	}
}
