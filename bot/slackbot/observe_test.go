package slackbot

import (
	"sync"
	"testing"
	"time"

	"smtptest/bot"
	"smtptest/bot/bottest"
	fakeslack "smtptest/bot/playground/slack"
)

// heard collects events.
type heard struct {
	mu  sync.Mutex
	all []bot.Event
}

func (h *heard) note(e bot.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.all = append(h.all, e)
}

func (h *heard) count(kind bot.EventKind, outcome string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := 0
	for _, e := range h.all {
		if e.Platform == "slack" && e.Kind == kind && (outcome == "" || e.Outcome == outcome) {
			n++
		}
	}
	return n
}

// soon waits for what the fake does not see.
func soon(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s did not come", what)
		}
	}
}

func watched(h *heard, health *bot.Health) func(*Config, *bottest.Fixture) {
	return func(c *Config, _ *bottest.Fixture) {
		c.Observe = func(e bot.Event) {
			health.Note(e)
			h.note(e)
		}
	}
}

// TestEventsOfATest: one test, told as connections, an acknowledgement and
// posts.
func TestEventsOfATest(t *testing.T) {
	t.Parallel()
	h, health := &heard{}, bot.NewHealth("slack")
	w := newFixture(t, fakeslack.Options{}, watched(h, health))
	soon(t, "connected", health.Ready)
	w.acked(w.slack.Command(fakeslack.Ada, fakeslack.InMember, "expired.test"))
	soon(t, "posts", func() bool { return h.count(bot.EventPosted, "") > 0 })
	if h.count(bot.EventAcked, "") != 1 || h.count(bot.EventUp, "") != connections {
		t.Errorf("%+v", h.all)
	}
}

// TestStandingWithoutConnections: all sockets go, and come back.
func TestStandingWithoutConnections(t *testing.T) {
	t.Parallel()
	h, health := &heard{}, bot.NewHealth("slack")
	w := newFixture(t, fakeslack.Options{}, watched(h, health))
	soon(t, "connected", health.Ready)
	w.slack.DropSockets()
	soon(t, "the loss", func() bool { return h.count(bot.EventDown, bot.DownEnded) > 0 })
	soon(t, "the return", func() bool { return health.Ready() && health.Standings()["slack"].Reconnects > 0 })
}

// TestStandingWhenRefused: Slack takes the tokens no more.
func TestStandingWhenRefused(t *testing.T) {
	t.Parallel()
	h, health := &heard{}, bot.NewHealth("slack")
	w := newFixture(t, fakeslack.Options{}, watched(h, health))
	soon(t, "connected", health.Ready)
	w.slack.Fail(fakeslack.InvalidAuth, "apps.connections.open", -1)
	w.slack.DropSockets()
	soon(t, "the refusal", func() bool { return health.Standings()["slack"].Status == bot.StatusRefused })
	if s := health.Standings()["slack"]; s.Reason != "invalid_auth" || health.Ready() {
		t.Errorf("%+v", s)
	}
}
