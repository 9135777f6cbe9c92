package guard

import (
	"net/netip"

	"code.dny.dev/ssrf"
)

// closed is a range that is not public unicast.
type closed struct {
	rule   Rule
	prefix netip.Prefix
}

// nat64WellKnown carries public IPv4 addresses only (RFC 6052 §3.1) and is
// globally reachable by the IANA registry. It is how a network without IPv4
// reaches IPv4, so it is as open as the IPv4 address that it carries.
var nat64WellKnown = netip.MustParsePrefix("64:ff9b::/96")

// nat64Local is for translators inside one network (RFC 8215).
var nat64Local = netip.MustParsePrefix("64:ff9b:1::/48")

// closedRange finds the range that closes an address. The specific rules
// come first, so that a refusal is named by what the address is.
func closedRange(addr netip.Addr) (closed, bool) {
	if isMetadata(addr) {
		return closed{RuleMetadata, netip.PrefixFrom(addr, addr.BitLen())}, true
	}
	for _, r := range namedRanges {
		if r.prefix.Contains(addr) {
			return r, true
		}
	}
	registry := ssrf.IPv4DeniedPrefixes
	if addr.Is6() {
		registry = ssrf.IPv6DeniedPrefixes
	}
	for _, prefix := range registry {
		if prefix.Contains(addr) {
			return closed{RuleSpecial, prefix}, true
		}
	}
	if addr.Is6() && !ssrf.IPv6GlobalUnicast.Contains(addr) && !nat64WellKnown.Contains(addr) {
		return closed{rule: RuleNotGlobal}, true
	}
	return closed{}, false
}

// namedRanges are those that have a rule of their own; a narrow range stands
// before the wide one that holds it.
var namedRanges = []closed{
	{RuleUnspecified, netip.MustParsePrefix("0.0.0.0/8")},
	{RuleLoopback, netip.MustParsePrefix("127.0.0.0/8")},
	{RulePrivate, netip.MustParsePrefix("10.0.0.0/8")},
	{RulePrivate, netip.MustParsePrefix("172.16.0.0/12")},
	{RulePrivate, netip.MustParsePrefix("192.168.0.0/16")},
	{RuleShared, netip.MustParsePrefix("100.64.0.0/10")},
	{RuleLinkLocal, netip.MustParsePrefix("169.254.0.0/16")},
	{RuleMulticast, netip.MustParsePrefix("224.0.0.0/4")},
	{RuleBroadcast, netip.MustParsePrefix("255.255.255.255/32")},
	{RuleDocumentation, netip.MustParsePrefix("192.0.2.0/24")},
	{RuleDocumentation, netip.MustParsePrefix("198.51.100.0/24")},
	{RuleDocumentation, netip.MustParsePrefix("203.0.113.0/24")},

	{RuleUnspecified, netip.MustParsePrefix("::/128")},
	{RuleLoopback, netip.MustParsePrefix("::1/128")},
	{RulePrivate, netip.MustParsePrefix("fc00::/7")},
	{RulePrivate, netip.MustParsePrefix("fec0::/10")},
	{RuleLinkLocal, netip.MustParsePrefix("fe80::/10")},
	{RuleMulticast, netip.MustParsePrefix("ff00::/8")},
	{RuleDocumentation, netip.MustParsePrefix("2001:db8::/32")},
	{RuleDocumentation, netip.MustParsePrefix("3fff::/20")},
	{RuleSpecial, nat64Local},
}

// isMetadata reports whether an address is known as a service that hands
// out credentials or configuration of this machine to whoever connects.
// Where the vendor's manual is the only source, its name stands beside it.
func isMetadata(addr netip.Addr) bool {
	for _, known := range metadata {
		if addr == known {
			return true
		}
	}
	return false
}

var metadata = []netip.Addr{
	netip.MustParseAddr("169.254.169.254"), // AWS, Google, Azure, Oracle, OpenStack, DigitalOcean, Hetzner and others
	netip.MustParseAddr("169.254.169.253"), // AWS: the VPC's resolver
	netip.MustParseAddr("169.254.170.2"),   // AWS: credentials of ECS tasks
	netip.MustParseAddr("169.254.170.23"),  // AWS: credentials of EKS pods
	netip.MustParseAddr("169.254.0.23"),    // Tencent
	netip.MustParseAddr("169.254.42.42"),   // Scaleway
	netip.MustParseAddr("168.63.129.16"),   // Azure: host agent, on an address that looks public
	netip.MustParseAddr("100.100.100.200"), // Alibaba
	netip.MustParseAddr("100.96.0.96"),     // Volcano Engine
	netip.MustParseAddr("192.0.0.192"),     // Oracle, older regions

	netip.MustParseAddr("fd00:ec2::254"),      // AWS
	netip.MustParseAddr("fd00:ec2::253"),      // AWS: the VPC's resolver
	netip.MustParseAddr("fd00:ec2::23"),       // AWS: credentials of EKS pods
	netip.MustParseAddr("fd20:ce::254"),       // Google
	netip.MustParseAddr("fd00:c1::a9fe:a9fe"), // Oracle
	netip.MustParseAddr("fd00:42::42"),        // Scaleway
	netip.MustParseAddr("fe80::a9fe:a9fe"),    // OpenStack
}
