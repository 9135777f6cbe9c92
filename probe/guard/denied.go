package guard

import (
	"fmt"
	"net/netip"
)

// Denied says that an address or a port may not be dialled, and by which
// rule.
type Denied struct {
	Address netip.Addr   // as it was to be dialled; zero: refused before there was one
	Port    uint16       // as it was to be dialled
	Rule    Rule         // the rule that fired first
	Range   netip.Prefix // the range behind the rule; zero for rules that are about none
	Carried netip.Addr   // the IPv4 address inside Address that the rule is about; zero: Address itself
}

// Rule is the stable id of one rule.
type Rule string

// The rules, in the order in which they are asked.
const (
	RulePort     Rule = "port"     // neither a default port nor one that the operator listed
	RuleDenied   Rule = "denied"   // in a network that the operator closed
	RuleInvalid  Rule = "invalid"  // not an IP address and port
	RuleZone     Rule = "zone"     // an IPv6 zone ties it to one of our interfaces (RFC 4007 §11)
	RuleMetadata Rule = "metadata" // a cloud's metadata service: credentials of this machine
	// 0.0.0.0/8 and ::, which reach this machine (RFC 1122 §3.2.1.3, RFC 4291 §2.5.2)
	RuleUnspecified   Rule = "unspecified"
	RuleLoopback      Rule = "loopback"        // this machine (RFC 1122 §3.2.1.3, RFC 4291 §2.5.3)
	RulePrivate       Rule = "private"         // RFC 1918, RFC 4193, and the old site-local range (RFC 3879)
	RuleShared        Rule = "shared"          // carrier-grade NAT (RFC 6598)
	RuleLinkLocal     Rule = "link-local"      // RFC 3927, RFC 4291 §2.5.6
	RuleMulticast     Rule = "multicast"       // RFC 5771, RFC 4291 §2.7
	RuleBroadcast     Rule = "broadcast"       // 255.255.255.255 (RFC 919 §7)
	RuleDocumentation Rule = "documentation"   // RFC 5737, RFC 3849, RFC 9637
	RuleSpecial       Rule = "special-purpose" // another entry of the IANA special-purpose registries (RFC 6890)
	RuleNotGlobal     Rule = "not-global"      // IPv6 outside 2000::/3 (RFC 4291 §2.4)
	RuleOwn           Rule = "own"             // of this machine's interfaces, though public
	// a name under a suffix that is never public (see Policy.CheckName)
	RuleName Rule = "name"
)

// Error is one sentence without the address: where a name points to inside
// a private network is not revealed to whoever asks.
func (d *Denied) Error() string {
	if d.Rule == RulePort {
		return fmt.Sprintf("port %d may not be tested here: use 25, 465, 587 or 2525, or have the operator allow it", d.Port)
	}
	return "the address may not be tested here: it is " + d.Rule.what() +
		"; test a public address, or have the operator allow its network"
}

// what ends the sentence "it is …".
func (r Rule) what() string {
	switch r {
	case RuleInvalid:
		return "not an IP address"
	case RuleZone:
		return "bound to a network interface"
	case RuleMetadata:
		return "a cloud metadata service"
	case RuleUnspecified, RuleLoopback, RuleOwn:
		return "this machine itself"
	case RuleDenied:
		return "on a network that the operator closed"
	case RulePrivate, RuleShared, RuleName:
		return "on a private network"
	case RuleLinkLocal:
		return "link-local"
	case RuleMulticast, RuleBroadcast:
		return "a group of machines"
	case RuleDocumentation:
		return "reserved for documentation"
	}
	return "reserved for a special purpose"
}
