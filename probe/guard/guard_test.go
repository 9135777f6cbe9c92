package guard

import (
	"errors"
	"net/netip"
	"testing"
)

// verdict is the rule that fired, empty when the address may be dialled.
func verdict(t testing.TB, p Policy, addr netip.Addr) Rule {
	t.Helper()
	err := p.Check(netip.AddrPortFrom(addr, 25))
	if err == nil {
		return ""
	}
	var denied *Denied
	if !errors.As(err, &denied) {
		t.Fatalf("%v: %T is not a *Denied", addr, err)
	}
	if denied.Address != addr || denied.Port != 25 {
		t.Errorf("%v: Denied is about %v port %d", addr, denied.Address, denied.Port)
	}
	return denied.Rule
}

func networks(prefixes ...string) Policy {
	var p Policy
	for _, s := range prefixes {
		p.Networks = append(p.Networks, netip.MustParsePrefix(s))
	}
	return p
}

func TestEdgesOfClosedRanges(t *testing.T) {
	for _, tc := range []struct {
		first, last   string
		rule          Rule
		before, after Rule // of the neighbours
	}{
		{"0.0.0.0", "0.255.255.255", RuleUnspecified, RuleInvalid, ""},
		{"10.0.0.0", "10.255.255.255", RulePrivate, "", ""},
		{"100.64.0.0", "100.127.255.255", RuleShared, "", ""},
		{"127.0.0.0", "127.255.255.255", RuleLoopback, "", ""},
		{"169.254.0.0", "169.254.255.255", RuleLinkLocal, "", ""},
		{"172.16.0.0", "172.31.255.255", RulePrivate, "", ""},
		{"192.0.0.0", "192.0.0.255", RuleSpecial, "", ""},
		{"192.0.2.0", "192.0.2.255", RuleDocumentation, "", ""},
		{"192.31.196.0", "192.31.196.255", RuleSpecial, "", ""},
		{"192.52.193.0", "192.52.193.255", RuleSpecial, "", ""},
		{"192.88.99.0", "192.88.99.255", RuleSpecial, "", ""},
		{"192.168.0.0", "192.168.255.255", RulePrivate, "", ""},
		{"192.175.48.0", "192.175.48.255", RuleSpecial, "", ""},
		{"198.18.0.0", "198.19.255.255", RuleSpecial, "", ""},
		{"198.51.100.0", "198.51.100.255", RuleDocumentation, "", ""},
		{"203.0.113.0", "203.0.113.255", RuleDocumentation, "", ""},
		{"224.0.0.0", "239.255.255.255", RuleMulticast, "", RuleSpecial},
		{"240.0.0.0", "255.255.255.254", RuleSpecial, RuleMulticast, RuleBroadcast},
		{"255.255.255.255", "255.255.255.255", RuleBroadcast, RuleSpecial, RuleInvalid},
		{"168.63.129.16", "168.63.129.16", RuleMetadata, "", ""},
		{"100.100.100.200", "100.100.100.200", RuleMetadata, RuleShared, RuleShared},
		{"169.254.169.254", "169.254.169.254", RuleMetadata, RuleMetadata, RuleLinkLocal},
		{"192.0.0.192", "192.0.0.192", RuleMetadata, RuleSpecial, RuleSpecial},

		{"::", "::", RuleUnspecified, RuleInvalid, RuleLoopback},
		{"::1", "::1", RuleLoopback, RuleUnspecified, RuleUnspecified},
		{"64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", RuleUnspecified, RuleNotGlobal, RuleNotGlobal},
		{"100::", "100::ffff:ffff:ffff:ffff", RuleNotGlobal, RuleNotGlobal, RuleNotGlobal},
		{"2001:1::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", RuleSpecial, RuleUnspecified, ""},
		{"2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", RuleDocumentation, "", ""},
		{"2620:4f:8000::", "2620:4f:8000:ffff:ffff:ffff:ffff:ffff", RuleSpecial, "", ""},
		{"3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", RuleDocumentation, "", ""},
		{"4000::", "5fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", RuleNotGlobal, "", RuleNotGlobal},
		{"fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", RulePrivate, RuleNotGlobal, RuleNotGlobal},
		{"fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", RuleLinkLocal, RuleNotGlobal, RulePrivate},
		{"fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", RulePrivate, RuleLinkLocal, RuleMulticast},
		{"ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", RuleMulticast, RulePrivate, RuleInvalid},
		{"fd00:ec2::254", "fd00:ec2::254", RuleMetadata, RuleMetadata, RulePrivate},
		{"fd20:ce::254", "fd20:ce::254", RuleMetadata, RulePrivate, RulePrivate},
	} {
		first, last := netip.MustParseAddr(tc.first), netip.MustParseAddr(tc.last)
		for _, at := range []struct {
			addr netip.Addr
			want Rule
		}{{first.Prev(), tc.before}, {first, tc.rule}, {last, insideEnd(tc.rule, last)}, {last.Next(), tc.after}} {
			if got := verdict(t, Policy{}, at.addr); got != at.want {
				t.Errorf("%v: rule %q, want %q", at.addr, got, at.want)
			}
		}
	}
}

