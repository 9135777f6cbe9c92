package bot

import (
	"fmt"
	"net/netip"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"smtptest/formatting"
)

// clocked are limits on a clock that a test moves.
func clocked(c LimitConfig) (*Limits, *time.Time) {
	l := NewLimits(c)
	now := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	l.now = func() time.Time { return now }
	return l, &now
}

func TestLimitsSlide(t *testing.T) {
	l, now := clocked(DefaultLimits())
	ada := claim{perPerson, "ada", formatting.LimitPerson}
	for i := range 5 {
		if over := l.take(ada); over != nil {
			t.Fatalf("refused the %d. time", i+1)
		}
		*now = now.Add(10 * time.Second)
	}
	over := l.take(ada)
	if over == nil || over.wait != 10*time.Second {
		t.Fatalf("got %+v, want a wait of 10 s", over)
	}
	if l.take(claim{perPerson, "bob", formatting.LimitPerson}) != nil {
		t.Error("bob pays for ada")
	}
	*now = now.Add(over.wait)
	if l.take(ada) != nil {
		t.Error("refused when the wait was over")
	}
	if l.take(ada) == nil {
		t.Error("two were allowed where one place had become free")
	}
}

// TestAllOrNothing: a refused claim costs nothing of the others.
func TestAllOrNothing(t *testing.T) {
	l, _ := clocked(DefaultLimits())
	person, target := claim{perPerson, "ada", formatting.LimitPerson}, claim{perTarget, "mx", formatting.LimitTarget}
	for range 5 {
		l.take(person, target)
	}
	for range 20 {
		if over := l.take(person, target); over == nil || over.claim.over != formatting.LimitPerson {
			t.Fatalf("got %+v", over)
		}
	}
	if l.take(target) != nil {
		t.Error("refused claims were counted")
	}
}

func TestNetworks(t *testing.T) {
	for a, want := range map[string]string{
		"192.0.2.1": "192.0.2.1", "::ffff:192.0.2.1": "192.0.2.1", "2001:db8:0:1::1": "2001:db8:0:1::/64", "64:ff9b::192.0.2.9": "192.0.2.9",
		"2001:db8:0:1:ffff::9": "2001:db8:0:1::/64", "2001:db8:0:2::1": "2001:db8:0:2::/64", "fe80::1%eth0": "fe80::/64",
	} {
		if got := networkOf(netip.MustParseAddr(a)); got != want {
			t.Errorf("%s: %s, want %s", a, got, want)
		}
	}
}

func TestAccountsAreNotNamed(t *testing.T) {
	a, b := accountKey("smtp.example.com", "Alice"), accountKey("SMTP.example.com", "alice")
	if a != b || len(a) != 32 || a == accountKey("smtp.example.com", "bob") {
		t.Errorf("%x and %x", a, b)
	}
}

// TestTablesAreBounded floods a table with names.
func TestTablesAreBounded(t *testing.T) {
	l, now := clocked(DefaultLimits())
	for i := range 3 * maxLimitKeys {
		l.take(claim{perTarget, fmt.Sprint(i), formatting.LimitTarget})
	}
	if n := len(l.tables[perTarget].keys); n != maxLimitKeys || l.tables[perTarget].order.Len() != n {
		t.Errorf("%d keys, %d in order", n, l.tables[perTarget].order.Len())
	}
	*now = now.Add(time.Hour)
	l.take(claim{perTarget, "one more", formatting.LimitTarget})
	if n := len(l.tables[perTarget].keys); n != 1 {
		t.Errorf("%d keys after an hour", n)
	}
}

// TestLimitsHoldToTheUnit asks from many sides at once.
func TestLimitsHoldToTheUnit(t *testing.T) {
	l := NewLimits(DefaultLimits())
	var allowed, inside atomic.Int64
	var all sync.WaitGroup
	for range 1000 {
		all.Go(func() {
			if l.take(claim{perChannel, "C1", formatting.LimitChannel}) == nil {
				allowed.Add(1)
			}
			if l.enter() {
				inside.Add(1)
			}
		})
	}
	all.Wait()
	if allowed.Load() != 20 || inside.Load() != 8 {
		t.Errorf("%d in the channel, %d at once; want 20, 8", allowed.Load(), inside.Load())
	}
}

// TestREADMEHasTheLimits: what holds by default is what the README says.
func TestREADMEHasTheLimits(t *testing.T) {
	octets, err := os.ReadFile("../deploy/README.md")
	if err != nil {
		t.Fatal(err)
	}
	c := DefaultLimits()
	for _, r := range []Rate{c.Person, c.Channel, c.Target, c.Login, c.Recipients} {
		if !strings.Contains(string(octets), "| "+r.String()+" |") {
			t.Errorf("the README does not say %q", r)
		}
	}
}
