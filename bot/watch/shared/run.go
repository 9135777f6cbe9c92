package shared

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"smtptest/bot/watch"
)

// Run implements watch.Schedule: this replica takes its part of what is due.
func (s *Schedule) Run(ctx context.Context, due func(context.Context, watch.Row)) {
	var all sync.WaitGroup
	defer all.Wait()
	all.Go(func() { s.memory.Run(ctx, due) })
	slots := make(chan struct{}, atOnce)
	for ctx.Err() == nil {
		if err := s.take(ctx, slots, &all, due); err != nil && ctx.Err() == nil {
			s.wait(ctx)
		}
	}
}

func (s *Schedule) wait(ctx context.Context) {
	timer := time.NewTimer(retryEvery)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// take carries out what is due until the servers do not answer any more.
func (s *Schedule) take(
	ctx context.Context, slots chan struct{}, all *sync.WaitGroup, due func(context.Context, watch.Row),
) error {
	asking, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	st, err := s.opened(asking)
	if err != nil {
		return err
	}
	// A message is acknowledged when it is taken: the lease says who tests, and the
	// next one comes anyway.
	c, err := st.CreateOrUpdateConsumer(asking, jetstream.ConsumerConfig{
		Durable: consumerName, FilterSubject: dueOf + ">", AckPolicy: jetstream.AckExplicitPolicy,
		MemoryStorage: true, AckWait: askWithin, MaxDeliver: 2,
	})
	if err != nil {
		return s.lost(err)
	}
	for {
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
			return nil
		}
		id, err := s.next(ctx, c)
		if err != nil || id == "" {
			<-slots
			if err != nil || ctx.Err() != nil {
				return s.lost(err)
			}
			continue
		}
		all.Go(func() {
			defer func() { <-slots }()
			s.carryOut(ctx, id, due)
		})
	}
}

// nextWithin is how long the servers hold a question for what is due.
const nextWithin = 5 * time.Second

// next is the id of a watch that is due; empty: none was, for a while.
func (s *Schedule) next(ctx context.Context, c jetstream.Consumer) (id string, err error) {
	batch, err := c.Fetch(1, jetstream.FetchMaxWait(nextWithin))
	if err != nil {
		return "", err
	}
	for {
		select {
		case m, ok := <-batch.Messages():
			if !ok {
				return "", batch.Error()
			}
			id = strings.TrimPrefix(m.Subject(), dueOf)
			return id, m.DoubleAck(ctx)
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
}

// carryOut has one watch tested, unless another replica is doing that.
func (s *Schedule) carryOut(ctx context.Context, id string, due func(context.Context, watch.Row)) {
	asking, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	lease, err := s.put(asking, message(leaseOf+id, nil), 0, leaseLife)
	if err != nil {
		return
	}
	r, ok, err := s.Get(asking, id)
	if err == nil && !ok {
		s.purge(asking, planOf+id) // of a watch that has ended
	}
	if ok {
		lease = s.leased(ctx, id, lease, func(ctx context.Context) { due(ctx, r) })
	}
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), askWithin)
	defer cancel()
	s.giveBack(ending, id, lease)
}

// giveBack ends a lease, if it is still this one.
func (s *Schedule) giveBack(ctx context.Context, id string, lease uint64) {
	if st, err := s.opened(ctx); err == nil {
		_ = st.Purge(ctx, jetstream.WithPurgeSubject(leaseOf+id), jetstream.WithPurgeSequence(lease+1))
	}
}

// leased renews the lease while a test runs, and returns the newest. A replica that loses it, because the
// servers have not heard of it for too long, goes on: what it keeps is refused
// where another one was faster.
func (s *Schedule) leased(ctx context.Context, id string, lease uint64, test func(context.Context)) uint64 {
	done := make(chan struct{})
	var renewing sync.WaitGroup
	renewing.Go(func() {
		ticker := time.NewTicker(leaseRenew)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				asking, cancel := context.WithTimeout(ctx, askWithin)
				if next, err := s.put(asking, message(leaseOf+id, nil), lease, leaseLife); err == nil {
					lease = next
				}
				cancel()
			case <-done:
				return
			}
		}
	})
	test(ctx)
	close(done)
	renewing.Wait()
	return lease
}
