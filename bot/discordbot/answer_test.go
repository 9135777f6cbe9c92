package discordbot

import (
	"strings"
	"testing"

	fakediscord "smtptest/bot/playground/discord"
)

func TestACommandBecomesAThread(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{})
	i, r := w.ask(ada(), w.channel, "expired.test:587")
	i.Repeat()
	if r.Type != answerLater || r.Ephemeral {
		t.Errorf("first response %+v", r)
	}
	m := w.finished(i, "Failed at TLS")
	for _, part := range []string{"❌ ", "The certificate has expired", "Asked by " + ada().Name} {
		if !strings.Contains(m.Words(), part) {
			t.Errorf("the root lacks %q: %s", part, m.Words())
		}
	}
	for _, verb := range []string{"again", "more"} {
		w.button(m, verb)
	}
	i.Repeat() // an event that comes again, before and after its end, is answered once
	w.ask(ada(), w.channel, "help")
	thread := w.words(m.ID)
	if w.Probes() != 1 || strings.Count(thread, "Renew the certificate") != 1 {
		t.Errorf("%d probes: %s", w.Probes(), thread)
	}
	for _, part := range []string{"Renew the certificate", "TLS 1.3", "PIPELINING", "PIPELINING, SIZE",
		"EHLO [198.51.100.7]", "250-mx.example.test"} {
		if !strings.Contains(thread, part) {
			t.Errorf("the thread lacks %q", part)
		}
	}
	channels := w.discord.Channels()
	if name := channels[len(channels)-1].Name; name != "smtptest mx.example.test:587" {
		t.Errorf("the thread is called %q", name)
	}
	w.clean()
}

func TestImmediateAnswersArePrivate(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{})
	for target, part := range map[string]string{
		"help":                         "Test an SMTP server",
		"help tls":                     "STARTTLS begins in the clear",
		"explain 535 5.7.8":            "535",
		"smtp.example.com:22":          "Port 22 may not be tested here",
		"10.0.0.1":                     "This address may not be tested here",
		"smtp.example.com --tsl none":  "Did you mean",
		"bob:hunter2@smtp.example.com": "looks like a password",
	} {
		i, r := w.ask(ada(), w.channel, target)
		if text := told(i); r.Type != answerMessage || !r.Ephemeral || !strings.Contains(text, part) ||
			strings.Contains(text, "hunter2") {
			t.Errorf("%q: %+v %s", target, r, text)
		}
	}
	w.clean()
}

func TestTypedOptions(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{})
	i, r := w.ask(ada(), w.channel, "good.test", fakediscord.Option{Name: "tls", Value: "starttls"},
		fakediscord.Option{Name: "private", Value: true})
	if !r.Ephemeral {
		t.Errorf("first response %+v", r)
	}
	w.shows(i, "Works: TLS tested")
	w.Until("the transcript", func() bool { return strings.Contains(told(i), "Transcript") })
	i, r = w.ask(ada(), w.channel, "good.test", fakediscord.Option{Name: "from", Value: "not an address"})
	if !r.Ephemeral || !strings.Contains(told(i), "is not a mail address") {
		t.Errorf("%+v %s", r, told(i))
	}
	w.clean()
}

func TestDeniedLeavesNothing(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{})
	i, _ := w.ask(ada(), w.channel, "private-address.test:25")
	w.Until("the private words", func() bool { return len(i.Followups()) == 1 })
	said := i.Followups()[0]
	if !said.Ephemeral || !strings.Contains(said.Words(), "may not be tested here") ||
		strings.Contains(said.Words(), "10.0.0") {
		t.Errorf("%+v", said)
	}
	if m, ok := i.Original(); ok && !m.Deleted {
		t.Errorf("the deferred answer stays: %+v", m)
	}
	w.clean()
}

// TestNothingIsEditedTwice: a private answer begins as its verdict stands, and
// an edit that changes nothing marks a message as edited.
func TestNothingIsEditedTwice(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{})
	i, _ := w.ask(ada(), w.channel, "expired.test", fakediscord.Option{Name: "private", Value: true})
	w.Until("the transcript", func() bool { return strings.Contains(told(i), "Transcript") })
	m, _ := i.Original()
	for _, before := range m.Before {
		if before.Words() == m.Words() {
			t.Errorf("edited without a change: %s", m.Words())
		}
	}
	w.clean()
}
