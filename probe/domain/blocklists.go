package domain

import (
	"context"
	"net/netip"
	"slices"

	"smtptest/probe/blocklist"
)

// blockLists asks the operator's lists, side by side, while the sessions run.
func (r *run) blockLists(ctx context.Context) {
	addresses := r.listable()
	if len(addresses) == 0 {
		return
	}
	zones := r.BlockLists[:min(len(r.BlockLists), blocklist.MaxZones)]
	r.report.BlockLists = make([]blocklist.List, len(zones))
	for i, zone := range zones {
		r.beside.do(func() { r.report.BlockLists[i] = blocklist.Ask(ctx, r.dns, zone, addresses) })
	}
}

// listable are the servers' addresses that a list may know. Those inside a
// network mean nothing outside, and are told to nobody.
func (r *run) listable() (out []netip.Addr) {
	for i := range r.report.Hosts {
		for _, a := range r.report.Hosts[i].Addresses {
			inside := a.Skipped == SkippedDenied || !a.IP.IsGlobalUnicast() || a.IP.IsPrivate()
			if !inside && !slices.Contains(out, a.IP) && len(out) < blocklist.MaxAddresses {
				out = append(out, a.IP)
			}
		}
	}
	return out
}
