// Package dnssec proves answers of DNS by a chain of signatures from a trust
// anchor (RFC 4033 to 4035), so that a claim about a mail domain does not rest
// on the word of whichever name server happens to be near.
//
// It proves what is there, and that a zone has no DS record at its parent. It
// does not prove that a name or a type is missing elsewhere, and no answers
// made from wildcards: those are Unknown, or Said where a name server on this
// machine vouches for them.
//
// It never dials: package resolve asks the questions.
package dnssec

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"

	"smtptest/probe/resolve"
)

// Status is what is known about an answer.
type Status string

// The states, the best first. RFC 4035 §4.3 has secure, insecure, bogus and
// indeterminate; the last is split by whether somebody vouches for the answer.
const (
	Secure   Status = "secure"   // a chain of signatures from a trust anchor was verified here
	Said     Status = "said"     // a name server on this machine set the AD bit (RFC 4035 §3.2.3)
	Insecure Status = "insecure" // a zone on the way has no DS record: it is not signed
	Unknown  Status = "unknown"  // it could not be verified from here: see Reason
	Bogus    Status = "bogus"    // it must be signed, and the proof fails: see Reason
)

// Reason says why an answer is Unknown or Bogus.
type Reason string

// The reasons. The first nine are of Bogus, the others of Unknown.
const (
	ReasonMissing   Reason = "missing"    // the zone is signed, and this answer carries no signature
	ReasonExpired   Reason = "expired"    // the signature's time is over
	ReasonNotYet    Reason = "not-yet"    // the signature's time has not begun
	ReasonSignature Reason = "signature"  // the signature does not fit the data
	ReasonNoKey     Reason = "no-key"     // no key of the zone has made the signature
	ReasonDS        Reason = "ds"         // the parent's DS records fit no key of the zone
	ReasonAnchor    Reason = "anchor"     // the keys of the topmost zone fit no trust anchor
	ReasonServer    Reason = "server"     // the name server refuses the answer, and here it verifies
	ReasonRefused   Reason = "refused"    // the name server refuses the answer, and here it cannot be verified
	ReasonWildcard  Reason = "wildcard"   // the answer was made from a wildcard (RFC 4035 §5.3.4)
	ReasonStripped  Reason = "stripped"   // the name servers asked hand on no DNSSEC records
	ReasonNoProof   Reason = "no-proof"   // nothing proves that the zone has no DS record
	ReasonAlgorithm Reason = "algorithm"  // this program knows none of the algorithms
	ReasonTooMany   Reason = "too-many"   // more than maxChecks signatures would have to be verified
	ReasonNoAnswer  Reason = "no-answer"  // a question on the way was not answered
	ReasonSigner    Reason = "odd-signer" // the signature names a zone that the record does not belong to
)

// Proof is what was found out about an answer.
type Proof struct {
	Status Status
	Zone   string // that signed it, or where the chain ends or breaks; without the final dot, "." is the root
	Reason Reason // of Unknown and Bogus; empty otherwise
	EDE    string // extended error of the name server that refused, printable (RFC 8914); empty: none
}

// Limits of one Run.
const (
	// maxChecks bounds the signatures that one run verifies: CVE-2023-50387
	// (KeyTrap) lets one answer demand thousands. Ten MX hosts in zones of their own take some 80.
	maxChecks = 96
	// maxSignatures and maxKeys bound what is tried for one set of records.
	maxSignatures = 4
	maxKeys       = 4  // with the same tag
	maxZones      = 48 // whose keys are asked for in one run
	maxZoneDepth  = 16 // zones between a name and its anchor
)

// Asker puts questions to name servers; *resolve.Resolver is one.
type Asker interface {
	Ask(ctx context.Context, name string, t resolve.Type, unchecked bool) (*dns.Msg, netip.AddrPort, error)
}

// Run verifies the answers about one mail domain. It remembers the keys of
// zones, and may be used by several goroutines at once.
type Run struct {
	ask     *heard
	anchors map[string][]*dns.DS
	now     func() time.Time

	mu     sync.Mutex
	zones  map[string]*zone
	asked  map[question]*asked
	checks int
}

// NewRun begins a run. anchors are nil for the root's.
func NewRun(ask Asker, anchors Anchors) *Run {
	if anchors == nil {
		anchors = RootAnchors()
	}
	return &Run{
		ask: &heard{Asker: ask}, anchors: anchors, now: time.Now,
		zones: map[string]*zone{}, asked: map[question]*asked{},
	}
}

// Answer is what was asked and came back, with its proof.
type Answer struct {
	Names   []string         // the name asked for and the aliases that it led through, without final dots
	Records []resolve.Record // of the type asked for, at the end of the aliases; at most 64
	Outcome string           // as resolve.Outcome, or resolve.NoData; empty: Records has some
	Server  string           // who answered, or was asked first
	Proof   Proof
}

// Name is where the aliases end.
func (a Answer) Name() string { return a.Names[len(a.Names)-1] }

