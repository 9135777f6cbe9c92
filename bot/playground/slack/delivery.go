package slack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"smtptest/bot/playground/wire"
)

// The kinds of envelopes (docs.slack.dev/apis/events-api/using-socket-mode).
const (
	slashCommands = "slash_commands"
	interactive   = "interactive"
	eventsAPI     = "events_api"
)

// What a person sees who gets no answer.
var (
	ErrTimeout  = errors.New("operation_timeout") // no acknowledgement in time
	ErrDispatch = errors.New("dispatch_failed")   // no socket takes envelopes, or it ended before this one
	ErrScope    = errors.New("missing_scope")     // the app has no scope for this, so Slack sends it nothing
	ErrNothing  = errors.New("nothing is there")  // no such button, view or message
)

// Ack is an acknowledgement.
type Ack struct {
	After   time.Duration   // since the envelope was sent
	Payload json.RawMessage // nil: none
}

// Delivery is what one person did, on its way to the bot.
type Delivery struct {
	Trigger     string // the trigger_id; empty: none came with it
	ResponseURL string // empty: none came with it

	server   *Server
	id       string
	kind     string
	envelope object
	hook     *hook // what an acknowledgement of a command posts to; nil: none
	view     *View // that was submitted; nil: none
	timer    *time.Timer
	done     chan struct{}
	once     sync.Once
	ack      Ack
	err      error

	// The server's mutex guards these.
	sent    time.Time
	begun   bool
	by      []*socket // that carried a copy
	acks    int
	retries int
}

// Wait waits for the first acknowledgement. It gives ErrTimeout, ErrDispatch,
// ErrScope, ErrNothing, wire.ErrClosed, or the context's error.
func (d *Delivery) Wait(ctx context.Context) (Ack, error) {
	select {
	case <-d.done:
		return d.ack, d.err
	case <-ctx.Done():
		return Ack{}, ctx.Err()
	}
}

// Again sends the same envelope once more, as Slack may do by mistake.
func (d *Delivery) Again() { d.server.dispatch(d) }

func (d *Delivery) settle(a Ack, err error) {
	d.once.Do(func() {
		d.ack, d.err = a, err
		close(d.done)
	})
}

// failed is a delivery that never leaves.
func failed(err error) *Delivery {
	d := &Delivery{done: make(chan struct{})}
	d.settle(Ack{}, err)
	return d
}

// deliver makes an envelope. s.Mu is held.
func (s *Server) deliver(kind string, payload object) *Delivery {
	d := &Delivery{server: s, kind: kind, id: s.id("E") + "-" + s.secret(), done: make(chan struct{})}
	d.envelope = object{"envelope_id": d.id, "type": kind, "payload": payload,
		"accepts_response_payload": kind != eventsAPI}
	if kind == eventsAPI {
		d.envelope["retry_attempt"], d.envelope["retry_reason"] = 0, ""
	}
	d.timer = time.AfterFunc(s.options.AckWithin, func() { s.late(d) })
	d.timer.Stop() // until it is sent
	s.deliveries.Put(d.id, d)
	return d
}

// dispatch sends an envelope to one socket. Faults happen on the way.
func (s *Server) dispatch(d *Delivery) {
	if d.server == nil {
		return
	}
	f, _ := s.Draw("", envelopeFaults())
	s.once(d, f.Kind)
	if f.Kind == Duplicate {
		s.once(d, "")
	}
}

func (s *Server) once(d *Delivery, f Fault) {
	s.Mu.Lock()
	if s.Closed() {
		s.Mu.Unlock()
		d.settle(Ack{}, wire.ErrClosed)
		return
	}
	if !d.begun {
		d.begun, d.sent = true, time.Now()
		d.timer.Reset(s.options.AckWithin)
	}
	data := encode(d.envelope)
	s.Mu.Unlock()
	for {
		k := s.pick()
		switch {
		case k == nil:
			s.undelivered(d)
			return
		case f == Lose:
			s.drop(k)
			s.undelivered(d)
			return
		}
		s.Locked(func() { d.by = append(d.by, k) })
		sent := k.Send(data)
		switch {
		case !sent || f == Drop:
			s.drop(k)
		case f == Refresh:
			s.dismiss(k, string(Refresh))
		}
		if sent {
			return
		}
	}
}

