// Package shared keeps watches with all processes of one bot, its replicas, over
// NATS with JetStream. The servers say when a watch is due; whichever replica
// takes that message first tests and edits. So a watch goes on when the process
// that began it has ended.
//
// A watch is four kinds of subjects in one stream in the servers' memory: its
// row, box; a schedule, which publishes that it is due; a lease, which one
// replica has while it tests; and its places among the limits. Rows are box
// and names are keyed hashes: whoever runs the servers reads no host.
//
// While the servers do not answer, new watches are kept in memory alone, and end
// with this process.
package shared

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"smtptest/bot/sealed"
	"smtptest/bot/watch"
)

// Names in JetStream.
const (
	streamName   = "SMTPTEST_WATCH"
	consumerName = "watch"
	prefix       = "smtptest.v1.watch."
	rowOf        = prefix + "row."
	planOf       = prefix + "plan."
	dueOf        = prefix + "due."
	leaseOf      = prefix + "lease."
	placeOf      = prefix + "place."
)

// Limits.
const (
	copies      = 3                // servers that keep the stream
	maxBytes    = 16 << 20         // of all watches of all replicas
	maxMsgBytes = 64 << 10         // of one row, box: some 20 KiB at most
	atOnce      = 8                // messages that one replica has taken; others take the rest
	leaseLife   = 12 * time.Second // of a replica that was killed while it tested
	leaseRenew  = leaseLife / 3
	longer      = 2 * time.Minute // than a watch are its row and its places kept
	askWithin   = 5 * time.Second
	retryEvery  = 2 * time.Second
	endTries    = 5
)

// Schedule is a watch.Schedule of all replicas. Use Open.
type Schedule struct {
	js     jetstream.JetStream
	conn   *nats.Conn
	keys   sealed.Keys
	log    *slog.Logger
	memory *watch.Memory // while the servers do not answer

	mu     sync.Mutex
	stream jetstream.Stream // nil: it was not made yet
}

// Open prepares a schedule, and asks nobody yet. key is the same in all replicas.
// Errors: the key is too short.
func Open(conn *nats.Conn, key []byte, log *slog.Logger) (*Schedule, error) {
	k, err := sealed.Derive(key, "watches")
	if err != nil {
		return nil, err
	}
	js, err := jetstream.New(conn)
	if err != nil {
		return nil, err
	}
	return &Schedule{js: js, conn: conn, keys: k, log: log, memory: watch.NewMemory()}, nil
}

// config is the stream, kept by so many servers.
func config(servers int) jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name: streamName, Subjects: []string{prefix + ">"}, Storage: jetstream.MemoryStorage, Replicas: servers,
		MaxMsgsPerSubject: 1, MaxBytes: maxBytes, MaxMsgSize: maxMsgBytes, MaxAge: 2 * time.Hour,
		Discard: jetstream.DiscardOld, AllowMsgTTL: true, AllowMsgSchedules: true, AllowRollup: true,
	}
}

// opened is the stream, which is made where it is not there.
func (s *Schedule) opened(ctx context.Context) (jetstream.Stream, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stream != nil {
		return s.stream, nil
	}
	if !s.conn.IsConnected() {
		return nil, nats.ErrConnectionClosed
	}
	const noCluster = 10074 // more copies than one are for clusters (nats-server, errors.json)
	st, err := s.js.CreateOrUpdateStream(ctx, config(copies))
	if e, ok := errors.AsType[*jetstream.APIError](err); ok && e.ErrorCode == noCluster {
		st, err = s.js.CreateOrUpdateStream(ctx, config(1)) // one server alone
	}
	if err == nil {
		s.stream = st
	}
	return st, err
}

// lost forgets the stream where an error may mean that it is gone: in memory
// nothing is left when all servers have ended.
func (s *Schedule) lost(err error) error {
	if errors.Is(err, jetstream.ErrStreamNotFound) || errors.Is(err, jetstream.ErrNoStreamResponse) ||
		errors.Is(err, nats.ErrNoResponders) || errors.Is(err, jetstream.ErrConsumerNotFound) {
		s.mu.Lock()
		s.stream = nil
		s.mu.Unlock()
	}
	return err
}

// errConflict is a message that expects another last one of its subject.
var errConflict = errors.New("another process was faster")

// put publishes a message where the last one of its subject has this sequence; 0:
// where there is none. It is gone after a time. Errors: errConflict; others say
// that nothing is known.
func (s *Schedule) put(
	ctx context.Context, m *nats.Msg, last uint64, life time.Duration, more ...jetstream.PublishOpt,
) (sequence uint64, err error) {
	more = append(more, jetstream.WithExpectStream(streamName), jetstream.WithExpectLastSequencePerSubject(last),
		jetstream.WithMsgTTL(max(time.Second, life.Round(time.Second))), jetstream.WithRetryAttempts(0))
	ack, err := s.js.PublishMsg(ctx, m, more...)
	const wrongLast, wrongLastSame = 10071, 10164 // (nats-server, errors.json)
	if e, ok := errors.AsType[*jetstream.APIError](err); ok && (e.ErrorCode == wrongLast || e.ErrorCode == wrongLastSame) {
		return 0, errConflict
	}
	if err != nil {
		return 0, s.lost(err)
	}
	return ack.Sequence, nil
}

