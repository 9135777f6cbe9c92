package discordbot

import (
	"slices"
	"strings"
	"testing"
	"time"

	"smtptest/bot/bottest"
	"smtptest/bot/chat"
	"smtptest/bot/command"
	fakediscord "smtptest/bot/playground/discord"
)

// where is where the evidence of an answer goes.
type where int

const (
	below where = iota // into a thread of the one message
	here               // into the thread that the command was typed in
	after              // behind the one message
)

// TestPlaces: where there can be no thread, the evidence is in the best place
// left, and the message says why.
func TestPlaces(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{})
	forum := w.discord.AddChannel(fakediscord.Channel{Kind: fakediscord.Forum})
	const lacks = "without the right "
	for _, c := range []struct {
		name    string
		channel fakediscord.Channel
		says    string
		place   where
	}{
		{"text", fakediscord.Channel{}, "", below},
		{"announcements", fakediscord.Channel{Kind: fakediscord.Announcement}, "", below},
		{"direct message", fakediscord.Channel{Kind: fakediscord.DM}, "no threads in direct messages", after},
		{"thread", fakediscord.Channel{Kind: fakediscord.PublicThread, Parent: w.channel}, "", here},
		{"private thread", fakediscord.Channel{Kind: fakediscord.PrivateThread, Parent: w.channel}, "", here},
		{"locked thread", fakediscord.Channel{Kind: fakediscord.PublicThread, Parent: w.channel, Locked: true}, "",
			after},
		{"forum post", fakediscord.Channel{Kind: fakediscord.PublicThread, Parent: forum}, "", here},
		{"thread that cannot be written to", fakediscord.Channel{Kind: fakediscord.PublicThread, Parent: w.channel,
			Lacks: fakediscord.SendMessagesInThreads}, "", after},
		{"voice", fakediscord.Channel{Kind: fakediscord.Voice}, "in this kind of channel", after},
		{"stage", fakediscord.Channel{Kind: fakediscord.Stage}, "in this kind of channel", after},
		{"not visible", fakediscord.Channel{Lacks: fakediscord.ViewChannel}, lacks + "View Channels", after},
		{"no threads", fakediscord.Channel{Lacks: fakediscord.CreatePublicThreads}, lacks + "Create Public Threads", after},
		{"no messages in threads", fakediscord.Channel{Lacks: fakediscord.SendMessagesInThreads},
			lacks + "Send Messages in Threads", after},
		{"no messages", fakediscord.Channel{Lacks: fakediscord.SendMessages}, "", below},
		{"no files", fakediscord.Channel{Lacks: fakediscord.AttachFiles}, "", below},
		{"too many threads", fakediscord.Channel{MostThreads: 1}, "No thread could be opened here", after},
	} {
		channel := w.discord.AddChannel(c.channel)
		if c.channel.MostThreads > 0 {
			w.discord.AddChannel(fakediscord.Channel{Kind: fakediscord.PublicThread, Parent: channel})
		}
		i, _ := w.ask(ada(), channel, "expired.test")
		m := w.shows(i, "Failed at TLS")
		at := map[where]string{below: m.ID, here: channel, after: channel}[c.place]
		w.Until("the evidence of "+c.name, func() bool { return strings.Contains(w.words(at), "Transcript") })
		if m, _ = i.Original(); !strings.Contains(m.Words(), c.says) ||
			strings.Contains(m.Words(), "This is a thread already") {
			t.Errorf("%s: %s", c.name, m.Words())
		}
		if follows := len(i.Followups()) > 0; follows != (c.place == after) {
			t.Errorf("%s: %d follow-ups", c.name, len(i.Followups()))
		}
	}
	w.clean()
}

// TestInstalledByAPerson: the bot is no member, so that only the token can
// say anything, and not often.
func TestInstalledByAPerson(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{})
	everywhere := theCommand("", command.Dialect{})
	everywhere.Contexts, everywhere.Installation = []int{0, 1, 2}, []int{0, 1}
	if err := w.door.rest.do(t.Context(), call{method: "PUT",
		path: "/applications/" + w.discord.ApplicationID + "/commands", bot: true, body: []registration{everywhere}},
		nil); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		channel fakediscord.Channel
		says    string
	}{
		{fakediscord.Channel{UserInstall: true, Guild: "300000000000000009"}, "was not added to this server"},
		{fakediscord.Channel{UserInstall: true, Kind: fakediscord.GroupDM}, "no threads in direct messages"},
	} {
		i, _ := w.ask(ada(), w.discord.AddChannel(c.channel), "expired.test")
		w.Until("the transcript", func() bool { return strings.Contains(told(i), "Transcript") })
		if !strings.Contains(told(i), c.says) || len(i.Followups()) > 5 {
			t.Errorf("%d follow-ups: %s", len(i.Followups()), told(i))
		}
	}
	w.clean()
}

