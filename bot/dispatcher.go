package bot

import (
	"context"
	"fmt"
	"sync"
	"time"

	"smtptest/formatting"
)

// Limits of the memory for events that came twice.
const (
	duplicateAge  = 10 * time.Minute // platforms deliver again within minutes
	maxDuplicates = 10000
)

// Responder is the way back to where an invocation came from. Answer comes first
// and once; then, if it held a Run, its Updates, one after the other.
type Responder interface {
	Answer(context.Context, Answer)
	Update(context.Context, Update)
}

// Dispatcher carries invocations through a Handler and out by their responders: an
// event that comes twice is answered once, a panic is answered too, and Stop
// waits for what runs. Its zero value with a Handler is ready.
type Dispatcher struct {
	Handler *Handler
	Observe func(Event) // hears of what came twice; nil: nobody

	mu       sync.Mutex
	stopping bool
	seen     map[string]time.Time
	order    []string // of seen, oldest first
	running  sync.WaitGroup
	cancel   context.CancelFunc // of all runs; nil before the first
	runs     context.Context
}

// Dispatch answers an invocation and returns when the answer was given; a run
// that belongs to it goes on in the background. ctx is for the answer alone.
// taken is false for an event that came before: it gets no answer of its own.
func (d *Dispatcher) Dispatch(ctx context.Context, inv Invocation, r Responder) (taken bool) {
	if inv.Began.IsZero() {
		inv.Began = time.Now()
	}
	runs, ok := d.enter(inv)
	switch {
	case runs == nil:
		r.Answer(ctx, private(formatting.Refusal(formatting.FaultStopping)))
		return true
	case !ok:
		d.observe(Event{Platform: inv.Place.Platform, Kind: EventDropped, Outcome: DroppedDuplicate})
		return false
	}
	answer := d.begin(inv)
	if answer.Run == nil {
		defer d.running.Done()
		r.Answer(ctx, answer)
		return true
	}
	answered := make(chan struct{})
	go func() {
		defer d.running.Done()
		defer d.survive(inv)
		<-answered
		answer.Run.Do(runs, func(u Update) { r.Update(context.WithoutCancel(runs), u) })
	}()
	defer close(answered)
	r.Answer(ctx, answer)
	return true
}

func (d *Dispatcher) observe(e Event) {
	if d.Observe != nil {
		d.Observe(e)
	}
}

// enter counts an invocation in. runs is nil when the bot stops; ok is false
// for an event that came before.
func (d *Dispatcher) enter(inv Invocation) (runs context.Context, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.stopping {
		return nil, false
	}
	if d.runs == nil {
		d.runs, d.cancel = context.WithCancel(context.Background())
	}
	if inv.ID != "" && d.cameBefore(string(inv.Place.Platform)+"\x00"+inv.ID, time.Now()) {
		return d.runs, false
	}
	d.running.Add(1)
	return d.runs, true
}

// cameBefore notes an event, and reports one that was noted already.
func (d *Dispatcher) cameBefore(id string, now time.Time) bool {
	if d.seen == nil {
		d.seen = map[string]time.Time{}
	}
	for len(d.order) > 0 && (len(d.order) >= maxDuplicates || now.Sub(d.seen[d.order[0]]) > duplicateAge) {
		delete(d.seen, d.order[0])
		d.order = d.order[1:]
	}
	if _, known := d.seen[id]; known {
		return true
	}
	d.seen[id] = now
	d.order = append(d.order, id)
	return false
}

// survive keeps a panic in one answer from ending all others. A responder that
// panics cannot be answered through.
func (d *Dispatcher) survive(inv Invocation) {
	if v := recover(); v != nil {
		d.Handler.observe(inv, fault(v))
	}
}

// fault is the record of a panic. Of its value only the type is kept: the
// value may quote anything.
func fault(v any) Record {
	return Record{Kind: "panic", Refused: string(formatting.FaultInternal), Reference: newReference(), Panic: fmt.Sprintf("%T", v)}
}

// begin is the handler's Begin; a panic in it is answered.
func (d *Dispatcher) begin(inv Invocation) (a Answer) {
	defer func() {
		if v := recover(); v != nil {
			rec := fault(v)
			d.Handler.observe(inv, rec)
			a = private(formatting.Refusal(formatting.FaultInternal, formatting.Value{Name: "reference", Text: rec.Reference}))
		}
	}()
	return d.Handler.Begin(inv)
}

// lastWords is how long responders may take to say that a test was stopped.
const lastWords = 8 * time.Second

// Stop takes no more invocations, lets what runs go on until ctx is over, and
// then cancels it. It returns when the last answer was given, or they had
// 8 s to say that tests were stopped.
func (d *Dispatcher) Stop(ctx context.Context) {
	d.mu.Lock()
	d.stopping = true
	cancel := d.cancel
	d.mu.Unlock()
	if cancel == nil {
		return
	}
	defer cancel()
	ended := make(chan struct{})
	go func() {
		d.running.Wait()
		close(ended)
	}()
	select {
	case <-ended:
		return
	case <-ctx.Done():
		cancel()
	}
	select {
	case <-ended:
	case <-time.After(lastWords):
	}
}
