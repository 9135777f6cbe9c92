package slackbot

import (
	"strings"
	"testing"
	"time"

	"smtptest/bot"
	fakeslack "smtptest/bot/playground/slack"
	"smtptest/bot/results"
)

// testing are the messages in the channel that say that a test runs.
func (w *fixture) testing() (all []fakeslack.Message) {
	for _, m := range w.bots(fakeslack.InMember) {
		if strings.Contains(words(m.Blocks), "⏳ Testing") {
			all = append(all, m)
		}
	}
	return all
}

// TestAMessageThatNobodyChanges: of a post whose answer was lost there are two
// messages, and one stays behind. Its button replaces it; while the test runs it
// says so.
func TestAMessageThatNobodyChanges(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakeslack.Options{}, delay(3*time.Second))
	w.slack.Fail(fakeslack.CutAfter, "chat.postMessage", 1)
	w.acked(w.slack.Command(fakeslack.Ada, fakeslack.InMember, "expired.test:587"))
	w.Until("both messages", func() bool { return len(w.testing()) == 2 })
	orphan := w.testing()[0]
	state := w.button(orphan, "state")
	w.acked(w.slack.Press(fakeslack.Ada, orphan, state, ""))
	w.ephemeral(fakeslack.Ada, "This test still runs.")
	w.finished(fakeslack.InMember, "Failed at TLS")
	r, _ := w.Handler.Store.Get(strings.Split(state, ":")[3])
	r.Ended = r.Ended.Add(-time.Minute)
	w.Handler.Store.Put(r)
	w.acked(w.slack.Press(fakeslack.Ada, orphan, state, ""))
	w.Until("the orphan's end", func() bool { return len(w.testing()) == 0 })
	if text := words(w.bots(fakeslack.InMember)[0].Blocks); !strings.Contains(text, "answer stands in another message") {
		t.Errorf("in its place stands %s", text)
	}
	w.clean()
}

// TestAMessageOfAnotherLife: the bot was killed. The button of what it left
// behind says so, for all to see, and the next one runs the test again.
func TestAMessageOfAnotherLife(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakeslack.Options{}, delay(slowly))
	w.acked(w.slack.Command(fakeslack.Ada, fakeslack.InMember, "expired.test:587"))
	w.Until("the message", func() bool { return len(w.testing()) == 1 })
	orphan := w.testing()[0]
	w.door.hangUp()
	_ = w.Stop()
	w.Until("the end of the sockets", func() bool { return w.slack.Sockets() == 0 })
	w.Handler.Store = results.NewMemoryStore()
	w.door = New(w.door.config, &bot.Dispatcher{Handler: w.Handler})
	w.start()
	w.acked(w.slack.Press("U0BOB0001", orphan, w.button(orphan, "state"), ""))
	w.Until("the orphan's end", func() bool { return len(w.testing()) == 0 })
	left := w.root(fakeslack.InMember)
	if !strings.Contains(words(left.Blocks), "The bot was restarted before the test was over.") {
		t.Errorf("in its place stands %s", words(left.Blocks))
	}
	w.acked(w.slack.Press("U0BOB0001", left, w.button(left, "again"), ""))
	w.Until("another answer", func() bool { return w.root(fakeslack.InMember).TS != left.TS })
	w.finished(fakeslack.InMember, "Failed at TLS")
	w.clean()
}
