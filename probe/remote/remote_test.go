package remote_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"smtptest/probe"
	"smtptest/probe/remote"
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

func connect(t *testing.T, f *fleettest.Fleet) *nats.Conn {
	t.Helper()
	conn, err := nats.Connect(f.URL(), nats.ReconnectBufSize(-1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	return conn
}

func serve(t *testing.T, f *fleettest.Fleet, s *remote.Service) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	conn := connect(t, f)
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

func TestAbsentAndCancelled(t *testing.T) {
	f := fleettest.Start(t, fleettest.Options{})
	fleet := remote.NewFleet(connect(t, f), []remote.Vantage{{Name: "berlin"}})
	began := time.Now()
	_, err := fleet.From("berlin").Probe(t.Context(), request(), probe.Hooks{})
	e, ok := errors.AsType[*remote.Error](err)
	if !ok || e.Kind != remote.Absent || time.Since(began) > time.Second {
		t.Fatal(err, time.Since(began))
	}
	w := waiting{make(chan struct{})}
	serve(t, f, &remote.Service{Vantage: "berlin", Prober: w})
	for len(fleet.Agents()) == 0 || !fleet.Agents()[0].Connected {
		fleet.Ask(t.Context())
	}
	t.Logf("%+v", fleet.Agents())
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-w.began; cancel() }()
	r, err := fleet.From("berlin").Probe(ctx, request(), probe.Hooks{})
	if err != nil || r.Lookup.Failure == nil || r.Lookup.Failure.Kind != probe.KindCanceled || r.Vantage != "berlin" {
		t.Error(r, err)
	}
}
