// Package guard decides which addresses and ports may be dialled. It protects
// whoever is probed, and the networks next to the prober, from whoever asks.
//
// It checks numbers only and is asked twice: Policy.Check right after the
// name was looked up, so that a refusal can be explained, and Policy.Control
// on the very address that a socket is about to connect to, so that nothing
// that happened in between can change the outcome. In order: the port, the
// networks that the operator denied, the form of the address, the IPv4
// addresses that an IPv6 address carries, the networks that the operator
// listed, the ranges that are not public unicast (RFC 6890, the IANA
// special-purpose registries of both families, RFC 4291 §2.4, and the metadata
// services of clouds), and the addresses of this machine's own interfaces.
// Names are checked before they are looked up, because DNS may answer
// differently inside a network (Policy.CheckName).
//
// It never looks up a name, never opens a socket and never says how often
// something may be dialled.
package guard

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"syscall"
)

// Policy says what may be dialled. The zero value allows public unicast
// addresses on DefaultPorts. A Policy is only read, so it may be shared.
type Policy struct {
	// Open allows everything but port 0 and the zero address: for a person
	// at a terminal, who could dial it all by other means.
	Open bool
	// Networks are allowed beside the public unicast addresses, each exactly
	// as listed:
	//   - An IPv4 network covers the IPv4-mapped form of its addresses, for
	//     a socket turns that into the same packet, and no other IPv6 form.
	//     IPv6 addresses that carry a non-public IPv4 address (NAT64, 6to4,
	//     Teredo, ISATAP, IPv4-compatible) need both: a network that covers
	//     the IPv6 address and one that covers the IPv4 address.
	//   - A metadata service is covered by its own /32 or /128 only.
	//   - 64:ff9b:1::/48 is covered by networks of /96 or longer only. Where
	//     a translator keeps the IPv4 address depends on the length of its
	//     prefix (RFC 6052 §2.2), and only that of a /96 is looked for.
	//   - An IPv6 network within ::ffff:0:0/96 covers nothing.
	Networks []netip.Prefix
	// Ports are allowed beside DefaultPorts.
	Ports []uint16
	// Denied networks are never dialled, whatever else is listed or open. An
	// IPv4 network covers its addresses in every IPv6 form that carries them.
	Denied []netip.Prefix
	// NAT64 are the prefixes of the site's own translators, of 32, 40, 48, 56,
	// 64 or 96 bits (RFC 6052 §2.2). An address under one is as open as the IPv4
	// address that it carries.
	NAT64 []netip.Prefix
	// Own says which addresses this machine has, for each check anew; nil asks
	// the kernel. They are closed unless Networks lists them: a service there may
	// trust whoever comes from the same address.
	Own func() []netip.Addr
	// Suffixes are closed to lookups beside the private ones, such as
	// "corp.example.com"; in lower case, without dots around.
	Suffixes []string
	// Names may be looked up although they stand under a closed suffix: host
	// names, or with a dot in front all names under one; in lower case.
	Names []string
}

// DefaultPorts are the ports that every Policy allows: SMTP relay, implicit
// TLS, submission (RFC 5321 §4.5.4.2, RFC 8314 §7.3, RFC 6409 §3.1), and
// 2525, which providers offer where those are blocked.
func DefaultPorts() []uint16 { return []uint16{25, 465, 587, 2525} }

// CheckPort returns a *Denied when the port may not be dialled at any
// address, and nil otherwise. It needs no address, so a wrong port can be
// refused before anything is looked up.
func (p Policy) CheckPort(port uint16) error {
	allowed := p.Open || slices.Contains(DefaultPorts(), port) || slices.Contains(p.Ports, port)
	// Port 0 is reserved and cannot be connected to (RFC 6335 §6).
	if port == 0 || !allowed {
		return &Denied{Port: port, Rule: RulePort}
	}
	return nil
}

// Check returns a *Denied when the address or the port may not be dialled,
// and nil otherwise.
func (p Policy) Check(ap netip.AddrPort) error {
	denied := &Denied{Rule: RulePort}
	if p.CheckPort(ap.Port()) == nil {
		denied = p.judge(ap.Addr())
	}
	if denied == nil {
		return nil
	}
	denied.Address, denied.Port = ap.Addr(), ap.Port()
	return denied
}

