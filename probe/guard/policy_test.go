package guard

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
)

func TestCheckPort(t *testing.T) {
	for _, tc := range []struct {
		policy Policy
		port   uint16
		want   bool
	}{
		{Policy{}, 25, true}, {Policy{}, 465, true}, {Policy{}, 587, true}, {Policy{}, 2525, true},
		{Policy{}, 0, false}, {Policy{}, 24, false}, {Policy{}, 26, false}, {Policy{}, 80, false}, {Policy{}, 65535, false},
		{Policy{Ports: []uint16{1025}}, 1025, true},
		{Policy{Ports: []uint16{1025}}, 1026, false},
		{Policy{Ports: []uint16{1025}}, 25, true},
		{Policy{Ports: []uint16{0}}, 0, false},
		{Policy{Open: true}, 80, true},
		{Policy{Open: true}, 0, false},
	} {
		err := tc.policy.CheckPort(tc.port)
		if (err == nil) != tc.want {
			t.Errorf("port %d with %+v: %v", tc.port, tc.policy, err)
		}
		var denied *Denied
		if err != nil && (!errors.As(err, &denied) || denied.Rule != RulePort || denied.Port != tc.port) {
			t.Errorf("port %d: %#v is not a Denied by the port rule", tc.port, err)
		}
	}
}

func TestThePortIsCheckedWithTheAddress(t *testing.T) {
	err := Policy{}.Check(netip.MustParseAddrPort("127.0.0.1:80"))
	var denied *Denied
	if !errors.As(err, &denied) || denied.Rule != RulePort || denied.Address.String() != "127.0.0.1" || denied.Port != 80 {
		t.Errorf("got %+v", err)
	}
}

func TestOpenAllowsAllButPortZeroAndNoAddress(t *testing.T) {
	open := Policy{Open: true}
	for _, s := range []string{"127.0.0.1:25", "169.254.169.254:80", "[fe80::1%eth0]:25", "[ff02::1]:1", "0.0.0.0:65535"} {
		if err := open.Check(netip.MustParseAddrPort(s)); err != nil {
			t.Errorf("%s: %v", s, err)
		}
	}
	if open.Check(netip.MustParseAddrPort("8.8.8.8:0")) == nil {
		t.Error("port 0 was allowed")
	}
	if got := verdict(t, open, netip.Addr{}); got != RuleInvalid {
		t.Errorf("the zero address: rule %q", got)
	}
}

func TestEveryRefusalIsOneSentenceWithoutTheAddress(t *testing.T) {
	for _, s := range []string{
		"8.8.8.8:80", "127.0.0.1:25", "10.0.0.1:25", "100.64.0.1:25", "169.254.9.9:25", "224.0.0.1:25", "192.0.2.1:25",
		"192.0.0.1:25", "0.0.0.1:25", "169.254.169.254:25", "[64:ff9b::10.0.0.1]:25", "[fe80::1%eth0]:25", "[4000::1]:25",
	} {
		ap := netip.MustParseAddrPort(s)
		err := Policy{}.Check(ap)
		if err == nil {
			t.Errorf("%s was allowed", s)
			continue
		}
		if text := err.Error(); strings.Contains(text, ap.Addr().String()) || strings.ContainsAny(text, "\n%") ||
			!strings.Contains(text, "may not be tested here") {
			t.Errorf("%s: %q", s, text)
		}
	}
}

// dial counts what a listener on loopback sees of a dial below a policy.
func dial(t *testing.T, allow func(netip.AddrPort) Policy) (connected bool, err error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	d := net.Dialer{ControlContext: allow(netip.MustParseAddrPort(l.Addr().String())).Control}
	conn, err := d.DialContext(context.Background(), "tcp", l.Addr().String())
	if err != nil {
		return false, err
	}
	return true, conn.Close()
}

func TestControlStopsTheDial(t *testing.T) {
	connected, err := dial(t, func(ap netip.AddrPort) Policy { return Policy{Ports: []uint16{ap.Port()}} })
	var denied *Denied
	if connected || !errors.As(err, &denied) {
		t.Fatalf("connected %v, error %v", connected, err)
	}
	if denied.Rule != RuleLoopback || denied.Address != netip.MustParseAddr("127.0.0.1") ||
		denied.Range.String() != "127.0.0.0/8" {
		t.Errorf("got %+v", denied)
	}
}

func TestControlStopsTheDialOnItsPort(t *testing.T) {
	_, err := dial(t, func(netip.AddrPort) Policy { return networks("127.0.0.0/8") })
	var denied *Denied
	if !errors.As(err, &denied) || denied.Rule != RulePort {
		t.Errorf("got %v", err)
	}
}

func TestControlLetsAListedDialThrough(t *testing.T) {
	connected, err := dial(t, func(ap netip.AddrPort) Policy {
		return Policy{Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}, Ports: []uint16{ap.Port()}}
	})
	if !connected || err != nil {
		t.Errorf("connected %v, error %v", connected, err)
	}
}

func TestControlRefusesWhatIsNotAnAddress(t *testing.T) {
	for _, s := range []string{"", "localhost:25", "/run/socket", "8.8.8.8", "8.8.8.8:smtp"} {
		var denied *Denied
		if err := (Policy{Open: true}).Control(t.Context(), "tcp", s, nil); !errors.As(err, &denied) ||
			denied.Rule != RuleInvalid {
			t.Errorf("%q: %v", s, err)
		}
	}
}

