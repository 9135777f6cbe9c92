package slackbot

import (
	"encoding/json"
	"strings"
	"testing"

	fakeslack "smtptest/bot/playground/slack"
)

// said waits for words of the bot in the conversation with Ada.
func (w *fixture) said(part string) {
	w.T.Helper()
	w.Until(part, func() bool {
		for _, m := range w.bots(fakeslack.InDirect) {
			if strings.Contains(words(m.Blocks), part) {
				return true
			}
		}
		return false
	})
}

// TestDirectMessagesAreCommands: all answers are messages there. What the bot
// says itself, what is edited, repeated from a thread or comes twice, is not
// answered; the fake tells the bot of its own messages, as Slack does.
func TestDirectMessagesAreCommands(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakeslack.Options{})
	d := w.slack.Write(fakeslack.Ada, "", "<http://expired.test:587|expired.test:587>", nil)
	w.acked(d)
	d.Again()
	w.finished(fakeslack.InDirect, "Failed at TLS")
	for text, part := range map[string]string{
		"help": "Test an SMTP server", "explain 535 5.7.8": "535", "<@" + fakeslack.BotUI + "> help tls": "STARTTLS begins",
		"good.test --private": "Works: TLS tested", "login login-plain.test": "opens from this button",
	} {
		w.acked(w.slack.Write(fakeslack.Ada, "", text, nil))
		w.said(part)
	}
	for _, more := range []map[string]any{
		{"subtype": "message_changed"}, {"subtype": "thread_broadcast"}, {"subtype": "bot_message"}, {"bot_id": "B1"},
		{"channel_type": "channel"}, {"user": fakeslack.BotUI}, {"user": ""},
	} {
		w.acked(w.slack.Write(fakeslack.Ada, "", "help", more))
	}
	w.acked(w.slack.Command(fakeslack.Ada, fakeslack.InMember, "help")) // by then the others were read
	n := 0
	for _, m := range w.bots(fakeslack.InDirect) {
		n += strings.Count(words(m.Blocks), "Test an SMTP server")
	}
	if n != 1 {
		t.Errorf("%d answers to one message to the bot", n)
	}
	if n := len(w.slack.Ephemerals(fakeslack.Ada)); n > 1 || w.Probes() != 2 {
		t.Errorf("%d ephemeral messages, %d probes", n, w.Probes())
	}
	w.clean()
}

// TestHome shows what the bot can do, and the own tests and nobody else's.
func TestHome(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakeslack.Options{})
	w.acked(w.slack.Command("U0BOB0001", fakeslack.InMember, "good.test:587"))
	w.finished(fakeslack.InMember, "Works: TLS tested")
	home := func(part string) string {
		w.acked(w.slack.OpenHome(fakeslack.Ada, "home"))
		w.Until("the home tab", func() bool { return strings.Contains(words(w.slack.Home(fakeslack.Ada)), part) })
		return words(w.slack.Home(fakeslack.Ada))
	}
	if text := home("None. Results are kept"); !strings.Contains(text, "Test an SMTP server") {
		t.Error(text)
	}
	w.acked(w.slack.Command(fakeslack.Ada, fakeslack.InPrivateTeam, "expired.test:587"))
	w.finished(fakeslack.InPrivateTeam, "Failed at TLS")
	if text := home("Failed at TLS, "); strings.Contains(text, "Works: TLS tested") {
		t.Errorf("the test of another is shown: %s", text)
	}
	w.acked(w.slack.Command(fakeslack.Ada, fakeslack.InMember, "explain 535"))
	home("Failed at TLS, ")
	for _, r := range w.Records() {
		if r.Panic != "" { // of an explanation, which is kept too and has no report
			t.Errorf("%+v", r)
		}
	}
	w.acked(w.slack.OpenHome(fakeslack.Ada, "messages"))
	w.clean()
}

// TestExplainThis: whoever wrote a message, anybody may ask what it means, alone,
// also where the bot is no member. What is not for us is acknowledged.
func TestExplainThis(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakeslack.Options{})
	for _, channel := range []string{fakeslack.InMember, fakeslack.InPrivate, fakeslack.InOthers} {
		m := w.slack.Say("U0BOB0001", channel, "", "bounced: 535 5.7.8 &lt;bob@example.com&gt; authentication failed")
		before := len(w.slack.Ephemerals(fakeslack.Ada))
		w.acked(w.slack.Shortcut(fakeslack.Ada, m, ExplainCallback))
		w.Until("the meaning", func() bool { return len(w.slack.Ephemerals(fakeslack.Ada)) == before+1 })
		if text := words(w.slack.Ephemerals(fakeslack.Ada)[before].Blocks); !strings.Contains(text, "535") {
			t.Errorf("in %s: %s", channel, text)
		}
		w.acked(w.slack.Shortcut(fakeslack.Ada, m, "another"))
	}
	alert := w.slack.Say("U0BOB0001", fakeslack.InMember, "", "")
	alert.Attachments = json.RawMessage(`[{"fallback":"down","title":"Mail is down",
		"text":"from <https://a.example/1|Alerts>",
		"fields":[{"title":"Reply","value":"421 4.3.2 shutting down"}]}]`)
	before := len(w.slack.Ephemerals(fakeslack.Ada))
	w.acked(w.slack.Shortcut(fakeslack.Ada, alert, ExplainCallback))
	w.Until("the meaning of an alert", func() bool { return len(w.slack.Ephemerals(fakeslack.Ada)) == before+1 })
	if text := words(w.slack.Ephemerals(fakeslack.Ada)[before].Blocks); !strings.Contains(text, "421") {
		t.Errorf("of an alert: %s", text)
	}
	if n := len(w.bots("")); n > 0 {
		t.Errorf("%d messages for all", n)
	}
	m := w.slack.Ephemerals(fakeslack.Ada)[0]
	w.acked(w.slack.Press(fakeslack.Ada, m, w.button(m, "share"), ""))
	w.Until("the explanation for all", func() bool { return len(w.bots(fakeslack.InMember)) > 0 })
	w.acked(w.slack.Command(fakeslack.Ada, fakeslack.InMember, "explain"))
	w.Until("the form for a text", func() bool { _, open := w.slack.OpenView(fakeslack.Ada); return open })
	view, _ := w.slack.OpenView(fakeslack.Ada)
	before = len(w.slack.Ephemerals(fakeslack.Ada))
	trace := map[string]string{"text": "smtplib.SMTPAuthenticationError:\n(535, b'no')"}
	w.acked(w.slack.Submit(fakeslack.Ada, view, trace))
	w.Until("its meaning", func() bool {
		_, open := w.slack.OpenView(fakeslack.Ada)
		return !open && len(w.slack.Ephemerals(fakeslack.Ada)) > before
	})
	w.clean()
}
