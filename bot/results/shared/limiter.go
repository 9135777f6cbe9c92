package shared

import (
	"context"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"smtptest/bot/results"
)

// Limiter counts with all replicas. Take, Enter and Refund are those of the
// replica's own table, which decides before anybody is asked; Confirm counts in
// the table of all. The values are plain times: whose they are is a keyed hash.
type Limiter struct {
	*results.MemoryLimiter
	replica *Replica
	refunds chan results.Receipt
	asking  chan struct{} // has an entry for each receipt that is being counted
}

// Limits of what a Limiter asks.
const (
	maxTries   = 16                   // at a key that others count at the same moment
	tryApart   = 4 * time.Millisecond // at most, between two of them
	maxAsking  = 2                    // receipts of one replica at once: more would only be in each other's way
	maxRefunds = 1024                 // that wait; one more is left to time
	backWithin = 2 * time.Second      // one refund
	busyWait   = time.Second          // that is told where many count the same at the same moment
	apartWait  = 10 * time.Second     // that a login is told: a new leader takes 8 s at most
)

// Confirm implements results.Limiter.
func (l *Limiter) Confirm(ctx context.Context, receipt results.Receipt) *results.Refusal {
	if len(receipt) == 0 {
		return nil
	}
	var over *results.Refusal
	err := l.replica.ask(ctx, streamLimits, func(ctx context.Context) (err error) {
		over, err = l.count(ctx, receipt)
		return err
	})
	switch {
	case errors.Is(err, errConflict): // many want the same at once: a limit that is nearly reached stays exact
		over = &results.Refusal{Claim: receipt[0].Claim, Rate: l.Limits().Rates()[receipt[0].Scope], Wait: busyWait}
	case err != nil:
		over = l.alone(receipt)
	}
	if over != nil {
		l.MemoryLimiter.Refund(receipt)
	}
	return over
}

// alone decides without the others: with this replica's share of the limits, and
// against logins, because two replicas that try one could lock the account.
func (l *Limiter) alone(receipt results.Receipt) *results.Refusal {
	l.replica.options.Observe(FallbackLimits)
	if i := slices.IndexFunc(receipt, func(u results.Use) bool { return ofLogin(u.Scope) }); i >= 0 {
		c := receipt[i].Claim
		return &results.Refusal{Claim: c, Rate: l.Limits().Rates()[c.Scope], Wait: apartWait, Apart: true}
	}
	return l.Within(receipt, l.replica.others.count())
}

func ofLogin(s results.Scope) bool { return strings.HasPrefix(string(s), "login-") }

// count makes the claims of a receipt in the table of all. Somebody else's claim
// of the same keys at the same moment makes it try again.
func (l *Limiter) count(ctx context.Context, receipt results.Receipt) (*results.Refusal, error) {
	select {
	case l.asking <- struct{}{}:
		defer func() { <-l.asking }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	for try := 0; ; try++ {
		over, err := l.once(ctx, receipt)
		if !errors.Is(err, errConflict) || try+1 == maxTries {
			return over, err
		}
		select {
		case <-time.After(rand.N(tryApart) * time.Duration(try+1)):
		case <-ctx.Done():
			return nil, errConflict // the servers answer, and others were faster
		}
	}
}

func (l *Limiter) once(ctx context.Context, receipt results.Receipt) (*results.Refusal, error) {
	subjects := make([]string, len(receipt))
	for i, u := range receipt {
		subjects[i] = l.subject(u.Claim)
	}
	known, err := l.replica.lasts(ctx, streamLimits, subjects)
	if err != nil {
		return nil, err
	}
	rates, now := l.Limits().Rates(), time.Now().UTC()
	messages := make([]*nats.Msg, len(receipt))
	for i, u := range receipt {
		rate, before := rates[u.Scope], known[subjects[i]]
		at := within(times(before.data), rate, now)
		if len(at) >= rate.Most {
			return &results.Refusal{Claim: u.Claim, Rate: rate, Wait: wait(at, rate, now)}, nil
		}
		messages[i] = expecting(subjects[i], before.sequence, write(append(at, u.At)))
	}
	_, err = l.replica.put(ctx, streamLimits, messages...)
	return nil, err
}

func (l *Limiter) subject(c results.Claim) string {
	return subjectOf(streamLimits) + string(c.Scope) + "." + l.replica.keys.Hash(string(c.Scope), c.Key)
}

// within are the uses that count still, oldest first. One of a clock that is
// ahead counts as of now.
func within(at []time.Time, r results.Rate, now time.Time) []time.Time {
	var left []time.Time
	for _, t := range at {
		if now.Sub(t) < r.Per {
			left = append(left, t)
		}
	}
	slices.SortFunc(left, time.Time.Compare)
	return left
}

// wait is how long until a key that is full takes one more.
func wait(at []time.Time, r results.Rate, now time.Time) time.Duration {
	oldest := at[len(at)-r.Most]
	if oldest.After(now) {
		oldest = now
	}
	return oldest.Add(r.Per).Sub(now)
}

// times reads the times of a counter: 8 octets each, nanoseconds since 1970.
func times(data []byte) (all []time.Time) {
	for ; len(data) >= 8; data = data[8:] {
		all = append(all, time.Unix(0, int64(binary.BigEndian.Uint64(data))).UTC())
	}
	return all
}

func write(all []time.Time) []byte {
	data := make([]byte, 0, 8*len(all))
	for _, t := range all {
		data = binary.BigEndian.AppendUint64(data, uint64(t.UnixNano()))
	}
	return data
}

// Refund implements results.Limiter. The others hear of it a little later.
func (l *Limiter) Refund(receipt results.Receipt) {
	l.MemoryLimiter.Refund(receipt)
	if len(receipt) == 0 {
		return
	}
	select {
	case l.refunds <- slices.Clone(receipt):
	default: // it runs out by itself
	}
}

// Leave implements results.Limiter.
func (l *Limiter) Leave(place results.Use) {
	l.MemoryLimiter.Leave(place)
	l.Refund(results.Receipt{place})
}

// giveBack takes what was refunded out of the table of all.
func (l *Limiter) giveBack(ctx context.Context) {
	for {
		select {
		case receipt := <-l.refunds:
			for _, u := range receipt {
				l.remove(ctx, u)
			}
		case <-ctx.Done():
			return
		}
	}
}

// remove takes one use out of the table of all; one that is not there is passed
// over.
func (l *Limiter) remove(ctx context.Context, u results.Use) {
	for try := range maxTries {
		limited, cancel := context.WithTimeout(ctx, backWithin)
		err := l.replica.ask(limited, streamLimits, func(ctx context.Context) error { return l.without(ctx, u) })
		cancel()
		switch {
		case err == nil, ctx.Err() != nil:
			return
		case !errors.Is(err, errConflict): // a new leader takes 8 s at most
			sleep(ctx, backWithin)
		default:
			sleep(ctx, rand.N(tryApart)*time.Duration(try+1))
		}
	}
}

func (l *Limiter) without(ctx context.Context, u results.Use) error {
	subject := l.subject(u.Claim)
	known, err := l.replica.lasts(ctx, streamLimits, []string{subject})
	if err != nil {
		return err
	}
	at := times(known[subject].data)
	i := slices.IndexFunc(at, u.At.Equal)
	if i < 0 {
		return nil
	}
	left := expecting(subject, known[subject].sequence, write(slices.Delete(at, i, i+1)))
	_, err = l.replica.put(ctx, streamLimits, left)
	return err
}

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}
