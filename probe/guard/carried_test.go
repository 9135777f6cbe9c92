package guard

import (
	"errors"
	"net/netip"
	"testing"
)

var carriers = []struct {
	name   string
	addr   string
	policy Policy
	want   Rule
	inner  string // the IPv4 address that the rule is about
}{
	{"mapped, loopback", "::ffff:127.0.0.1", Policy{}, RuleLoopback, ""},
	{"mapped, public", "::ffff:8.8.8.8", Policy{}, "", ""},
	{"mapped, metadata", "::ffff:169.254.169.254", networks("169.254.0.0/16"), RuleMetadata, ""},

	{"NAT64, public", "64:ff9b::8.8.8.8", Policy{}, "", ""},
	{"NAT64, loopback", "64:ff9b::127.0.0.1", Policy{}, RuleLoopback, "127.0.0.1"},
	{"NAT64, metadata", "64:ff9b::169.254.169.254", Policy{}, RuleMetadata, "169.254.169.254"},
	{"NAT64, only IPv4 listed", "64:ff9b::10.1.2.3", networks("10.0.0.0/8"), RulePrivate, "10.1.2.3"},
	{"NAT64, only IPv6 listed", "64:ff9b::10.1.2.3", networks("64:ff9b::/96"), RulePrivate, "10.1.2.3"},
	{"NAT64, both listed", "64:ff9b::10.1.2.3", networks("64:ff9b::/96", "10.0.0.0/8"), "", ""},
	{"NAT64, both listed, metadata", "64:ff9b::169.254.169.254", networks("64:ff9b::/96", "169.254.0.0/16"), RuleMetadata,
		"169.254.169.254"},

	{"local NAT64, public", "64:ff9b:1::8.8.8.8", Policy{}, RuleSpecial, ""},
	{"local NAT64, /48 listed", "64:ff9b:1::8.8.8.8", networks("64:ff9b:1::/48"), RuleSpecial, ""},
	{"local NAT64, /96 listed", "64:ff9b:1::8.8.8.8", networks("64:ff9b:1::/96"), "", ""},
	{"local NAT64, /96 listed, private", "64:ff9b:1::10.1.2.3", networks("64:ff9b:1::/96"), RulePrivate, "10.1.2.3"},
	{"local NAT64, other /96", "64:ff9b:1:1::8.8.8.8", networks("64:ff9b:1::/96"), RuleSpecial, ""},

	{"compatible, public", "::8.8.8.8", Policy{}, RuleNotGlobal, ""},
	{"compatible, private", "::10.1.2.3", Policy{}, RulePrivate, "10.1.2.3"},
	{"compatible, listed, private", "::10.1.2.3", networks("::/96"), RulePrivate, "10.1.2.3"},
	{"translated, listed, private", "::ffff:0:10.1.2.3", networks("::/0"), RulePrivate, "10.1.2.3"},

	{"6to4, public", "2002:808:808::1", Policy{}, RuleSpecial, ""},
	{"6to4, loopback", "2002:7f00:1::1", Policy{}, RuleLoopback, "127.0.0.1"},
	{"6to4, listed, public", "2002:808:808::1", networks("2002::/16"), "", ""},
	{"6to4, listed, private", "2002:a01:203::1", networks("2002::/16"), RulePrivate, "10.1.2.3"},

	{"Teredo, public", "2001:0:808:808:0:ffff:f7f7:f7f7", Policy{}, RuleSpecial, ""},
	{"Teredo, private client", "2001:0:808:808:0:ffff:f5fe:fdfc", networks("2001::/32"), RulePrivate, "10.1.2.3"},
	{"Teredo, private server", "2001:0:a01:203:0:ffff:f7f7:f7f7", networks("2001::/32"), RulePrivate, "10.1.2.3"},
	{"Teredo, listed, public", "2001:0:808:808:0:ffff:f7f7:f7f7", networks("2001::/32"), "", ""},

	{"ISATAP, private", "2606:4700::5efe:10.1.2.3", Policy{}, RulePrivate, "10.1.2.3"},
	{"ISATAP, universal bit, loopback", "2606:4700::200:5efe:127.0.0.1", Policy{}, RuleLoopback, "127.0.0.1"},
	{"ISATAP, public", "2606:4700::5efe:8.8.8.8", Policy{}, "", ""},
	{"ISATAP inside NAT64's neighbour", "64:ff9b::1:5efe:8.8.8.8", Policy{}, RuleNotGlobal, ""},
	{"ISATAP in 6to4, second address private", "2002:808:808::5efe:10.1.2.3", networks("2002::/16"), RulePrivate,
		"10.1.2.3"},
	{"no ISATAP: other identifier", "2606:4700::5eff:10.1.2.3", Policy{}, "", ""},
}

func TestCarriedIPv4(t *testing.T) {
	for _, tc := range carriers {
		addr := netip.MustParseAddr(tc.addr)
		if got := verdict(t, tc.policy, addr); got != tc.want {
			t.Errorf("%s (%s): rule %q, want %q", tc.name, tc.addr, got, tc.want)
			continue
		}
		var denied *Denied
		errors.As(tc.policy.Check(netip.AddrPortFrom(addr, 25)), &denied)
		if tc.inner == "" && denied != nil && denied.Carried.IsValid() {
			t.Errorf("%s: about %v, want the address itself", tc.name, denied.Carried)
		}
		if tc.inner != "" && denied.Carried != netip.MustParseAddr(tc.inner) {
			t.Errorf("%s: about %v, want %s", tc.name, denied.Carried, tc.inner)
		}
	}
}
