package bot_test

import (
	"context"
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"smtptest/bot"
	"smtptest/bot/bottest"
	"smtptest/bot/results"
	"smtptest/probe"
	"smtptest/probe/probetest"
)

// counting is a responder that counts last messages.
type counting struct{ recorder }

func (c *counting) total() int {
	n := 0
	for _, u := range c.updates {
		if u.Stage == bot.StageDone || u.Stage == bot.StageDenied {
			n++
		}
	}
	for _, a := range c.answers {
		if a.Job == nil {
			n++
		}
	}
	return n
}

// crowded counts how many probes run at once.
type crowded struct {
	probe.Prober
	now, most atomic.Int64
}

func (c *crowded) Probe(ctx context.Context, req probe.Request, hooks probe.Hooks) (probe.Report, error) {
	if n := c.now.Add(1); n > c.most.Load() {
		c.most.Store(n)
	}
	defer c.now.Add(-1)
	return c.Prober.Probe(ctx, req, hooks)
}

// TestAThousandAtOnce asks for a thousand tests of sick servers in the same
// moment: each gets exactly one last message, never more than eight run, and
// nothing is left over.
func TestAThousandAtOnce(t *testing.T) {
	sick := []string{
		"silent-25.test:25", "expired.test", "refused.test", "slow.test", "blocked.test",
		"tls-on-plain-port.test", "endless-greeting.test:25", "hangup.test", "no-such-name.test",
		"private-address.test:25", "panic.test", "drip.test", "dns-silent.test", "good.test --private",
	}
	before := runtime.NumGoroutine()
	synctest.Test(t, func(t *testing.T) {
		fx := newFixture(t)
		limits := bottest.Unlimited()
		limits.Person, limits.AtOnce = results.Rate{Most: 1, Per: time.Minute}, 8
		limiter := results.NewMemoryLimiter(limits)
		c := &crowded{Prober: fx.Handler.Prober}
		fx.Handler.Limiter, fx.Handler.Prober = limiter, c
		d := &bot.Dispatcher{Handler: fx.Handler}
		all := make([]*counting, 1000)
		for i := range all {
			all[i] = &counting{}
			inv := by(fmt.Sprintf("person%d", i), sick[i%len(sick)])
			inv.Place.Channel = fmt.Sprintf("C%d", i)
			go d.Dispatch(t.Context(), inv, all[i])
		}
		synctest.Wait()
		d.Stop(t.Context())
		ran := 0
		for i, r := range all {
			if r.total() != 1 {
				t.Errorf("number %d got %d last messages", i, r.total())
			}
			if len(r.updates) > 0 {
				ran++
			}
		}
		if n := len(fx.Records()); n != len(all) || ran < 8 || c.most.Load() > 8 {
			t.Errorf("%d records, %d ran, %d at once", n, ran, c.most.Load())
		}
		for i := range limits.AtOnce {
			if _, full := limiter.Enter(fmt.Sprint(i)); full != "" {
				t.Fatalf("%d places were given back", i)
			}
		}
	})
	for range 100 { // what has ended may still be on its way out
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("%d goroutines, before %d", runtime.NumGoroutine(), before)
}

// instant is a prober that has its answer already.
type instant struct{ report probe.Report }

// Probe implements probe.Prober.
func (p instant) Probe(context.Context, probe.Request, probe.Hooks) (probe.Report, error) {
	return p.report, nil
}

// BenchmarkHandler is what a run costs beside its probe: reading, limits,
// memory, diagnosis, words.
func BenchmarkHandler(b *testing.B) {
	report, err := probetest.Run(b.Context(), caseNamed(b, "expired"))
	if err != nil {
		b.Fatal(err)
	}
	h := &bot.Handler{Prober: instant{report}, Store: results.NewMemoryStore()}
	for b.Loop() {
		h.Limiter = results.NewMemoryLimiter(results.DefaultLimits())
		h.Begin(by("ada", "expired.example.com:587 --tls starttls")).Job.Do(b.Context(), func(bot.Update) {})
	}
}
