package probe_test

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"smtptest/probe"
	"smtptest/probe/resolve"
)

// inside is a resolver with a view of a private network. It notes what it is
// asked.
type inside struct {
	addresses map[string]string
	why       resolve.Explanation
	err       error // nil: the name does not exist
	asked     []string
}

// Addresses implements probe.Resolver.
func (z *inside) Addresses(_ context.Context, host string) ([]netip.Addr, error) {
	z.asked = append(z.asked, host)
	if a := z.addresses[host]; a != "" {
		return []netip.Addr{netip.MustParseAddr(a)}, nil
	}
	if z.err != nil {
		return nil, z.err
	}
	return nil, &net.DNSError{Err: "no such host", Name: host, Server: "10.255.255.53:53", IsNotFound: true}
}

// Why implements probe.Resolver.
func (z *inside) Why(context.Context, string) resolve.Explanation { return z.why }

// TestDNSKeepsTheInsideInside: with the bot's policy neither names nor
// addresses of the private network are in a report, and what is private is not
// even asked about.
func TestDNSKeepsTheInsideInside(t *testing.T) {
	mx := func(hosts ...string) (e resolve.Explanation) {
		e.Answer, e.Server = resolve.NoData, "10.255.255.53:53"
		for _, h := range hosts {
			e.MX = append(e.MX, resolve.MX{Preference: 10, Host: h})
		}
		return e
	}
	for _, tt := range []struct {
		host  string
		zone  inside
		asked int
		want  string // of the report's MX and alias
	}{
		{"vault.corp.internal", inside{addresses: map[string]string{"vault.corp.internal": "10.1.2.3"}}, 0, ""},
		{"nothere.corp.internal", inside{}, 0, ""},
		{"x.default.svc.cluster.local", inside{}, 0, ""},
		{"example.com", inside{
			addresses: map[string]string{"mx.example.com": "8.8.8.8", "mail01.example.com": "10.1.2.4"},
			why: mx("mx.example.com", "mail01.example.com", "exch02.corp.internal",
				"gone.example.com", "8.8.4.4", "10.1.2.5"),
		}, 4, "[{10 mx.example.com} {10 8.8.4.4}] "},
		{"null.example.com", inside{why: mx(".")}, 1, "[{10 .}] "},
		{"a.example.com", inside{
			why: resolve.Explanation{Answer: resolve.NoName, Alias: "bastion-42.corp.internal"}}, 1, "[] "},
		{"b.example.com", inside{why: resolve.Explanation{Answer: resolve.NoName, Alias: "gone.example.net"}}, 1,
			"[] gone.example.net"},
		{"c.example.com", inside{err: &net.DNSError{
			Err: "dial udp 10.9.9.9:53: connect: connection refused", Name: "c.example.com", Server: "10.255.255.53:53",
			IsTemporary: true}}, 1, "[] "},
	} {
		l := probe.Local{Resolver: &tt.zone}
		r, err := l.Probe(t.Context(), probe.Request{Target: probe.Target{Host: tt.host, Port: 25}}, probe.Hooks{})
		if err != nil {
			t.Fatal(err)
		}
		if len(tt.zone.asked) != tt.asked {
			t.Errorf("%s: asked about %q", tt.host, tt.zone.asked)
		}
		if f := r.Lookup.Failure; (f.Kind == probe.KindDenied) != (tt.asked == 0) {
			t.Errorf("%s: %+v", tt.host, f)
		}
		if got := fmt.Sprintf("%v %s", r.Lookup.MX, r.Lookup.Alias); tt.want != "" && got != tt.want {
			t.Errorf("%s: %q, want %q", tt.host, got, tt.want)
		}
		all := fmt.Sprintf("%+v %+v", r, r.Lookup.Failure)
		for _, private := range []string{"10.1.2.", "10.255.", "10.9.9.9", "exch02", "bastion"} {
			if strings.Contains(all, private) {
				t.Errorf("%s: %s is in the report: %s", tt.host, private, all)
			}
		}
	}
	given := &inside{}
	nobody := func(context.Context, netip.AddrPort) (net.Conn, error) { return nil, net.ErrClosed }
	l := probe.Local{Resolver: given, Dial: nobody}
	_, err := l.Probe(t.Context(), probe.Request{
		Target: probe.Target{Host: "x.corp.internal", Port: 25}, At: netip.MustParseAddr("8.8.8.8"),
	}, probe.Hooks{})
	if err != nil || slices.Contains(given.asked, "x.corp.internal") {
		t.Errorf("%v, asked %q", err, given.asked)
	}
}