// Lookup asks and verifies. After SERVFAIL it asks once more with checking
// disabled, so that what a name server holds back can be shown and named.
func (r *Run) Lookup(ctx context.Context, name string, t resolve.Type) Answer {
	r.prepare(ctx, name, t)
	m, from, err := r.ask.Ask(ctx, name, t, false)
	a := Answer{Names: []string{plain(name)}, Outcome: resolve.Outcome(m, err), Server: from.String()}
	var refused *dns.Msg
	if a.Outcome == resolve.ServFail {
		refused = m
		if m, _, err = r.ask.Ask(ctx, name, t, true); resolve.Outcome(m, err) == resolve.ServFail || m == nil {
			a.Proof = Proof{Status: Unknown, Reason: ReasonNoAnswer, EDE: extendedError(refused)}
			return a
		}
		a.Outcome = resolve.Outcome(m, err)
	}
	if m == nil {
		a.Proof = Proof{Status: Unknown, Reason: ReasonNoAnswer}
		return a
	}
	a.read(m)
	a.Proof = r.prove(ctx, m)
	if refused != nil {
		a.Proof = r.held(ctx, a.Proof, m, refused)
	} else if a.Proof.Status == Unknown && m.AuthenticatedData && from.Addr().IsLoopback() {
		a.Proof = Proof{Status: Said, Zone: a.Proof.Zone}
	}
	return a
}

// Unproven asks and verifies nothing, for answers that no claim rests on: the
// Proof stays empty.
func (r *Run) Unproven(ctx context.Context, name string, t resolve.Type) Answer {
	m, from, err := r.ask.Ask(ctx, name, t, false)
	a := Answer{Names: []string{plain(name)}, Outcome: resolve.Outcome(m, err), Server: from.String()}
	if m != nil {
		a.read(m)
	}
	return a
}

// read takes the names and records out of a message.
func (a *Answer) read(m *dns.Msg) {
	a.Names = nil
	for _, name := range resolve.Trace(m) {
		a.Names = append(a.Names, plain(name))
	}
	if a.Records = resolve.Owned(m); len(a.Records) == 0 && a.Outcome == "" {
		a.Outcome = resolve.NoData
	}
}

// held is the proof of an answer that came with checking disabled alone. What
// the chain here found broken says more than that somebody refused it. Where
// it is not broken here the question is asked once more: a failure that does not
// come again was a passing one, as is any where there is no signature to refuse.
func (r *Run) held(ctx context.Context, p Proof, m, refused *dns.Msg) Proof {
	if p.Status == Insecure {
		return p
	}
	if p.Status != Bogus {
		again, _, err := r.ask.Ask(ctx, m.Question[0].Name, resolve.Type(m.Question[0].Qtype), false)
		if resolve.Outcome(again, err) != resolve.ServFail {
			return p
		}
		reason := ReasonServer
		if p.Status == Unknown {
			reason = ReasonRefused
		}
		p.Status, p.Reason = Bogus, reason
	}
	p.EDE = extendedError(refused)
	return p
}

// prove verifies each set of records on the way from the name that was asked
// for to the records; the worst proof counts.
func (r *Run) prove(ctx context.Context, m *dns.Msg) Proof {
	names := resolve.Trace(m)
	var worst Proof
	for i, name := range names {
		t := dns.TypeCNAME
		if i == len(names)-1 {
			t = m.Question[0].Qtype
		}
		p := r.proveSet(ctx, m, name, t)
		if i == 0 || rank(p.Status) > rank(worst.Status) {
			worst = p
		}
	}
	return worst
}

func rank(s Status) int { return slices.Index([]Status{Secure, Said, Insecure, Unknown, Bogus}, s) }

// proveSet verifies the records of one name and type, or that they may be
// unsigned.
func (r *Run) proveSet(ctx context.Context, m *dns.Msg, name string, t uint16) Proof {
	set, signatures := pick(m.Answer, name, t)
	switch {
	case len(set) == 0:
		return r.absent(ctx, m, name)
	case len(signatures) == 0:
		if above := renaming(m, set, name); above != "" { // its signature stands for this alias too
			return r.proveSet(ctx, m, above, dns.TypeDNAME)
		}
		return r.unsigned(ctx, name)
	}
	return r.verify(ctx, set, signatures)
}

// renaming is the owner of the DNAME record that an alias without a signature
// was made from (RFC 6672 §3.1, §5.3.1), empty if it was made from none.
func renaming(m *dns.Msg, set []dns.RR, name string) string {
	alias, ok := set[0].(*dns.CNAME)
	if !ok || len(set) != 1 {
		return ""
	}
	for _, rr := range m.Answer {
		d, ok := rr.(*dns.DNAME)
		if !ok || !dns.IsSubDomain(d.Hdr.Name, name) || strings.EqualFold(d.Hdr.Name, name) {
			continue
		}
		labels := name[:len(name)-len(d.Hdr.Name)]
		if strings.EqualFold(labels+strings.TrimPrefix(d.Target, "."), alias.Target) {
			return d.Hdr.Name
		}
	}
	return ""
}

// pick takes a set and its signatures out of a section of a message.
func pick(section []dns.RR, name string, t uint16) (set []dns.RR, signatures []*dns.RRSIG) {
	for _, rr := range section {
		if !strings.EqualFold(rr.Header().Name, name) {
			continue
		}
		if s, ok := rr.(*dns.RRSIG); ok && s.TypeCovered == t {
			signatures = append(signatures, s)
		} else if rr.Header().Rrtype == t {
			set = append(set, rr)
		}
	}
	return set, signatures[:min(len(signatures), maxSignatures)]
}

// plain is a name as it is shown.
func plain(name string) string {
	if name == "." {
		return name
	}
	return strings.ToLower(strings.TrimSuffix(name, "."))
}
