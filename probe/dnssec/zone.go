package dnssec

import (
	"context"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"smtptest/probe/resolve"
)

// zone is one zone's keys, or why they are not to be trusted.
type zone struct {
	name  string
	done  chan struct{} // closed when the rest is set
	keys  []*dns.DNSKEY
	proof Proof // Secure: keys are the zone's
}

// zone finds the keys of a zone, once in a run. Several goroutines share the
// first's finding.
func (r *Run) zone(ctx context.Context, name string) *zone {
	name = strings.ToLower(dns.Fqdn(name))
	z, first := r.zoneOf(name)
	if first {
		defer close(z.done)
		z.keys, z.proof = r.keysOf(ctx, name)
		return z
	}
	select {
	case <-z.done:
		return z
	case <-ctx.Done():
		return &zone{name: name, proof: Proof{Status: Unknown, Zone: plain(name), Reason: ReasonNoAnswer}}
	}
}

// zoneOf is the place of a zone, and whether it is the caller who has to find
// its keys. A place beyond the bounds is finished already.
func (r *Run) zoneOf(name string) (z *zone, first bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if z = r.zones[name]; z != nil {
		return z, false
	}
	z = &zone{name: name, done: make(chan struct{})}
	if len(r.zones) == maxZones || dns.CountLabel(name) > maxZoneDepth {
		z.proof = Proof{Status: Unknown, Zone: plain(name), Reason: ReasonTooMany}
		close(z.done)
		return z, false
	}
	r.zones[name] = z
	return z, true
}

// keysOf proves a zone's keys by the DS records of its parent, or by a trust
// anchor (RFC 4035 §5).
func (r *Run) keysOf(ctx context.Context, name string) ([]*dns.DNSKEY, Proof) {
	ds, anchored := r.anchors[name]
	if !anchored && name == "." {
		// The operator named anchors of other zones alone.
		return nil, Proof{Status: Unknown, Zone: name, Reason: ReasonNoProof}
	}
	if !anchored {
		var p Proof
		if ds, p = r.delegation(ctx, name); p.Status != Secure {
			return nil, p
		}
	}
	keys, p := r.keySet(ctx, name, ds)
	if anchored && p.Status == Bogus && p.Reason == ReasonDS {
		p.Reason = ReasonAnchor
	}
	return keys, p
}

// delegation are a zone's DS records, signed by its parent.
func (r *Run) delegation(ctx context.Context, name string) ([]*dns.DS, Proof) {
	failed := Proof{Status: Unknown, Zone: plain(name), Reason: ReasonNoAnswer}
	m, from, err := r.once(ctx, name, resolve.TypeDS)
	if err != nil || m == nil || m.Rcode != dns.RcodeSuccess && m.Rcode != dns.RcodeNameError {
		return nil, failed
	}
	set, signatures := pick(m.Answer, name, dns.TypeDS)
	if len(set) == 0 {
		p := r.undelegated(ctx, m, name)
		if p.Status == Unknown && m.AuthenticatedData && from.Addr().IsLoopback() {
			p = Proof{Status: Insecure, Zone: plain(name)}
		}
		return nil, p
	}
	if len(signatures) == 0 {
		return nil, r.missing(ctx, name)
	}
	if !above(signatures, name) {
		return nil, Proof{Status: Bogus, Zone: plain(name), Reason: ReasonSigner}
	}
	if p := r.verify(ctx, set, signatures); p.Status != Secure {
		return nil, p
	}
	return usable(set, name)
}

// above reports that zones above a name alone have signed: a zone cannot vouch
// for itself, and every question leads towards the root, so none waits for another.
func above(signatures []*dns.RRSIG, name string) bool {
	for _, s := range signatures {
		if strings.EqualFold(s.SignerName, name) || !dns.IsSubDomain(s.SignerName, name) {
			return false
		}
	}
	return true
}

// missing judges a signature that must be there and is not. Where not even the
// root's keys come with one, it is the name server here that drops them all.
func (r *Run) missing(ctx context.Context, name string) Proof {
	if _, anchored := r.anchors["."]; anchored {
		if root := r.zone(ctx, "."); root.proof.Status == Unknown {
			return root.proof
		}
	}
	return Proof{Status: Bogus, Zone: plain(name), Reason: ReasonMissing}
}

