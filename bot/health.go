package bot

import (
	"sync"
	"time"

	"smtptest/formatting"
)

// Event is one thing that happened to an adapter. It contains no target, no name of a
// person, no text of a command, so that it can be counted.
type Event struct {
	Platform   formatting.Platform
	Kind       EventKind
	Connection int           // of EventUp and EventDown: which of the adapter's, from 0
	Outcome    string        // of EventDown, EventRefused, EventPosted and EventDropped: one of a few words
	Elapsed    time.Duration // of EventAcked: from the arrival of what was acknowledged
}

// EventKind is what happened.
type EventKind string

// The kinds.
const (
	EventUp      EventKind = "up"      // a connection stands
	EventDown    EventKind = "down"    // a connection is gone, or could not be made
	EventRefused EventKind = "refused" // the platform refuses us for good
	EventAcked   EventKind = "acked"   // something that arrived was acknowledged
	EventPosted  EventKind = "posted"  // a call to the platform was made, all its tries included
	EventShared  EventKind = "shared"  // state that replicas share was used, or could not be
	EventDropped EventKind = "dropped" // something that arrived was not answered, or its answer given up
)

// Outcomes of EventPosted.
const (
	PostedOK       = "ok"
	PostedRetried  = "retried"  // and went well in the end
	PostedRefused  = "refused"  // the platform said no
	PostedLimited  = "limited"  // the platform asked to wait until we gave up
	PostedNoAnswer = "noanswer" // out of order, or nothing came back
)

// Outcomes of EventDropped.
const (
	DroppedBusy       = "busy"       // too many answers at once; the person is told so
	DroppedDuplicate  = "duplicate"  // it came twice and was answered once
	DroppedUnreadable = "unreadable" // it could not be understood
	DroppedLost       = "lost"       // the connection broke under it
)

// Outcomes of EventShared.
const (
	SharedLimits = "limits" // a test was counted by one replica alone
	SharedOnce   = "once"   // whether an event came twice was asked in one replica alone
	SharedLarge  = "large"  // a result is too large for the others, and stays in one replica
	SharedUnread = "unread" // a row of another key or version
	SharedOrphan = "orphan" // the message of a killed replica's test was ended
)

// Outcomes of EventDown.
const (
	DownUnreachable = "the platform cannot be reached" // no connection could be made
	DownEnded       = "the connection ended"
)

// Status is how an adapter stands.
type Status string

// The statuses.
const (
	StatusStarting     Status = "starting"     // it has not been connected yet
	StatusConnected    Status = "connected"    // at least one of its connections stands
	StatusReconnecting Status = "reconnecting" // it was connected, and will be
	StatusRefused      Status = "refused"      // no further attempt makes sense
	StatusDraining     Status = "draining"     // the program is stopping
)

// Standing is how an adapter stands, and since when.
type Standing struct {
	Status     Status
	Reason     string    // why it is not connected; empty: it is, or nothing was tried yet
	Since      time.Time // of Status, UTC
	Reconnects int       // connections made anew since the start
}

// Health gathers how the adapters stand. Use NewHealth.
type Health struct {
	mu       sync.Mutex
	draining bool
	adapters map[formatting.Platform]*adapterHealth
	engine   *adapterHealth // nil: there is none
	shared   *adapterHealth // nil: nothing is shared
	replicas int            // that share
}

type adapterHealth struct {
	standing Standing
	up       map[int]bool // by connection; false: it was up once
}

// NewHealth begins with adapters that are starting.
func NewHealth(platforms ...formatting.Platform) *Health {
	h := &Health{adapters: map[formatting.Platform]*adapterHealth{}}
	for _, p := range platforms {
		h.adapter(p)
	}
	return h
}

func (h *Health) adapter(platform formatting.Platform) *adapterHealth {
	d, known := h.adapters[platform]
	if !known {
		d = &adapterHealth{standing: Standing{Status: StatusStarting, Since: time.Now().UTC()}, up: map[int]bool{}}
		h.adapters[platform] = d
	}
	return d
}

// Note takes in an event, and passes over those that change no standing. Once
// the program is stopping none does.
func (h *Health) Note(e Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.draining {
		return
	}
	switch e.Kind {
	case EventUp:
		h.adapter(e.Platform).rise(e.Connection)
	case EventDown:
		h.adapter(e.Platform).fall(e.Connection, e.Outcome)
	case EventRefused:
		d := h.adapter(e.Platform)
		clear(d.up)
		d.become(StatusRefused, e.Outcome)
	}
}

func (d *adapterHealth) rise(connection int) {
	if up, before := d.up[connection]; before && !up {
		d.standing.Reconnects++
	}
	d.up[connection] = true
	d.become(StatusConnected, "")
}

func (d *adapterHealth) fall(connection int, reason string) {
	if _, before := d.up[connection]; before {
		d.up[connection] = false
	}
	for _, up := range d.up {
		if up {
			return
		}
	}
	switch d.standing.Status {
	case StatusRefused: // which stays the reason
	case StatusStarting:
		d.become(StatusStarting, reason)
	default:
		d.become(StatusReconnecting, reason)
	}
}

func (d *adapterHealth) become(s Status, reason string) {
	if d.standing.Status != s {
		d.standing.Status, d.standing.Since = s, time.Now().UTC()
	}
	d.standing.Reason = reason
}

// Drain notes that the program is stopping.
func (h *Health) Drain() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.draining = true
	for _, d := range h.adapters {
		d.become(StatusDraining, "the program is stopping")
	}
}

// Ready reports that commands are taken: at least one adapter is connected, and
// the program is not stopping.
func (h *Health) Ready() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, d := range h.adapters {
		if !h.draining && d.standing.Status == StatusConnected {
			return true
		}
	}
	return false
}

// Standings are a copy, by platform.
func (h *Health) Standings() map[formatting.Platform]Standing {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := map[formatting.Platform]Standing{}
	for p, d := range h.adapters {
		all[p] = d.standing
	}
	return all
}

// Shared is how the state that replicas share stands.
type Shared struct {
	Standing
	Replicas int // that were seen lately, this one included
}

// NoteShared notes whether state is shared with other replicas, why not, and how
// many there are. Alone a replica takes commands all the same.
func (h *Health) NoteShared(up bool, reason string, replicas int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.shared == nil {
		h.shared = &adapterHealth{standing: Standing{Status: StatusStarting, Since: time.Now().UTC()}, up: map[int]bool{}}
	}
	h.replicas = replicas
	switch {
	case h.draining:
	case up:
		h.shared.rise(0)
	default:
		h.shared.fall(0, reason)
	}
}

// Shared is how shared state stands; false: none is shared.
func (h *Health) Shared() (Shared, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.shared == nil {
		return Shared{}, false
	}
	return Shared{h.shared.standing, h.replicas}, true
}

// NoteEngine notes whether the engine behind vantage points and shared state can be
// reached, and why not. Without it commands are taken all the same.
func (h *Health) NoteEngine(up bool, reason string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.engine == nil {
		h.engine = &adapterHealth{standing: Standing{Status: StatusStarting, Since: time.Now().UTC()}, up: map[int]bool{}}
	}
	switch {
	case h.draining:
	case up:
		h.engine.rise(0)
	default:
		h.engine.fall(0, reason)
	}
}

// Engine is how the engine stands; false: none is set up.
func (h *Health) Engine() (Standing, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.engine == nil {
		return Standing{}, false
	}
	return h.engine.standing, true
}
