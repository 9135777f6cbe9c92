package formatting

import (
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"smtptest/probe"
	"smtptest/probe/diagnosis"
	"smtptest/probe/probetest"
)

func rowText(rows []Fact) string {
	var b strings.Builder
	for _, row := range rows {
		b.WriteString(row.Name + ": " + row.Value + "\n")
	}
	return b.String()
}

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

func tried(a string, f *probe.Failure) probe.Session {
	s := probe.Session{Address: netip.AddrPortFrom(addr(a), 25), Failure: f}
	if f == nil {
		s.Source = netip.MustParseAddrPort("198.51.100.7:40001")
	}
	return s
}

func TestAddressRows(t *testing.T) {
	timeout := &probe.Failure{Kind: probe.KindTimeout, Limit: 10 * time.Second}
	for _, c := range []struct {
		name   string
		report probe.Report
		want   string
	}{
		{"an address as target", probe.Report{Sessions: []probe.Session{tried("192.0.2.1", nil)}}, "Address: 192.0.2.1:25\n"},
		{"--at", probe.Report{Request: probe.Request{At: addr("192.0.2.1")},
			Sessions: []probe.Session{tried("192.0.2.1", nil)}},
			"DNS: not asked, the address was given\nAddress: 192.0.2.1:25\n"},
		{"second of three", probe.Report{
			Lookup: probe.Lookup{
				Name: "a.test", Answer: probe.AnswerAddresses, Addresses: []netip.Addr{addr("2001:db8::1"), addr("192.0.2.1"),
					addr("192.0.2.2")},
				Untried: []probe.Untried{{Address: addr("192.0.2.2"), Reason: probe.UntriedAnswered}},
			},
			Sessions: []probe.Session{tried("2001:db8::1", timeout), tried("192.0.2.1", nil)},
		}, "DNS: a.test · 3 addresses\nTried: [2001:db8::1]:25 · no answer for 10 s\nAddress: 192.0.2.1:25\nNot tried: " +
			"192.0.2.2 · another address answered first\n"},
		{"none answers", probe.Report{Sessions: []probe.Session{
			tried("192.0.2.1", &probe.Failure{Kind: probe.KindRefused}),
			tried("192.0.2.2", &probe.Failure{Kind: probe.KindUnreachable}),
			tried("192.0.2.3", &probe.Failure{Kind: probe.KindLocal}),
			tried("192.0.2.4", &probe.Failure{Kind: probe.KindRunTimeout}),
			tried("192.0.2.5", &probe.Failure{Kind: probe.KindCanceled}),
			tried("192.0.2.6", &probe.Failure{Kind: probe.KindDenied}),
			tried("192.0.2.7", &probe.Failure{Kind: probe.KindReset}),
		}}, "Tried: 192.0.2.1:25 · connection refused\nTried: 192.0.2.2:25 · no route to this address\n" +
			"Tried: 192.0.2.3:25 · " +
			"this machine could not connect\n" +
			"Tried: 192.0.2.4:25 · the time of this test was over\nTried: 192.0.2.5:25 · stopped\n" +
			"Tried: 192.0.2.6:25 · this address may not be tested from here\nTried: 192.0.2.7:25 · the connection was reset\n"},
		{"a follow-up is no address", probe.Report{Sessions: []probe.Session{tried("192.0.2.1", nil),
			{Variant: probe.VariantTLS, Address: netip.MustParseAddrPort("192.0.2.1:25")}}},
			"Address: 192.0.2.1:25\n"},
		{"compared with the other IP version", probe.Report{
			Lookup: probe.Lookup{Untried: []probe.Untried{
				{Address: addr("192.0.2.1"), Reason: probe.UntriedAnswered},
				{Address: addr("192.0.2.2"), Reason: probe.UntriedAnswered},
			}},
			Sessions: []probe.Session{
				tried("2001:db8::1", nil),
				{Variant: probe.VariantFamily, Address: netip.MustParseAddrPort("192.0.2.1:25"),
					Source: netip.MustParseAddrPort("198.51.100.7:40002")},
			},
		}, "Address: [2001:db8::1]:25\nCompared: 192.0.2.1:25 · connected, see its transcript\nNot tried: 192.0.2.2 · " +
			"another address answered first\n"},
		{"comparison without connection", probe.Report{Sessions: []probe.Session{
			{Variant: probe.VariantFamily, Address: netip.MustParseAddrPort("192.0.2.1:25"),
				Failure: &probe.Failure{Kind: probe.KindRefused}},
		}}, "Compared: 192.0.2.1:25 · connection refused\n"},
		{"reasons gathered, denied ones counted", probe.Report{Lookup: probe.Lookup{Untried: []probe.Untried{
			{Address: addr("192.0.2.1"), Reason: probe.UntriedFamily}, {Address: addr("10.0.0.1"), Reason: probe.UntriedDenied},
			{Address: addr("192.0.2.2"), Reason: probe.UntriedFamily}, {Address: addr("192.0.2.3"), Reason: probe.UntriedLimit},
			{Address: addr("192.0.2.4"), Reason: probe.UntriedTime}, {Address: addr("192.0.2.5"), Reason: probe.UntriedStopped},
		}}}, "Not tried: 192.0.2.1, 192.0.2.2 · not of the IP version that was asked for\nNot tried: 1 address · not " +
			"allowed from here\n" +
			"Not tried: 192.0.2.3 · enough addresses were tried\nNot tried: 192.0.2.4 · the time was over\nNot tried: " +
			"192.0.2.5 · the test was stopped\n"},
		{"MX", probe.Report{Lookup: probe.Lookup{Name: "a.test", Answer: probe.AnswerNoData, Server: "192.0.2.53:53",
			MX: []probe.MX{{Preference: 10, Host: "mx.a.test"}}, MXOmitted: 3}},
			"DNS: a.test · no address (NODATA), asked 192.0.2.53:53\nMX: 10 mx.a.test\nMX: and 3 more\n"},
		{"alias", probe.Report{Lookup: probe.Lookup{Name: "a.test", Answer: probe.AnswerNoName, Alias: "b.test"}},
			"DNS: a.test · alias of b.test, no such name (NXDOMAIN)\n"},
	} {
		if got := rowText(lookupRows(&c.report)); got != c.want {
			t.Errorf("%s:\n%swant:\n%s", c.name, got, c.want)
		}
	}
}

