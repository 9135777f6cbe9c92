package remote_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"smtptest/probe"
	"smtptest/probe/domain"
	"smtptest/probe/domain/domaintest"
	"smtptest/probe/remote"
	"smtptest/probe/remote/broker"
	"smtptest/probe/remote/fleettest"
)

// waiting is a prober that ends with its context.
type waiting struct{ began chan struct{} }

func (w waiting) Probe(ctx context.Context, req probe.Request, hooks probe.Hooks) (probe.Report, error) {
	hooks.Event(probe.Event{Phase: probe.PhaseLookup})
	close(w.began)
	<-ctx.Done()
	return probe.Report{Request: req, Lookup: probe.Lookup{Failure: &probe.Failure{Kind: probe.KindCanceled}}}, nil
}

// instant is a prober that has a report at once, after some events.
type instant struct{ panics bool }

func (i instant) Probe(_ context.Context, req probe.Request, hooks probe.Hooks) (probe.Report, error) {
	if i.panics {
		panic("hunter2")
	}
	known := probe.Report{Request: req, Elapsed: time.Second}
	hooks.Event(probe.Event{Phase: probe.PhaseLookup, At: time.Millisecond})
	hooks.Event(probe.Event{Phase: probe.PhaseQuit, At: 2 * time.Millisecond, Known: &known})
	return probe.Report{Request: req}, nil
}

