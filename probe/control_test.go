package probe_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"smtptest/probe"
	"smtptest/probe/guard"
	"smtptest/probe/resolve"
)

// way is a network on which every host has one address and some ports time out.
type way struct {
	address netip.Addr
	closed  uint16
	dialled atomic.Int64
}

func (w *way) Addresses(context.Context, string) ([]netip.Addr, error) {
	return []netip.Addr{w.address}, nil
}

func (w *way) Why(context.Context, string) resolve.Explanation { return resolve.Explanation{} }

func (w *way) dial(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
	w.dialled.Add(1)
	if to.Port() == w.closed {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	near, far := net.Pipe()
	far.Close()
	return near, nil
}

func (w *way) local(policy guard.Policy) *probe.Local {
	return &probe.Local{
		Resolver: w, Dial: w.dial, Policy: policy,
		Controls: &probe.Controls{Mail: []string{"one.test", "two.test", "three.test"}, Web: "web.test"},
	}
}

// TestEgress: every mail port of two hosts and one web port, at once; for a
// minute the answer holds for everybody.
func TestEgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &way{address: netip.MustParseAddr("9.9.9.9"), closed: 25}
		l, began := w.local(guard.Policy{}), time.Now()
		conns := l.Egress(t.Context())
		if len(conns) != 9 || time.Since(began) != 5*time.Second {
			t.Fatalf("%d connections in %s", len(conns), time.Since(began))
		}
		for _, c := range conns {
			if closed := c.Port == 25; closed != (c.Kind == probe.KindTimeout) || c.Age != 0 {
				t.Errorf("%+v", c)
			}
		}
		time.Sleep(50 * time.Second)
		if again := l.Egress(t.Context()); w.dialled.Load() != 9 || again[0].Age < 50*time.Second {
			t.Errorf("%d connections, the first is %s old", w.dialled.Load(), again[0].Age)
		}
		time.Sleep(20 * time.Second)
		if l.Egress(t.Context()); w.dialled.Load() != 18 {
			t.Errorf("%d connections after a minute, want all anew", w.dialled.Load())
		}
	})
}

// TestEgressTogether: runs at the same time share one answer, and one that is
// stopped leaves none behind.
func TestEgressTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &way{address: netip.MustParseAddr("9.9.9.9"), closed: 25}
		l := w.local(guard.Policy{})
		stopped, stop := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, stop)
		if conns := l.Egress(stopped); conns != nil {
			t.Errorf("a run that was stopped has %v", conns)
		}
		before := w.dialled.Load()
		for range 3 {
			go l.Egress(t.Context())
		}
		time.Sleep(10 * time.Second)
		if n := w.dialled.Load() - before; n != 2 {
			t.Errorf("%d connections to the port that was cut short, want one for each host", n)
		}
	})
}

func TestEgressIsGuarded(t *testing.T) {
	w := &way{address: netip.MustParseAddr("10.0.0.1")}
	for _, c := range w.local(guard.Policy{}).Egress(t.Context()) {
		if c.Kind != probe.KindDenied || w.dialled.Load() > 0 {
			t.Errorf("%+v after %d connections", c, w.dialled.Load())
		}
	}
	if conns := (&probe.Local{Resolver: w}).Egress(t.Context()); conns != nil {
		t.Errorf("switched off: %v", conns)
	}
}

// TestControlOnlyOutside: the way out of a network says nothing about a server
// inside of it, nor does it about a port that is not one of mail.
func TestControlOnlyOutside(t *testing.T) {
	for target, want := range map[string]bool{
		"9.9.9.9:587": true, "10.1.2.3:587": false, "127.0.0.1:587": false, "9.9.9.9:2526": false, "[2620:fe::9]:25": true,
	} {
		to := netip.MustParseAddrPort(target)
		l := (&way{address: netip.MustParseAddr("9.9.9.9")}).local(guard.Policy{Open: true})
		l.Dial = func(_ context.Context, at netip.AddrPort) (net.Conn, error) {
			if at == to {
				return nil, context.DeadlineExceeded
			}
			return nil, errors.ErrUnsupported
		}
		req := probe.Request{Target: probe.Target{Host: to.Addr().String(), Port: to.Port()}}
		report, err := l.Probe(t.Context(), req, probe.Hooks{})
		if err != nil || (len(report.Control) == 3) != want {
			t.Errorf("%s: %v, %v", target, report.Control, err)
		}
	}
}
