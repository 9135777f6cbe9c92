// Package domaintest is a mail domain to test with: zones that are signed as
// they are asked for, and sessions that end as a scenario says.
package domaintest

import (
	"context"
	"crypto"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"

	"smtptest/probe/dnssec"
	"smtptest/probe/resolve"
)

// T is what goes wrong is said to: a test, or the playground.
type T interface {
	Helper()
	Errorf(format string, args ...any)
	Fatal(args ...any)
	Cleanup(func())
}

// Zones are signed zones that answer like a name server which hands on DNSSEC
// records. They are changed before they are asked, and not meanwhile.
type Zones struct {
	t      T
	Now    time.Time
	Keys   map[string]*dns.DNSKEY
	made   map[string]crypto.Signer
	Sets   map[string][]dns.RR // "name TYPE": the set and its signature
	Denial map[string][]dns.RR // what stands in the authority section of a missing set
	// Failing sets are answered with SERVFAIL unless checking is disabled.
	Failing map[string]bool
	// Dead sets are answered with SERVFAIL always.
	Dead map[string]bool
	// Silent: nothing is answered.
	Silent bool
	From   netip.AddrPort
	AD     bool

	mu    sync.Mutex
	asked map[string]int
}

// NewZones is a root zone alone.
func NewZones(t T) *Zones {
	z := &Zones{
		t: t, Now: time.Now(), Keys: map[string]*dns.DNSKEY{}, made: map[string]crypto.Signer{},
		Sets: map[string][]dns.RR{}, Denial: map[string][]dns.RR{}, Failing: map[string]bool{}, Dead: map[string]bool{},
		From: netip.MustParseAddrPort("192.0.2.53:53"), asked: map[string]int{},
	}
	z.Sign(".", "")
	return z
}

// Anchors are the keys of the root.
func (z *Zones) Anchors() dnssec.Anchors { return dnssec.Anchors{".": {z.Keys["."].ToDS(dns.SHA256)}} }

// Sign makes a signed zone, with its DS record in the parent.
func (z *Zones) Sign(name, parent string) {
	k := &dns.DNSKEY{Hdr: Header(name, dns.TypeDNSKEY), Flags: 257, Protocol: 3, Algorithm: dns.ECDSAP256SHA256}
	made, err := k.Generate(256)
	if err != nil {
		z.t.Fatal(err)
	}
	z.Keys[name], z.made[name] = k, made.(crypto.Signer)
	z.Put(name, k)
	z.Put(name, z.RR(name+" 60 IN SOA ns. host. 1 60 60 60 60"))
	if parent != "" {
		ds := k.ToDS(dns.SHA256)
		ds.Hdr = Header(name, dns.TypeDS)
		z.Put(parent, ds)
	}
}

// Unsigned makes a zone that its parent proves to be unsigned.
func (z *Zones) Unsigned(name, parent string) {
	z.Put("", z.RR(name+" 60 IN SOA ns. host. 1 60 60 60 60"))
	nsec := z.RR(name + " 60 IN NSEC zz." + parent + " NS RRSIG NSEC")
	z.Denial[name+" DS"] = []dns.RR{nsec, z.Signature(parent, 0, nsec)}
}

// Put signs a set in a zone and serves it. An empty zone: it is not signed.
func (z *Zones) Put(zone string, set ...dns.RR) {
	key := strings.ToLower(set[0].Header().Name) + " " + dns.TypeToString[set[0].Header().Rrtype]
	z.Sets[key] = set
	if zone != "" {
		z.Sets[key] = append(set, z.Signature(zone, 0, set...))
	}
}

// Signature signs a set; shift moves its two hours.
func (z *Zones) Signature(zone string, shift time.Duration, set ...dns.RR) *dns.RRSIG {
	s := &dns.RRSIG{
		Algorithm: dns.ECDSAP256SHA256, SignerName: zone, KeyTag: z.Keys[zone].KeyTag(),
		Inception:  uint32(z.Now.Add(shift - time.Hour).Unix()),
		Expiration: uint32(z.Now.Add(shift + time.Hour).Unix()),
	}
	s.Hdr = Header(set[0].Header().Name, dns.TypeRRSIG)
	if err := s.Sign(z.made[zone], set); err != nil {
		z.t.Fatal(err)
	}
	return s
}

// Ask implements dnssec.Asker.
func (z *Zones) Ask(_ context.Context, name string, t resolve.Type, unchecked bool) (*dns.Msg, netip.AddrPort, error) {
	name = strings.ToLower(dns.Fqdn(name))
	m := new(dns.Msg).SetQuestion(name, uint16(t))
	m.Response, m.AuthenticatedData = true, z.AD
	key := name + " " + t.String()
	z.mu.Lock()
	z.asked[key]++
	z.mu.Unlock()
	if z.Silent {
		return nil, z.From, context.DeadlineExceeded
	}
	if z.Dead[key] || z.Failing[key] && !unchecked {
		m.Rcode = dns.RcodeServerFailure
		m.SetEdns0(1232, true)
		m.IsEdns0().Option = append(m.IsEdns0().Option, &dns.EDNS0_EDE{InfoCode: 7, ExtraText: "too old"})
		return m, z.From, nil
	}
	for at := name; ; {
		if found, ok := z.Sets[at+" "+t.String()]; ok {
			m.Answer = append(m.Answer, found...)
			return m, z.From, nil
		}
		alias, ok := z.Sets[at+" CNAME"]
		if !ok {
			break
		}
		m.Answer = append(m.Answer, alias...)
		at = alias[0].(*dns.CNAME).Target
	}
	if !z.exists(name) {
		m.Rcode = dns.RcodeNameError
	}
	m.Ns = append(z.Denial[key], z.soaFor(name, t)...)
	return m, z.From, nil
}

// Asked is how often a question came.
func (z *Zones) Asked(key string) int {
	z.mu.Lock()
	defer z.mu.Unlock()
	return z.asked[key]
}

// exists reports a name that has records, or names below it that have.
func (z *Zones) exists(name string) bool {
	for key := range z.Sets {
		owner, _, _ := strings.Cut(key, " ")
		if owner == name || strings.HasSuffix(owner, "."+name) {
			return true
		}
	}
	return false
}

// soaFor is the SOA record of the zone that says that something is missing.
func (z *Zones) soaFor(name string, t resolve.Type) []dns.RR {
	if t == resolve.TypeDS {
		name = upper(name)
	}
	for ; ; name = upper(name) {
		if soa, ok := z.Sets[name+" SOA"]; ok {
			return soa
		}
	}
}

func upper(name string) string {
	_, name, _ = strings.Cut(name, ".")
	return dns.Fqdn(name)
}

// Header is that of a record with a time to live of a minute.
func Header(name string, t uint16) dns.RR_Header {
	return dns.RR_Header{Name: name, Rrtype: t, Class: dns.ClassINET, Ttl: 60}
}

// RR reads a record in the form of a zone file.
func (z *Zones) RR(text string) dns.RR {
	z.t.Helper()
	parsed, err := dns.NewRR(text)
	if err != nil {
		z.t.Fatal(err)
	}
	return parsed
}