// blameless reports whether the fake itself kept a bot from acknowledging: all
// sockets that carried the envelope were dropped. s.Mu is held.
func (d *Delivery) blameless() bool {
	return !slices.ContainsFunc(d.by, func(k *socket) bool { return !k.broken })
}

// undelivered tells the person at once, unless a copy is on its way. An event
// comes again.
func (s *Server) undelivered(d *Delivery) {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	if d.kind == eventsAPI || len(d.by) > 0 {
		return
	}
	s.Count("dispatch_failed")
	d.settle(Ack{}, ErrDispatch)
	d.timer.Stop()
}

// late is called when the time for an acknowledgement is over. An event that
// nobody acknowledged comes once more (docs.slack.dev/apis/events-api, retries).
func (s *Server) late(d *Delivery) {
	s.Mu.Lock()
	if s.Closed() || d.acks > 0 {
		s.Mu.Unlock()
		return
	}
	again := d.kind == eventsAPI && d.retries == 0
	if again {
		d.retries++
		d.envelope = maps.Clone(d.envelope)
		d.envelope["retry_attempt"], d.envelope["retry_reason"] = d.retries, "timeout"
	}
	s.Count("operation_timeout")
	if !d.blameless() {
		s.Violation("operation_timeout: %s %s was not acknowledged within %v", d.kind, d.id, s.options.AckWithin)
	}
	s.Mu.Unlock()
	if again {
		s.dispatch(d)
		d.timer.Reset(s.options.AckWithin)
		return
	}
	d.settle(Ack{}, ErrTimeout)
}

// acknowledged takes what a client sent over a socket.
func (s *Server) acknowledged(data []byte) {
	var a struct {
		ID      string          `json:"envelope_id"`
		Payload json.RawMessage `json:"payload"`
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&a); err != nil {
		s.Violation("socket: an acknowledgement that Slack cannot read: %v", err)
		return
	}
	if len(data) >= maxAck {
		s.Count("ack dropped")
		s.Violation("socket: an acknowledgement of %d octets, which Slack drops", len(data))
		return
	}
	if string(a.Payload) == "null" || string(a.Payload) == "{}" {
		a.Payload = nil
	}
	s.Mu.Lock()
	defer s.Mu.Unlock()
	if d, ok := s.deliveries.Get(a.ID); ok {
		s.accept(d, Ack{time.Since(d.sent), a.Payload})
		return
	}
	s.Violation("socket: an acknowledgement of %q, which was never sent", a.ID)
}

// accept judges an acknowledgement and carries out what it says. s.Mu is held.
func (s *Server) accept(d *Delivery, a Ack) {
	defer s.Touch()
	d.acks++
	switch {
	case d.acks > len(d.by):
		s.Violation("socket: %s %s was acknowledged %d times, and sent %d times", d.kind, d.id, d.acks, len(d.by))
	case d.acks > 1: // of a copy
	case a.After > s.options.AckWithin:
		s.Violation("operation_timeout: %s %s was acknowledged after %v", d.kind, d.id, a.After.Round(time.Millisecond))
		d.settle(a, ErrTimeout)
	default:
		d.timer.Stop()
		s.Count("ack")
		s.obey(d, a.Payload)
		d.settle(a, nil)
	}
}

// obey does what the payload of an acknowledgement says. s.Mu is held.
func (s *Server) obey(d *Delivery, payload json.RawMessage) {
	switch {
	case d.view != nil:
		s.viewAnswer(d.view, payload)
	case payload == nil:
	case d.kind == slashCommands:
		if r := attempt(func() { s.respondTo(d.hook, payload, Message{Via: "ack"}) }); r != nil {
			s.Violation("ack: %s %s", r.code, r.blame)
		}
	default:
		s.Violation("ack: a payload for %s, which Slack passes over", d.kind)
	}
}
