// Package everywhere makes one test at several places at once: in which order they
// are asked, how long they are waited for, and which of them are asked again.
//
// It judges each place's report and leaves to vantages what they say together. No
// place waits for another, and one that dies costs nobody more than its own time.
package everywhere

import (
	"context"
	"errors"
	"net/netip"
	"sync"
	"time"

	"smtptest/probe"
	"smtptest/probe/diagnosis"
	"smtptest/probe/diagnosis/vantages"
)

// Unavailable is the error of a prober whose place has not carried a test out. Its
// report has what had arrived by then.
type Unavailable struct{ Absence vantages.Absence }

// Error implements error.
func (u *Unavailable) Error() string { return "vantage: " + string(u.Absence) }

// Source is a place to ask.
type Source struct {
	Name   string       // empty: here
	Prober probe.Prober // nil: it is known already that it will not answer, see Absent
	Absent vantages.Absence
	Seen   time.Time // of a place that is not connected
}

// Hooks let the caller follow a run and limit it. Each may be nil. They are called
// from several goroutines at once.
type Hooks struct {
	// Dialled hears that a place is past its guard.
	Dialled func()
	// Answered hears how many places have answered.
	Answered func(done, of int)
	// First hears of all places when each has answered, and some are still asked
	// again.
	First func([]vantages.Place)
	// Allow counts an address once for the whole run, however many places dial it.
	Allow func(netip.AddrPort) time.Duration
}

// Limits of a run.
const (
	// againLimit is of a second test: what failed within a connect timeout fails within it again.
	againLimit = 12 * time.Second
	// overtime is what a place may take beyond the time of its test: the way there and back, and what its
	// prober grants it. Then it is given up.
	overtime = 3 * time.Second
	// leaveAlone is what a place is told of an address that it would dial for a comparison: with so many
	// places nobody makes any.
	leaveAlone = time.Minute
)

// Run asks all sources at once and returns when each has answered. A place that
// differs from one that works is asked once more, beside the others.
func Run(ctx context.Context, req probe.Request, sources []Source, hooks Hooks) []vantages.Place {
	r := &run{req: req, sources: sources, hooks: hooks, places: make([]vantages.Place, len(sources))}
	r.again = make([]bool, len(sources))
	r.answers = make(chan answer, 2*len(sources))
	for i, s := range sources {
		r.places[i] = vantages.Place{Name: s.Name, Absent: s.Absent, Seen: s.Seen}
		if s.Prober != nil {
			r.ask(ctx, i, false)
		}
	}
	r.gather(ctx)
	return r.places
}

type run struct {
	req     probe.Request
	sources []Source
	hooks   Hooks
	places  []vantages.Place
	again   []bool // asked a second time
	answers chan answer
	first   int // places whose first answer is still to come
	second  int // the same of second ones
}

// answer is what a place has said.
type answer struct {
	source int
	again  bool
	place  vantages.Place
}

// gather takes the answers in, and asks again where that is due.
func (r *run) gather(ctx context.Context) {
	of := r.first
	for r.first+r.second > 0 {
		a := <-r.answers
		if a.again {
			r.second--
			if j := a.place.Report; j.Report != nil {
				r.places[a.source].Again = &j
			}
			continue
		}
		r.first--
		r.places[a.source] = a.place
		if r.hooks.Answered != nil {
			r.hooks.Answered(of-r.first, of)
		}
		r.askAgain(ctx)
		if r.first == 0 && r.second > 0 && r.hooks.First != nil {
			r.hooks.First(append([]vantages.Place(nil), r.places...))
		}
	}
}

// askAgain asks places again: those that fail where another works at once, the
// others when all have answered, because only then it is known who differs.
func (r *run) askAgain(ctx context.Context) {
	for _, i := range vantages.Again(r.places) {
		fails := r.places[i].State() == vantages.Fails || r.places[i].State() == vantages.Inconclusive
		if r.again[i] || ctx.Err() != nil || r.first > 0 && !(fails && r.works()) {
			continue
		}
		r.again[i] = true
		r.ask(ctx, i, true)
	}
}

func (r *run) works() bool {
	for _, p := range r.places {
		if p.State() == vantages.Works {
			return true
		}
	}
	return false
}

// ask begins a test at one place. Its answer comes within the time of the test and
// overtime, whatever the prober does.
func (r *run) ask(ctx context.Context, i int, again bool) {
	req := r.req
	if req.Timeout <= 0 {
		req.Timeout = probe.DefaultTimeout
	}
	count := &r.first
	if again {
		count, req.Timeout = &r.second, min(req.Timeout, againLimit)
	}
	*count++
	source := r.sources[i]
	go func() {
		ended := make(chan vantages.Place, 1)
		limited, cancel := context.WithTimeout(ctx, req.Timeout+overtime)
		defer cancel()
		go func() { ended <- r.probe(limited, source, req) }()
		p := vantages.Place{Name: source.Name, Absent: vantages.Silent}
		began := time.Now()
		select {
		case p = <-ended:
		case <-limited.Done():
		}
		p.Answer = time.Since(began)
		r.answers <- answer{i, again, p}
	}()
}

// probe is one test. A panic in it is a fault of that place.
func (r *run) probe(ctx context.Context, s Source, req probe.Request) (p vantages.Place) {
	p = vantages.Place{Name: s.Name, Seen: s.Seen}
	defer func() {
		if recover() != nil {
			p = vantages.Place{Name: s.Name, Absent: vantages.Faulty}
		}
	}()
	report, err := s.Prober.Probe(ctx, req, r.limit(req))
	if err != nil {
		p.Absent = vantages.Faulty
		if u, ok := errors.AsType[*Unavailable](err); ok {
			p.Absent = u.Absence
		}
		return p
	}
	if s.Name != "" {
		report.Vantage = s.Name
	}
	p.Report = diagnosis.Judge(&report)
	return p
}

// limit lets a place dial each address for the request itself once, and makes no
// comparisons.
func (r *run) limit(req probe.Request) probe.Hooks {
	var mu sync.Mutex
	seen := map[netip.Addr]bool{}
	return probe.Hooks{
		Event: func(e probe.Event) {
			if e.Address.IsValid() && r.hooks.Dialled != nil {
				r.hooks.Dialled()
			}
		},
		Allow: func(to netip.AddrPort) time.Duration {
			mu.Lock()
			known := seen[to.Addr()]
			seen[to.Addr()] = true
			mu.Unlock()
			switch {
			case known || to.Port() != req.Target.Port:
				return leaveAlone
			case r.hooks.Allow != nil:
				return r.hooks.Allow(to)
			}
			return 0
		},
	}
}
