package slackbot

import (
	"strings"
	"testing"
	"time"

	"smtptest/bot/bottest"
	fakeslack "smtptest/bot/playground/slack"
)

func recovering(fails int) func(*Config, *bottest.Fixture) {
	return func(_ *Config, f *bottest.Fixture) { f.Recovering(fails) }
}

// TestWatch: one message is edited while a server is down; thread and channel
// are told once it works, and the message ends with the window.
func TestWatch(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakeslack.Options{}, recovering(3))
	w.acked(w.slack.Command(fakeslack.Ada, fakeslack.InMember, "mx.example.com:587 --watch"))
	w.Until("the end", func() bool { return strings.Contains(words(w.first().All()), "Watched: works") })
	root := w.first()
	for _, part := range []string{
		"××", "3 failed", "First failed test: ", "works since ", "Watch until it works", "Run again",
	} {
		if text := words(root.All()); !strings.Contains(text, part) {
			t.Errorf("the message lacks %q: %s", part, text)
		}
	}
	if thread := w.thread(root); !strings.Contains(thread, "Works now") || !strings.Contains(thread, "Transcript") {
		t.Errorf("the thread: %s", thread)
	}
	told := w.root(fakeslack.InMember)
	if text := words(told.All()); told.TS == root.TS || !strings.Contains(text, "Works now") {
		t.Errorf("the channel was told %s", text)
	}
	w.clean()
}

// first is the message of the watch.
func (w *fixture) first() fakeslack.Message {
	for _, m := range w.slack.Messages(fakeslack.InMember) {
		if m.Bot && m.Thread == "" {
			return m
		}
	}
	return fakeslack.Message{}
}

// TestWatchFromAButton: the button stands under a failure; anybody stops it.
func TestWatchFromAButton(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakeslack.Options{}, recovering(1000))
	w.acked(w.slack.Command(fakeslack.Ada, fakeslack.InMember, "mx.example.com:587"))
	failed := w.finished(fakeslack.InMember, "Failed at connect")
	w.acked(w.slack.Press(fakeslack.Ada, failed, w.button(failed, "watch"), ""))
	w.Until("some tests", func() bool { return strings.Contains(words(w.root(fakeslack.InMember).All()), "××××") })
	root := w.root(fakeslack.InMember)
	w.acked(w.slack.Press("U0BOB0001", root, w.button(root, "stop"), ""))
	w.Until("the end", func() bool {
		return strings.Contains(words(w.root(fakeslack.InMember).All()), "The watch was stopped by ")
	})
	tests := w.Probes()
	time.Sleep(700 * time.Millisecond)
	if now := w.Probes(); now != tests {
		t.Errorf("%d tests after the end", now-tests)
	}
	w.clean()
}

// TestWatchWhereNothingCanBeChanged: the test is made and answered, and the
// answer says why it is not watched.
func TestWatchWhereNothingCanBeChanged(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakeslack.Options{}, recovering(1000))
	w.acked(w.slack.Command(fakeslack.Ada, fakeslack.InPrivate, "mx.example.com:587 --watch"))
	w.Until("the answer", func() bool {
		for _, m := range w.slack.Messages(fakeslack.InPrivate) {
			if strings.Contains(words(m.All()), "It is not watched: a message that I post here cannot be changed") {
				return true
			}
		}
		return false
	})
	if n := w.Probes(); n != 1 {
		t.Errorf("%d tests", n)
	}
	w.clean()
}

// TestWatchRestart: a watch lives in memory; its message says so at the end, and
// its button starts it again in the next process.
func TestWatchRestart(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakeslack.Options{}, recovering(1000))
	w.acked(w.slack.Command(fakeslack.Ada, fakeslack.InMember, "mx.example.com:587 --watch"))
	w.Until("some tests", func() bool { return strings.Contains(words(w.root(fakeslack.InMember).All()), "×××") })
	if err := w.Stop(); err != nil {
		t.Fatal(err)
	}
	text := words(w.root(fakeslack.InMember).All())
	for _, part := range []string{"Stopped: start it again", "×××", "had not worked again", "Watch until it works"} {
		if !strings.Contains(text, part) {
			t.Errorf("the message lacks %q: %s", part, text)
		}
	}
	w.clean()
}
