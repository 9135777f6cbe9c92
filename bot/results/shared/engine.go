// Package shared keeps limits and rows of package results with all processes of
// one bot, its replicas, over NATS with JetStream.
//
// Each replica has all rows in its own memory, where everything is read, and
// follows what the others write. What must happen once, or not too often, is
// settled by the servers: after an event was acknowledged, within the time that
// the caller gives. While they do not answer in time, a replica goes on with
// what it knows itself: with its share of the limits, and without logins.
//
// The servers keep rows in memory, and read neither rows nor names: rows are
// box, and what is counted is a keyed hash. A credential is in none of them.
package shared

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"smtptest/bot/results"
	"smtptest/bot/sealed"
)

// Options say what is shared, and who hears of it.
type Options struct {
	Key     []byte // the same in all replicas: 16 octets at least
	Limits  results.Limits
	Log     *slog.Logger
	Observe func(Event)           // hears what happens, from many goroutines at once; nil: nobody
	Orphan  func(results.Running) // ends the message of a test whose replica is gone; nil: nobody does

	goneAfter time.Duration // the constant, but in tests
}

// Event is something that happened to what is shared.
type Event string

// The events.
const (
	FallbackLimits Event = "limits" // a test was counted here alone
	FallbackOnce   Event = "once"   // whether an event came twice was asked here alone
	RowTooLarge    Event = "large"  // a result stays here alone
	RowUnreadable  Event = "unread" // a row of another key or version
	OrphanEnded    Event = "orphan" // the message of a killed replica's test was ended
)

// Replica is what one process shares with the others. Use Open.
type Replica struct {
	options Options
	keys    sealed.Keys
	id      string
	conn    *nats.Conn
	js      jetstream.JetStream
	gates   map[string]*gate
	store   *Store
	limiter *Limiter
	others  presence
	work    sync.WaitGroup
	cancel  context.CancelFunc
}

// Open begins to share over a connection, and returns at once: what is asked
// before the servers answer is answered here alone. Errors: the key is too short.
func Open(conn *nats.Conn, o Options) (*Replica, error) {
	k, err := sealed.Derive(o.Key, "rows")
	if err != nil {
		return nil, err
	}
	js, err := jetstream.New(conn)
	if err != nil {
		return nil, err
	}
	if o.Observe == nil {
		o.Observe = func(Event) {}
	}
	var id [8]byte
	_, _ = rand.Read(id[:]) // it never fails (crypto/rand)
	r := &Replica{options: o, keys: k, id: hex.EncodeToString(id[:]), conn: conn, js: js, gates: map[string]*gate{}}
	for _, s := range streams(o.Limits, 1) {
		r.gates[s.Name] = &gate{reason: "it was not asked yet"}
	}
	r.store, r.limiter = newStore(r), &Limiter{MemoryLimiter: results.NewMemoryLimiter(o.Limits), replica: r}
	r.limiter.refunds, r.limiter.asking = make(chan results.Receipt, maxRefunds), make(chan struct{}, maxAsking)
	r.others.seen, r.others.after = map[string]time.Time{}, goneAfter
	if o.goneAfter > 0 {
		r.others.after = o.goneAfter
	}
	ctx, cancel := context.WithCancel(context.Background())
	r.cancel = cancel
	for _, s := range streams(o.Limits, 1) {
		r.work.Go(func() { r.keepOpen(ctx, s.Name) })
	}
	for _, name := range []string{streamRuns, streamForms, streamRunning} {
		r.work.Go(func() { r.store.follow(ctx, name) })
	}
	r.work.Go(func() { r.store.publish(ctx) })
	r.work.Go(func() { r.limiter.giveBack(ctx) })
	r.work.Go(func() { r.attend(ctx) })
	return r, nil
}

// Store are the rows that are shared.
func (r *Replica) Store() *Store { return r.store }

// Limiter has the limits that are shared.
func (r *Replica) Limiter() *Limiter { return r.limiter }

// Close says goodbye and ends all work. What is written by then is sent.
func (r *Replica) Close() {
	if r.conn.IsConnected() {
		r.store.drain(lastWords)
		r.leave()
	}
	r.cancel()
	r.work.Wait()
}

// lastWords is how long Close waits for rows that are still to be sent.
const lastWords = 2 * time.Second

