package main

import (
	"net/netip"
	"slices"
	"strings"

	"smtptest/probe"
	"smtptest/probe/guard"
	"smtptest/probe/resolve"
	"smtptest/probe/smtp"
)

// policy is what may be looked up and dialled.
func (r *reader) policy(v variables) guard.Policy {
	return guard.Policy{
		Networks: r.networks("SMTPTEST_ALLOW_NETWORKS", v.Networks), Ports: r.ports(v.Ports),
		Denied: r.networks("SMTPTEST_DENY_NETWORKS", v.Denied), NAT64: r.nat64(v.NAT64),
		Suffixes: r.hosts("SMTPTEST_PRIVATE_SUFFIXES", v.Suffixes),
		Names:    r.names(v.Hosts),
	}
}

func (r *reader) networks(variable, text string) []netip.Prefix {
	var all []netip.Prefix
	for i, word := range r.list(variable, text) {
		p, err := netip.ParsePrefix(word)
		if a, bad := netip.ParseAddr(word); err != nil && bad == nil {
			p, err = netip.PrefixFrom(a, a.BitLen()), nil
		}
		if err != nil || p != p.Masked() {
			r.wrong(variable, "lists what is not a network, as entry %d; "+
				"write networks such as 10.1.0.0/16 or fd12::/48, the bits behind the length zero", i+1)
			return nil
		}
		all = append(all, p)
	}
	return all
}

// nat64 are the prefixes of the site's translators (RFC 6052 §2.2).
func (r *reader) nat64(text string) []netip.Prefix {
	all := r.networks("SMTPTEST_NAT64_PREFIX", text)
	for _, p := range all {
		if !p.Addr().Is6() || !slices.Contains([]int{32, 40, 48, 56, 64, 96}, p.Bits()) {
			r.wrong("SMTPTEST_NAT64_PREFIX", "lists a prefix that is not one of 32, 40, 48, 56, 64 or 96 bits")
			return nil
		}
	}
	return all
}

// names are host names, or with a dot in front all names under one.
func (r *reader) names(text string) []string {
	var all []string
	for i, word := range r.list("SMTPTEST_ALLOW_HOSTS", text) {
		rest, under := strings.CutPrefix(word, ".")
		name, err := smtp.ParseDomain(rest)
		if err != nil {
			r.wrong("SMTPTEST_ALLOW_HOSTS", "lists what is not a host name, as entry %d", i+1)
			return nil
		}
		if name = strings.ToLower(name); under {
			name = "." + name
		}
		all = append(all, name)
	}
	return all
}

// singleLabels are the listed hosts without a dot.
func singleLabels(names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool { return strings.Contains(n, ".") })
}

// resolver asks the name server that the operator chose; nil: the system's.
func (r *reader) resolver(text string) probe.Resolver {
	if text == "" {
		return nil
	}
	at, err := resolve.ParseServer(text)
	if err != nil {
		r.wrong("SMTPTEST_DNS", "is not a name server; write an address with or without a port, such as 9.9.9.9")
		return nil
	}
	return resolve.At(at)
}
