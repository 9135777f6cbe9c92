package jsonreport

import (
	"encoding/json"
	"net/netip"
	"time"

	"smtptest/probe/blocklist"
	"smtptest/probe/dane"
	"smtptest/probe/diagnosis/delivery"
	"smtptest/probe/dnssec"
	"smtptest/probe/domain"
	"smtptest/probe/mtasts"
)

// EncodeDomain writes what was found out about a mail domain, as #/$defs/domain
// of the schema describes.
func EncodeDomain(j delivery.Judged) ([]byte, error) {
	r := j.Report
	out, err := json.MarshalIndent(domainJSON{
		Version: Version, Domain: r.Request.Domain, Vantage: r.Vantage, Started: instant(r.Started),
		ElapsedMS: milliseconds(r.Elapsed), Denied: r.Denied, Verdict: string(j.Verdict),
		Findings: each(j.Findings, domainFinding), Senders: each(j.Senders, sender),
		MX: mxRecords(r.MX), Hosts: each(r.Hosts, mailHost(r)), HostsOmitted: r.HostsOmitted,
		AddressesOmitted: r.AddressesOmitted, STS: policyRecord(r.STS), Reports: text(r.Reports),
		SPF: spf(r.SPF), DMARC: dmarc(r.DMARC), DKIM: text(r.DKIM), BIMI: text(r.BIMI),
		BlockLists: each(r.BlockLists, blockList), Control: each(r.Control, control),
	}, "", "  ")
	return append(out, '\n'), err
}

type domainJSON struct {
	Version          int                 `json:"version"`
	Domain           string              `json:"domain"`
	Vantage          string              `json:"vantage,omitempty"`
	Started          time.Time           `json:"started"`
	ElapsedMS        milliseconds        `json:"elapsed_ms"`
	Denied           string              `json:"denied,omitempty"`
	Verdict          string              `json:"verdict"`
	Findings         []domainFindingJSON `json:"findings"`
	Senders          []senderJSON        `json:"senders"`
	MX               mxRecordsJSON       `json:"mx"`
	Hosts            []mailHostJSON      `json:"hosts"`
	HostsOmitted     int                 `json:"hosts_omitted,omitempty"`
	AddressesOmitted int                 `json:"addresses_omitted,omitempty"`
	STS              stsJSON             `json:"mta_sts"`
	Reports          textJSON            `json:"tls_rpt"`
	SPF              spfJSON             `json:"spf"`
	DMARC            dmarcJSON           `json:"dmarc"`
	DKIM             textJSON            `json:"dkim"`
	BIMI             textJSON            `json:"bimi"`
	BlockLists       []blockListJSON     `json:"block_lists,omitempty"`
	Control          []controlJSON       `json:"control,omitempty"`
}

type domainFindingJSON struct {
	ID          string `json:"id"`
	Severity    string `json:"severity"`
	Title       string `json:"title"`
	Explanation string `json:"explanation"`
	Advice      string `json:"advice,omitempty"`
	Paste       string `json:"paste,omitempty"`
	Owner       string `json:"owner"`
	Reference   string `json:"reference,omitempty"`
}

func domainFinding(f delivery.Finding) domainFindingJSON {
	return domainFindingJSON{
		string(f.ID), string(f.Severity), f.Title, f.Explanation, f.Advice, f.Paste, string(f.Owner), f.Reference,
	}
}

type senderJSON struct {
	Kind    string   `json:"kind"`
	Source  string   `json:"source"`
	Hosts   []string `json:"hosts"` // one for each of "hosts"
	Outcome string   `json:"outcome"`
}

func sender(s delivery.Sender) senderJSON {
	return senderJSON{
		s.Kind.ID, s.Kind.Source, each(s.Hosts, func(o delivery.Outcome) string { return string(o) }), string(s.Domain),
	}
}

type proofJSON struct {
	Status string `json:"status"`
	Zone   string `json:"zone,omitempty"`
	Reason string `json:"reason,omitempty"`
	EDE    string `json:"ede,omitempty"`
}

func proof(p dnssec.Proof) *proofJSON {
	if p.Status == "" {
		return nil
	}
	return &proofJSON{string(p.Status), p.Zone, string(p.Reason), p.EDE}
}

type mxRecordsJSON struct {
	Outcome  string     `json:"outcome,omitempty"`
	Proof    *proofJSON `json:"dnssec,omitempty"`
	Null     bool       `json:"null,omitempty"`
	Implicit bool       `json:"implicit,omitempty"`
	Aliases  []string   `json:"aliases,omitempty"`
}

func mxRecords(m domain.MX) mxRecordsJSON {
	return mxRecordsJSON{m.Outcome, proof(m.Proof), m.Null, m.Implicit, m.Aliases}
}

type mailHostJSON struct {
	Name       string            `json:"name"`
	Preference uint16            `json:"preference"`
	Denied     string            `json:"denied,omitempty"`
	Outcome    string            `json:"outcome,omitempty"`
	Aliases    []string          `json:"aliases,omitempty"`
	Proof      *proofJSON        `json:"dnssec,omitempty"`
	Alias      *proofJSON        `json:"alias_dnssec,omitempty"`
	TLSA       tlsaJSON          `json:"tlsa"`
	Addresses  []mailAddressJSON `json:"addresses"`
}

