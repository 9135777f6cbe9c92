package bot

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"smtptest/probe"
	"smtptest/probe/probetest"
)

// counting is a door that counts last messages.
type counting struct{ told }

func (c *counting) total() int {
	n := 0
	for _, u := range c.updates {
		if u.Stage == StageDone || u.Stage == StageDenied {
			n++
		}
	}
	for _, a := range c.answers {
		if a.Run == nil {
			n++
		}
	}
	return n
}

// TestAThousandAtOnce asks for a thousand tests of sick servers in the same
// moment: each gets exactly one last message, never more than eight run, and
// nothing is left over.
func TestAThousandAtOnce(t *testing.T) {
	sick := []string{
		"silent-25.test:25", "expired.test", "refused.test", "slow.test", "blocked.test", "tls-on-plain-port.test", "endless-greeting.test:25",
		"hangup.test", "no-such-name.test", "private-address.test:25", "panic.test", "drip.test", "dns-silent.test", "good.test --private",
	}
	before := runtime.NumGoroutine()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.handler.Limits = NewLimits(LimitConfig{
			Person: Rate{1, time.Minute}, Channel: Rate{1 << 20, time.Minute}, Target: Rate{1 << 20, time.Minute},
			Login: Rate{3, time.Minute}, Recipients: Rate{3, time.Minute}, AtOnce: 8,
		})
		d := &Dispatcher{Handler: w.handler}
		doors := make([]*counting, 1000)
		for i := range doors {
			doors[i] = &counting{}
			inv := by(fmt.Sprintf("person%d", i), sick[i%len(sick)])
			inv.Place.Channel = fmt.Sprintf("C%d", i)
			go d.Dispatch(t.Context(), inv, doors[i])
		}
		synctest.Wait()
		w.handler.Limits.mu.Lock()
		if n := w.handler.Limits.running; n > 8 {
			t.Errorf("%d run at once", n)
		}
		w.handler.Limits.mu.Unlock()
		d.running.Wait()
		ran := 0
		for i, door := range doors {
			if door.total() != 1 {
				t.Errorf("number %d got %d last messages", i, door.total())
			}
			if len(door.updates) > 0 {
				ran++
			}
		}
		if len(w.records) != len(doors) || ran < 8 || w.handler.Limits.running != 0 || len(w.handler.Runs.running) != 0 {
			t.Errorf("%d records, %d ran, %d still inside, %d still joined", len(w.records), ran, w.handler.Limits.running, len(w.handler.Runs.running))
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
	h := &Handler{Prober: instant{report}, Runs: NewRuns(), Limits: NewLimits(DefaultLimits())}
	for b.Loop() {
		h.Limits = NewLimits(DefaultLimits())
		h.Begin(by("ada", "expired.example.com:587 --tls starttls")).Run.Do(b.Context(), func(Update) {})
	}
}
