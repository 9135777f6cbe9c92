package shared

import (
	"context"
	"encoding/binary"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"smtptest/bot/results"
)

// Replicas say that they are there over core NATS, which needs no leader.
const subjectReplica = "smtptest.v1.replica."

// Times of being there.
const (
	sayEvery  = 2 * time.Second
	seenLast  = 10 * time.Second // a replica that was seen since counts
	goneAfter = 15 * time.Second // a replica that was not seen since is gone, and its tests are
	clockSkew = time.Minute      // between replicas; what is older was recorded and played again
)

// presence is which other replicas were seen, and when.
type presence struct {
	mu    sync.Mutex
	seen  map[string]time.Time
	apart time.Time     // when they could be heard last; zero: they can be
	since time.Time     // when they could be heard again
	after time.Duration // without a word of it a replica is gone; goneAfter, but in tests
}

// count is how many replicas there are, this one included. While none can be
// heard it is how many there were.
func (p *presence) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n, now := 1, time.Now()
	if !p.apart.IsZero() {
		now = p.apart
	}
	for _, at := range p.seen {
		if now.Sub(at) < seenLast {
			n++
		}
	}
	return n
}

// gone reports that a replica was not heard for so long that it has ended, where
// it could have been heard.
func (p *presence) gone(id string, heard time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, at := range []time.Time{p.seen[id], p.since} {
		if at.After(heard) {
			heard = at
		}
	}
	return p.apart.IsZero() && time.Since(heard) > p.after
}

// connected notes whether replicas can be heard.
func (p *presence) connected(yes bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case !yes && p.apart.IsZero():
		p.apart = time.Now()
	case yes && !p.apart.IsZero():
		p.apart, p.since = time.Time{}, time.Now()
	}
}

func (p *presence) hear(id string, left bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	for other, at := range p.seen {
		if now.Sub(at) > time.Hour {
			delete(p.seen, other)
		}
	}
	p.seen[id] = now
	if left {
		p.seen[id] = now.Add(-seenLast) // its tests have ended, or will be found
	}
}

// attend says that this replica is there, hears the others, and ends what a gone
// one has left behind.
func (r *Replica) attend(ctx context.Context) {
	said, err := r.conn.Subscribe(subjectReplica+"*", r.heard)
	if err != nil {
		r.options.Log.Warn("other replicas cannot be heard", "reason", plain(err))
		return
	}
	defer func() { _ = said.Unsubscribe() }()
	for ctx.Err() == nil {
		up := r.conn.IsConnected()
		r.others.connected(up)
		if up {
			r.say(present)
			r.store.endForeign(ctx)
		}
		sleep(ctx, min(sayEvery, r.others.after/2))
	}
}

// What a replica says.
const (
	present = 0
	leaving = 1
)

func (r *Replica) say(what byte) {
	subject := subjectReplica + r.id
	text := binary.BigEndian.AppendUint64([]byte{what}, uint64(time.Now().UnixNano()))
	_ = r.conn.Publish(subject, r.keys.Seal(subject, text)) // it is said again
}

func (r *Replica) leave() {
	r.say(leaving)
	_ = r.conn.FlushTimeout(lastWords)
}

func (r *Replica) heard(m *nats.Msg) {
	id := strings.TrimPrefix(m.Subject, subjectReplica)
	text, err := r.keys.Open(m.Subject, m.Data)
	if err != nil || len(text) != 9 || id == r.id {
		return
	}
	at := time.Unix(0, int64(binary.BigEndian.Uint64(text[1:])))
	if time.Since(at).Abs() < clockSkew {
		r.others.hear(id, text[0] == leaving)
	}
}

// endForeign ends the messages of tests whose replica is gone. One replica does
// it for each.
func (s *Store) endForeign(ctx context.Context) {
	for subject, f := range s.left() {
		var done results.Settlement
		if f.Left != nil {
			limited, cancel := context.WithTimeout(ctx, sendWithin)
			done = s.Settle(limited, []results.Mark{{Kind: results.MarkEnd, Key: f.ID}})
			cancel()
		}
		if done.Apart { // it is tried again
			continue
		}
		s.MemoryStore.End(f.Running)
		s.mu.Lock()
		delete(s.foreign, subject)
		s.mu.Unlock()
		if done.Lost != nil || f.Left == nil || s.replica.options.Orphan == nil {
			continue
		}
		s.send(streamRunning, f.ID+"\x00"+f.Key, row{Running: &f.Running, Over: true})
		s.replica.options.Observe(OrphanEnded)
		s.replica.work.Go(func() { s.replica.options.Orphan(f.Running) })
	}
}

// left are the tests of replicas that are gone.
func (s *Store) left() map[string]foreign {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := map[string]foreign{}
	for subject, f := range s.foreign {
		switch {
		case s.replica.others.gone(f.replica, f.since):
			all[subject] = f
		case time.Since(f.since) > results.PlaceLife: // its end was lost
			s.MemoryStore.End(f.Running)
			delete(s.foreign, subject)
		}
	}
	return all
}
