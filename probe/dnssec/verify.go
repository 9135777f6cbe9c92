package dnssec

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/miekg/dns"

	"smtptest/probe/resolve"
	"smtptest/probe/smtp"
)

// verify proves a set by one of its signatures. A good one is enough, whatever
// stands beside it (RFC 4035 §5.3.3).
func (r *Run) verify(ctx context.Context, set []dns.RR, signatures []*dns.RRSIG) Proof {
	var best Proof
	for _, s := range signatures {
		p := r.verifyBy(ctx, set, s)
		if p.Status == Secure || p.Status == Insecure {
			return p
		}
		best = tellingMore(best, p)
	}
	return best
}

// tellingMore prefers a fault of a signature whose key is known: beside it
// others may stand, by keys that do not count here.
func tellingMore(a, b Proof) Proof {
	if a.Status == "" || a.Reason == ReasonNoKey {
		return b
	}
	return a
}

// verifyBy proves a set by this signature.
func (r *Run) verifyBy(ctx context.Context, set []dns.RR, s *dns.RRSIG) Proof {
	owner := set[0].Header().Name
	p := Proof{Status: Unknown, Zone: plain(s.SignerName)}
	switch {
	case !dns.IsSubDomain(s.SignerName, owner):
		p.Status, p.Reason = Bogus, ReasonSigner
		return p
	case int(s.Labels) < dns.CountLabel(owner):
		p.Reason = ReasonWildcard
		return p
	}
	z := r.zone(ctx, s.SignerName)
	if z.proof.Status != Secure {
		return z.proof
	}
	return r.check(set, s, z.keys)
}

// check verifies one signature with the keys that could have made it.
func (r *Run) check(set []dns.RR, s *dns.RRSIG, keys []*dns.DNSKEY) Proof {
	p := Proof{Status: Bogus, Zone: plain(s.SignerName), Reason: ReasonNoKey}
	if !known(s.Algorithm) {
		return Proof{Status: Unknown, Zone: p.Zone, Reason: ReasonAlgorithm}
	}
	now := r.now()
	tried := 0
	for _, k := range keys {
		if k.Algorithm != s.Algorithm || k.KeyTag() != s.KeyTag || tried == maxKeys {
			continue
		}
		tried++
		if !r.spend() {
			return Proof{Status: Unknown, Zone: p.Zone, Reason: ReasonTooMany}
		}
		if s.Verify(k, set) != nil {
			p.Reason = ReasonSignature
			continue
		}
		return inTime(s, now)
	}
	return p
}

// inTime judges the dates of a signature that fits.
func inTime(s *dns.RRSIG, now time.Time) Proof {
	p := Proof{Status: Secure, Zone: plain(s.SignerName)}
	if s.ValidityPeriod(now) {
		return p
	}
	p.Status, p.Reason = Bogus, ReasonExpired
	// The stamps are serial numbers (RFC 4034 §3.1.5): the difference counts, not the number.
	if int32(s.Inception-uint32(now.Unix())) > 0 {
		p.Reason = ReasonNotYet
	}
	return p
}

// spend counts one verification.
func (r *Run) spend() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.checks++
	return r.checks <= maxChecks
}

// known reports an algorithm that can be verified here. RSA with SHA-1 is left
// out: RFC 9905 §3 lets validators treat it as if the zone were unsigned.
func known(algorithm uint8) bool {
	return slices.Contains([]uint8{dns.RSASHA256, dns.RSASHA512, dns.ECDSAP256SHA256, dns.ECDSAP384SHA384, dns.ED25519},
		algorithm)
}

// unsigned judges a set without a signature by the zone that it stands in.
func (r *Run) unsigned(ctx context.Context, name string) Proof {
	z := r.zone(ctx, r.apex(ctx, name))
	if z.proof.Status != Secure {
		return z.proof
	}
	return r.missing(ctx, z.name)
}

// absent judges an answer without records: what is missing is not proven here,
// but where the zone is not signed there is nothing to prove.
func (r *Run) absent(ctx context.Context, m *dns.Msg, name string) Proof {
	apex := soaOwner(m, name)
	if apex == "" {
		apex = r.apex(ctx, name)
	}
	z := r.zone(ctx, apex)
	if z.proof.Status != Secure {
		return z.proof
	}
	return Proof{Status: Unknown, Zone: plain(z.name), Reason: ReasonNoProof}
}

// apex finds the zone of a name by the SOA record that an answer to a question
// for one carries, in its answer or beside it (RFC 2308 §2). The name itself
// stands for a zone that nobody could name.
func (r *Run) apex(ctx context.Context, name string) string {
	m, _, err := r.once(ctx, name, resolve.TypeSOA)
	if err != nil || m == nil {
		return name
	}
	return cmp.Or(soaOwner(m, name), name)
}

// soaOwner is the zone at or above a name whose SOA record is in a message;
// empty: there is none.
func soaOwner(m *dns.Msg, name string) string {
	for _, rr := range slices.Concat(m.Answer, m.Ns) {
		if soa, ok := rr.(*dns.SOA); ok && dns.IsSubDomain(soa.Hdr.Name, name) {
			return soa.Hdr.Name
		}
	}
	return ""
}

// maxEDE bounds an extended error's text.
const maxEDE = 200 // octets

// extendedError is what a name server said beside its refusal (RFC 8914).
func extendedError(m *dns.Msg) string {
	opt := m.IsEdns0()
	if opt == nil {
		return ""
	}
	for _, o := range opt.Option {
		ede, ok := o.(*dns.EDNS0_EDE)
		if !ok {
			continue
		}
		text := dns.ExtendedErrorCodeToString[ede.InfoCode]
		if ede.ExtraText != "" {
			text += ": " + ede.ExtraText
		}
		text = smtp.Printable([]byte(text[:min(len(text), maxEDE)]))
		return text
	}
	return ""
}
