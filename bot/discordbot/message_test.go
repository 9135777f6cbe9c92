package discordbot

import (
	"strings"
	"testing"

	"smtptest/bot/bottest"
	fakediscord "smtptest/bot/playground/discord"
	"smtptest/formatting"
)

// chosen chooses a command from the menu of somebody's message.
func (w *fixture) chosen(m fakediscord.Message, id formatting.TextID) (*fakediscord.Interaction, fakediscord.Response) {
	w.T.Helper()
	said, err := w.discord.Say(bob(), w.channel, m)
	if err != nil {
		w.T.Fatal(err)
	}
	i, err := w.discord.Apply(ada(), said.ID, formatting.Say(id).What)
	if err != nil {
		w.T.Fatal(err)
	}
	return i, w.answered(i)
}

// TestExplainThis: what somebody has posted is explained to one person, who
// shows it to the others.
func TestExplainThis(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{})
	alert := map[string]any{"title": "Alert", "fields": []any{
		map[string]any{"name": "error", "value": "535 5.7.8 Error: authentication failed"},
	}}
	i, r := w.chosen(fakediscord.Message{Content: "look", Embeds: []any{alert}}, formatting.LabelExplain)
	m, _ := i.Original()
	if !r.Ephemeral || !strings.Contains(m.Words(), "535") || strings.Contains(m.Words(), "look") {
		t.Errorf("%+v: %s", r, m.Words())
	}
	shared, r := w.press(ada(), m, "share")
	w.Until("the explanation", func() bool { return strings.Contains(told(shared), "RFC 4954") })
	if text := told(shared); r.Ephemeral || !strings.Contains(text, "535") || !strings.Contains(text, "Asked by Ada") {
		t.Errorf("%+v: %s", r, text)
	}
	if again, r := w.press(ada(), m, "share"); !r.Ephemeral || !strings.Contains(told(again), "shared already") {
		t.Error(told(again))
	}
	if empty, _ := w.chosen(fakediscord.Message{}, formatting.LabelExplain); !strings.Contains(told(empty), "no text") {
		t.Error(told(empty))
	}
	secret, _ := w.chosen(fakediscord.Message{Content: "SMTP_PASSWORD=hunter2"}, formatting.LabelExplain)
	if text := told(secret); strings.Contains(text, "hunter2") || !strings.Contains(text, "looks like a password") {
		t.Error(text)
	}
	w.clean()
}

// TestHostsInAMessage: one server is tested for all to see, of several one is
// chosen.
func TestHostsInAMessage(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{})
	i, r := w.chosen(fakediscord.Message{Content: "it says: connect to good.test[192.0.2.1]:587: timed out"},
		formatting.LabelFind)
	if w.finished(i, "Works: TLS tested"); r.Ephemeral {
		t.Errorf("%+v", r)
	}
	many, r := w.chosen(fakediscord.Message{Content: "good.test:587 or expired.test:587, pw hunter2"},
		formatting.LabelFind)
	m, _ := many.Original()
	if text := m.Words(); !r.Ephemeral || !strings.Contains(text, "`good.test:587`, `expired.test:587`") ||
		strings.Contains(text, "hunter2") {
		t.Errorf("%+v %s", r, m.Words())
	}
	one, _ := w.press(ada(), m, "target", "expired.test:587")
	w.finished(one, "Failed at TLS")
	none, r := w.chosen(fakediscord.Message{Content: "good morning"}, formatting.LabelFind)
	if !r.Ephemeral || !strings.Contains(told(none), "There is no mail server in this message") {
		t.Error(told(none))
	}
	w.clean()
}

// TestLongTexts: a stack trace is pasted into a form, also where no login form
// is opened.
func TestLongTexts(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{}, func(c *Config, _ *bottest.Fixture) { c.LoginForm = false })
	_, r := w.ask(ada(), w.channel, "explain")
	if r.Modal == nil || len(r.Modal.Fields) != 1 {
		t.Fatalf("%+v", r)
	}
	trace := "javax.mail.AuthenticationFailedException\n\tat a.b.C\n535 5.7.139 Authentication unsuccessful"
	i, err := w.discord.Submit(ada(), r.Modal, map[string]string{"text": trace})
	if err != nil {
		t.Fatal(err)
	}
	if r := w.answered(i); !r.Ephemeral || !strings.Contains(told(i), "5.7.139") {
		t.Errorf("%+v %s", r, told(i))
	}
	w.clean()
}
