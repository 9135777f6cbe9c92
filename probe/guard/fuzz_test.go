package guard

import (
	"net/netip"
	"slices"
	"testing"

	"code.dny.dev/ssrf"
)

// seeds are all addresses of the tables, as octets.
func seeds(add func(data []byte)) {
	for _, tc := range carriers {
		add(netip.MustParseAddr(tc.addr).AsSlice())
	}
	for _, r := range namedRanges {
		add(r.prefix.Addr().AsSlice())
	}
	for _, prefix := range slices.Concat(ssrf.IPv4DeniedPrefixes, ssrf.IPv6DeniedPrefixes) {
		add(prefix.Addr().AsSlice())
	}
	for _, addr := range metadata {
		add(addr.AsSlice())
	}
	for _, s := range []string{"8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8"} {
		add(netip.MustParseAddr(s).AsSlice())
	}
}

// global is an oracle that shares only the registries with this package.
func global(addr netip.Addr) bool {
	if addr.Is4In6() || ssrf.IPv6NAT64Prefix.Contains(addr) {
		data := addr.As16()
		addr = netip.AddrFrom4([4]byte(data[12:]))
	}
	return ssrf.New().SafeAddr(addr) == nil && addr.IsGlobalUnicast() && !addr.IsPrivate() &&
		!addr.IsLoopback() && !addr.IsLinkLocalUnicast() && !addr.IsMulticast() && !addr.IsUnspecified()
}

func FuzzDefaultPolicyAllowsOnlyGlobalUnicast(f *testing.F) {
	seeds(func(data []byte) { f.Add(data, uint16(25)) })
	f.Fuzz(func(t *testing.T, data []byte, port uint16) {
		addr, ok := netip.AddrFromSlice(data)
		if !ok {
			return
		}
		allowed := Policy{}.Check(netip.AddrPortFrom(addr, port)) == nil
		if allowed && (!global(addr) || !slices.Contains(DefaultPorts(), port)) {
			t.Errorf("%v port %d was allowed", addr, port)
		}
		// The other way round: what the oracle lets pass is denied for two
		// reasons only.
		closed := isMetadata(addr.Unmap()) || len(carriedIPv4(addr)) > 0
		if !allowed && global(addr) && !closed && port == 25 {
			t.Errorf("%v was denied", addr)
		}
	})
}

func FuzzMappedFormIsNoWayAround(f *testing.F) {
	seeds(func(data []byte) { f.Add(data, data, byte(8)) })
	f.Fuzz(func(t *testing.T, data, network []byte, bits byte) {
		if len(data) != 4 {
			return
		}
		addr := netip.AddrFrom4([4]byte(data))
		p := Policy{Networks: oneNetwork(network, bits)}
		if plain, mapped := verdict(t, p, addr), verdict(t, p, netip.AddrFrom16(addr.As16())); plain != mapped {
			t.Errorf("%v with %v: rule %q, mapped %q", addr, p.Networks, plain, mapped)
		}
	})
}

func FuzzNetworksAllowNothingBesideThemselves(f *testing.F) {
	seeds(func(data []byte) { f.Add(data, data, byte(8)) })
	f.Fuzz(func(t *testing.T, data, network []byte, bits byte) {
		addr, ok := netip.AddrFromSlice(data)
		if !ok {
			return
		}
		p := Policy{Networks: oneNetwork(network, bits)}
		inside := slices.ContainsFunc(p.Networks, func(n netip.Prefix) bool { return n.Contains(addr.Unmap()) })
		before, after := verdict(t, Policy{}, addr), verdict(t, p, addr)
		if before == "" && after != "" {
			t.Errorf("%v: listing %v closed it", addr, p.Networks)
		}
		if before != "" && after == "" && !inside {
			t.Errorf("%v: listing %v opened it", addr, p.Networks)
		}
	})
}

// oneNetwork makes a network of any octets, none when they are no address.
func oneNetwork(data []byte, bits byte) []netip.Prefix {
	addr, ok := netip.AddrFromSlice(data)
	if !ok {
		return nil
	}
	return []netip.Prefix{netip.PrefixFrom(addr, int(bits)%(addr.BitLen()+1))}
}