// usable keeps the DS records of known algorithms. A zone that has others
// alone counts as unsigned (RFC 4035 §5.2).
func usable(set []dns.RR, name string) ([]*dns.DS, Proof) {
	var out []*dns.DS
	for _, rr := range set {
		ds, ok := rr.(*dns.DS)
		if ok && known(ds.Algorithm) && (ds.DigestType == dns.SHA256 || ds.DigestType == dns.SHA384) {
			out = append(out, ds)
		}
	}
	if len(out) == 0 {
		return nil, Proof{Status: Insecure, Zone: plain(name), Reason: ReasonAlgorithm}
	}
	return out, Proof{Status: Secure, Zone: plain(name)}
}

// keySet asks for a zone's keys and proves them by one that a DS record names.
func (r *Run) keySet(ctx context.Context, name string, ds []*dns.DS) ([]*dns.DNSKEY, Proof) {
	m, _, err := r.once(ctx, name, resolve.TypeDNSKEY)
	if err != nil || m == nil || m.Rcode != dns.RcodeSuccess {
		return nil, Proof{Status: Unknown, Zone: plain(name), Reason: ReasonNoAnswer}
	}
	set, signatures := pick(m.Answer, name, dns.TypeDNSKEY)
	switch {
	case len(set) == 0 || len(set) > maxSetKeys:
		return nil, Proof{Status: Bogus, Zone: plain(name), Reason: ReasonDS}
	case len(signatures) == 0 && name == ".":
		return nil, Proof{Status: Unknown, Zone: plain(name), Reason: ReasonStripped}
	case len(signatures) == 0:
		return nil, r.missing(ctx, name)
	}
	all, entry := zoneKeys(set, ds)
	if len(entry) == 0 {
		return nil, Proof{Status: Bogus, Zone: plain(name), Reason: ReasonDS}
	}
	var best Proof
	for _, s := range signatures {
		p := r.check(set, s, entry)
		if p.Status == Secure {
			return all, p
		}
		best = tellingMore(best, p)
	}
	return nil, best
}

// maxSetKeys bounds the keys of one zone. Roots and registries have up to six.
const maxSetKeys = 16

// zoneKeys are the keys that may sign a zone (RFC 4034 §2.1.1), and among them
// those that a DS record names.
func zoneKeys(set []dns.RR, ds []*dns.DS) (all, entry []*dns.DNSKEY) {
	for _, rr := range set {
		k, ok := rr.(*dns.DNSKEY)
		if !ok || k.Flags&dns.ZONE == 0 || k.Flags&dns.REVOKE != 0 || k.Protocol != 3 {
			continue
		}
		all = append(all, k)
		for _, d := range ds {
			if named(k, d) {
				entry = append(entry, k)
				break
			}
		}
	}
	return all, entry
}

func named(k *dns.DNSKEY, d *dns.DS) bool {
	if k.KeyTag() != d.KeyTag || k.Algorithm != d.Algorithm {
		return false
	}
	made := k.ToDS(d.DigestType)
	return made != nil && strings.EqualFold(made.Digest, d.Digest)
}

// maxDenials bounds the records of a denial that are looked at. Three are
// enough for a right one (RFC 5155 §7.2), and each costs hashes (CVE-2023-50868).
const maxDenials = 8

// undelegated proves that a zone has no DS record, by the NSEC or NSEC3 record
// of its parent (RFC 4035 §5.2, RFC 5155 §8.6 and §8.9).
func (r *Run) undelegated(ctx context.Context, m *dns.Msg, name string) Proof {
	var proven []*dns.NSEC3
	var failed Proof
	left := maxDenials
	for _, rr := range m.Ns {
		if t := rr.Header().Rrtype; t != dns.TypeNSEC && t != dns.TypeNSEC3 {
			continue
		}
		if left--; left < 0 {
			break
		}
		set, signatures := pick(m.Ns, rr.Header().Name, rr.Header().Rrtype)
		if !tells(rr, name) || len(signatures) == 0 || !above(signatures, name) {
			continue
		}
		if p := r.verify(ctx, set, signatures); p.Status != Secure {
			failed = tellingMore(failed, p)
			continue
		}
		if denies(rr, name) {
			return Proof{Status: Insecure, Zone: plain(name)}
		}
		if n, ok := rr.(*dns.NSEC3); ok && strings.EqualFold(signatures[0].SignerName, upper(n.Hdr.Name)) {
			proven = append(proven, n)
		}
	}
	switch {
	case optedOut(proven, name):
		return Proof{Status: Insecure, Zone: plain(name)}
	case failed.Status != "":
		return failed
	}
	// A parent that is not signed itself has nothing to prove by.
	if z := r.zone(ctx, parent(m, name)); z.proof.Status != Secure {
		return z.proof
	}
	return Proof{Status: Unknown, Zone: plain(name), Reason: ReasonNoProof}
}

