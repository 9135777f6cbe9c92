package slackbot

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	fakeslack "smtptest/bot/playground/slack"
)

func TestACommandBecomesAThread(t *testing.T) {
	t.Parallel()
	w := started(t, fakeslack.Options{})
	if payload := w.acked(w.slack.Command(fakeslack.Ada, fakeslack.InMember, "expired.test:587")); payload != "" {
		t.Errorf("the acknowledgement says %q", payload)
	}
	m := w.finished(fakeslack.InMember, "Failed at TLS")
	root := words(m.All())
	for _, part := range []string{"❌ ", "The certificate has expired", "Asked by ada", "Run again"} {
		if !strings.Contains(root, part) {
			t.Errorf("the root lacks %q: %s", part, root)
		}
	}
	if strings.Contains(root, "Test a login…") {
		t.Error("a password is asked for that would not be sent")
	}
	if len(m.Before) != 0 && !testing.Short() || !strings.Contains(m.Text, "Failed at TLS") {
		t.Errorf("%d edits; the notification says %q", len(m.Before), m.Text)
	}
	thread := w.thread(m)
	for _, part := range []string{"Renew the certificate", "TLS 1.3", "PIPELINING", "PIPELINING, SIZE",
		"EHLO [198.51.100.7]", "250-mx.example.test"} {
		if !strings.Contains(thread, part) {
			t.Errorf("the thread lacks %q", part)
		}
	}
	w.clean()
}

// TestALongTestIsPostedAtOnce, and edited.
func TestALongTestIsPostedAtOnce(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakeslack.Options{}, delay(slowly))
	w.acked(w.slack.Command(fakeslack.Ada, fakeslack.InMember, "expired.test:587"))
	m := w.finished(fakeslack.InMember, "Failed at TLS")
	if len(m.Before) != 1 || !strings.Contains(words(m.Before[0].All()), "⏳ Testing") {
		t.Errorf("%d edits", len(m.Before))
	}
	w.clean()
}

// clean holds the whole of a test against what must never be.
func (w *fixture) clean() {
	w.T.Helper()
	if v := w.slack.Violations(); len(v) > 0 {
		w.T.Errorf("Slack would have refused: %v", v)
	}
	if stuck := w.stuck(); stuck != "" {
		w.T.Errorf("at the end somebody still reads: %s", stuck)
	}
	if log := w.Log.String(); strings.Contains(log, "expired") || strings.Contains(log, fakeslack.Ada) ||
		strings.Contains(log, fakeslack.BotToken) {
		w.T.Errorf("the log holds what it must not: %s", log)
	}
}

// stuck is what somebody sees at the end that was meant for the meantime.
func (w *fixture) stuck() string {
	var seen []json.RawMessage
	for _, v := range w.slack.Views() {
		if v.Open {
			seen = append(seen, v.Content)
		}
	}
	for _, m := range append(w.slack.Messages(""), w.slack.Ephemerals(fakeslack.Ada)...) {
		if !m.Deleted {
			seen = append(seen, m.All())
		}
	}
	for _, raw := range seen {
		if text := words(raw); strings.Contains(text, "⏳ Testing") {
			return text
		}
	}
	return ""
}

func TestImmediateAnswersAreInTheAcknowledgement(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakeslack.Options{})
	for text, part := range map[string]string{
		"help tls":                      "STARTTLS begins in the clear",
		"explain 535 5.7.8":             "535",
		"smtp.example.com:22":           "Port 22 may not be tested here",
		"10.0.0.1":                      "This address may not be tested here",
		"smtp.example.com --tsl none":   "Did you mean --tls?",
		"bob:hunter2@smtp.example.com":  "looks like a password",
		"login smtp.example.com secret": "looks like a password",
	} {
		payload := w.acked(w.slack.Command(fakeslack.Ada, fakeslack.InMember, text))
		if !strings.Contains(payload, part) || strings.Contains(payload, "hunter2") {
			t.Errorf("%q: %s", text, payload)
		}
	}
	if len(w.slack.Messages(fakeslack.InMember)) > 0 {
		t.Error("something was posted")
	}
	w.clean()
}

func TestPrivateRun(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakeslack.Options{})
	if payload := w.acked(w.slack.Command(fakeslack.Ada, fakeslack.InMember, "expired.test --private")); payload != "" {
		t.Error(payload)
	}
	text := w.ephemeral(fakeslack.Ada, "Failed at TLS")
	if !strings.Contains(text, "The certificate has expired") {
		t.Error(text)
	}
	if len(w.slack.Messages(fakeslack.InMember)) > 0 {
		t.Error("something was posted")
	}
	w.clean()
}

func TestDeniedLeavesNothing(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakeslack.Options{})
	w.acked(w.slack.Command(fakeslack.Ada, fakeslack.InMember, "private-address.test:25"))
	text := w.ephemeral(fakeslack.Ada, "may not be tested here")
	if strings.Contains(text, "10.0.0") || w.root(fakeslack.InMember).TS != "" {
		t.Errorf("%s; root %+v", text, w.root(fakeslack.InMember))
	}
	w.clean()
}

func TestButtons(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakeslack.Options{})
	w.acked(w.slack.Command(fakeslack.Ada, fakeslack.InMember, "expired.test:587"))
	first := w.finished(fakeslack.InMember, "Failed at TLS")
	_, run, _ := strings.Cut(w.button(first, "again"), ":0:")
	for range 400 { // the fake does not hear of what the bot remembers
		if r, _ := w.Handler.Store.Get(run); r.Link != "" {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	w.acked(w.slack.Press("U0BOB0001", first, w.button(first, "again"), ""))
	w.Until("a second root", func() bool { return w.root(fakeslack.InMember).TS != first.TS })
	second := w.finished(fakeslack.InMember, "Failed at TLS")
	if text := words(second.All()); !strings.Contains(text, "Nothing has changed since the test before.") ||
		!strings.Contains(text, "Asked by U0BOB0001") || !strings.Contains(string(second.All()), "archives") {
		t.Errorf("the second root: %s", second.All())
	}
	for _, choice := range []string{"commands", "ticket"} {
		w.acked(w.slack.Press("U0BOB0001", second, w.button(second, "more"), choice))
	}
	w.ephemeral("U0BOB0001", "swaks")
	w.Until("the ticket's file", func() bool { return strings.Contains(w.thread(second), "ticket") })
	w.clean()
}

func TestMentions(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakeslack.Options{})
	above := w.slack.Say(fakeslack.Ada, fakeslack.InMember, "", "mail is broken")
	w.acked(w.slack.Mention(fakeslack.Ada, fakeslack.InMember, above.TS,
		"<@"+fakeslack.BotUI+"> <http://expired.test:587|expired.test:587>"))
	w.Until("the answer in the thread", func() bool {
		text := w.thread(above)
		return strings.Contains(text, "Failed at TLS") && strings.Contains(text, "Transcript")
	})
	w.acked(w.slack.Mention(fakeslack.Ada, fakeslack.InMember, "", "<@"+fakeslack.BotUI+"> good.test"))
	w.finished(fakeslack.InMember, "Works: TLS tested")
	w.acked(w.slack.Mention(fakeslack.Ada, fakeslack.InMember, "", "<@"+fakeslack.BotUI+"> bob:hunter2@good.test"))
	if text := w.ephemeral(fakeslack.Ada, "looks like a password"); !strings.Contains(text, "Delete it.") {
		t.Error(text)
	}
	w.clean()
}
