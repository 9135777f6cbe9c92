package results

import (
	"fmt"
	"net/netip"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestLimitsSlide(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewMemoryLimiter(DefaultLimits())
		ada := Claim{PerPerson, "ada"}
		for i := range 10 {
			if _, over := l.Take(ada); over != nil {
				t.Fatalf("refused the %d. time", i+1)
			}
			time.Sleep(5 * time.Second)
		}
		_, over := l.Take(ada)
		if over == nil || over.Wait != 10*time.Second {
			t.Fatalf("got %+v, want a wait of 10 s", over)
		}
		if _, over := l.Take(Claim{PerPerson, "bob"}); over != nil {
			t.Error("bob pays for ada")
		}
		time.Sleep(over.Wait)
		if _, over := l.Take(ada); over != nil {
			t.Error("refused when the wait was over")
		}
		if _, over := l.Take(ada); over == nil {
			t.Error("two were allowed where one place had become free")
		}
	})
}

// TestRefundIsOfOnesOwn: what one test gives back is its own use, not the
// latest one, which may be somebody else's.
func TestRefundIsOfOnesOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewMemoryLimiter(DefaultLimits())
		account := Claim{PerLoginAccount, "mx"}
		first, _ := l.Take(account, Claim{PerPerson, "ada"})
		time.Sleep(time.Minute)
		l.Take(account)
		time.Sleep(time.Minute)
		l.Take(account)
		l.Refund(first.Logins())
		l.Refund(first.Logins()) // twice is once
		if _, over := l.Take(account); over != nil {
			t.Fatal("nothing was given back")
		}
		_, over := l.Take(account)
		if want := DefaultLimits().Login.Per - time.Minute; over == nil || over.Wait != want {
			t.Errorf("got %+v, want a wait of %s: the second use is the oldest left", over, want)
		}
		if n := len(l.tables[PerPerson].keys); n != 1 {
			t.Error("a claim of another scope was given back")
		}
		l.Refund(Receipt{{Claim{PerTarget, "never"}, time.Now()}})
	})
}

// TestAllOrNothing: a refused claim costs nothing of the others.
func TestAllOrNothing(t *testing.T) {
	l := NewMemoryLimiter(DefaultLimits())
	person, channel := Claim{PerPerson, "ada"}, Claim{PerChannel, "C1"}
	for range 10 {
		l.Take(person, channel)
	}
	for range 20 {
		if _, over := l.Take(person, channel); over == nil || over.Claim != person {
			t.Fatalf("got %+v", over)
		}
	}
	for range 20 {
		if _, over := l.Take(channel); over != nil {
			t.Fatal("refused claims were counted")
		}
	}
}

func TestNetworks(t *testing.T) {
	for a, want := range map[string]string{
		"192.0.2.1": "192.0.2.1", "::ffff:192.0.2.1": "192.0.2.1", "2001:db8:0:1::1": "2001:db8:0:1::/64",
		"64:ff9b::192.0.2.9":   "192.0.2.9",
		"2001:db8:0:1:ffff::9": "2001:db8:0:1::/64", "2001:db8:0:2::1": "2001:db8:0:2::/64", "fe80::1%eth0": "fe80::/64",
	} {
		if got := AddressKey(netip.MustParseAddr(a)); got != want {
			t.Errorf("%s: %s, want %s", a, got, want)
		}
	}
}

func TestAccountsAreNotNamed(t *testing.T) {
	a, b := AccountKey("smtp.example.com", "Alice"), AccountKey("SMTP.example.com", "alice")
	if a != b || len(a) != 64 || a == AccountKey("smtp.example.com", "bob") {
		t.Errorf("%s and %s", a, b)
	}
}

// TestTablesAreBounded floods a table with names.
func TestTablesAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewMemoryLimiter(DefaultLimits())
		for i := range 3 * maxLimitKeys {
			l.Take(Claim{PerTarget, fmt.Sprint(i)})
		}
		if n := len(l.tables[PerTarget].keys); n != maxLimitKeys || l.tables[PerTarget].order.Len() != n {
			t.Errorf("%d keys, %d in order", n, l.tables[PerTarget].order.Len())
		}
		time.Sleep(time.Hour)
		l.Take(Claim{PerTarget, "one more"})
		if n := len(l.tables[PerTarget].keys); n != 1 {
			t.Errorf("%d keys after an hour", n)
		}
	})
}

// TestLimitsAreExact asks from many sides at once.
func TestLimitsAreExact(t *testing.T) {
	l := NewMemoryLimiter(DefaultLimits())
	var allowed, inside atomic.Int64
	var all sync.WaitGroup
	for i := range 1000 {
		all.Go(func() {
			if _, over := l.Take(Claim{PerChannel, "C1"}); over == nil {
				allowed.Add(1)
			}
			if _, full := l.Enter(fmt.Sprint(i)); full == "" {
				inside.Add(1)
			}
		})
	}
	all.Wait()
	if allowed.Load() != 30 || inside.Load() != 8 {
		t.Errorf("%d in the channel, %d at once; want 30, 8", allowed.Load(), inside.Load())
	}
}

// TestREADMEHasTheLimits: the README names the default limits.
func TestREADMEHasTheLimits(t *testing.T) {
	readme, err := os.ReadFile("../../deploy/README.md")
	if err != nil {
		t.Fatal(err)
	}
	c := DefaultLimits()
	for _, r := range []Rate{c.Person, c.Channel, c.Target, c.Login, c.Recipients} {
		if !strings.Contains(string(readme), "| "+r.String()+" |") {
			t.Errorf("the README does not say %q", r)
		}
	}
}
