package remote

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"smtptest/probe"
	"smtptest/probe/domain"
)

// answer sends what belongs to one request.
type answer struct {
	conn *nats.Conn
	to   string
	most int // bytes of a report

	mu    sync.Mutex
	sent  int
	quiet bool // nothing was sent since the last beat
	over  bool
}

// Of the answers that a broker lets through, so many are kept for signs of life
// and for the report.
const maxEvents = maxAnswers - int(maxTimeout/beat) - 10

// live says at once that the run was taken, and gives signs of life while nothing
// else is said, until stop is called.
func (a *answer) live(ctx context.Context) (stop func()) {
	a.send(wireEvent{}, true)
	ended := make(chan struct{})
	go func() {
		tick := time.NewTicker(beat)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				a.beat()
			case <-ended:
				return
			case <-ctx.Done():
				return
			}
		}
	}()
	return func() { close(ended) }
}

func (a *answer) beat() {
	a.mu.Lock()
	quiet := a.quiet
	a.quiet = true
	a.mu.Unlock()
	if quiet {
		a.send(wireEvent{}, true)
	}
}

// send sends an event, unless there were too many that were not needed.
func (a *answer) send(e wireEvent, needed bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.over || a.sent >= maxAnswers-2 || !needed && a.sent >= maxEvents {
		return
	}
	a.quiet = needed && e.Phase == "" // a beat is followed by a beat
	a.publish(kindEvent, e)
}

func (a *answer) publish(kind string, what any) {
	octets, err := json.Marshal(what)
	if err != nil {
		return
	}
	a.sent++
	m := nats.NewMsg(a.to)
	m.Header.Set(headerKind, kind)
	m.Data = octets
	_ = a.conn.PublishMsg(m) // who asked notices the silence
}

// last ends the answers.
func (a *answer) last(kind string, what any) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.over {
		a.over = true
		a.publish(kind, what)
	}
}

func (a *answer) fail(err error) {
	r := refusalOf(err)
	a.last(kindError, wireError{protocol, r.code, printable(r.says, maxSays)})
}

// event is a hook of a probe.
func (a *answer) event(e probe.Event) {
	w := wireEvent{
		At: e.At.Milliseconds(), Phase: string(e.Phase), Variant: string(e.Variant), Address: e.Address,
		Limit: e.Limit.Milliseconds(),
	}
	if e.Known != nil {
		if octets, err := encode(e.Known, a.most/2); err == nil {
			w.Known = octets
		}
	}
	a.send(w, false)
}

// stage is a hook of the examination of a domain.
func (a *answer) stage(e domain.Event) {
	a.send(wireEvent{Stage: string(e.Stage), Done: e.Done, Total: e.Total}, false)
}