type tlsaJSON struct {
	Base    string     `json:"base,omitempty"`
	Outcome string     `json:"outcome,omitempty"`
	Proof   *proofJSON `json:"dnssec,omitempty"`
	Records []string   `json:"records,omitempty"`
}

type mailAddressJSON struct {
	IP      string       `json:"ip"`
	Skipped string       `json:"skipped,omitempty"`
	Session *sessionJSON `json:"session,omitempty"`
	DANE    string       `json:"dane,omitempty"`
	Record  string       `json:"tlsa_for_key,omitempty"`
	PTR     string       `json:"ptr,omitempty"`
	Named   bool         `json:"ptr_confirmed"`
}

func mailHost(r *domain.Report) func(domain.Host) mailHostJSON {
	return func(h domain.Host) mailHostJSON {
		return mailHostJSON{
			Name: h.Name, Preference: h.Preference, Denied: h.Denied, Outcome: h.Outcome, Aliases: h.Aliases,
			Proof: proof(h.Proof), Alias: proof(h.Alias),
			TLSA: tlsaJSON{
				h.TLSA.Base, h.TLSA.Outcome, proof(h.TLSA.Proof), each(h.TLSA.Records, dane.Record.String),
			},
			Addresses: each(h.Addresses, func(a domain.Address) mailAddressJSON { return mailAddress(h.Name, a) }),
		}
	}
}

func mailAddress(host string, a domain.Address) mailAddressJSON {
	out := mailAddressJSON{
		IP: a.IP.String(), Skipped: string(a.Skipped), DANE: string(a.DANE.Result), Record: a.Record,
		PTR: a.PTR.Name, Named: a.PTR.Confirmed,
	}
	if s := a.Session(); s != nil {
		shape := session(host, *s)
		out.Session = &shape
	}
	return out
}

type textJSON struct {
	Name    string     `json:"name,omitempty"`
	Outcome string     `json:"outcome,omitempty"`
	Proof   *proofJSON `json:"dnssec,omitempty"`
	Records []string   `json:"records,omitempty"`
	Problem string     `json:"problem,omitempty"`
}

func text(t domain.Text) textJSON {
	return textJSON{t.Name, t.Outcome, proof(t.Proof), t.Records, t.Problem}
}

type stsJSON struct {
	Record textJSON    `json:"record"`
	ID     string      `json:"id,omitempty"`
	Policy *policyJSON `json:"policy,omitempty"`
	Fetch  *fetchJSON  `json:"fetch,omitempty"`
}

type policyJSON struct {
	Mode   string   `json:"mode"`
	MX     []string `json:"mx"`
	MaxAge int      `json:"max_age_s"`
}

type fetchJSON struct {
	Status    int          `json:"status,omitempty"`
	Failure   string       `json:"failure,omitempty"`
	Detail    string       `json:"detail,omitempty"`
	Type      string       `json:"type,omitempty"`
	ElapsedMS milliseconds `json:"elapsed_ms"`
}

func policyRecord(s domain.STS) stsJSON {
	out := stsJSON{Record: text(s.Text), ID: s.ID, Policy: some(s.Policy, policy)}
	if f := s.Fetch; f != (domain.Fetch{}) {
		out.Fetch = &fetchJSON{f.Status, f.Failure, f.Detail, f.Type, milliseconds(f.Elapsed)}
	}
	return out
}

func policy(p mtasts.Policy) policyJSON {
	return policyJSON{string(p.Mode), same(p.MX), int(p.MaxAge / time.Second)}
}

type spfJSON struct {
	Record  textJSON `json:"record"`
	Lookups int      `json:"lookups"`
	Void    int      `json:"void,omitempty"`
	All     string   `json:"all,omitempty"`
	Partial bool     `json:"partial,omitempty"`
}

func spf(s domain.SPF) spfJSON { return spfJSON{text(s.Text), s.Lookups, s.Void, s.All, s.Partial} }

type dmarcJSON struct {
	Record textJSON `json:"record"`
	Found  string   `json:"found,omitempty"`
	Policy string   `json:"policy,omitempty"`
	Test   bool     `json:"test,omitempty"`
}

func dmarc(d domain.DMARC) dmarcJSON { return dmarcJSON{text(d.Text), d.Found, d.Policy, d.Test} }

type blockListJSON struct {
	Zone       string        `json:"zone"`
	IP4        string        `json:"ipv4,omitempty"`
	IP6        string        `json:"ipv6,omitempty"`
	Error      string        `json:"error_code,omitempty"`
	Asked      int           `json:"asked"`
	Unanswered int           `json:"unanswered,omitempty"`
	Listings   []listingJSON `json:"listings"`
}

type listingJSON struct {
	IP     string   `json:"ip"`
	Codes  []string `json:"codes"`
	Reason string   `json:"reason,omitempty"`
}

func blockList(l blocklist.List) blockListJSON {
	out := blockListJSON{
		Zone: l.Zone, IP4: string(l.IP4), IP6: string(l.IP6), Asked: l.Asked, Unanswered: l.Unanswered,
		Listings: each(l.Listings, func(o blocklist.Listing) listingJSON {
			return listingJSON{o.IP.String(), each(o.Codes, netip.Addr.String), o.Reason}
		}),
	}
	if l.Code.IsValid() {
		out.Error = l.Code.String()
	}
	return out
}