// Standing is how sharing stands.
type Standing struct {
	Apart    bool   // the replica is alone at the moment
	Reason   string // why; empty: it is not
	Replicas int    // that were seen lately, this one included
}

// Standing says how sharing stands.
func (r *Replica) Standing() Standing {
	s := Standing{Replicas: r.others.count()}
	if !r.conn.IsConnected() {
		s.Apart, s.Reason = true, "the engine is not connected"
		return s
	}
	for _, name := range []string{streamLimits, streamSeen, streamForms, streamRuns, streamRunning} {
		if reason := r.gates[name].shut(); reason != "" {
			return Standing{true, name + ": " + reason, s.Replicas}
		}
	}
	return s
}

// errApart is a question that was not asked, because the last one had no answer.
var errApart = errors.New("the servers do not answer")

// ask puts a question about a stream to the servers, unless the last one had no
// answer. Errors of theirs that are answers are told from silence by answered.
func (r *Replica) ask(ctx context.Context, stream string, question func(context.Context) error) error {
	g := r.gates[stream]
	if !r.conn.IsConnected() || g.shut() != "" {
		return errApart
	}
	err := question(ctx)
	switch {
	case err == nil, answered(err):
		g.answered()
	default:
		g.unanswered(reasonOf(err))
	}
	return err
}

// answered reports an error that the servers have given as an answer.
func answered(err error) bool { return errors.Is(err, errConflict) || errors.Is(err, errFull) }

const reasonSilent = "no answer in time"

func reasonOf(err error) string {
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, nats.ErrTimeout):
		return reasonSilent
	case errors.Is(err, nats.ErrNoResponders), errors.Is(err, jetstream.ErrNoStreamResponse):
		return "no leader"
	}
	return "refused"
}

// maxSilent is how many questions in a row may go without an answer in time: a
// machine that has too much to do gives no answer to one.
const maxSilent = 3

// gate keeps questions from a stream whose leader does not answer, so that only
// the first ones wait.
type gate struct {
	mu     sync.Mutex
	reason string // why it is shut; empty: it is open
	silent int    // questions without an answer since the last one that had one
}

func (g *gate) answered() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.silent = 0
}

// unanswered shuts the gate where there is no leader, or none has answered for a
// while.
func (g *gate) unanswered(reason string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.silent++; g.silent >= maxSilent || reason != reasonSilent {
		g.reason = reason
	}
}

func (g *gate) shut() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.reason
}

func (g *gate) close(reason string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.reason, g.silent = reason, 0
}

// How a shut gate is tried.
const (
	tryEvery  = 250 * time.Millisecond
	tryWithin = time.Second
)

// keepOpen opens the gate of a stream as soon as its leader takes a message, and
// makes the stream where there is none.
func (r *Replica) keepOpen(ctx context.Context, stream string) {
	tick := time.NewTicker(tryEvery)
	defer tick.Stop()
	told := false
	for made := false; ; {
		g := r.gates[stream]
		if g.shut() != "" && r.conn.IsConnected() {
			if !made {
				made = r.make(ctx, stream, &told)
			}
			if made && r.reached(ctx, stream) {
				g.close("")
			} else if g.shut() == reasonOf(nats.ErrNoResponders) {
				made = false // of streams in memory nothing is left when all servers have ended
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// make makes a stream, or finds it as it should be; told: why not was said.
func (r *Replica) make(ctx context.Context, stream string, told *bool) bool {
	limited, cancel := context.WithTimeout(ctx, tryWithin)
	defer cancel()
	err := r.ensure(limited, stream)
	if err == nil {
		*told = false
		return true
	}
	old, refused := errors.AsType[tooOld](err)
	if refused {
		r.gates[stream].close(old.Error())
	}
	if !*told && ctx.Err() == nil && !errors.Is(err, context.DeadlineExceeded) {
		*told = true
		r.options.Log.Warn("a stream for what replicas share cannot be had", "kind", stream, "reason", plain(err))
	}
	return false
}

// reached reports that the leader of a stream takes a message.
func (r *Replica) reached(ctx context.Context, stream string) bool {
	limited, cancel := context.WithTimeout(ctx, tryWithin)
	defer cancel()
	m := nats.NewMsg(subjectOf(stream) + trySubject)
	_, err := r.put(limited, stream, m)
	if err != nil {
		r.gates[stream].close(reasonOf(err))
	}
	return err == nil
}
