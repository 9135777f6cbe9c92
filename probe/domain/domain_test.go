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

// answers are TXT records alone, by name.
type answers map[string]string

func (a answers) Ask(_ context.Context, name string, t resolve.Type, _ bool) (*dns.Msg, netip.AddrPort, error) {
	m := new(dns.Msg).SetQuestion(strings.ToLower(dns.Fqdn(name)), uint16(t))
	m.Response = true
	if text, ok := a[strings.TrimSuffix(m.Question[0].Name, ".")]; ok && t == resolve.TypeTXT {
		m.Answer = []dns.RR{&dns.TXT{Hdr: domaintest.Header(m.Question[0].Name, dns.TypeTXT), Txt: []string{text}}}
	}
	return m, netip.AddrPort{}, nil
}

func (a answers) examine(t *testing.T, req domain.Request) domain.Report {
	t.Helper()
	e := &domain.Examiner{DNS: a, Policy: guard.Policy{Open: true}}
	report, err := e.Examine(t.Context(), req, domain.Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// TestDMARCTree finds the policy that counts (RFC 9989 §4.10).
func TestDMARCTree(t *testing.T) {
	const own, registry = "_dmarc.o.test", "_dmarc.test"
	for name, c := range map[string]struct {
		zone answers
		want string
	}{
		"the organization's, not the registry's": {
			answers{own: "v=DMARC1; p=reject", registry: "v=DMARC1; p=none; psd=y"}, "o.test reject",
		},
		"the registry's":  {answers{registry: "v=DMARC1; p=none; sp=quarantine; psd=y"}, "test quarantine"},
		"the topmost":     {answers{own: "v=DMARC1; p=reject", registry: "v=DMARC1; p=none"}, "test none"},
		"not above psd=n": {answers{own: "v=DMARC1; p=reject; psd=n", registry: "v=DMARC1; p=none"}, "o.test reject"},
		"reports without policy": {
			answers{"_dmarc.s.o.test": "v=DMARC1; rua=mailto:a@o.test"}, "s.o.test none",
		},
	} {
		d := c.zone.examine(t, domain.Request{Domain: "s.o.test"}).DMARC
		if got := d.Found + " " + d.Policy; got != c.want || d.Problem != "" {
			t.Errorf("%s: got %q, want %q; %s", name, got, c.want, d.Problem)
		}
	}
}

// TestDKIM: a key needs no version (RFC 6376 §3.6.1).
func TestDKIM(t *testing.T) {
	for record, problem := range map[string]string{"p=MIG": "", "k=ed25519; p=MIG": "", "v=DKIM1; p=": "revoked"} {
		zone := answers{"s._domainkey.a.test": record}
		d := zone.examine(t, domain.Request{Domain: "a.test", Selector: "s"}).DKIM
		if len(d.Records) != 1 || (d.Problem == "") != (problem == "") || !strings.Contains(d.Problem, problem) {
			t.Errorf("%q: %+v", record, d)
		}
	}
}

// TestLongSPF: a record is read to its end, however much of it is shown.
func TestLongSPF(t *testing.T) {
	long := "v=spf1 " + strings.Repeat("ip4:192.0.2.1 ", 300)
	s := answers{
		"a.test": long + "include:b.test -all", "b.test": long + "mx ptr ?all",
	}.examine(t, domain.Request{Domain: "a.test"}).SPF
	if s.Lookups != 3 || s.All != "-all" || s.Problem != "" || len(s.Records[0]) > 2100 {
		t.Errorf("%d lookups, %q, %q, %d octets", s.Lookups, s.All, s.Problem, len(s.Records[0]))
	}
}

// FuzzSPF walks through any policy, which may include itself or another one.
func FuzzSPF(f *testing.F) {
	f.Add("v=spf1 include:a.test include:b.test -all", "v=spf1 include:b.test redirect=a.test")
	f.Add("v=spf1 +a/24 %{i} ?all exp=x", "v=spf1 "+strings.Repeat("include:b.test. ", 40))
	f.Fuzz(func(t *testing.T, first, second string) {
		s := answers{"a.test": first, "b.test": second}.examine(t, domain.Request{Domain: "a.test"}).SPF
		if s.Lookups > 3000 || s.Void > s.Lookups || len(s.Problem) > 8<<10 {
			t.Errorf("%d lookups, %d void, %d octets of problem", s.Lookups, s.Void, len(s.Problem))
		}
	})
}

// TestNullMXInTheBot: with the guard closed, too, "." is no name of this network.
func TestNullMXInTheBot(t *testing.T) {
	s := domaintest.Read(t, "domain a.test\nunsigned a.test.\na.test. MX 0 .\na.test. MX 10 gone.b.example.\n")
	e := s.Examiner()
	e.Policy = guard.Policy{Names: []string{"a.test"}}
	report, err := e.Examine(t.Context(), domain.Request{Domain: "a.test"}, domain.Hooks{})
	if err != nil || len(report.Hosts) != 2 || report.Hosts[0].Denied != "" || report.Hosts[0].Name != "." {
		t.Errorf("%+v, %v", report.Hosts, err)
	}
}
