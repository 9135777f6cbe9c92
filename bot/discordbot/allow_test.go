package discordbot

import (
	"strings"
	"testing"

	"smtptest/bot/bottest"
	fakediscord "smtptest/bot/playground/discord"
)

// TestWhoMayUseIt: what an interaction says of its origin reaches the lists,
// which package chat tests.
func TestWhoMayUseIt(t *testing.T) {
	t.Parallel()
	const listed, other = "500000000000000001", "500000000000000002"
	role := func(id string) fakediscord.User { return fakediscord.User{ID: bob().ID, Roles: []string{id}} }
	for _, c := range []struct {
		name    string
		config  Config
		user    fakediscord.User
		channel fakediscord.Channel
		says    string // empty: they may
	}{
		{"guild", Config{Guilds: []string{listed}}, ada(), fakediscord.Channel{Guild: listed}, ""},
		{"no guild", Config{Guilds: []string{listed}}, ada(), fakediscord.Channel{Kind: fakediscord.DM},
			"another organisation"},
		{"thread of the channel", Config{Channels: []string{listed}}, ada(),
			fakediscord.Channel{Kind: fakediscord.PublicThread, Parent: listed}, ""},
		{"other channel", Config{Channels: []string{listed}}, ada(), fakediscord.Channel{ID: other}, "in this channel"},
		{"other user", Config{Users: []string{ada().ID}}, bob(), fakediscord.Channel{}, "not among those"},
		{"role", Config{Roles: []string{listed}}, role(listed), fakediscord.Channel{}, ""},
		{"other role", Config{Roles: []string{listed}}, role(other), fakediscord.Channel{}, "not among those"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newFixture(t, fakediscord.Options{}, func(to *Config, _ *bottest.Fixture) {
				to.Guilds, to.Channels, to.Roles, to.Users = c.config.Guilds, c.config.Channels, c.config.Roles, c.config.Users
			})
			i, r := w.ask(c.user, w.discord.AddChannel(c.channel), "good.test", fakediscord.Option{Name: "private", Value: true})
			if c.says == "" {
				w.shows(i, "Works: TLS tested")
				return
			}
			if !r.Ephemeral || !strings.Contains(told(i), c.says) || w.Probes() > 0 {
				t.Errorf("%+v %s", r, told(i))
			}
		})
	}
}
