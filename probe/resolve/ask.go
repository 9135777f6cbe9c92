package resolve

import (
	"context"
	"encoding/hex"
	"net/netip"
	"strings"

	"github.com/miekg/dns"
)

// Type is a type of resource record (RFC 1035 §3.2.2).
type Type uint16

// The types that a mail domain's records have.
const (
	TypeA      = Type(dns.TypeA)
	TypeAAAA   = Type(dns.TypeAAAA)
	TypeCNAME  = Type(dns.TypeCNAME)
	TypeMX     = Type(dns.TypeMX)
	TypeTXT    = Type(dns.TypeTXT)
	TypePTR    = Type(dns.TypePTR)
	TypeSOA    = Type(dns.TypeSOA)
	TypeDS     = Type(dns.TypeDS)
	TypeDNSKEY = Type(dns.TypeDNSKEY)
	TypeTLSA   = Type(dns.TypeTLSA) // RFC 6698 §2
)

// String is the type's name, such as "TLSA".
func (t Type) String() string { return dns.Type(t).String() }

// Ask puts one question to the name servers directly, DNSSEC records included
// (RFC 4035 §3.2.1): the hosts file and the search list have no part in it.
// unchecked asks the server not to validate (the CD bit, RFC 4035 §3.2.2). Keys
// are asked for over TCP, for they seldom fit a datagram. It takes at most 5 s.
//
// The message is nil when none came, and from says who answered or was asked
// first. The error is a *NameError for a name that cannot be asked about.
func (r *Resolver) Ask(ctx context.Context, name string, t Type, unchecked bool) (
	m *dns.Msg, from netip.AddrPort, err error,
) {
	if name != "." {
		if name, err = absolute(name); err != nil {
			return nil, from, err
		}
	}
	servers := r.nameServers()
	if len(servers) == 0 {
		return nil, from, errNobody
	}
	q := new(dns.Msg).SetQuestion(name, uint16(t))
	q.SetEdns0(udpOctets, true)
	q.CheckingDisabled = unchecked
	got := askInTurn(ctx, servers, q)
	return got.message, got.server, got.err
}

// Outcome names what a message or the error instead of it says, in the words of
// an Explanation; empty: the name exists.
func Outcome(m *dns.Msg, err error) string {
	switch {
	case err != nil || m == nil:
		return unanswered(err)
	case m.Rcode == dns.RcodeNameError:
		return NoName
	case m.Rcode == dns.RcodeServerFailure:
		return ServFail
	case m.Rcode != dns.RcodeSuccess:
		return Unknown
	}
	return ""
}

// Trace goes along the aliases of an answer and returns each name on the way,
// the one that was asked for first (RFC 1034 §3.6.2); at most 17. An alias that
// was asked for itself is not followed.
func Trace(m *dns.Msg) []string {
	names := []string{m.Question[0].Name}
	if m.Question[0].Qtype == dns.TypeCNAME {
		return names
	}
	for range maxAliases {
		last := names[len(names)-1]
		next := aliasOf(m.Answer, last)
		if next == "" {
			break
		}
		names = append(names, next)
	}
	return names
}

// aliasOf is the target of the alias that a name is, empty if it is none.
func aliasOf(records []dns.RR, name string) string {
	for _, rr := range records {
		if alias, ok := rr.(*dns.CNAME); ok && strings.EqualFold(alias.Hdr.Name, name) {
			return alias.Target
		}
	}
	return ""
}

// Record is one record of an answer as plain data: of its fields those are set
// that its type has. Names are as they came, without their final dots.
type Record struct {
	IP         netip.Addr // A and AAAA
	Host       string     // MX, PTR and CNAME; "." of a null MX (RFC 7505 §3)
	Preference uint16     // MX
	Text       string     // TXT, its strings joined (RFC 7208 §3.3)
	TLSA       TLSARecord
}

// TLSARecord is the data of a TLSA record (RFC 6698 §2.1).
type TLSARecord struct {
	Usage, Selector, Matching uint8
	Data                      []byte
}

// Owned are the records of an answer that are of the type that was asked for
// and stand at the end of its aliases, at most 64. Others were not asked for.
func Owned(m *dns.Msg) []Record {
	names := Trace(m)
	owner, t := names[len(names)-1], m.Question[0].Qtype
	var out []Record
	for _, rr := range m.Answer {
		if rr.Header().Rrtype != t || !strings.EqualFold(rr.Header().Name, owner) || len(out) == maxRecords {
			continue
		}
		if record, ok := read(rr); ok {
			out = append(out, record)
		}
	}
	return out
}

func read(rr dns.RR) (Record, bool) {
	switch v := rr.(type) {
	case *dns.A:
		ip, ok := netip.AddrFromSlice(v.A.To4())
		return Record{IP: ip}, ok
	case *dns.AAAA:
		ip, ok := netip.AddrFromSlice(v.AAAA)
		return Record{IP: ip.Unmap()}, ok
	case *dns.MX:
		return Record{Host: plainHost(v.Mx), Preference: v.Preference}, true
	case *dns.CNAME:
		return Record{Host: plainHost(v.Target)}, true
	case *dns.PTR:
		return Record{Host: plainHost(v.Ptr)}, true
	case *dns.TXT:
		return Record{Text: strings.Join(v.Txt, "")}, true
	case *dns.TLSA:
		data, err := hex.DecodeString(v.Certificate)
		return Record{TLSA: TLSARecord{v.Usage, v.Selector, v.MatchingType, data}}, err == nil
	}
	return Record{}, false
}

func plainHost(name string) string {
	if name == "." {
		return name
	}
	return strings.TrimSuffix(name, ".")
}

// Reverse is the name at which the PTR record of an address stands (RFC 1035
// §3.5, RFC 3596 §2.5).
func Reverse(ip netip.Addr) string {
	name, err := dns.ReverseAddr(ip.Unmap().WithZone("").String())
	if err != nil {
		return ""
	}
	return name
}
