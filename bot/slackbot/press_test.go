package slackbot

import (
	"context"
	"strings"
	"testing"
	"time"

	"smtptest/bot"
	"smtptest/bot/bottest"
	fakeslack "smtptest/bot/playground/slack"
	"smtptest/bot/results"
	"smtptest/probe"
)

// delayed is a prober whose tests take longer.
type delayed struct {
	probe.Prober
	by time.Duration
}

// Probe implements probe.Prober.
func (d delayed) Probe(ctx context.Context, req probe.Request, hooks probe.Hooks) (probe.Report, error) {
	time.Sleep(d.by)
	return d.Prober.Probe(ctx, req, hooks)
}

// slowly is when a channel sees that a test runs.
const slowly = 1700 * time.Millisecond

func delay(by time.Duration) func(*Config, *bottest.Fixture) {
	return func(_ *Config, inner *bottest.Fixture) {
		inner.Handler.Prober = delayed{inner.Handler.Prober, by}
	}
}

// TestDoublePresses run once, and whoever pressed second is led to the test
// that runs.
func TestDoublePresses(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakeslack.Options{}, delay(700*time.Millisecond))
	w.acked(w.slack.Command(fakeslack.Ada, fakeslack.InMember, "good.test:587"))
	w.Until("the verdict", func() bool { return strings.Contains(w.thread(w.root(fakeslack.InMember)), "Transcript") })
	root := w.root(fakeslack.InMember)
	first, second := w.slack.Press(fakeslack.Ada, root, w.button(root, "again"), ""),
		w.slack.Press("U0BOB0001", root, w.button(root, "again"), "")
	w.acked(first)
	w.acked(second)
	w.Until("the word to one of them", func() bool {
		return len(w.slack.Ephemerals(fakeslack.Ada))+len(w.slack.Ephemerals("U0BOB0001")) == 1
	})
	w.Until("the second verdict", func() bool {
		m := w.root(fakeslack.InMember)
		return m.TS != root.TS && strings.Contains(w.thread(m), "Transcript")
	})
	if n := w.Probes(); n != 2 {
		t.Errorf("%d probes, want 2", n)
	}
	w.clean()
}

// TestOldButtons: after a restart one runs the test again, and the others say
// which.
func TestOldButtons(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakeslack.Options{})
	w.acked(w.slack.Command(fakeslack.Ada, fakeslack.InMember, "expired.test:587"))
	root := w.finished(fakeslack.InMember, "Failed at TLS")
	_ = w.Stop()
	w.Until("the end of the sockets", func() bool { return w.slack.Sockets() == 0 })
	w.Handler.Store = results.NewMemoryStore()
	w.door = New(w.door.config, &bot.Dispatcher{Handler: w.Handler})
	w.start()
	w.acked(w.slack.Press(fakeslack.Ada, root, w.button(root, "more"), "json"))
	if text := w.ephemeral(fakeslack.Ada, "This result is not kept any more."); !strings.Contains(text,
		"Press “Run again”") {
		t.Error(text)
	}
	w.acked(w.slack.Press("U0BOB0001", root, w.button(root, "again"), ""))
	w.Until("another answer", func() bool { return w.root(fakeslack.InMember).TS != root.TS })
	w.finished(fakeslack.InMember, "Failed at TLS")
	w.clean()
}

// TestPressesCount: limits are asked anew at each press, and count for who
// pressed.
func TestPressesCount(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakeslack.Options{}, func(_ *Config, inner *bottest.Fixture) {
		c := bottest.Unlimited()
		c.Person = results.Rate{Most: 1, Per: time.Minute}
		inner.Handler.Limiter = results.NewMemoryLimiter(c)
	})
	w.acked(w.slack.Command(fakeslack.Ada, fakeslack.InMember, "expired.test:587"))
	root := w.finished(fakeslack.InMember, "Failed at TLS")
	w.acked(w.slack.Press(fakeslack.Ada, root, w.button(root, "again"), ""))
	w.ephemeral(fakeslack.Ada, "That is the limit for one person.")
	w.acked(w.slack.Press("U0BOB0001", root, w.button(root, "again"), ""))
	w.Until("the test of another", func() bool { return w.root(fakeslack.InMember).TS != root.TS })
	w.finished(fakeslack.InMember, "Failed at TLS")
	w.clean()
}
