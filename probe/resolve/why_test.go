package resolve

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// say writes an Explanation in one line: answer, alias, records, omitted.
func say(e Explanation) string {
	words := []string{e.Answer}
	if e.Alias != "" {
		words = append(words, "alias "+e.Alias)
	}
	for _, mx := range e.MX {
		words = append(words, fmt.Sprintf("%d %s", mx.Preference, mx.Host))
	}
	if e.MXOmitted > 0 {
		words = append(words, fmt.Sprintf("+%d", e.MXOmitted))
	}
	return strings.Join(words, ", ")
}

func TestWhy(t *testing.T) {
	f := serve(t, zone(
		"domain.test. MX 20 b.test.", "domain.test. MX 10 c.test.", "domain.test. MX 10 a.test.",
		"domain.test. MX 10 A.test.",
		"null.test. MX 0 .",
		"literal.test. MX 10 192.0.2.1.",
		"odd.test. MX 10 mail\\010\\027\\226\\128\\174.odd.test.",
		"alias.test. CNAME target.test.", "target.test. MX 5 mail.target.test.",
		"dangling.test. CNAME gone.test.",
		"loop.test. CNAME pool.test.",
		"long.test. MX 10 "+strings.TrimSuffix(strings.Repeat(strings.Repeat(`\255`, 60)+".", 4), "."),
	))
	for _, tc := range []struct{ host, want string }{
		{"gone.test", "nxdomain"},
		{"mail.empty", "nodata"},
		{"domain.test", "nodata, 10 A.test, 10 a.test, 10 c.test, 20 b.test"},
		{"DOMAIN.test.", "nodata, 10 A.test, 10 a.test, 10 c.test, 20 b.test"},
		{"null.test", "nodata, 0 ."},
		{"literal.test", "nodata, 10 192.0.2.1"},
		{"odd.test", `nodata, 10 mail\010\027\226\128\174.odd.test`},
		{"alias.test", "nodata, alias target.test, 5 mail.target.test"},
		{"dangling.test", "nxdomain, alias gone.test"},
		{"long.test", "nodata, 10 " + strings.Repeat(strings.Repeat(`\255`, 60)+".", 4)[:maxHostOctets] + "…"},
	} {
		got := At(f.at).Why(t.Context(), tc.host)
		if say(got) != tc.want {
			t.Errorf("%s: %s; want %s", tc.host, say(got), tc.want)
		}
		if got.Server != f.at.String() {
			t.Errorf("%s: server %q", tc.host, got.Server)
		}
	}
	if n := len(f.questions()); n != 10 {
		t.Errorf("%d questions for 10 names: %q", n, f.questions())
	}
}

func TestWhyAsksAgainOverTCPWhenTruncated(t *testing.T) {
	whole := zone(many(25)...)
	f := serve(t, func(w dns.ResponseWriter, q *dns.Msg) {
		if overTCP(w) {
			whole(w, q)
			return
		}
		m := new(dns.Msg).SetReply(q)
		m.Truncated = true
		w.WriteMsg(m)
	})
	got := At(f.at).Why(t.Context(), "many.test")
	if len(got.MX) != maxMX || got.MXOmitted != 5 || got.MX[0].Preference != 1 || got.MX[19].Preference != 20 {
		t.Errorf("got %s", say(got))
	}
	if want := []string{"many.test. MX", "many.test. MX tcp"}; !slices.Equal(f.questions(), want) {
		t.Errorf("asked %q", f.questions())
	}
}

func TestWhySERVFAIL(t *testing.T) {
	working := zone("signed.test. MX 10 mail.signed.test.")
	bogus := func(w dns.ResponseWriter, q *dns.Msg) {
		if q.CheckingDisabled {
			working(w, q)
			return
		}
		code(dns.RcodeServerFailure)(w, q)
	}
	for _, tc := range []struct {
		name   string
		answer dns.HandlerFunc
		want   string
		asked  []string
	}{
		{"works unchecked", bogus, "bogus", []string{"signed.test. MX", "signed.test. MX cd"}},
		{"fails always", code(dns.RcodeServerFailure), "servfail", []string{"signed.test. MX", "signed.test. MX cd"}},
		{"refuses", code(dns.RcodeRefused), "unknown", []string{"signed.test. MX"}},
		{"does not implement", code(dns.RcodeNotImplemented), "unknown", []string{"signed.test. MX"}},
	} {
		f := serve(t, tc.answer)
		if got := At(f.at).Why(t.Context(), "signed.test"); say(got) != tc.want {
			t.Errorf("%s: %s, want %s", tc.name, say(got), tc.want)
		}
		if !slices.Equal(f.questions(), tc.asked) {
			t.Errorf("%s: asked %q, want %q", tc.name, f.questions(), tc.asked)
		}
	}
}