// insideEnd is the rule at the end of a range: there 64:ff9b:1::/48 carries
// another IPv4 address than at its beginning.
func insideEnd(rule Rule, last netip.Addr) Rule {
	if nat64Local.Contains(last) {
		return RuleBroadcast
	}
	return rule
}

func TestPublicAddressesAreAllowed(t *testing.T) {
	for _, s := range []string{
		"1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.0", "192.0.1.0", "223.255.255.255",
		"2000::", "2606:4700:4700::1111", "2a00:1450:4001:81c::200e", "3ffe:ffff::1",
	} {
		if got := verdict(t, Policy{}, netip.MustParseAddr(s)); got != "" {
			t.Errorf("%s: denied by %q", s, got)
		}
	}
}

func TestEveryMetadataServiceNeedsItsOwnEntry(t *testing.T) {
	wide := networks("0.0.0.0/0", "::/0")
	for _, addr := range metadata {
		near := Policy{Networks: []netip.Prefix{netip.PrefixFrom(addr, addr.BitLen()-1)}}
		own := Policy{Networks: []netip.Prefix{netip.PrefixFrom(addr, addr.BitLen())}}
		for name, p := range map[string]Policy{"default": {}, "wide": wide, "one bit too wide": near} {
			if got := verdict(t, p, addr); got != RuleMetadata {
				t.Errorf("%v, %s: rule %q, want metadata", addr, name, got)
			}
		}
		if got := verdict(t, own, addr); got != "" {
			t.Errorf("%v, own entry: denied by %q", addr, got)
		}
	}
}

func TestListedNetworks(t *testing.T) {
	for _, tc := range []struct {
		addr   string
		policy Policy
		want   Rule
	}{
		{"10.1.2.3", networks("10.1.0.0/16"), ""},
		{"10.1.255.255", networks("10.1.9.9/16"), ""},
		{"10.2.0.0", networks("10.1.0.0/16"), RulePrivate},
		{"::ffff:10.1.2.3", networks("10.1.0.0/16"), ""},
		{"::ffff:10.2.0.0", networks("10.1.0.0/16"), RulePrivate},
		{"10.1.2.3", networks("::ffff:10.1.0.0/112"), RulePrivate},
		{"10.1.2.3", networks("::/0"), RulePrivate},
		{"127.0.0.1", networks("127.0.0.0/8"), ""},
		{"::1", networks("::1/128"), ""},
		{"::1", networks("::/0"), ""},
		{"fd12::1", networks("fd12::/16"), ""},
		{"fd13::1", networks("fd12::/16"), RulePrivate},
		{"fe80::1%eth0", networks("fe80::/10"), RuleZone},
		{"8.8.8.8", networks("10.0.0.0/8"), ""},
	} {
		if got := verdict(t, tc.policy, netip.MustParseAddr(tc.addr)); got != tc.want {
			t.Errorf("%s with %v: rule %q, want %q", tc.addr, tc.policy.Networks, got, tc.want)
		}
	}
}
