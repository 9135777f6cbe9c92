package shared

import (
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"smtptest/bot/results"
	"smtptest/probe/remote/fleettest"
)

// key is what the replicas of a test share.
func key() []byte { return []byte("0123456789abcdef") }

// open begins a replica at some servers.
func open(t testing.TB, url string, o Options) *Replica {
	t.Helper()
	conn, err := nats.Connect(url, nats.RetryOnFailedConnect(true), nats.MaxReconnects(-1), nats.NoEcho(),
		nats.ReconnectWait(50*time.Millisecond), nats.ReconnectBufSize(-1), nats.CustomInboxPrefix("_INBOX_bot"))
	if err != nil {
		t.Fatal(err)
	}
	o.Key, o.Log = key(), slog.New(slog.DiscardHandler)
	if testing.Verbose() {
		o.Log = slog.New(slog.NewTextHandler(os.Stderr, nil))
	}
	if o.Limits == (results.Limits{}) {
		o.Limits = results.DefaultLimits()
	}
	r, err := Open(conn, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		r.Close()
		conn.Close()
	})
	return r
}

// together waits until a replica shares.
func together(t testing.TB, all ...*Replica) {
	t.Helper()
	for _, r := range all {
		until(t, "sharing: "+r.Standing().Reason, func() bool { return !r.store.Apart() })
	}
}

func until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("there is no " + what)
		}
	}
}

// both is a take and its confirmation, as one test asks for them.
func both(t testing.TB, l results.Limiter, claims ...results.Claim) (results.Receipt, *results.Refusal) {
	receipt, over := l.Take(claims...)
	if over != nil {
		return nil, over
	}
	if over := l.Confirm(t.Context(), receipt); over != nil {
		return nil, over
	}
	return receipt, nil
}

// TestLimiters: one table for what is counted here alone and with others.
func TestLimiters(t *testing.T) {
	t.Run("memory", func(t *testing.T) { limits(t, results.NewMemoryLimiter(results.DefaultLimits())) })
	t.Run("shared", func(t *testing.T) {
		r := open(t, fleettest.Start(t, fleettest.Options{}).URL(), Options{})
		together(t, r)
		limits(t, r.Limiter())
	})
}

func limits(t *testing.T, l results.Limiter) {
	ada := results.Claim{Scope: results.PerPerson, Key: "ada"}
	channel := results.Claim{Scope: results.PerChannel, Key: "C1"}
	login := results.Claim{Scope: results.PerLoginAccount, Key: "relay"}
	receipts := map[string]results.Receipt{}
	for _, tt := range []struct {
		name   string
		claims []results.Claim
		times  int
		over   results.Scope // of the last one; empty: all are taken
		refund string        // whose receipt is given back before
	}{
		{name: "as many as are allowed", claims: []results.Claim{ada, channel}, times: 10},
		{name: "one more", claims: []results.Claim{ada, channel}, times: 1, over: results.PerPerson},
		{name: "again and again", claims: []results.Claim{ada, channel}, times: 5, over: results.PerPerson},
		{name: "what was refused cost the channel nothing", claims: []results.Claim{channel}, times: 20},
		{name: "until it is full", claims: []results.Claim{channel}, times: 1, over: results.PerChannel},
		{name: "a refund", claims: []results.Claim{ada, channel}, times: 1, refund: "as many as are allowed"},
		{name: "makes one place", claims: []results.Claim{ada, channel}, times: 1, over: results.PerPerson},
		{name: "a login", claims: []results.Claim{login}, times: 3},
		{name: "too many logins", claims: []results.Claim{login}, times: 1, over: results.PerLoginAccount},
	} {
		if r, ok := receipts[tt.refund]; ok {
			l.Refund(r)
			if s, ok := l.(*Limiter); ok {
				until(t, "refund", func() bool { return uses(t, s, ada) == 9 && uses(t, s, channel) == 29 })
			}
		}
		for i := range tt.times {
			receipt, over := both(t, l, tt.claims...)
			receipts[tt.name] = receipt
			if last := i == tt.times-1; over != nil && (tt.over == "" || over.Claim.Scope != tt.over || over.Wait <= 0) ||
				over == nil && last && tt.over != "" {
				t.Fatalf("%s: the %d. gave %+v, want over %q", tt.name, i+1, over, tt.over)
			}
		}
	}
}

// uses are those of a key in the table of all.
func uses(t testing.TB, l *Limiter, c results.Claim) int {
	known, err := l.replica.lasts(t.Context(), streamLimits, []string{l.subject(c)})
	if err != nil {
		t.Fatal(err)
	}
	return len(times(known[l.subject(c)].data))
}