// Control is Check for the ControlContext field of net.Dialer, which calls
// it with the numeric address before it connects. The *Denied comes back
// from the dial through errors.As.
func (p Policy) Control(_ context.Context, _, address string, _ syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return &Denied{Rule: RuleInvalid}
	}
	return p.Check(ap)
}

// judge names the rule against an address, nil when there is none.
func (p Policy) judge(addr netip.Addr) *Denied {
	if !addr.IsValid() {
		return &Denied{Rule: RuleInvalid}
	}
	if denied := p.judgeDenied(addr); denied != nil {
		return denied
	}
	switch {
	case p.Open:
		return nil
	case addr.Zone() != "":
		return &Denied{Rule: RuleZone}
	}
	addr = addr.Unmap()
	listed := p.lists(addr)
	if denied := p.judgeCarried(addr, listed); denied != nil || listed {
		return denied
	}
	if r, found := closedRange(addr); found {
		return &Denied{Rule: r.rule, Range: r.prefix}
	}
	if p.own(addr) {
		return &Denied{Rule: RuleOwn, Range: netip.PrefixFrom(addr, addr.BitLen())}
	}
	return nil
}

// judgeDenied looks for the operator's denied networks, in the address and in
// the IPv4 addresses that it carries.
func (p Policy) judgeDenied(addr netip.Addr) *Denied {
	plain := addr.Unmap().WithZone("")
	for i, a := range append([]netip.Addr{plain}, p.carried(plain)...) {
		for _, n := range p.Denied {
			if !n.Contains(a) {
				continue
			}
			denied := &Denied{Rule: RuleDenied, Range: n}
			if i > 0 {
				denied.Carried = a
			}
			return denied
		}
	}
	return nil
}

// own reports whether an address is one of this machine's. The question costs
// some microseconds, and only addresses that pass all else are asked about.
func (p Policy) own(addr netip.Addr) bool {
	if p.Own != nil {
		return slices.Contains(p.Own(), addr)
	}
	return reachesItself(addr)
}

// reachesItself asks the kernel from which address it would send to another
// one: to an address of this machine that is the address itself (RFC 6724 §5,
// rule 1). A list of the interfaces would need a netlink socket, which hardened
// services are denied. Nothing is sent: a UDP socket only learns its route.
func reachesItself(addr netip.Addr) bool {
	const discard = 9 // any port would do
	c, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(netip.AddrPortFrom(addr, discard)))
	if err != nil {
		return false // there is no way to it, so that nothing can be dialled either
	}
	defer func() { _ = c.Close() }()
	local, ok := c.LocalAddr().(*net.UDPAddr)
	return ok && local.AddrPort().Addr().Unmap() == addr.Unmap()
}

// carried are the IPv4 addresses inside an address, those of the site's own
// translators included.
func (p Policy) carried(addr netip.Addr) []netip.Addr {
	all := carriedIPv4(addr)
	for _, n := range p.NAT64 {
		if n.Contains(addr) {
			all = append(all, translated(addr, n.Bits()))
		}
	}
	return all
}

// judgeCarried judges the IPv4 addresses inside an IPv6 address. The
// operator's networks count for them only when the address that carries them
// is listed too.
func (p Policy) judgeCarried(addr netip.Addr, listed bool) *Denied {
	inner := p
	if !listed {
		inner.Networks = nil
	}
	for _, carried := range p.carried(addr) {
		if denied := inner.judge(carried); denied != nil {
			denied.Carried = carried
			return denied
		}
	}
	return nil
}

// lists reports whether the operator's networks cover an address.
func (p Policy) lists(addr netip.Addr) bool {
	least := 0
	switch {
	case isMetadata(addr):
		least = addr.BitLen()
	case nat64Local.Contains(addr):
		least = 96
	}
	return slices.ContainsFunc(p.Networks, func(n netip.Prefix) bool {
		return n.Bits() >= least && n.Contains(addr)
	})
}