// TestModeration: what moderation does not let pass is in a file.
func TestModeration(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{})
	channel := w.discord.AddChannel(fakediscord.Channel{AutoMod: "certificate"})
	i, _ := w.ask(ada(), channel, "expired.test")
	m := w.shows(i, "automatic moderation")
	w.Until("the thread", func() bool { return strings.Contains(w.words(m.ID), "automatic moderation") })
	all := append(w.discord.Messages(m.ID), m)
	if !slices.ContainsFunc(all, func(m fakediscord.Message) bool {
		return slices.ContainsFunc(m.Files, func(f fakediscord.File) bool {
			return strings.Contains(string(f.Content), "The certificate has expired")
		})
	}) {
		t.Error("no file has the words")
	}
	w.clean()
}

// TestTokenIsDead: after fifteen minutes the one message is reached otherwise.
func TestTokenIsDead(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{})
	i, _ := w.ask(ada(), w.channel, "help")
	e := &event{bot: w.door, below: true, source: source{
		token: "dead", application: w.discord.ApplicationID, guild: w.discord.GuildID, channel: w.channel, member: true,
		may: 1<<64 - 1,
	}}
	w.answered(i)
	at, err := e.Edit(t.Context(), chat.Spot{Channel: w.channel}, foreign())
	if classify(err).Kind != chat.Gone || !e.late {
		t.Fatalf("%v; log: %s", err, w.Log)
	}
	if at, err = e.Post(t.Context(), at, foreign()); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Edit(t.Context(), at, foreign()); err != nil {
		t.Fatal(err)
	}
	if m, _ := w.discord.Message(at.Message); len(m.Before) != 1 || len(w.discord.Messages(w.channel)) != 2 {
		t.Errorf("%d edits, %d messages", len(m.Before), len(w.discord.Messages(w.channel)))
	}
	w.clean()
}

// TestTooLate: a public answer that comes too late for Discord's token is
// posted with the bot's own rights.
func TestTooLate(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{FirstResponse: 1})
	w.send(w.channel, "expired.test")
	var m fakediscord.Message
	w.Until("the message", func() bool {
		for _, m = range w.discord.Messages(w.channel) {
			return strings.Contains(m.Words(), "Failed at TLS") && strings.Contains(w.words(m.ID), "Transcript")
		}
		return false
	})
	if m.Interaction != "" || len(w.discord.Messages(w.channel)) != 1 {
		t.Errorf("%+v", m)
	}
	w.send(w.channel, "private-address.test")
	for range 400 {
		if len(w.Records()) == 2 {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if err := w.Stop(); err != nil || len(w.Records()) != 2 || len(w.discord.Messages(w.channel)) != 1 {
		t.Errorf("%v: %+v", err, w.Records())
	}
	w.clean()
}

// TestDeleted: a message that somebody has deleted meanwhile is posted anew.
func TestDeleted(t *testing.T) {
	t.Parallel()
	open := make(chan struct{})
	w := newFixture(t, fakediscord.Options{}, func(_ *Config, inner *bottest.Fixture) { hold(inner, open) })
	direct := w.discord.AddChannel(fakediscord.Channel{Kind: fakediscord.DM})
	for _, channel := range []string{w.channel, direct} {
		i, _ := w.ask(ada(), channel, "expired.test")
		w.shows(i, "Testing")
		original := source{application: w.discord.ApplicationID, token: i.Token}.original()
		if err := w.door.rest.remove(t.Context(), original); err != nil {
			t.Fatal(err)
		}
	}
	close(open)
	for _, channel := range []string{w.channel, direct} {
		w.Until("the message", func() bool {
			all := w.discord.Messages(channel)
			return len(all) > 1 && strings.Contains(all[1].Words(), "Failed at TLS")
		})
	}
}
