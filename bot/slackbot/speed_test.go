package slackbot

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	fakeslack "smtptest/bot/playground/slack"
)

// The goal, and the load under which it is to be met.
const (
	ackGoal    = 50 * time.Millisecond // p99
	perSecond  = 50                    // commands
	background = 100                   // probes of servers that are silent
)

// BenchmarkAcknowledge types 50 commands a second, each of which is a test of a
// working server, while 100 other tests wait for servers that say nothing. For
// a minute of it: -benchtime 60s. Times are the fake's: from the octets of the
// command to those of its acknowledgement.
func BenchmarkAcknowledge(b *testing.B) {
	channels := rooms(2000)
	w := newFixture(b, fakeslack.Options{Channels: channels, KeepOctets: -1})
	w.busy(b)
	took := make([]time.Duration, b.N)
	var lost atomic.Int64
	var all sync.WaitGroup
	tick := time.NewTicker(time.Second / perSecond)
	defer tick.Stop()
	b.ResetTimer()
	for i := range b.N {
		<-tick.C
		d := w.slack.Command(fakeslack.Ada, room(background+i%(len(channels)-background-20)), "good.test")
		all.Go(func() {
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			defer cancel()
			ack, err := d.Wait(ctx)
			if err != nil {
				lost.Add(1)
			}
			took[i] = ack.After
		})
	}
	all.Wait()
	b.StopTimer()
	slices.Sort(took)
	at := func(share float64) time.Duration { return took[min(len(took)-1, int(share*float64(len(took))))] }
	for name, d := range map[string]time.Duration{"p50-ms": at(.5), "p99-ms": at(.99), "max-ms": took[len(took)-1]} {
		b.ReportMetric(float64(d.Microseconds())/1000, name)
	}
	b.ReportMetric(float64(w.Probes()), "probes")
	b.ReportMetric(0, "ns/op") // it is the pace of the typing
	if lost.Load() > 0 || at(.99) > 3*ackGoal {
		b.Errorf("%d were not acknowledged; p99 %v, the goal is %v", lost.Load(), at(.99), ackGoal)
	}
}

// busy keeps tests of silent servers running until the benchmark ends. They
// are begun one by one, not all at the same moment; each begins anew before it
// is over, on another port, so that there are never fewer.
func (w *fixture) busy(b *testing.B) {
	const round = 10 * time.Second
	ctx, cancel := context.WithCancel(context.Background())
	var all sync.WaitGroup
	for i := range background {
		all.Go(func() {
			wait := time.Duration(i) * round / background
			for n := 0; ; n++ {
				select {
				case <-time.After(wait):
				case <-ctx.Done():
					return
				}
				text := []string{"silent.test:587 --timeout 11s", "silent.test:2525 --timeout 11s"}[n%2]
				_, _ = w.slack.Command(fakeslack.Ada, room(i), text).Wait(ctx)
				wait = round
			}
		})
	}
	b.Cleanup(func() {
		cancel()
		all.Wait()
	})
	w.Until("all silent tests", func() bool { return w.Probes() >= background })
}
