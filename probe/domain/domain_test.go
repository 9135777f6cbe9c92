package domain_test

import (
	"context"
	"fmt"
	"net/netip"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/dns"

	"smtptest/probe"
	"smtptest/probe/domain"
	"smtptest/probe/domain/domaintest"
	"smtptest/probe/guard"
	"smtptest/probe/resolve"
)

const trip = 100 * time.Millisecond // there and back

// far is a scenario at a distance: one round trip for a question, two over TCP,
// and seven for a session (connect, greeting, EHLO, STARTTLS, handshake, EHLO, QUIT).
type far struct {
	*domaintest.Scenario

	mu            sync.Mutex
	now, most     int
	dialled       map[netip.Addr]int
	questions     int
	questionsOnce map[string]int
}

func (f *far) Ask(ctx context.Context, name string, t resolve.Type, unchecked bool) (*dns.Msg, netip.AddrPort, error) {
	f.mu.Lock()
	f.questions++
	f.questionsOnce[fmt.Sprint(strings.TrimSuffix(strings.ToLower(name), "."), t, unchecked)]++
	f.mu.Unlock()
	time.Sleep(trip)
	if t == resolve.TypeDNSKEY {
		time.Sleep(trip)
	}
	return f.Zones.Ask(ctx, name, t, unchecked)
}

func (f *far) Probe(ctx context.Context, req probe.Request, h probe.Hooks) (probe.Report, error) {
	f.mu.Lock()
	f.now++
	f.most = max(f.most, f.now)
	f.dialled[req.At]++
	f.mu.Unlock()
	time.Sleep(7 * trip)
	f.mu.Lock()
	f.now--
	f.mu.Unlock()
	return f.Scenario.Probe(ctx, req, h)
}

func newFar(t *testing.T, hosts, addresses int) *far {
	t.Helper()
	text := "domain a.test\nzone a.test.\na.test. TXT \"v=spf1 -all\"\n"
	for i := range hosts {
		text += fmt.Sprintf("a.test. MX 10 mx%d.a.test.\n", i)
		for k := range addresses {
			text += fmt.Sprintf("mx%d.a.test. A 192.0.2.%d\n192.0.2.%[2]d ok\n", i, 1+i*addresses+k)
		}
	}
	return &far{Scenario: domaintest.Read(t, text), dialled: map[netip.Addr]int{}, questionsOnce: map[string]int{}}
}

func (f *far) examine(t *testing.T) domain.Report {
	t.Helper()
	e := f.Examiner()
	e.DNS, e.Sessions = f, f
	report, err := e.Examine(t.Context(), domain.Request{Domain: "a.test"}, domain.Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// TestTime: six servers with two addresses each, at 100 ms, in virtual time.
func TestTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFar(t, 6, 2)
		report := f.examine(t)
		t.Logf("%d questions, 12 sessions, %v", f.questions, report.Elapsed)
		if report.Elapsed > 3500*time.Millisecond {
			t.Errorf("it took %v", report.Elapsed)
		}
		if f.most > 3 {
			t.Errorf("%d sessions at once", f.most)
		}
	})
}

// TestLimits: twelve addresses are dialled, once each, and what is left out is said.
func TestLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFar(t, 12, 3)
		report := f.examine(t)
		if len(f.dialled) != domain.MaxAddresses || report.HostsOmitted != 2 || report.AddressesOmitted != 18 {
			t.Errorf("%d dialled, %d hosts and %d addresses left out", len(f.dialled), report.HostsOmitted,
				report.AddressesOmitted)
		}
		for ip, n := range f.dialled {
			if n != 1 {
				t.Errorf("%s was dialled %d times", ip, n)
			}
		}
		for q, n := range f.questionsOnce {
			if n > 1 {
				t.Errorf("%s was asked %d times", q, n)
			}
		}
	})
}

// TestGuard: names and addresses of a network inside are neither asked about,
// nor dialled, nor named.
func TestGuard(t *testing.T) {
	s := domaintest.Read(t, `
		domain a.test
		zone a.test.
		a.test. MX 10 mail.dc7.corp.internal.
		a.test. MX 20 inner.a.test.
		inner.a.test. A 10.1.2.3
		a.test. TXT "v=spf1 include:spf.corp.internal -all"`)
	e := s.Examiner()
	e.Policy = guard.Policy{}
	report, err := e.Examine(t.Context(), domain.Request{Domain: "a.test"}, domain.Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range report.Hosts {
		if h.Denied == "" || h.Name != "" || len(h.Addresses) > 0 {
			t.Errorf("%+v", h)
		}
	}
	for _, name := range []string{"mail.dc7.corp.internal. A", "spf.corp.internal. TXT"} {
		if s.Zones.Asked(name) > 0 {
			t.Errorf("%s was asked", name)
		}
	}
	report, err = e.Examine(t.Context(), domain.Request{Domain: "dc7.corp.internal"}, domain.Hooks{})
	if err != nil || report.Denied == "" || s.Zones.Asked("dc7.corp.internal. MX") > 0 {
		t.Errorf("%+v %v", report, err)
	}
}

// TestMany: two hundred domains one after the other leave no goroutine, no
// connection and no memory behind.
func TestMany(t *testing.T) {
	s := domaintest.Read(t, `
		domain a.test
		zone a.test.
		a.test. MX 10 mx1.a.test.
		mx1.a.test. A 192.0.2.1
		_25._tcp.mx1.a.test. TLSA 3 1 1 KEY
		policy enforce mx1.a.test
		192.0.2.1 ok`)
	e := s.Examiner()
	many := func(n int) (goroutines int, live uint64) {
		for range n {
			if _, err := e.Examine(t.Context(), domain.Request{Domain: "a.test"}, domain.Hooks{}); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(50 * time.Millisecond) // the server's side of the last connection
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return runtime.NumGoroutine(), m.HeapAlloc
	}
	before, liveBefore := many(20)
	after, liveAfter := many(200)
	if after > before+2 || liveAfter > liveBefore+1<<20 {
		t.Errorf("goroutines %d, then %d; live heap %d, then %d bytes", before, after, liveBefore, liveAfter)
	}
}