// parent is the zone whose SOA record came with the answer, else the name
// without its first label.
func parent(m *dns.Msg, name string) string {
	for _, rr := range m.Ns {
		if soa, ok := rr.(*dns.SOA); ok && !strings.EqualFold(soa.Hdr.Name, name) && dns.IsSubDomain(soa.Hdr.Name, name) {
			return soa.Hdr.Name
		}
	}
	return upper(name)
}

// maxIterations bounds the hashing that an NSEC3 record demands: RFC 9276 §3.2
// lets validators ignore more.
const maxIterations = 100

// denies reports a record that says: here is a delegation without DS.
func denies(rr dns.RR, name string) bool {
	switch n := rr.(type) {
	case *dns.NSEC:
		return strings.EqualFold(n.Hdr.Name, name) && cut(n.TypeBitMap)
	case *dns.NSEC3:
		return n.Match(name) && cut(n.TypeBitMap)
	}
	return false
}

// tells reports a record that may have a part in a denial, before its signature
// is paid for.
func tells(rr dns.RR, name string) bool {
	n, hashed := rr.(*dns.NSEC3)
	if !hashed {
		return denies(rr, name)
	}
	if n.Hash != dns.SHA1 || n.Iterations > maxIterations {
		return false
	}
	for _, at := range between(name, upper(n.Hdr.Name)) {
		if n.Match(at) || n.Flags&1 == 1 && n.Cover(at) {
			return true
		}
	}
	return false
}

// between are a name and those above it, down to the zone, which is left out.
func between(name, zone string) (out []string) {
	for len(out) < maxZoneDepth && dns.IsSubDomain(zone, name) && !strings.EqualFold(name, zone) {
		out = append(out, name)
		name = upper(name)
	}
	return out
}

// optedOut reports that a zone need not say whether it delegates to this name
// (RFC 5155 §8.9). That a record covers the name is not enough: records of a
// registry cover most names below its signed delegations too. It must cover the
// name right below the closest one that is there (§8.3).
func optedOut(proven []*dns.NSEC3, name string) bool {
	for _, n := range proven {
		zone := upper(n.Hdr.Name)
		way := between(name, zone)
		next := len(way) - 1 // without another, the closest one is the zone itself
		for i, at := range way {
			if closest := matching(proven, zone, at); closest != nil {
				next = i - 1
				if leads(closest.TypeBitMap) {
					next = -1 // what is below belongs to another zone
				}
				break
			}
		}
		if next >= 0 && n.Flags&1 == 1 && n.Cover(way[next]) {
			return true
		}
	}
	return false
}

// matching is the record of a zone that stands for this name, nil for none.
func matching(proven []*dns.NSEC3, zone, name string) *dns.NSEC3 {
	for _, n := range proven {
		if strings.EqualFold(upper(n.Hdr.Name), zone) && n.Match(name) {
			return n
		}
	}
	return nil
}

// cut reports the types of a delegation that has no DS record.
func cut(types []uint16) bool {
	var ns, other bool
	for _, t := range types {
		ns = ns || t == dns.TypeNS
		other = other || t == dns.TypeDS || t == dns.TypeSOA
	}
	return ns && !other
}

// leads reports the types of a name that others answer for from there on down.
func leads(types []uint16) bool {
	return slices.Contains(types, dns.TypeDNAME) ||
		slices.Contains(types, dns.TypeNS) && !slices.Contains(types, dns.TypeSOA)
}
