package discordbot

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"smtptest/bot/bottest"
	"smtptest/bot/chat"
	fakediscord "smtptest/bot/playground/discord"
	"smtptest/probe"
)

// BenchmarkFirstResponse types 50 commands a second while 100 probes run, and
// reports how long Discord waited for the first response: run it with
// -benchtime 3000x, which is a minute.
func BenchmarkFirstResponse(b *testing.B) {
	const aSecond, probes = 50, 100
	w := newFixture(b, fakediscord.Options{Remember: 2000})
	ctx, cancel := context.WithCancel(b.Context())
	var running sync.WaitGroup
	for range probes {
		running.Go(func() { w.probeOn(ctx) })
	}
	var delays []time.Duration
	tick := time.NewTicker(time.Second / aSecond)
	defer tick.Stop()
	var all []*fakediscord.Interaction
	for n := 0; b.Loop(); n++ {
		<-tick.C
		target := []string{"help", "good.test:587", "explain 535 5.7.8", "10.0.0.1"}[n%4]
		all = append(all, w.send(w.discord.AddChannel(fakediscord.Channel{}), target))
		if len(all) > aSecond {
			delays = append(delays, w.answered(all[0]).Delay)
			all = all[1:]
		}
	}
	for _, i := range all {
		delays = append(delays, w.answered(i).Delay)
	}
	cancel()
	running.Wait()
	slices.Sort(delays)
	b.ReportMetric(float64(delays[len(delays)/2].Microseconds())/1000, "ms-median")
	b.ReportMetric(float64(delays[len(delays)*99/100].Microseconds())/1000, "ms-p99")
	b.ReportMetric(float64(delays[len(delays)-1].Microseconds())/1000, "ms-most")
}

// probeOn keeps one probe going: a session of a second, as most are.
func (w *fixture) probeOn(ctx context.Context) {
	for ctx.Err() == nil {
		_, _ = w.Handler.Prober.Probe(ctx, probe.Request{Target: probe.Target{Host: "good.test", Port: 587}}, probe.Hooks{})
		chat.Sleep(ctx, time.Second)
	}
}

// BenchmarkMemory reports what the heap has grown by after all interactions,
// beyond those that fill the memory for duplicates: run it with -benchtime
// 20000x.
func BenchmarkMemory(b *testing.B) {
	const fill = 11_000 // bot's memory for events that come twice has 10,000
	w := newFixture(b, fakediscord.Options{Remember: 100}, func(_ *Config, w *bottest.Fixture) { w.Handler.Observe = nil })
	ask := func() { w.answered(w.send(w.channel, "help")) }
	for range fill {
		ask()
	}
	before := heap()
	for b.Loop() {
		ask()
	}
	b.ReportMetric(float64(int64(heap())-int64(before))/float64(b.N), "B-kept/op")
	b.ReportMetric(float64(heap())/(1<<20), "MiB-heap")
}

func heap() uint64 {
	var m runtime.MemStats
	for range 3 {
		runtime.GC()
	}
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