func TestWhyAsksServersInTurn(t *testing.T) {
	good := zone("mail.test. MX 10 a.test.")
	for _, tc := range []struct {
		name          string
		first, second dns.HandlerFunc
		want          string
		by            int // whose answer it is
	}{
		{"first answers", good, code(dns.RcodeServerFailure), "nodata, 10 a.test", 0},
		{"first fails", code(dns.RcodeServerFailure), good, "nodata, 10 a.test", 1},
		{"first is silent", silence, good, "nodata, 10 a.test", 1},
		{"refused and failed", code(dns.RcodeRefused), code(dns.RcodeServerFailure), "servfail", 1},
		{"failed and silent", code(dns.RcodeServerFailure), silence, "servfail", 0},
		{"both silent", silence, silence, "timeout", 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			servers := []netip.AddrPort{serve(t, tc.first).at, serve(t, tc.second).at}
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			got := At(servers...).Why(ctx, "mail.test")
			if say(got) != tc.want || got.Server != servers[tc.by].String() {
				t.Errorf("%s from %s, want %s from %v", say(got), got.Server, tc.want, servers[tc.by])
			}
		})
	}
}

func TestWhyAsksNoMoreThanTwoServers(t *testing.T) {
	third := serve(t, zone())
	servers := []netip.AddrPort{serve(t, code(dns.RcodeRefused)).at, serve(t, code(dns.RcodeRefused)).at, third.at}
	if got := At(servers...).Why(t.Context(), "mail.test"); got.Answer != Unknown || len(third.questions()) > 0 {
		t.Errorf("got %s, third was asked %q", say(got), third.questions())
	}
}

func TestAfterALookupThatFailed(t *testing.T) {
	for _, tc := range []struct {
		answer string
		err    error
		want   string
	}{
		{NoData, &net.DNSError{IsNotFound: true}, NoData},
		{NoData, &net.DNSError{IsTimeout: true, IsTemporary: true}, Timeout},
		{NoData, &net.DNSError{IsTemporary: true}, ServFail},
		{NoData, fmt.Errorf("wrapped: %w", &net.DNSError{}), Unknown},
		{NoData, nil, NoData},
		{NoData, errors.New("another"), NoData},
		{NoName, &net.DNSError{IsTimeout: true}, NoName},
		{Bogus, &net.DNSError{IsTemporary: true}, Bogus},
	} {
		if got := (Explanation{Answer: tc.answer}).After(tc.err); got.Answer != tc.want {
			t.Errorf("%s after %+v: %s, want %s", tc.answer, tc.err, got.Answer, tc.want)
		}
	}
}

func TestNameServersOfTheSystem(t *testing.T) {
	for _, tc := range []struct {
		addresses []string
		want      string
	}{
		{nil, "[127.0.0.1:53]"},
		{[]string{"192.0.2.1"}, "[192.0.2.1:53]"},
		{[]string{"192.0.2.1", "2001:db8::1", "192.0.2.3"}, "[192.0.2.1:53 [2001:db8::1]:53]"},
		{[]string{"fe80::1%eth0", "name.test"}, "[[fe80::1%eth0]:53]"},
		{[]string{"name.test"}, "[]"},
	} {
		if got := fmt.Sprint(listed(tc.addresses)); got != tc.want {
			t.Errorf("%q: %s, want %s", tc.addresses, got, tc.want)
		}
	}
}

func TestWhyWithoutAListOfNameServers(t *testing.T) {
	f := serve(t, zone("domain.test. MX 20 b.test.", "domain.test. MX 10 a.test.", "null.test. MX 0 ."))
	r := At(f.at)
	r.servers = []netip.AddrPort{}
	for host, want := range map[string]string{
		"domain.test": "unknown, 10 a.test, 20 b.test",
		"null.test":   "unknown, 0 .",
		"gone.test":   "unknown",
	} {
		if got := r.Why(t.Context(), host); say(got) != want || got.Server != "" {
			t.Errorf("%s: %s from %q, want %s", host, say(got), got.Server, want)
		}
	}
}
