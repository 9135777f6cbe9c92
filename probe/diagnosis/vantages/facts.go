package vantages

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"

	"smtptest/probe"
	"smtptest/probe/diagnosis"
)

// cause is the finding that a verdict names; false: none is known.
func cause(j diagnosis.Judged) (diagnosis.Finding, bool) {
	if len(j.Findings) == 0 || j.Findings[0].Severity == diagnosis.Info {
		return diagnosis.Finding{}, false
	}
	return j.Findings[0], true
}

// found reports a finding of this id in a place's report that counts.
func (v *view) found(i int, ids ...diagnosis.ID) bool {
	return slices.ContainsFunc(v.places[i].latest().Findings, func(f diagnosis.Finding) bool {
		return slices.Contains(ids, f.ID)
	})
}

// signature is what failures that are alike have in common: where it broke and why.
func (v *view) signature(i int) string {
	j := v.places[i].latest()
	if j.Report == nil {
		return ""
	}
	if f, ok := cause(j); ok {
		return string(j.Verdict.Stage) + " " + string(f.ID)
	}
	kind, code := probe.Kind(""), 0
	if f := failure(j.Report); f != nil {
		kind = f.Kind
		if f.Reply != nil {
			code = f.Reply.Code
		}
	}
	return fmt.Sprint(j.Verdict.Stage, kind, code)
}

// failure is how the session or the lookup ended early; nil: it did not.
func failure(r *probe.Report) *probe.Failure {
	if s := r.Main(); s != nil {
		return s.Failure
	}
	return r.Lookup.Failure
}

// unlike reports a failure that is not the most frequent one.
func (v *view) unlike(i int) bool {
	counts := map[string]int{}
	all := slices.Concat(v.fails, v.unsure)
	for _, k := range all {
		counts[v.signature(k)]++
	}
	return len(counts) > 1 && slices.ContainsFunc(all, func(k int) bool {
		return counts[v.signature(k)] > counts[v.signature(i)] || counts[v.signature(k)] == counts[v.signature(i)] && k < i &&
			v.signature(k) != v.signature(i)
	})
}

// address is what a place dialled; zero: nothing.
func (v *view) address(i int) netip.AddrPort {
	if r := v.places[i].latest().Report; r != nil {
		if s := r.Main(); s != nil {
			return s.Address
		}
	}
	return netip.AddrPort{}
}

// leaf is the fingerprint of the certificate that a place was shown; empty: none.
func leaf(j diagnosis.Judged) string {
	if j.Report == nil {
		return ""
	}
	s := j.Report.Main()
	if s == nil || s.TLS == nil || !s.TLS.Complete || len(s.TLS.Chain) == 0 {
		return ""
	}
	return s.TLS.Chain[0].SHA256
}

// usual is the certificate that most places are shown at an address, the first
// one of several that are as many.
func (v *view) usual(at netip.AddrPort) string {
	counts, first := map[string]int{}, ""
	for i := range v.places {
		if c := leaf(v.places[i].latest()); c != "" && v.address(i) == at {
			if counts[c]++; counts[c] > counts[first] {
				first = c
			}
		}
	}
	return first
}

// oddCertificate reports a place that is shown another certificate than most at
// the same address.
func (v *view) oddCertificate(i int) bool {
	own := leaf(v.places[i].latest())
	return own != "" && own != v.usual(v.address(i))
}

// repeated reports that a place was asked twice and was shown the same
// certificate, or was missing STARTTLS, both times.
func (v *view) repeated(i int, same func(diagnosis.Judged) string) bool {
	p := v.places[i]
	return p.Again != nil && p.Again.Report != nil && same(p.Report) == same(*p.Again)
}

// offersTLS is "yes", "no" or, where EHLO was not answered in the clear, empty.
func offersTLS(j diagnosis.Judged) string {
	if j.Report == nil {
		return ""
	}
	s := j.Report.Main()
	if s == nil || len(s.Hellos) == 0 || s.Hellos[0].Secure {
		return ""
	}
	if _, ok := s.Hellos[0].Capabilities.Get("STARTTLS"); ok {
		return "yes"
	}
	return "no"
}

// stripped reports a place that is offered no STARTTLS at an address that offers
// it to another.
func (v *view) stripped(i int) bool {
	if offersTLS(v.places[i].latest()) != "no" {
		return false
	}
	return slices.ContainsFunc(v.others(i), func(k int) bool {
		return offersTLS(v.places[k].latest()) == "yes" && v.address(k) == v.address(i)
	})
}

func (v *view) others(i int) []int {
	var all []int
	for k := range v.places {
		if k != i && v.places[k].Report.Report != nil {
			all = append(all, k)
		}
	}
	return all
}

// six reports an address of IPv6.
func six(a netip.AddrPort) bool { return a.Addr().IsValid() && !a.Addr().Unmap().Is4() }

// answers are the addresses that a place's DNS gave, sorted.
func answers(j diagnosis.Judged) []netip.Addr {
	if j.Report == nil || j.Report.Lookup.Name == "" {
		return nil
	}
	all := slices.Clone(j.Report.Lookup.Addresses)
	slices.SortFunc(all, netip.Addr.Compare)
	return all
}

// title is what a place's own report says is wrong.
func (v *view) title(i int) string {
	j := v.places[i].latest()
	if f, ok := cause(j); ok {
		return f.Title
	}
	return "it ends at " + cmp.Or(string(j.Verdict.Stage), "an unknown point")
}

func and(more int) string { return fmt.Sprintf(" and %d more", more) }
