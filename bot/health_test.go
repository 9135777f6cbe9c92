package bot

import (
	"testing"
	"time"
)

// TestHealth tells a door that stands from one that does not, with two
// connections, as Slack's has.
func TestHealth(t *testing.T) {
	const p = "slack"
	up := func(n int) Event { return Event{Platform: p, Kind: EventUp, Connection: n} }
	down := func(n int) Event { return Event{Platform: p, Kind: EventDown, Connection: n, Outcome: DownEnded} }
	for _, tt := range []struct {
		name       string
		events     []Event
		status     Status
		reason     string
		reconnects int
		ready      bool
	}{
		{"nothing happened", nil, StatusStarting, "", 0, false},
		{"never reached", []Event{{Platform: p, Kind: EventDown, Outcome: DownUnreachable}}, StatusStarting, DownUnreachable, 0, false},
		{"one stands", []Event{up(0)}, StatusConnected, "", 0, true},
		{"both stand, one falls", []Event{up(0), up(1), down(0)}, StatusConnected, "", 0, true},
		{"both fall", []Event{up(0), up(1), down(0), down(1)}, StatusReconnecting, DownEnded, 0, false},
		{"down twice", []Event{up(0), down(0), down(0), up(0)}, StatusConnected, "", 1, true},
		{"refused, and the other connection ends", []Event{up(0), up(1), {Platform: p, Kind: EventRefused, Outcome: "invalid_auth"}, down(1)}, StatusRefused, "invalid_auth", 0, false},
		{"what is counted only", []Event{{Platform: p, Kind: EventPosted, Outcome: PostedOK}}, StatusStarting, "", 0, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := NewHealth(p)
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
	h := NewHealth("slack", "discord")
	h.Note(Event{Platform: "slack", Kind: EventUp})
	if !h.Ready() {
		t.Error("one of two is not enough")
	}
	h.Drain()
	h.Note(Event{Platform: "discord", Kind: EventUp})
	for p, s := range h.Standings() {
		if s.Status != StatusDraining || h.Ready() {
			t.Errorf("%s: %+v, ready %t", p, s, h.Ready())
		}
	}
}
