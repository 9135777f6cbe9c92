package shared

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"smtptest/bot/results"
)

// Store has the rows of all replicas in this one's memory: what others write is
// followed, and what is written here is sent in the background. Of everything
// but Settle it answers at once.
type Store struct {
	*results.MemoryStore
	replica *Replica
	outbox  *outbox

	mu      sync.Mutex
	follows map[string]bool    // by stream: what it had at the start is known
	sent    map[string]bool    // tests that others were told of, by subject
	foreign map[string]foreign // tests of others that run, by subject
}

// foreign is a test that another replica runs.
type foreign struct {
	replica string
	results.Running
	since time.Time // it was heard of
}

func newStore(r *Replica) *Store {
	return &Store{
		MemoryStore: results.NewMemoryStore(), replica: r, outbox: newOutbox(),
		follows: map[string]bool{}, sent: map[string]bool{}, foreign: map[string]foreign{},
	}
}

// Apart implements results.Sharer.
func (s *Store) Apart() bool {
	s.mu.Lock()
	known := s.follows[streamRuns] && s.follows[streamForms]
	s.mu.Unlock()
	return !known || s.replica.Standing().Apart
}

// Put implements results.Store.
func (s *Store) Put(r results.Result) {
	s.MemoryStore.Put(r)
	s.send(streamRuns, r.ID, row{Result: &results.Result{ID: r.ID}}) // deliver takes the rest from memory
}

// Open implements results.Store.
func (s *Store) Open(f results.Form) {
	s.MemoryStore.Open(f)
	s.send(streamForms, f.ID, row{Form: &f})
}

// Start implements results.Store. Others hear of a test once it is settled that
// it runs here.
func (s *Store) Start(r results.Running) {
	s.MemoryStore.Start(r)
	if !r.Settled || r.Key == "" {
		return
	}
	subject := s.send(streamRunning, r.ID+"\x00"+r.Key, row{Running: &r})
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent[subject] = true
}

// End implements results.Store.
func (s *Store) End(r results.Running) {
	s.MemoryStore.End(r)
	s.mu.Lock()
	subject := s.subject(streamRunning, r.ID+"\x00"+r.Key)
	told := s.sent[subject]
	delete(s.sent, subject)
	s.mu.Unlock()
	if told {
		s.send(streamRunning, r.ID+"\x00"+r.Key, row{Running: &r, Over: true})
	}
}

func (s *Store) subject(stream, name string) string {
	return subjectOf(stream) + s.replica.keys.Hash(stream, name)
}

func (s *Store) send(stream, name string, r row) (subject string) {
	r.Replica, r.At = s.replica.id, time.Now().UTC()
	subject = s.subject(stream, name)
	s.outbox.add(letter{stream, subject, r})
	return subject
}

// lives are for how long a mark is kept, which is a second at least.
func life(k results.MarkKind) time.Duration {
	switch k {
	case results.MarkPress:
		return results.PressLife
	case results.MarkShare:
		return results.MaxAge
	case results.MarkForm, results.MarkEnd:
		return results.FormLife
	}
	return results.EventLife
}

// Settle implements results.Store.
func (s *Store) Settle(ctx context.Context, all []results.Mark) (done results.Settlement) {
	errs := make([]error, len(all))
	var asking sync.WaitGroup
	for i, m := range all {
		asking.Go(func() {
			errs[i] = s.replica.ask(ctx, streamSeen, func(ctx context.Context) error { return s.mark(ctx, m) })
		})
	}
	asking.Wait()
	for i, err := range errs {
		switch {
		case errors.Is(err, errConflict):
			return results.Settlement{Lost: &all[i]}
		case err != nil:
			done.Apart = true
		case all[i].Kind == results.MarkForm:
			s.send(streamForms, all[i].Key, row{Form: &results.Form{ID: all[i].Key}, Over: true})
		}
	}
	if done.Apart {
		s.replica.options.Observe(FallbackOnce)
	}
	return done
}

// mark adds a mark where there is none. Errors: errConflict, where there is.
func (s *Store) mark(ctx context.Context, m results.Mark) error {
	subject := subjectOf(streamSeen) + string(m.Kind) + "." + s.replica.keys.Hash(string(m.Kind), m.Key)
	message := expecting(subject, 0, nil)
	message.Header.Set(jetstream.MsgTTLHeader, strconv.Itoa(int(life(m.Kind)/time.Second)))
	_, err := s.replica.put(ctx, streamSeen, message)
	return err
}

// apply takes in what another replica has written.
func (s *Store) apply(stream, subject string, r row) {
	if r.Replica == s.replica.id {
		return
	}
	switch {
	case r.Result != nil:
		s.MemoryStore.Put(*r.Result)
	case r.Form != nil && r.Over:
		s.Consume(r.Form.ID)
	case r.Form != nil:
		if time.Now().Before(r.Form.Expires) {
			s.MemoryStore.Open(*r.Form)
		}
	case r.Running != nil:
		s.applyRunning(subject, r)
	}
}

func (s *Store) applyRunning(subject string, r row) {
	if r.Over {
		s.MemoryStore.End(*r.Running)
	} else {
		s.MemoryStore.Start(*r.Running)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if delete(s.foreign, subject); !r.Over {
		s.foreign[subject] = foreign{r.Replica, *r.Running, time.Now()}
	}
}

// Times of following a stream.
const (
	followAgain = 100 * time.Millisecond // after it ended
	followFirst = 5 * time.Second        // for its first answer
)

// follow takes in what a stream holds and what is added to it, until ctx is over.
func (s *Store) follow(ctx context.Context, stream string) {
	for ctx.Err() == nil {
		if s.replica.gates[stream].shut() == "" && s.replica.conn.IsConnected() {
			s.followOnce(ctx, stream)
		}
		sleep(ctx, followAgain)
	}
}

// followOnce returns when the stream has to be followed anew, from its start:
// rows that are known change nothing.
func (s *Store) followOnce(ctx context.Context, stream string) {
	first, cancel := context.WithTimeout(ctx, followFirst)
	defer cancel()
	consumer, err := s.replica.js.OrderedConsumer(first, stream, jetstream.OrderedConsumerConfig{
		DeliverPolicy: jetstream.DeliverLastPerSubjectPolicy,
	})
	if err != nil {
		return
	}
	info, err := consumer.Info(first)
	if err != nil {
		return
	}
	if info.NumPending == 0 {
		s.known(stream)
	}
	messages, err := consumer.Messages(jetstream.PullHeartbeat(heartbeat), jetstream.PullExpiry(2*heartbeat))
	if err != nil {
		return
	}
	defer context.AfterFunc(ctx, messages.Stop)()
	defer messages.Stop()
	for {
		m, err := messages.Next()
		if err != nil {
			return
		}
		s.take(stream, m)
		if meta, err := m.Metadata(); err == nil && meta.NumPending == 0 {
			s.known(stream)
		}
	}
}

// heartbeat is how often a stream that is followed says that it is there.
const heartbeat = 2 * time.Second

func (s *Store) known(stream string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.follows[stream] = true
}

func (s *Store) take(stream string, m jetstream.Msg) {
	if m.Subject() == subjectOf(stream)+trySubject {
		return
	}
	r, err := openRow(s.replica.keys, m.Subject(), m.Data())
	if err != nil {
		s.replica.options.Observe(RowUnreadable)
		return
	}
	s.apply(stream, m.Subject(), r)
}
