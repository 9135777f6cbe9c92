package resolve

import (
	"cmp"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"smtptest/probe/smtp"
)

// Limits of what is kept of an answer.
const (
	maxMX         = 20  // records
	maxAliases    = 16  // links of a chain of aliases
	maxRecords    = 64  // of one set; no mail domain needs more
	maxHostOctets = 255 // of a host's text; a name is no longer (RFC 1035 §2.3.4), its escaped form may be
)

// MX is one mail exchanger record (RFC 5321 §5.1).
type MX struct {
	Preference uint16
	// Host is without the final dot, except for the null MX "." (RFC 7505
	// §3). It is what the record says and need not be a host name: an IP
	// address, or octets that DNS escapes (RFC 1035 §5.1), may stand there.
	Host string
}

// explain reads an answer to a question for MX.
func explain(m *dns.Msg) Explanation {
	e := Explanation{Answer: Unknown}
	switch m.Rcode {
	case dns.RcodeNameError:
		e.Answer = NoName
	case dns.RcodeServerFailure:
		e.Answer = ServFail
		return e
	case dns.RcodeSuccess:
		e.Answer = NoData
	default:
		return e
	}
	asked := m.Question[0].Name
	owner := follow(m.Answer, asked)
	if !strings.EqualFold(owner, asked) {
		e.Alias = hostText(owner)
	}
	if e.Answer == NoData {
		e.MX, e.MXOmitted = orderMX(exchangers(m.Answer, owner))
	}
	return e
}

// follow goes along the CNAME records of an answer to the name that holds
// the records asked for (RFC 1034 §3.6.2).
func follow(records []dns.RR, name string) string {
	for range maxAliases {
		next := aliasOf(records, name)
		if next == "" {
			break
		}
		name = next
	}
	return name
}

// exchangers are the MX records of one owner: other records in an answer
// were not asked for.
func exchangers(records []dns.RR, owner string) []MX {
	var out []MX
	for _, rr := range records {
		if mx, ok := rr.(*dns.MX); ok && strings.EqualFold(mx.Hdr.Name, owner) {
			out = append(out, MX{mx.Preference, hostText(mx.Mx)})
		}
	}
	return out
}

// orderMX sorts, drops repetitions and keeps the first.
func orderMX(found []MX) (kept []MX, omitted int) {
	slices.SortFunc(found, func(a, b MX) int {
		return cmp.Or(cmp.Compare(a.Preference, b.Preference), strings.Compare(a.Host, b.Host))
	})
	found = slices.Compact(found)
	kept = found[:min(len(found), maxMX)]
	return kept, len(found) - len(kept)
}

// hostText makes a name of an answer fit to be shown.
func hostText(name string) string {
	if name != "." {
		name = strings.TrimSuffix(name, ".")
	}
	if name = smtp.Printable([]byte(name)); len(name) > maxHostOctets {
		name = strings.ToValidUTF8(name[:maxHostOctets], "") + "…"
	}
	return name
}
