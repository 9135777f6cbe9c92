package bot_test

import (
	"testing"
	"time"

	"smtptest/bot"
)

// TestHealth tells an adapter that stands from one that does not, with two
// connections, as Slack's has.
func TestHealth(t *testing.T) {
	const p = "slack"
	up := func(n int) bot.Event { return bot.Event{Platform: p, Kind: bot.EventUp, Connection: n} }
	down := func(n int) bot.Event {
		return bot.Event{Platform: p, Kind: bot.EventDown, Connection: n, Outcome: bot.DownEnded}
	}
	for _, tt := range []struct {
		name       string
		events     []bot.Event
		status     bot.Status
		reason     string
		reconnects int
		ready      bool
	}{
		{"nothing happened", nil, bot.StatusStarting, "", 0, false},
		{"never reached", []bot.Event{{Platform: p, Kind: bot.EventDown, Outcome: bot.DownUnreachable}},
			bot.StatusStarting, bot.DownUnreachable, 0, false},
		{"one stands", []bot.Event{up(0)}, bot.StatusConnected, "", 0, true},
		{"both stand, one falls", []bot.Event{up(0), up(1), down(0)}, bot.StatusConnected, "", 0, true},
		{"both fall", []bot.Event{up(0), up(1), down(0), down(1)}, bot.StatusReconnecting, bot.DownEnded, 0, false},
		{"down twice", []bot.Event{up(0), down(0), down(0), up(0)}, bot.StatusConnected, "", 1, true},
		{
			"refused, and the other connection ends",
			[]bot.Event{up(0), up(1), {Platform: p, Kind: bot.EventRefused, Outcome: "invalid_auth"}, down(1)},
			bot.StatusRefused, "invalid_auth", 0, false,
		},
		{"what is counted only", []bot.Event{{Platform: p, Kind: bot.EventPosted, Outcome: bot.PostedOK}},
			bot.StatusStarting, "", 0, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := bot.NewHealth(p)
			for _, e := range tt.events {
				h.Note(e)
			}
			got := h.Standings()[p]
			if got.Status != tt.status || got.Reason != tt.reason || got.Reconnects != tt.reconnects || h.Ready() != tt.ready {
				t.Errorf("got %+v, ready %t", got, h.Ready())
			}
			if got.Since.IsZero() || got.Since.Location() != time.UTC {
				t.Errorf("since %v", got.Since)
			}
		})
	}
}

func TestHealthWhileStopping(t *testing.T) {
	h := bot.NewHealth("slack", "discord")
	h.Note(bot.Event{Platform: "slack", Kind: bot.EventUp})
	if !h.Ready() {
		t.Error("one of two is not enough")
	}
	h.Drain()
	h.Note(bot.Event{Platform: "discord", Kind: bot.EventUp})
	for p, s := range h.Standings() {
		if s.Status != bot.StatusDraining || h.Ready() {
			t.Errorf("%s: %+v, ready %t", p, s, h.Ready())
		}
	}
}
