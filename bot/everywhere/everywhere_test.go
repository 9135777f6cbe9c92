package everywhere

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"smtptest/probe"
	"smtptest/probe/diagnosis/vantages"
	"smtptest/probe/probetest"
)

// prober is a place in virtual time: what it sees each time it is asked, and how
// long it takes until it sees that.
type prober struct {
	cases map[string]*probetest.Case
	ca    *probetest.CA
	sees  []string // a case, panic, deaf, or “absent” and why; the last one for ever
	after time.Duration
	asked atomic.Int32
	wakes chan struct{} // of deaf
}

// Probe implements probe.Prober.
func (p *prober) Probe(ctx context.Context, req probe.Request, hooks probe.Hooks) (probe.Report, error) {
	n := int(p.asked.Add(1))
	what := p.sees[min(n, len(p.sees))-1]
	switch c := p.cases[what]; {
	case what == "panic":
		panic("hunter2")
	case what == "deaf":
		<-p.wakes // not even the end of its context is heard
		return probe.Report{}, nil
	case c == nil:
		return probe.Report{}, &Unavailable{vantages.Absence(strings.TrimPrefix(what, "absent "))}
	default:
		select {
		case <-time.After(p.after):
		case <-ctx.Done():
		}
		network := probetest.NewNetwork(c, p.ca)
		own := c.Request
		own.Timeout, own.Target.Port = req.Timeout, req.Target.Port
		report, err := network.Prober().Probe(ctx, own, hooks)
		network.Wait()
		return report, err
	}
}

// world makes sources inside a bubble.
type world struct {
	cases map[string]*probetest.Case
	ca    *probetest.CA
}

func newWorld(t *testing.T) *world {
	t.Helper()
	all, err := probetest.Cases()
	if err != nil {
		t.Fatal(err)
	}
	w := &world{cases: map[string]*probetest.Case{}}
	for _, c := range all {
		w.cases[c.Name] = c
	}
	if w.ca, err = probetest.NewCA(); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) source(name string, after time.Duration, sees ...string) Source {
	return Source{Name: name, Prober: &prober{cases: w.cases, ca: w.ca, sees: sees, after: after}}
}

func asked(s Source) int { return int(s.Prober.(*prober).asked.Load()) }

func request() probe.Request {
	return probe.Request{Target: probe.Target{Host: "mx.example.test", Port: 587}, Timeout: 20 * time.Second}
}

func states(places []vantages.Place) string {
	var all []string
	for _, p := range places {
		all = append(all, p.Label()+":"+string(p.State()))
	}
	return strings.Join(all, " ")
}

// TestRunTakesAsLongAsTheSlowest: twenty places and this one, each as slow as it
// likes. A place that fails early is asked again while the others go on.
func TestRunTakesAsLongAsTheSlowest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		sources := []Source{w.source("", 0, "good")}
		for i := range 20 {
			sees := "good"
			if i < 3 {
				sees = "hangup"
			}
			sources = append(sources, w.source(fmt.Sprintf("place-%d", i), time.Duration(i+1)*500*time.Millisecond, sees))
		}
		began, firsts, counted := time.Now(), 0, 0
		var addresses atomic.Int32
		places := Run(t.Context(), request(), sources, Hooks{
			Answered: func(done, of int) { counted = done*100 + of },
			First:    func([]vantages.Place) { firsts++ },
			Allow:    func(netip.AddrPort) time.Duration { addresses.Add(1); return 0 },
		})
		if d := time.Since(began); d > 10*time.Second+500*time.Millisecond {
			t.Errorf("it took %v, the slowest place 10 s", d)
		}
		if counted != 2121 || firsts != 0 {
			t.Errorf("%d answers, %d times before the second ones", counted, firsts)
		}
		for i, s := range sources {
			want := 1
			if i > 0 && i <= 3 {
				want = 2
			}
			if asked(s) != want || places[i].State() == vantages.Missing || (places[i].Again != nil) != (want == 2) {
				t.Errorf("%s was asked %d times: %s", s.Name, asked(s), places[i].State())
			}
		}
		if addresses.Load() != 24 {
			t.Errorf("%d connections were counted", addresses.Load())
		}
	})
}

// TestWhoDoesNotAnswer: each in its own way, and none keeps the others.
func TestWhoDoesNotAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		deaf := w.source("deaf", 0, "deaf")
		deaf.Prober.(*prober).wakes = make(chan struct{})
		defer close(deaf.Prober.(*prober).wakes)
		began := time.Now()
		places := Run(t.Context(), request(), []Source{
			w.source("", 0, "good"), {Name: "away", Absent: vantages.NotConnected}, w.source("gone", 0, "absent not-connected"),
			w.source("busy", 0, "absent busy"), w.source("panics", 0, "panic"), w.source("dies", 0, "absent silent"),
		}, Hooks{})
		if d := time.Since(began); d > time.Second {
			t.Errorf("it took %v", d)
		}
		var got []string
		for _, p := range places {
			got = append(got, p.Label()+":"+string(p.Absent))
		}
		want := "here: away:not-connected gone:not-connected busy:busy panics:fault dies:silent"
		if strings.Join(got, " ") != want {
			t.Errorf("%v, want %s", got, want)
		}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		if places = Run(ctx, request(), []Source{deaf}, Hooks{}); places[0].Absent != vantages.Silent {
			t.Errorf("deaf: %+v", places[0])
		}
	})
}

// TestLateDifference: what is known to differ only at the end is asked again then,
// and what is known by then is shown before.
func TestLateDifference(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		early := ""
		places := Run(t.Context(), request(), []Source{
			w.source("", time.Second, "good"), w.source("berlin", 2*time.Second, "reset", "good"),
			w.source("paris", 0, "good"),
		}, Hooks{First: func(p []vantages.Place) { early = states(p) }})
		if got := states(places); got != "here:works berlin:intermittent paris:works" ||
			early != "here:works berlin:fails paris:works" {
			t.Errorf("%s, before: %s", got, early)
		}
	})
}
