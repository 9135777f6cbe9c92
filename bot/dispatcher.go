package bot

import (
	"context"
	"fmt"
	"sync"
	"time"

	"smtptest/bot/results"
	"smtptest/bot/watch"
	"smtptest/formatting"
)

// Responder is the way back to where an invocation came from. Answer comes
// first and once; then, if it has a Job, its Updates, one after the other.
type Responder interface {
	Answer(context.Context, Answer)
	Update(context.Context, Update)
}

// Dispatcher carries invocations through a Handler and out by their
// responders: an event that comes twice is answered once, a panic is answered
// too, and Stop waits for what runs. Its zero value with a Handler is ready.
type Dispatcher struct {
	Handler *Handler
	Observe func(Event) // hears of what came twice; nil: nobody

	mu       sync.Mutex
	stopping bool
	running  sync.WaitGroup
	jobs     context.Context    // of all jobs; nil before the first
	cancel   context.CancelFunc // of jobs
}

// Dispatch answers an invocation and returns when the answer was given; a job
// that belongs to it goes on in the background. ctx is for the answer alone.
// taken is false for an event that came before: it gets no answer of its own.
func (d *Dispatcher) Dispatch(ctx context.Context, inv Invocation, r Responder) (taken bool) {
	if inv.Began.IsZero() {
		inv.Began = time.Now()
	}
	jobs, ok := d.enter()
	if !ok {
		r.Answer(ctx, private(formatting.Refusal(formatting.FaultStopping)))
		return true
	}
	if !d.remember(inv) {
		d.running.Done()
		d.observe(Event{Platform: inv.Place.Platform, Kind: EventDropped, Outcome: DroppedDuplicate})
		return false
	}
	answer := d.begin(inv)
	d.settled(inv, &answer)
	if answer.Job == nil {
		defer d.running.Done()
		r.Answer(ctx, answer)
		return true
	}
	answered := make(chan struct{})
	go func() {
		defer d.running.Done()
		defer d.survive(inv)
		<-answered
		answer.Job.Do(jobs, func(u Update) { r.Update(context.WithoutCancel(jobs), u) })
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

// enter counts an invocation in; ok is false when the bot stops.
func (d *Dispatcher) enter() (jobs context.Context, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.stopping {
		return nil, false
	}
	if d.jobs == nil {
		d.jobs, d.cancel = context.WithCancel(context.Background())
	}
	d.running.Add(1)
	return d.jobs, true
}

// remember notes an event; added is false when it came before.
func (d *Dispatcher) remember(inv Invocation) (added bool) {
	return inv.ID == "" || d.Handler.Store.Remember(mark(inv))
}

func mark(inv Invocation) results.Mark {
	return results.Mark{Kind: results.MarkEvent, Key: string(inv.Place.Platform) + "\x00" + inv.ID}
}

// settled prepares an answer for what is asked of other processes once the event
// is acknowledged: whether it came to one of them before.
func (d *Dispatcher) settled(inv Invocation, a *Answer) {
	switch {
	case inv.ID == "":
	case a.Job != nil:
		a.Job.once = append([]results.Mark{mark(inv)}, a.Job.once...)
	default:
		a.Ours = d.Handler.ours(mark(inv))
	}
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
	return Record{
		Kind: KindPanic, Refused: formatting.FaultInternal, Reference: newReference(), Panic: fmt.Sprintf("%T", v),
	}
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

// endWatches says that watches end which live in this process alone.
func (d *Dispatcher) endWatches() {
	w := d.Watches()
	if w == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), lastWords)
	defer cancel()
	w.Close(ctx)
}

// Watches carries out watches; nil: nobody does.
func (d *Dispatcher) Watches() *watch.Service {
	if d == nil || d.Handler == nil {
		return nil
	}
	return d.Handler.Watches
}

// Stop takes no more invocations, lets what runs go on until ctx is over, and
// then cancels it. It returns when the last answer was given, or they had
// 8 s to say that tests were stopped.
func (d *Dispatcher) Stop(ctx context.Context) {
	d.mu.Lock()
	d.stopping = true
	cancel := d.cancel
	d.mu.Unlock()
	defer d.endWatches() // of those that began meanwhile
	d.endWatches()
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
