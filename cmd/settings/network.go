package settings

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"smtptest/probe"
	"smtptest/probe/blocklist"
	"smtptest/probe/guard"
	"smtptest/probe/resolve"
	"smtptest/probe/smtp"
)

// Network are the variables that say what may be looked up and dialled.
type Network struct{ Networks, Ports, Denied, NAT64, Suffixes, Hosts string }

// Policy is what they mean.
func (r *Reader) Policy(v Network) guard.Policy {
	return guard.Policy{
		Networks: r.Networks("SMTPTEST_ALLOW_NETWORKS", v.Networks), Ports: r.Ports(v.Ports),
		Denied: r.Networks("SMTPTEST_DENY_NETWORKS", v.Denied), NAT64: r.NAT64(v.NAT64),
		Suffixes: r.Hosts("SMTPTEST_PRIVATE_SUFFIXES", v.Suffixes),
		Names:    r.Names(v.Hosts),
	}
}

// Networks reads networks, and addresses as networks of one.
func (r *Reader) Networks(variable, text string) []netip.Prefix {
	var all []netip.Prefix
	for i, word := range r.List(variable, text) {
		p, err := netip.ParsePrefix(word)
		if a, bad := netip.ParseAddr(word); err != nil && bad == nil {
			p, err = netip.PrefixFrom(a, a.BitLen()), nil
		}
		if err != nil || p != p.Masked() {
			r.Wrong(variable, "lists what is not a network, as entry %d; "+
				"write networks such as 10.1.0.0/16 or fd12::/48, the bits behind the length zero", i+1)
			return nil
		}
		all = append(all, p)
	}
	return all
}

// NAT64 are the prefixes of the site's translators (RFC 6052 §2.2).
func (r *Reader) NAT64(text string) []netip.Prefix {
	all := r.Networks("SMTPTEST_NAT64_PREFIX", text)
	for _, p := range all {
		if !p.Addr().Is6() || !slices.Contains([]int{32, 40, 48, 56, 64, 96}, p.Bits()) {
			r.Wrong("SMTPTEST_NAT64_PREFIX", "lists a prefix that is not one of 32, 40, 48, 56, 64 or 96 bits")
			return nil
		}
	}
	return all
}

// Ports reads SMTPTEST_ALLOW_PORTS.
func (r *Reader) Ports(text string) []uint16 {
	var all []uint16
	for i, word := range r.List("SMTPTEST_ALLOW_PORTS", text) {
		n, err := strconv.ParseUint(word, 10, 16)
		if err != nil || n == 0 {
			r.Wrong("SMTPTEST_ALLOW_PORTS", "lists what is not a port, as entry %d; write numbers from 1 to 65535", i+1)
			return nil
		}
		all = append(all, uint16(n))
	}
	return all
}

// Hosts reads host names.
func (r *Reader) Hosts(variable, text string) []string {
	var all []string
	for i, word := range r.List(variable, text) {
		name, err := smtp.ParseDomain(word)
		if err != nil {
			r.Wrong(variable, "lists what is not a host name, as entry %d", i+1)
			return nil
		}
		all = append(all, name)
	}
	return all
}

// Names are host names, or with a dot in front all names under one.
func (r *Reader) Names(text string) []string {
	var all []string
	for i, word := range r.List("SMTPTEST_ALLOW_HOSTS", text) {
		rest, under := strings.CutPrefix(word, ".")
		name, err := smtp.ParseDomain(rest)
		if err != nil {
			r.Wrong("SMTPTEST_ALLOW_HOSTS", "lists what is not a host name, as entry %d", i+1)
			return nil
		}
		if name = strings.ToLower(name); under {
			name = "." + name
		}
		all = append(all, name)
	}
	return all
}

// Controls reads two mail hosts and, last, the one for 443.
func (r *Reader) Controls(text string) *probe.Controls {
	const variable = "SMTPTEST_CONTROL_HOSTS"
	if strings.EqualFold(strings.TrimSpace(text), "off") {
		return nil
	}
	names := r.Hosts(variable, text)
	switch len(names) {
	case 3:
		return &probe.Controls{Mail: names[:2], Web: names[2]}
	case 0: // what is wrong with it is said already
	default:
		r.Wrong(variable, "is neither off nor three host names: two that serve mail, then one that serves 443")
	}
	return nil
}

// HelloName reads SMTPTEST_EHLO_NAME.
func (r *Reader) HelloName(text string) string {
	if text == "" {
		return ""
	}
	name, err := smtp.ParseHelloName(text)
	if err != nil {
		r.Wrong("SMTPTEST_EHLO_NAME", "is neither a host name nor an address in brackets")
	}
	return name
}

// Resolver asks the name server that the operator chose; nil: the system's.
func (r *Reader) Resolver(text string) probe.Resolver {
	if text == "" {
		return nil
	}
	at, err := resolve.ParseServer(text)
	if err != nil {
		r.Wrong("SMTPTEST_DNS", "is not a name server; write an address with or without a port, such as 9.9.9.9")
		return nil
	}
	return resolve.At(at)
}

// BlockLists reads SMTPTEST_BLOCK_LISTS.
func (r *Reader) BlockLists(text string) (zones []blocklist.Zone) {
	const variable = "SMTPTEST_BLOCK_LISTS"
	for i, word := range r.List(variable, text) {
		zone, err := blocklist.ParseZone(word)
		switch {
		case err != nil:
			r.Wrong(variable, "lists what is not the zone of a block list, as entry %d", i+1)
		case len(zones) == blocklist.MaxZones:
			r.Wrong(variable, "lists more than %d zones", blocklist.MaxZones)
			return zones
		default:
			zones = append(zones, zone)
		}
	}
	return zones
}
