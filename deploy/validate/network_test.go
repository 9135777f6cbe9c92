package validate

import (
	"net/netip"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"code.dny.dev/ssrf"

	"smtptest/probe/guard"
)

// guarded reports that the guard closes an address where nothing is listed.
func guarded(a netip.Addr) bool {
	p := guard.Policy{Own: func() []netip.Addr { return nil }}
	return p.Check(netip.AddrPortFrom(a, 25)) != nil
}

// named are the addresses that stand in the guard's source, metadata services
// among them, and the first and last of its ranges and of those of its module, with
// their neighbours.
func named(t *testing.T) (all, metadata []netip.Addr) {
	t.Helper()
	source, err := os.ReadFile("../../probe/guard/ranges.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`MustParse(Addr|Prefix)\("([^"]+)"\)`).FindAllStringSubmatch(string(source), -1) {
		if m[1] == "Addr" {
			metadata = append(metadata, netip.MustParseAddr(m[2]))
			continue
		}
		all = append(all, edges(netip.MustParsePrefix(m[2]))...)
	}
	for _, p := range slices.Concat(ssrf.IPv4DeniedPrefixes, ssrf.IPv6DeniedPrefixes) {
		all = append(all, edges(p)...)
	}
	if len(all) < 60 || len(metadata) < 15 {
		t.Fatalf("%d edges, %d metadata services", len(all), len(metadata))
	}
	return append(all, metadata...), metadata
}

// edges are the first and the last address of a range, and the ones beside.
func edges(p netip.Prefix) []netip.Addr {
	first := p.Masked().Addr()
	last := first.AsSlice()
	for i := p.Bits(); i < len(last)*8; i++ {
		last[i/8] |= 0x80 >> (i % 8)
	}
	end, _ := netip.AddrFromSlice(last)
	all := []netip.Addr{first, end, first.Prev(), end.Next()}
	return slices.DeleteFunc(all, func(a netip.Addr) bool { return !a.IsValid() })
}

// within reports that one of the ranges holds an address.
func within(ranges []netip.Prefix, a netip.Addr) bool {
	return slices.ContainsFunc(ranges, func(p netip.Prefix) bool { return p.Contains(a) })
}

// TestPolicyIsTheGuards: the NetworkPolicy lets out to what the guard opens, and to
// nothing else that has an owner. Of IPv6 outside 2000::/3, which no one routes, it
// names what is used.
func TestPolicyIsTheGuards(t *testing.T) {
	var excepted []netip.Prefix
	for _, to := range read(t).policy.Spec.Egress[1].To {
		for _, cidr := range to.IPBlock.Except {
			excepted = append(excepted, netip.MustParsePrefix(cidr))
		}
	}
	samples, _ := named(t)
	for _, p := range excepted {
		samples = append(samples, edges(p)...)
	}
	for i := range 1 << 16 { // the beginning and the middle of each /16
		samples = append(samples, netip.AddrFrom4([4]byte{byte(i >> 8), byte(i)}),
			netip.AddrFrom4([4]byte{byte(i >> 8), byte(i), 128, 1}))
		if i>>13 == 1 {
			samples = append(samples, netip.AddrFrom16([16]byte{byte(i >> 8), byte(i), 0x12, 0x34, 15: 1}))
		}
	}
	global := netip.MustParsePrefix("2000::/3")
	for _, a := range samples {
		if a.Is6() && !global.Contains(a) && !within(excepted, a) {
			continue
		}
		if closed := within(excepted, a); closed != guarded(a) {
			t.Errorf("%s: closed by the NetworkPolicy: %t, by the guard: %t", a, closed, guarded(a))
		}
	}
}

// TestUnitIsTheGuards: what systemd closes is closed by the guard too, and every
// metadata service that the guard knows is among it. Private networks are not:
// an operator may list them, and systemd could not know.
func TestUnitIsTheGuards(t *testing.T) {
	octets, err := os.ReadFile(unit)
	if err != nil {
		t.Fatal(err)
	}
	var denied []netip.Prefix
	words := map[string]string{"link-local": "169.254.0.0/16 fe80::/64", "multicast": "224.0.0.0/4 ff00::/8"}
	for _, m := range regexp.MustCompile(`(?m)^IPAddressDeny=(.+)$`).FindAllStringSubmatch(string(octets), -1) {
		for word := range strings.FieldsSeq(m[1]) {
			for text := range strings.FieldsSeq(words[word]) {
				denied = append(denied, netip.MustParsePrefix(text))
			}
			if words[word] != "" {
				continue
			}
			p, err := netip.ParsePrefix(word)
			if a, bad := netip.ParseAddr(word); bad == nil {
				p, err = netip.PrefixFrom(a, a.BitLen()), nil
			}
			if err != nil {
				t.Fatal(err)
			}
			denied = append(denied, p)
		}
	}
	for _, p := range denied {
		if ends := edges(p); !guarded(ends[0]) || !guarded(ends[1]) {
			t.Errorf("systemd closes %s, the guard does not", p)
		}
	}
	_, metadata := named(t)
	for _, a := range metadata {
		if !within(denied, a) {
			t.Errorf("systemd does not close %s", a)
		}
	}
}