// TestLimitsOfTwo: a limit that two replicas hammer at once admits exactly what
// it says, of each scope.
func TestLimitsOfTwo(t *testing.T) {
	f := fleettest.Start(t, fleettest.Options{Nodes: 3})
	a, b := open(t, f.URL(), Options{}), open(t, f.URL(), Options{})
	together(t, a, b)
	for scope, rate := range results.DefaultLimits().Rates() {
		if scope == results.PersonAtOnce {
			continue
		}
		var admitted, apart atomic.Int64
		var all sync.WaitGroup
		for range 4 {
			for _, r := range []*Replica{a, b} {
				all.Go(func() {
					for range 15 {
						switch _, over := both(t, r.Limiter(), results.Claim{Scope: scope, Key: "hot"}); {
						case over == nil:
							admitted.Add(1)
						case over.Apart:
							apart.Add(1)
						}
					}
				})
			}
		}
		all.Wait()
		if admitted.Load() != int64(rate.Most) {
			t.Errorf("%s: %d were admitted, want %d; %d were not asked", scope, admitted.Load(), rate.Most, apart.Load())
		}
	}
}

// TestPlacesOfTwo: a person has as many tests at once on both replicas as on one.
func TestPlacesOfTwo(t *testing.T) {
	f := fleettest.Start(t, fleettest.Options{})
	a, b := open(t, f.URL(), Options{}), open(t, f.URL(), Options{})
	together(t, a, b)
	var places []results.Use
	for _, r := range []*Replica{a, b} {
		place, _ := r.Limiter().Enter("ada")
		if over := r.Limiter().Confirm(t.Context(), results.Receipt{place}); over != nil {
			t.Fatalf("%+v", over)
		}
		places = append(places, place)
	}
	third, full := a.Limiter().Enter("ada")
	if full != "" {
		t.Fatal("this replica has one test, not two")
	}
	over := a.Limiter().Confirm(t.Context(), results.Receipt{third})
	if over == nil || over.Claim.Scope != results.PersonAtOnce {
		t.Errorf("%+v, want %s", over, results.PersonAtOnce)
	}
	a.Limiter().Leave(third)
	b.Limiter().Leave(places[1])
	until(t, "free place", func() bool { return uses(t, a.Limiter(), third.Claim) == 1 })
	if over := b.Limiter().Confirm(t.Context(), results.Receipt{third}); over != nil {
		t.Errorf("%+v", over)
	}
}

// TestAlone: without servers a replica counts its share, and tries no login.
func TestAlone(t *testing.T) {
	var fallbacks atomic.Int64
	r := open(t, "nats://127.0.0.1:1", Options{Observe: func(Event) { fallbacks.Add(1) }})
	l, began := r.Limiter(), time.Now()
	for i := range 11 {
		_, over := both(t, l, results.Claim{Scope: results.PerPerson, Key: "ada"})
		if (over != nil) != (i == 10) {
			t.Errorf("the %d. gave %+v", i+1, over)
		}
	}
	r.others.hear("another", false)
	for i := range 6 {
		_, over := both(t, l, results.Claim{Scope: results.PerPerson, Key: "bob"})
		if (over != nil) != (i == 5) || over != nil && over.Rate.Most != 5 {
			t.Errorf("of two replicas, the %d. gave %+v", i+1, over)
		}
	}
	login := results.Claim{Scope: results.PerLoginHost, Key: "mx"}
	if _, over := both(t, l, login); over == nil || !over.Apart || over.Wait != apartWait {
		t.Errorf("a login gave %+v", over)
	}
	event := []results.Mark{{Kind: results.MarkEvent, Key: "E1"}}
	if s := r.Store().Settle(t.Context(), event); !s.Apart || s.Lost != nil {
		t.Errorf("an event gave %+v", s)
	}
	if fallbacks.Load() != 18 || time.Since(began) > time.Second {
		t.Errorf("%d fallbacks in %s", fallbacks.Load(), time.Since(began))
	}
}

func BenchmarkTake(b *testing.B) {
	f := fleettest.Start(b, fleettest.Options{Nodes: 3})
	r := open(b, f.URL(), Options{})
	together(b, r)
	var all []time.Duration
	for i := 0; b.Loop(); i++ {
		began := time.Now()
		key := fmt.Sprint(i)
		_, over := both(b, r.Limiter(), results.Claim{Scope: results.PerPerson, Key: key},
			results.Claim{Scope: results.PerChannel, Key: key}, results.Claim{Scope: results.PerTarget, Key: key})
		if over != nil {
			b.Fatalf("%+v", over)
		}
		all = append(all, time.Since(began))
	}
	report(b, all)
}