// TestEveryAddressIsNamed holds every case to it: used, tried or not tried.
func TestEveryAddressIsNamed(t *testing.T) {
	for _, c := range cases(t) {
		synctest.Test(t, func(t *testing.T) {
			report, _ := probetest.Run(t.Context(), c)
			rows := rowText(lookupRows(&report))
			for _, a := range report.Lookup.Addresses {
				if !strings.Contains(rows, a.String()) && !denied(&report, a) {
					t.Errorf("%s: %s is named nowhere in:\n%s", c.Name, a, rows)
				}
			}
		})
	}
}

func cases(t *testing.T) []*probetest.Case {
	t.Helper()
	all, err := probetest.Cases()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func denied(r *probe.Report, a netip.Addr) bool {
	for _, u := range r.Lookup.Untried {
		if u.Address == a && u.Reason == probe.UntriedDenied {
			return true
		}
	}
	return false
}

// A denial must not tell which addresses a name has, or that it has any.
func TestDenialTellsNothing(t *testing.T) {
	r := probe.Report{
		Request: probe.Request{Target: probe.Target{Host: "db.corp.test", Port: 25}},
		Lookup: probe.Lookup{
			Name: "db.corp.test", Answer: probe.AnswerAddresses, Addresses: []netip.Addr{addr("10.20.30.40")},
			Untried: []probe.Untried{{Address: addr("10.20.30.40"), Reason: probe.UntriedDenied}},
			Failure: &probe.Failure{Phase: probe.PhaseGuard, Kind: probe.KindDenied, Detail: "private"},
		},
	}
	m := Result(diagnosis.Judge(&r), Terminal)
	for _, s := range m.Sections {
		if f, ok := s.(Facts); ok {
			t.Errorf("it says: %+v", f)
		}
	}
	if m.Verdict != "Not tested" || m.Tone != ToneRefused {
		t.Errorf("verdict is %q, %s", m.Verdict, m.Tone)
	}
}
