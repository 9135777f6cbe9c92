package discordbot

import (
	"context"
	"strings"
	"testing"
	"time"

	"smtptest/bot/bottest"
	fakediscord "smtptest/bot/playground/discord"
	"smtptest/formatting"
	"smtptest/formatting/embed"
	"smtptest/probe"
)

func TestButtons(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{})
	i, _ := w.ask(ada(), w.channel, "expired.test:587")
	first := w.finished(i, "Failed at TLS")
	i, r := w.press(bob(), first, "again")
	if r.Type != answerLater || r.Ephemeral {
		t.Errorf("run again: %+v", r)
	}
	second := w.finished(i, "Failed at TLS")
	link := "https://discord.com/channels/" + w.discord.GuildID + "/" + w.channel + "/" + first.ID
	for _, part := range []string{"Nothing has changed since the test before.", "Asked by " + bob().Name, link} {
		if !strings.Contains(second.Words(), part) {
			t.Errorf("the second root lacks %q: %s", part, second.Words())
		}
	}
	for choice, part := range map[string]string{
		"transcript": "smtptest-transcript.txt", "json": "smtptest.json", "commands": "swaks",
		"ticket": "smtptest-ticket.txt",
	} {
		i, r := w.press(bob(), second, "more", choice)
		if !r.Ephemeral || !strings.Contains(told(i), part) {
			t.Errorf("%s: %+v %s", choice, r, told(i))
		}
	}
	w.clean()
}

func TestVariant(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{})
	i, _ := w.ask(ada(), w.channel, "plain-465.test:465")
	m := w.shows(i, "Failed at")
	w.Until("the variant", func() bool {
		m, _ = i.Original()
		return strings.Contains(buttons(m), "st1:variant:")
	})
	i, _ = w.press(bob(), m, "variant")
	w.shows(i, "Changed from the test before")
	w.clean()
}

func buttons(m fakediscord.Message) string {
	var ids []string
	for _, b := range m.Buttons() {
		ids = append(ids, b.CustomID)
	}
	return strings.Join(ids, " ")
}

// TestButtonsOfOthers: a result belongs to its channel, and a private one to
// one person.
func TestButtonsOfOthers(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{})
	gone := w.discord.AddChannel(fakediscord.Channel{})
	i, _ := w.ask(ada(), w.channel, "good.test", fakediscord.Option{Name: "private", Value: true})
	m := w.shows(i, "Works: TLS tested")
	if _, err := w.discord.Press(bob(), m.ID, w.button(m, "again")); err == nil {
		t.Error("somebody else sees it")
	}
	i, r := w.press(ada(), m, "again")
	if !r.Ephemeral {
		t.Errorf("again: %+v", r)
	}
	w.Until("all of the answer", func() bool { return strings.Contains(told(i), "Transcript") })
	time.Sleep(50 * time.Millisecond) // its last edit is on its way back
	original := source{application: w.discord.ApplicationID, token: i.Token}.original()
	if id, err := w.door.rest.edit(t.Context(), original, foreign()); err != nil || id == "" {
		t.Fatal(err)
	}
	m, _ = i.Original()
	if i, r = w.press(ada(), m, "frobnicate"); !r.Ephemeral || !strings.Contains(told(i), "not kept any more") {
		t.Errorf("a button of another version: %+v %s", r, told(i))
	}
	if len(w.discord.Messages(gone)) > 0 {
		t.Error("something was posted elsewhere")
	}
	w.clean()
}

// foreign is a message with a button that no version of this bot knows.
func foreign() embed.Post {
	return embed.Root(formatting.Message{Verdict: "x", Actions: []formatting.Action{{Verb: "frobnicate", Run: "r",
		Label: "x"}}})
}

// TestJoin: who asks for what is being tested gets a link to it.
func TestJoin(t *testing.T) {
	t.Parallel()
	open := make(chan struct{})
	w := newFixture(t, fakediscord.Options{}, func(_ *Config, inner *bottest.Fixture) { hold(inner, open) })
	i, _ := w.ask(ada(), w.channel, "good.test")
	m := w.shows(i, "Testing")
	var second *fakediscord.Interaction
	var r fakediscord.Response
	for range 50 { // the link is known when Discord's answer has come back
		if second, r = w.ask(bob(), w.channel, "good.test"); strings.Contains(told(second), "channels/") {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if !r.Ephemeral || !strings.Contains(told(second), w.channel+"/"+m.ID) {
		t.Errorf("%+v %s", r, told(second))
	}
	close(open)
	w.finished(i, "Works: TLS tested")
	if w.Probes() != 1 {
		t.Errorf("%d probes", w.Probes())
	}
	w.clean()
}

// hold keeps probes from ending, once they have begun.
func hold(inner *bottest.Fixture, open chan struct{}) {
	inner.Handler.Prober = held{inner.Handler.Prober, open}
}

type held struct {
	probe.Prober
	open chan struct{}
}

// Probe implements probe.Prober.
func (h held) Probe(ctx context.Context, r probe.Request, hooks probe.Hooks) (probe.Report, error) {
	event := hooks.Event
	hooks.Event = func(e probe.Event) {
		e.Known = nil
		event(e)
	}
	report, err := h.Prober.Probe(ctx, r, hooks)
	<-h.open
	return report, err
}
