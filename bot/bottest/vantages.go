package bottest

import (
	"context"
	"sync"
	"time"

	"smtptest/bot"
	"smtptest/bot/everywhere"
	"smtptest/probe"
	"smtptest/probe/diagnosis/vantages"
	"smtptest/probe/domain"
)

// Vantages are other places, for tests: each sees the case that Sees names in place
// of the one that the host does, or is absent. A login reaches a place only where
// Logins says so; anywhere else it is a fault of the test.
type Vantages struct {
	Fixture *Fixture
	Names   []string

	mu     sync.Mutex
	sees   map[string]string
	absent map[string]vantages.Absence
	keys   map[string]bool
	logins []string // places at which a login arrived without a key
	asked  map[string]int
}

// NewVantages are places that are connected and see what the host names.
func (w *Fixture) NewVantages(names ...string) *Vantages {
	return &Vantages{
		Fixture: w, Names: names, sees: map[string]string{}, absent: map[string]vantages.Absence{},
		keys: map[string]bool{}, asked: map[string]int{},
	}
}

// See has a place see another case from here on.
func (v *Vantages) See(name, what string) { v.change(func() { v.sees[name] = what }) }

// Miss has a place be absent from here on, or present.
func (v *Vantages) Miss(name string, why vantages.Absence) { v.change(func() { v.absent[name] = why }) }

// Pin has logins be sent to a place.
func (v *Vantages) Pin(name string) { v.change(func() { v.keys[name] = true }) }

func (v *Vantages) change(f func()) {
	v.mu.Lock()
	defer v.mu.Unlock()
	f()
}

// Asked is how many tests a place was asked for.
func (v *Vantages) Asked(name string) int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.asked[name]
}

// Unsealed are the places to which a login went though no key of them is pinned.
func (v *Vantages) Unsealed() []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return append([]string(nil), v.logins...)
}

// All implements bot.Vantages.
func (v *Vantages) All() (all []bot.Vantage) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, name := range v.Names {
		there := v.absent[name] != vantages.NotConnected
		s := bot.Vantage{Name: name, Connected: there, Logins: v.keys[name]}
		if !there {
			s.Seen = time.Now().Add(-3 * time.Minute)
		}
		all = append(all, s)
	}
	return all
}

// At implements bot.Vantages.
func (v *Vantages) At(name string) bot.Agent { return agent{v, name} }

type agent struct {
	of   *Vantages
	name string
}

// Probe implements probe.Prober.
func (a agent) Probe(ctx context.Context, req probe.Request, hooks probe.Hooks) (probe.Report, error) {
	a.of.mu.Lock()
	sees, why, pinned := a.of.sees[a.name], a.of.absent[a.name], a.of.keys[a.name]
	a.of.asked[a.name]++
	if req.Login != nil && !pinned {
		a.of.logins = append(a.of.logins, a.name)
	}
	a.of.mu.Unlock()
	if why != "" && why != vantages.Silent {
		return probe.Report{}, &everywhere.Unavailable{Absence: why}
	}
	asked := req.Target
	if sees != "" {
		req.Target.Host = sees + ".test"
	}
	r, err := prober{a.of.Fixture}.Probe(ctx, req, hooks)
	r.Vantage = a.name
	if sees != "" {
		r.Request.Target = asked
	}
	if why == vantages.Silent {
		return r, &everywhere.Unavailable{Absence: why}
	}
	return r, err
}

// Examine implements bot.Domains.
func (a agent) Examine(ctx context.Context, req domain.Request, hooks domain.Hooks) (domain.Report, error) {
	r, err := a.of.Fixture.Handler.Domains.Examine(ctx, req, hooks)
	r.Vantage = a.name
	return r, err
}

// Egress implements bot.Agent.
func (a agent) Egress(context.Context) ([]probe.ControlConn, error) {
	return []probe.ControlConn{{Host: "one.control.test", Port: 25, Kind: probe.KindTimeout},
		{Host: "one.control.test", Port: 587}, {Host: "web.control.test", Port: 443}}, nil
}
