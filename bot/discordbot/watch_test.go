package discordbot

import (
	"strings"
	"testing"

	"smtptest/bot/bottest"
	fakediscord "smtptest/bot/playground/discord"
)

func recovering(fails int) func(*Config, *bottest.Fixture) {
	return func(_ *Config, f *bottest.Fixture) { f.Recovering(fails) }
}

func watching() fakediscord.Option { return fakediscord.Option{Name: "watch", Value: true} }

// TestWatch: one message is edited with the bot's own rights while a server is
// down; thread and channel are told once it works.
func TestWatch(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{}, recovering(3))
	i, _ := w.ask(ada(), w.channel, "mx.example.com:587", watching())
	w.shows(i, "Watching: failed at connect")
	m := w.shows(i, "Watched: works")
	for _, part := range []string{"××", "3 failed", "First failed test: ", "works since "} {
		if !strings.Contains(m.Words(), part) {
			t.Errorf("the message lacks %q: %s", part, m.Words())
		}
	}
	told := 0
	for _, m := range w.discord.Messages(w.channel) {
		if strings.Contains(m.Words(), "Works now") {
			told++
		}
	}
	if told != 1 {
		t.Errorf("the channel was told %d times", told)
	}
	w.clean()
}

// TestWatchStopped by somebody else, and where the bot has no rights of its own.
func TestWatchStopped(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{}, recovering(1000))
	i, _ := w.ask(ada(), w.channel, "mx.example.com:587", watching())
	m := w.shows(i, "×××")
	w.press(bob(), m, "stop")
	w.shows(i, "The watch was stopped by "+bob().Name)
	threadless := w.discord.AddChannel(fakediscord.Channel{
		Name: "flat", Lacks: fakediscord.Permission(createPublicThreads),
	})
	i, _ = w.ask(ada(), threadless, "mx.example.com:587", watching())
	w.shows(i, "×××")
	mute := w.discord.AddChannel(fakediscord.Channel{Name: "read-only", Lacks: fakediscord.Permission(sendMessages)})
	i, _ = w.ask(ada(), mute, "mx.example.com:587", watching())
	w.shows(i, "It is not watched: a message that I post here cannot be changed later.")
	w.clean()
}