func TestDefaultPortsCannotBeChangedByACaller(t *testing.T) {
	DefaultPorts()[0] = 80
	if !slices.Equal(DefaultPorts(), []uint16{25, 465, 587, 2525}) {
		t.Errorf("got %v", DefaultPorts())
	}
}

// TestOwnDeniedAndTranslated are the networks that only the operator knows.
func TestOwnDeniedAndTranslated(t *testing.T) {
	own := func() []netip.Addr { return []netip.Addr{netip.MustParseAddr("198.41.0.4")} }
	prefix := func(s ...string) (out []netip.Prefix) {
		for _, p := range s {
			out = append(out, netip.MustParsePrefix(p))
		}
		return out
	}
	site := prefix("2606:4700::/32", "2606:4701:100::/40", "2606:4702:1::/48", "2606:4703:1:200::/56",
		"2606:4704:1:2::/64", "2606:4705::/96")
	for _, tc := range []struct {
		name, addr string
		policy     Policy
		want       Rule
	}{
		{"own address", "198.41.0.4", Policy{Own: own}, RuleOwn},
		{"own address, mapped", "::ffff:198.41.0.4", Policy{Own: own}, RuleOwn},
		{"own address inside NAT64", "64:ff9b::198.41.0.4", Policy{Own: own}, RuleOwn},
		{"own address, listed", "198.41.0.4", Policy{Own: own, Networks: prefix("198.41.0.4/32")}, ""},
		{"the neighbour", "198.41.0.5", Policy{Own: own}, ""},
		{"denied", "8.8.8.8", Policy{Denied: prefix("8.8.8.0/24")}, RuleDenied},
		{"denied and listed", "8.8.8.8", Policy{Denied: prefix("8.8.8.0/24"), Networks: prefix("8.8.8.8/32")}, RuleDenied},
		{"denied though all is open", "8.8.8.8", Policy{Denied: prefix("8.8.8.0/24"), Open: true}, RuleDenied},
		{"denied, mapped", "::ffff:8.8.8.8", Policy{Denied: prefix("8.8.8.0/24")}, RuleDenied},
		{"denied inside NAT64", "64:ff9b::8.8.8.8", Policy{Denied: prefix("8.8.8.0/24"), Open: true}, RuleDenied},
		{"denied inside the site's NAT64", "2606:4705::8.8.8.8", Policy{Denied: prefix("8.8.8.0/24"), NAT64: site},
			RuleDenied},
		{"denied IPv6", "2606:4700::1", Policy{Denied: prefix("2606:4700::/32")}, RuleDenied},
		{"site /32, private", "2606:4700:a01:203::", Policy{NAT64: site}, RulePrivate},
		{"site /40, private", "2606:4701:10a:102:3::", Policy{NAT64: site}, RulePrivate},
		{"site /48, private", "2606:4702:1:a01:2:300::", Policy{NAT64: site}, RulePrivate},
		{"site /56, private", "2606:4703:1:20a:1:203::", Policy{NAT64: site}, RulePrivate},
		{"site /64, private", "2606:4704:1:2:a:102:300::", Policy{NAT64: site}, RulePrivate},
		{"site /96, metadata", "2606:4705::a9fe:a9fe", Policy{NAT64: site}, RuleMetadata},
		{"site /96, public", "2606:4705::8.8.8.8", Policy{NAT64: site}, ""},
		{"without the site's prefix", "2606:4705::a9fe:a9fe", Policy{}, ""},
	} {
		if got := verdict(t, tc.policy, netip.MustParseAddr(tc.addr)); got != tc.want {
			t.Errorf("%s (%s): rule %q, want %q", tc.name, tc.addr, got, tc.want)
		}
	}
}

func TestCheckName(t *testing.T) {
	p := Policy{Suffixes: []string{"dc7.example.com"}, Names: []string{"mail", "smtp.corp.internal", ".k8s.local"}}
	for host, open := range map[string]bool{
		"smtp.example.com": true, "internal.example.com": true, "mx.test": true, "mycorp": false, "mail": true,
		"vault.corp.internal": false, "VAULT.Corp.Internal.": false, "internal": false, "smtp.corp.internal": true,
		"printer.local": false, "x.default.svc.cluster.local": false, "x.k8s.local": true, "router.home.arpa": false,
		"nas.lan": false, "a.localhost": false, "x.invalid": false, "db.dc7.example.com": false, "dc7.example.com.": false,
		"xdc7.example.com": true,
	} {
		if got := p.CheckName(host) == nil; got != open {
			t.Errorf("%s: may be looked up: %t", host, got)
		}
	}
	if (Policy{Open: true}).CheckName("nas.lan") != nil {
		t.Error("the terminal may look up what its machine may")
	}
}

// TestReachesItself asks about the addresses that this machine really has.
func TestReachesItself(t *testing.T) {
	all, err := net.InterfaceAddrs()
	if err != nil {
		t.Skip("the interfaces cannot be listed here")
	}
	for _, a := range all {
		prefix, err := netip.ParsePrefix(a.String())
		if err != nil || prefix.Addr().IsLinkLocalUnicast() { // closed by its range
			continue
		}
		if !reachesItself(prefix.Addr()) {
			t.Errorf("%s is not known as an address of this machine", prefix.Addr())
		}
	}
	if reachesItself(netip.MustParseAddr("198.41.0.4")) {
		t.Error("the address of another machine is taken for our own")
	}
}
