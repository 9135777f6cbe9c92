package guard

import (
	"encoding/binary"
	"net/netip"
	"slices"
)

// The IPv6 ranges that carry IPv4 addresses. ISATAP has no range of its own.
var (
	ipv4Compatible = netip.MustParsePrefix("::/96")           // RFC 4291 §2.5.5.1, deprecated
	ipv4Translated = netip.MustParsePrefix("::ffff:0:0:0/96") // RFC 2765 §2.1, obsolete
	sixToFour      = netip.MustParsePrefix("2002::/16")       // RFC 3056 §2
	teredo         = netip.MustParsePrefix("2001::/32")       // RFC 4380 §4
)

// carriedIPv4 lists the IPv4 addresses to which an IPv6 address makes
// routers, translators and tunnels send: none for most. The IPv4-mapped form
// is not among them: it is the IPv4 address (netip.Addr.Unmap).
func carriedIPv4(addr netip.Addr) []netip.Addr {
	if !addr.Is6() {
		return nil
	}
	address := addr.As16()
	last := netip.AddrFrom4([4]byte(address[12:16]))
	var out []netip.Addr
	switch {
	case ipv4Compatible.Contains(addr):
		// :: and ::1 are no IPv4-compatible addresses (RFC 4291 §2.5).
		if !addr.IsUnspecified() && !addr.IsLoopback() {
			out = append(out, last)
		}
	case ipv4Translated.Contains(addr), nat64WellKnown.Contains(addr), nat64Local.Contains(addr):
		out = append(out, last)
	case sixToFour.Contains(addr):
		out = append(out, netip.AddrFrom4([4]byte(address[2:6])))
	case teredo.Contains(addr):
		// A relay sends to the client and, to open its NAT, to the server.
		out = append(out, teredoClient(address), netip.AddrFrom4([4]byte(address[4:8])))
	}
	if isISATAP(address) {
		out = append(out, last)
	}
	return out
}

// teredoClient reads the client's IPv4 address, each bit of which is
// inverted (RFC 4380 §4).
func teredoClient(address [16]byte) netip.Addr {
	var client [4]byte
	binary.BigEndian.PutUint32(client[:], ^binary.BigEndian.Uint32(address[12:16]))
	return netip.AddrFrom4(client)
}

// isISATAP reports an interface identifier 0000:5efe or 0200:5efe followed
// by an IPv4 address, below whatever prefix (RFC 5214 §6.1).
func isISATAP(address [16]byte) bool {
	return address[8]&^0x02 == 0 && address[9] == 0 && address[10] == 0x5e && address[11] == 0xfe
}

// translated reads the IPv4 address behind a translator's prefix. Bits 64 to 71
// are always left out (RFC 6052 §2.2).
func translated(addr netip.Addr, bits int) netip.Addr {
	all := addr.As16()
	if bits >= 96 {
		return netip.AddrFrom4([4]byte(all[12:]))
	}
	return netip.AddrFrom4([4]byte(slices.Delete(all[:], 8, 9)[bits/8:]))
}