func connect(t *testing.T, urls string) *nats.Conn {
	t.Helper()
	conn, err := nats.Connect(urls, nats.ReconnectBufSize(-1), nats.MaxReconnects(-1),
		nats.ReconnectWait(50*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	return conn
}

func serve(t *testing.T, conn *nats.Conn, s *remote.Service) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, conn) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func request() probe.Request {
	return probe.Request{Target: probe.Target{Host: "mx.example.org", Port: 25}}
}

func berlin(t *testing.T, conn *nats.Conn) *remote.Fleet {
	return remote.NewFleet(conn, []remote.Vantage{{Name: "berlin"}})
}

// found waits until the agent is there.
func found(t *testing.T, fleet *remote.Fleet) {
	for !fleet.Agents()[0].Connected {
		fleet.Ask(t.Context())
	}
}

// failed is the kind of an error.
func failed(err error) remote.ErrorKind {
	if e, ok := errors.AsType[*remote.Error](err); ok {
		return e.Kind
	}
	return ""
}

// TestAbsentAndCancelled: an absent agent is named at once; one that is told to stop
// says what it has.
func TestAbsentAndCancelled(t *testing.T) {
	f := fleettest.Start(t, fleettest.Options{})
	fleet := berlin(t, connect(t, f.URL()))
	began := time.Now()
	if _, err := fleet.From("berlin").Probe(t.Context(), request(), probe.Hooks{}); failed(err) != remote.Absent ||
		time.Since(began) > time.Second {
		t.Fatal(err, time.Since(began))
	}
	w := waiting{make(chan struct{})}
	serve(t, connect(t, f.URL()), &remote.Service{Vantage: "berlin", Network: "AS\x1b64496", Prober: w})
	found(t, fleet)
	if a := fleet.Agents()[0]; a.Network != `AS\x1b64496` || a.Logins || a.Instances != 1 || a.LastSeen.IsZero() {
		t.Errorf("%+v", a)
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-w.began; cancel() }()
	r, err := fleet.From("berlin").Probe(ctx, request(), probe.Hooks{})
	if err != nil || r.Lookup.Failure == nil || r.Lookup.Failure.Kind != probe.KindCanceled || r.Vantage != "berlin" {
		t.Error(r, err)
	}
	for kind, do := range map[remote.ErrorKind]func() error{
		remote.Unknown: func() error {
			_, err := fleet.From("paris").Probe(t.Context(), request(), probe.Hooks{})
			return err
		},
		remote.NoKey: func() error {
			with := request()
			with.Login = &probe.Login{}
			_, err := fleet.From("berlin").Probe(t.Context(), with, probe.Hooks{})
			return err
		},
		remote.Unable: func() error {
			_, err := fleet.From("berlin").Egress(t.Context())
			return err
		},
	} {
		if err := do(); failed(err) != kind {
			t.Errorf("%v, want %s", err, kind)
		}
	}
	f.Nodes[0].Kill(t)
	// Until the end of the connection is noticed, what was asked is lost.
	_, err = fleet.From("berlin").Probe(t.Context(), request(), probe.Hooks{})
	for range 5 {
		if failed(err) == remote.Lost {
			_, err = fleet.From("berlin").Probe(t.Context(), request(), probe.Hooks{})
		}
	}
	if failed(err) != remote.NoEngine {
		t.Errorf("without a broker: %v", err)
	}
}

// TestWhole: events, what is known before the goodbye, the hooks, a domain; and a
// panic fails one run and quotes nothing.
func TestWhole(t *testing.T) {
	f := fleettest.Start(t, fleettest.Options{})
	conn := connect(t, f.URL())
	scenario := domaintest.Read(t, domaintest.Scenarios(t)[0].Setup)
	serve(t, connect(t, f.URL()), &remote.Service{Vantage: "berlin", Prober: instant{}, Domains: scenario.Examiner()})
	serve(t, connect(t, f.URL()), &remote.Service{Vantage: "tokyo", Prober: instant{panics: true}})
	fleet := remote.NewFleet(conn, []remote.Vantage{{Name: "berlin"}, {Name: "tokyo"}})
	found(t, fleet)
	var events []probe.Event
	_, err := fleet.From("berlin").Probe(t.Context(), request(), probe.Hooks{
		Event: func(e probe.Event) { events = append(events, e) },
	})
	if err != nil || len(events) != 2 || events[0].Phase != probe.PhaseLookup || events[1].Known == nil ||
		events[1].Known.Elapsed != time.Second {
		t.Errorf("%+v, %v", events, err)
	}
	stages := 0
	r, err := fleet.From("berlin").Examine(t.Context(), domain.Request{Domain: scenario.Domain}, domain.Hooks{
		Event: func(domain.Event) { stages++ },
	})
	if err != nil || stages == 0 || len(r.Hosts) == 0 || r.Vantage != "berlin" {
		t.Errorf("%d stages, %+v, %v", stages, r, err)
	}
	_, err = fleet.From("tokyo").Probe(t.Context(), request(), probe.Hooks{})
	if e, ok := errors.AsType[*remote.Error](err); !ok || e.Kind != remote.Failed || strings.Contains(e.Says, "hunter2") {
		t.Errorf("after a panic: %+v", err)
	}
}

// TestServerDies: permission to answer belongs to a connection, so that a test is
// lost within four seconds where its agent's server was killed; the agent is asked
// by another server then.
func TestServerDies(t *testing.T) {
	folder := t.TempDir()
	user := func(name string) broker.User {
		nkey, err := broker.Seed(folder, name)
		if err != nil {
			t.Fatal(err)
		}
		return broker.User{Name: name, Nkey: nkey}
	}
	block := broker.Permissions(user("bot"), []broker.User{user("berlin")})
	f := fleettest.Start(t, fleettest.Options{Nodes: 3, Extra: block})
	as := func(name, inbox string, urls ...string) *nats.Conn {
		conn, err := broker.Connect(broker.Connection{
			Name: name, URLs: urls, Clear: true, Nkey: folder + "/" + name + ".nkey", Inbox: inbox,
			Up: func() {}, Down: func(error) {}, Denied: func() {},
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(conn.Close)
		return conn
	}
	agent := as("berlin", "_INBOX_smtptest_agent", f.Nodes[0].URL(), f.Nodes[1].URL())
	serve(t, agent, &remote.Service{Vantage: "berlin", Prober: waiting{make(chan struct{})}})
	its := f.Nodes[0]
	if agent.ConnectedUrl() != its.URL() {
		its = f.Nodes[1]
	}
	fleet := berlin(t, as("bot", broker.BotInbox, f.Nodes[2].URL()))
	found(t, fleet)
	var killed time.Time
	_, err := fleet.From("berlin").Probe(t.Context(), request(), probe.Hooks{Event: func(probe.Event) {
		killed = time.Now()
		its.Kill(t)
	}})
	if failed(err) != remote.Lost || time.Since(killed) > 4500*time.Millisecond {
		t.Errorf("%v after %v", err, time.Since(killed))
	}
	if _, err := fleet.From("berlin").Egress(t.Context()); failed(err) != remote.Unable {
		t.Errorf("the agent was not found again: %v", err)
	}
}
