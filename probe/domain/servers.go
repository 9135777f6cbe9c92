package domain

import (
	"cmp"
	"context"
	"errors"
	"net/netip"
	"slices"
	"strings"

	"smtptest/probe/dane"
	"smtptest/probe/dnssec"
	"smtptest/probe/guard"
	"smtptest/probe/resolve"
	"smtptest/probe/smtp"
)

// servers finds the mail servers of the domain with their addresses and TLSA
// records.
func (r *run) servers(ctx context.Context) {
	rep := &r.report
	a := r.dns.Lookup(ctx, r.req.Domain, resolve.TypeMX)
	rep.MX = MX{Outcome: a.Outcome, Proof: a.Proof, Aliases: a.Names[1:]}
	rep.Hosts, rep.HostsOmitted = hosts(a.Records)
	switch {
	case len(rep.Hosts) == 1 && rep.Hosts[0].Name == ".":
		rep.MX.Null, rep.Hosts = true, nil
	case len(rep.Hosts) == 0 && a.Outcome == resolve.NoData: // RFC 5321 §5.1
		rep.MX.Implicit = true
		rep.Hosts = []Host{{Name: r.req.Domain}}
	}
	at := &together{}
	for i := range rep.Hosts {
		at.do(func() { r.host(ctx, &rep.Hosts[i]) })
	}
	at.wait()
	r.limit()
}

// hosts are the servers of MX records by preference, each once.
func hosts(records []resolve.Record) (kept []Host, omitted int) {
	slices.SortFunc(records, func(a, b resolve.Record) int {
		return cmp.Or(cmp.Compare(a.Preference, b.Preference), strings.Compare(a.Host, b.Host))
	})
	seen := map[string]bool{}
	for _, mx := range records {
		name := smtp.Printable([]byte(strings.ToLower(mx.Host)))
		if !seen[name] {
			kept = append(kept, Host{Name: name, Preference: mx.Preference})
		}
		seen[name] = true
	}
	return kept[:min(len(kept), maxHosts)], max(0, len(kept)-maxHosts)
}

// host asks for a server's addresses, and for its TLSA records where senders
// would use them.
func (r *run) host(ctx context.Context, h *Host) {
	if _, err := netip.ParseAddr(h.Name); err == nil {
		h.Literal = true
		return
	}
	if h.Name == "." { // a null MX, which counts only alone (RFC 7505 §3)
		h.Outcome = resolve.NoData
		return
	}
	if rule := r.rule(h.Name); rule != "" {
		r.conceal(h, rule)
		return
	}
	var four, six dnssec.Answer
	at := &together{}
	at.do(func() { four = r.dns.Lookup(ctx, h.Name, resolve.TypeA) })
	at.do(func() { six = r.dns.Lookup(ctx, h.Name, resolve.TypeAAAA) })
	at.wait()
	best := four
	if len(four.Records) == 0 && (len(six.Records) > 0 || four.Outcome == resolve.NoData) {
		best = six
	}
	h.Proof, h.Outcome, h.Aliases = best.Proof, best.Outcome, best.Names[1:]
	r.addresses(h, append(ipsOf(six.Records), ipsOf(four.Records)...))
	if h.Denied == "" && h.Outcome == "" {
		r.beside.do(func() { h.TLSA = r.tlsa(ctx, h, best) })
	}
}

// conceal takes the name of a server out of the report where the network is
// closed: it may be a part of that network.
func (r *run) conceal(h *Host, rule string) {
	h.Denied = rule
	if !r.Policy.Open {
		h.Name, h.Aliases, h.Addresses, h.Proof = "", nil, nil, dnssec.Proof{}
	}
}

func ipsOf(records []resolve.Record) (out []netip.Addr) {
	for _, rr := range records {
		if rr.IP.IsValid() && !slices.Contains(out, rr.IP) {
			out = append(out, rr.IP)
		}
	}
	return out
}

// addresses keeps those that the guard opens. A server that has closed ones
// alone is not named.
func (r *run) addresses(h *Host, all []netip.Addr) {
	rule := ""
	for _, ip := range all {
		a := Address{IP: ip}
		var denied *guard.Denied
		if err := r.policyFor(r.Ports.mail()).Check(netip.AddrPortFrom(ip, r.Ports.mail())); errors.As(err, &denied) {
			rule = string(denied.Rule)
			if !r.Policy.Open {
				continue
			}
			a.Skipped = SkippedDenied
		}
		if ip.Is6() && r.report.NoIPv6 && !ip.IsLoopback() {
			a.Skipped = SkippedNoIPv6
		}
		h.Addresses = append(h.Addresses, a)
	}
	if len(h.Addresses) == 0 && rule != "" {
		r.conceal(h, rule)
	}
}

// policyFor opens one more port beside those that the operator did.
func (r *run) policyFor(port uint16) guard.Policy {
	p := r.Policy
	p.Ports = append(slices.Clone(p.Ports), port)
	return p
}

// tlsa asks where a sender would: at the name where the aliases end, if that is
// proven, else at the name of the MX record (RFC 7672 §2.2.2, §2.2.3).
func (r *run) tlsa(ctx context.Context, h *Host, addresses dnssec.Answer) TLSA {
	bases := []string{h.Name}
	switch aliased := len(addresses.Names) > 1; {
	case aliased && vouched(addresses.Proof):
		bases = []string{addresses.Name(), h.Name}
	case aliased && addresses.Proof.Status == dnssec.Insecure: // the name itself may be signed all the same
		h.Alias = r.dns.Lookup(ctx, h.Name, resolve.TypeCNAME).Proof
	}
	var t TLSA
	for _, base := range bases {
		a := r.dns.Lookup(ctx, "_25._tcp."+base, resolve.TypeTLSA)
		t = TLSA{Base: base, Outcome: a.Outcome, Proof: a.Proof, Records: tlsaRecords(a.Records)}
		if len(t.Records) > 0 || t.Proof.Status == dnssec.Bogus || !isAnswer(t.Outcome) {
			break
		}
	}
	return t
}

func vouched(p dnssec.Proof) bool { return p.Status == dnssec.Secure || p.Status == dnssec.Said }

func tlsaRecords(records []resolve.Record) (out []dane.Record) {
	for _, rr := range records[:min(len(records), dane.MaxRecords)] {
		out = append(out, dane.Record(rr.TLSA))
	}
	return out
}

// limit marks the addresses beyond MaxAddresses, the least preferred first to go.
func (r *run) limit() {
	left := MaxAddresses
	for i := range r.report.Hosts {
		for j := range r.report.Hosts[i].Addresses {
			a := &r.report.Hosts[i].Addresses[j]
			if a.Skipped != "" {
				continue
			}
			if left--; left < 0 {
				a.Skipped = SkippedLimit
				r.report.AddressesOmitted++
			}
		}
	}
}
