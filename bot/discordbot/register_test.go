package discordbot

import (
	"encoding/json"
	"strings"
	"testing"

	"smtptest/bot/bottest"
	"smtptest/bot/command"
	fakediscord "smtptest/bot/playground/discord"
	"smtptest/formatting"
)

// puts is how often commands were written.
func (w *fixture) puts() int {
	n := 0
	for what, times := range w.discord.Counts() {
		if strings.HasPrefix(what, "PUT ") && strings.HasSuffix(what, " 200") {
			n += times
		}
	}
	return n
}

func TestRegistration(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{})
	w.Until("the first registration", func() bool { return w.puts() == 1 })
	if err := w.door.register(t.Context(), ""); err != nil || w.puts() != 1 {
		t.Errorf("%v: an unchanged command was written: %d", err, w.puts())
	}
	guild := w.discord.GuildID
	for range 2 {
		if err := w.door.register(t.Context(), guild); err != nil || w.puts() != 2 {
			t.Errorf("%v: %d", err, w.puts())
		}
	}
	old := theCommand("", command.Dialect{})
	old.Options = old.Options[:2]
	path := "/applications/" + w.discord.ApplicationID + "/commands"
	body := []registration{old, {Type: 1, Name: "old", Description: "x"}}
	if err := w.door.rest.do(t.Context(), call{method: "PUT", path: path, bot: true, body: body}, nil); err != nil {
		t.Fatal(err)
	}
	if err := w.door.register(t.Context(), ""); err != nil || w.puts() != 4 || len(w.discord.Commands("")) != 3 {
		t.Errorf("%v: a command of yesterday stays: %d", err, w.puts())
	}
}

func TestRegistrationInGuilds(t *testing.T) {
	t.Parallel()
	const other = "300000000000000009"
	w := idleFixture(t, fakediscord.Options{}, func(c *Config, _ *bottest.Fixture) { c.RegisterIn = []string{other} })
	w.door.config.RegisterIn = append(w.door.config.RegisterIn, w.discord.GuildID)
	w.start()
	w.Until("the command", func() bool { return len(w.discord.Commands(w.discord.GuildID)) == 3 })
	w.Until("the other guild", func() bool { return strings.Contains(w.Log.String(), "the bot was not added to it") })
	if len(w.discord.Commands("")) > 0 {
		t.Error("it is registered everywhere too")
	}
}

// TestRegistrationGoesOn: Discord may be out of order when the bot starts.
func TestRegistrationGoesOn(t *testing.T) {
	t.Parallel()
	w := idleFixture(t, fakediscord.Options{})
	w.discord.Fail(fakediscord.Fault{Kind: fakediscord.ServerError, Where: "/commands", Status: 404})
	w.start()
	w.Until("the command", func() bool { return len(w.discord.Commands("")) == 3 })
}

// TestOptionsThatAreOff: what is refused anyway is not offered.
func TestOptionsThatAreOff(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{}, func(c *Config, inner *bottest.Fixture) {
		c.LoginForm, inner.Handler.Logins.OffOn = false, []formatting.Platform{formatting.Discord}
		inner.Handler.Envelope = false
	})
	octets, err := json.Marshal(w.discord.Commands("")[0])
	for _, off := range []string{`"from"`, `"to"`, `"enforced"`, `"profile"`, "login", "recipient", "sender"} {
		if err != nil || strings.Contains(string(octets), off) {
			t.Errorf("%v: %s is in %s", err, off, octets)
		}
	}
}

// TestOptionsAreThoseOfTheTable: each row of the grammar is an option.
func TestOptionsAreThoseOfTheTable(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{})
	octets, err := json.Marshal(w.discord.Commands("")[0])
	if err != nil {
		t.Fatal(err)
	}
	var c registration
	if err := json.Unmarshal(octets, &c); err != nil {
		t.Fatal(err)
	}
	rows := command.Help("", w.Handler.Speaks(formatting.Discord))
	first := c.Options[0]
	if len(c.Options) != len(rows)+1 || first.Name != "target" || !first.Required || !first.Suggest ||
		first.MaxLength != 1000 {
		t.Fatalf("%+v", c.Options)
	}
	for i, row := range rows {
		o := c.Options[i+1]
		if o.Name != row.Name || o.Description != row.Meaning || len(o.Choices) != len(row.Choices) ||
			(o.Type == 5) != (row.Value == "") {
			t.Errorf("%+v, want %+v", o, row)
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	w := idleFixture(t, fakediscord.Options{}, func(c *Config,
		_ *bottest.Fixture) {
		c.ApplicationID = "600000000000000001"
	})
	problems, err := w.door.Check(t.Context())
	if err != nil || len(problems) != 2 || !strings.Contains(problems[0], "DISCORD_APPLICATION_ID") ||
		!strings.Contains(problems[1], "The bot is public, and DISCORD_ALLOWED_GUILDS lists no server") {
		t.Errorf("%v %v", problems, err)
	}
	w.door.config.ApplicationID, w.door.config.Guilds = "", []string{"200000000000000001"}
	if problems, err := w.door.Check(t.Context()); err != nil || len(problems) > 0 {
		t.Errorf("%v %v", problems, err)
	}
	err = w.door.Reach(t.Context())
	who, want := w.door.Identity(), "in 1 server(s): fake *server* ("+w.discord.GuildID+")"
	if err != nil || !strings.HasPrefix(who, "smtptest (application ") || !strings.HasSuffix(who, want) {
		t.Error(who, err)
	}
	many := 7
	w.door.about.Guilds = &many
	if who := w.door.Identity(); !strings.HasSuffix(who, ") and 6 more") {
		t.Error(who)
	}
	none := 0
	sick := about{ID: "600000000000000001", Endpoint: "https://example.com", CodeGrant: true, Guilds: &none}
	problems = sick.problems()
	const invite = "client_id=600000000000000001&scope=bot+applications.commands&permissions=309237697536"
	if len(problems) != 3 || !strings.Contains(problems[2], invite) {
		t.Errorf("%q", problems)
	}
	w.discord.Fail(fakediscord.Fault{Kind: fakediscord.Unauthorized})
	if _, err := w.door.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "check DISCORD_BOT_TOKEN") {
		t.Error(err)
	}
}