func message(subject string, data []byte) *nats.Msg { return &nats.Msg{Subject: subject, Data: data} }

// Reserve implements watch.Schedule.
func (s *Schedule) Reserve(ctx context.Context, r watch.Row) (watch.Limit, error) {
	if _, err := s.opened(ctx); err != nil {
		s.log.Warn("a watch is kept in memory alone", "reason", "the engine does not answer")
		return s.memory.Reserve(ctx, r)
	}
	var taken []string
	for _, c := range r.Claims() {
		subject, err := s.place(ctx, c, r)
		if subject != "" {
			taken = append(taken, subject)
			continue
		}
		s.purge(ctx, taken...)
		if err != nil {
			return s.memory.Reserve(ctx, r)
		}
		return c.Limit, nil
	}
	return "", nil
}

// place takes one place of a claim; empty: all are taken, or nothing is known.
func (s *Schedule) place(ctx context.Context, c watch.Claim, r watch.Row) (subject string, err error) {
	for n := range c.Most {
		subject = s.placeSubject(c, n)
		_, err = s.put(ctx, message(subject, []byte(r.ID)), 0, r.Pace.Most+longer)
		if err == nil {
			return subject, nil
		}
		if !errors.Is(err, errConflict) {
			return "", err
		}
	}
	return "", nil
}

func (s *Schedule) placeSubject(c watch.Claim, n int) string {
	return placeOf + string(c.Limit) + "." + s.keys.Hash(string(c.Limit), c.Key) + "." + strconv.Itoa(n)
}

// release gives back the places of a watch.
func (s *Schedule) release(ctx context.Context, st jetstream.Stream, r watch.Row) {
	for _, c := range r.Claims() {
		for n := range c.Most {
			subject := s.placeSubject(c, n)
			if m, err := st.GetLastMsgForSubject(ctx, subject); err == nil && string(m.Data) == r.ID {
				s.purge(ctx, subject)
			}
		}
	}
}

func (s *Schedule) purge(ctx context.Context, subjects ...string) {
	st, err := s.opened(ctx)
	for _, subject := range subjects {
		if err == nil {
			_ = st.Purge(ctx, jetstream.WithPurgeSubject(subject)) // what stays is gone in half an hour
		}
	}
}

// Start implements watch.Schedule.
func (s *Schedule) Start(ctx context.Context, r watch.Row) error {
	if s.inMemory(r.ID) {
		return s.memory.Start(ctx, r)
	}
	r.Revision = 0
	if err := s.write(ctx, &r); err != nil {
		return err
	}
	_, err := s.put(ctx, message(planOf+r.ID, []byte("due")), 0, time.Until(r.Until)+r.Pace.Every,
		jetstream.WithScheduleEvery(r.Pace.Every), jetstream.WithScheduleTarget(dueOf+r.ID),
		jetstream.WithScheduleTTL(r.Pace.Every))
	if err != nil {
		s.End(ctx, r)
		return fmt.Errorf("no schedule: %w", err)
	}
	return nil
}

func (s *Schedule) inMemory(id string) bool { return s.memory.Has(id) }

// write seals a row and keeps it in the place of the one that was read.
func (s *Schedule) write(ctx context.Context, r *watch.Row) error {
	box, err := seal(s.keys, *r)
	if err != nil {
		return err
	}
	sequence, err := s.put(ctx, message(rowOf+r.ID, box), r.Revision, time.Until(r.Until)+longer)
	if err == nil {
		r.Revision = sequence
	}
	return err
}

// Get implements watch.Rows.
func (s *Schedule) Get(ctx context.Context, id string) (r watch.Row, ok bool, err error) {
	if s.inMemory(id) {
		return s.memory.Get(ctx, id)
	}
	st, err := s.opened(ctx)
	if err != nil {
		return r, false, err
	}
	m, err := st.GetLastMsgForSubject(ctx, rowOf+id)
	switch {
	case errors.Is(err, jetstream.ErrMsgNotFound):
		return r, false, nil
	case err != nil:
		return r, false, s.lost(err)
	case len(m.Data) == 0: // it has ended
		return r, false, nil
	}
	r, err = open(s.keys, id, m.Data)
	r.Revision = m.Sequence
	return r, err == nil, err
}

// Save implements watch.Rows.
func (s *Schedule) Save(ctx context.Context, r *watch.Row) bool {
	if s.inMemory(r.ID) {
		return s.memory.Save(ctx, r)
	}
	return s.write(ctx, r) == nil
}

// End implements watch.Rows: an empty row takes the place of the newest one, once.
func (s *Schedule) End(ctx context.Context, r watch.Row) bool {
	if s.inMemory(r.ID) {
		return s.memory.End(ctx, r)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), askWithin)
	defer cancel()
	st, err := s.opened(ctx)
	if err != nil {
		return false
	}
	ended := false
	for range endTries {
		now, ok, err := s.Get(ctx, r.ID)
		if err != nil || !ok {
			break
		}
		if _, err = s.put(ctx, message(rowOf+r.ID, nil), now.Revision, longer); !errors.Is(err, errConflict) {
			ended = err == nil
			break
		}
	}
	s.purge(ctx, planOf+r.ID, dueOf+r.ID)
	s.release(ctx, st, r)
	return ended
}

// Local implements watch.Rows.
func (s *Schedule) Local() []watch.Row { return s.memory.Local() }
