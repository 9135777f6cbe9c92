package delivery

import (
	"fmt"
	"slices"
	"strings"

	"smtptest/probe/dane"
	"smtptest/probe/diagnosis"
	"smtptest/probe/dnssec"
	"smtptest/probe/domain"
	"smtptest/probe/resolve"
)

// dnssecRules names the broken link of a chain of signatures. Each zone is told
// once.
func dnssecRules(r *domain.Report) (out []Finding) {
	seen := map[string]bool{}
	tell := func(what string, p dnssec.Proof) {
		if p.Status != dnssec.Bogus || seen[p.Zone] {
			return
		}
		seen[p.Zone] = true
		f := Finding{
			ID: DNSSECBogus, Severity: diagnosis.Error, Owner: OwnerDNS,
			Title:       "The DNSSEC signatures of a zone are broken",
			Explanation: "Zone " + p.Zone + ": " + reasonWords(p.Reason) + ". Who validates gets no answer for " + what + ".",
			Advice:      reasonAdvice(p.Reason),
			Reference:   "RFC 4035 §5",
		}
		if refused(p) {
			f.Title, f.Severity = "The name server here refuses an answer because of DNSSEC", diagnosis.Warning
			f.Explanation = "Zone " + p.Zone + ": " + reasonWords(p.Reason) + "."
			f.ID, f.Owner = DNSSECRefused, OwnerOperator
		}
		if p.EDE != "" {
			f.Explanation += " The name server says: “" + p.EDE + "”."
		}
		out = append(out, f)
	}
	tell("the MX records", r.MX.Proof)
	for i := range r.Hosts {
		tell("the address of "+hostName(&r.Hosts[i]), r.Hosts[i].Proof)
		tell("the TLSA records of "+hostName(&r.Hosts[i]), r.Hosts[i].TLSA.Proof)
	}
	tell("the MTA-STS record", r.STS.Proof)
	return out
}

func reasonWords(why dnssec.Reason) string {
	switch why {
	case dnssec.ReasonMissing:
		return "it is signed, and this answer has no signature"
	case dnssec.ReasonExpired:
		return "the signature has expired"
	case dnssec.ReasonNotYet:
		return "the signature is not valid yet"
	case dnssec.ReasonSignature:
		return "the signature does not fit the records"
	case dnssec.ReasonNoKey:
		return "the key that signed is not among the zone's keys"
	case dnssec.ReasonDS:
		return "the DS record at the parent fits none of the zone's keys"
	case dnssec.ReasonAnchor:
		return "its keys fit no trust anchor"
	case dnssec.ReasonServer:
		return "the name server refuses the answer twice, and gives it when told not to check signatures; here they " +
			"verify from the root down"
	case dnssec.ReasonRefused:
		return "the name server refuses the answer twice, and gives it when told not to check signatures; this program " +
			"cannot verify them itself"
	}
	return "the signature is of a zone that the record does not belong to"
}

func reasonAdvice(why dnssec.Reason) string {
	switch why {
	case dnssec.ReasonExpired, dnssec.ReasonNotYet:
		return "Sign the zone again, and check the clock and the signing job of its name server"
	case dnssec.ReasonDS:
		return "Put the DS record of the present key at the parent, or remove it until the zone is right"
	case dnssec.ReasonRefused:
		return "Ask another name server that validates: if it refuses too, the zone is at fault"
	case dnssec.ReasonServer:
		return "Check the trust anchor and the clock of the resolver: the root key changed on 11 October 2026"
	}
	return "Sign the zone again with the keys that its DS records name"
}

// daneRules judges the TLSA records of each server.
func daneRules(r *domain.Report) (out []Finding) {
	with, without := 0, 0
	for i := range r.Hosts {
		h := &r.Hosts[i]
		switch {
		case len(h.TLSA.Records) > 0:
			with++
		case h.TLSA.Outcome == resolve.NoName || h.TLSA.Outcome == resolve.NoData:
			without++
		}
		out = append(out, daneHost(r, h)...)
	}
	if with > 0 && without > 0 {
		out = append(out, Finding{
			ID: DANEPartial, Severity: diagnosis.Info, Owner: OwnerDNS,
			Title:       "Only some of the mail servers have TLSA records",
			Explanation: "A sender that is led to one without is not protected by DANE.",
			Advice:      "Publish TLSA records for every server in the MX records",
			Reference:   "RFC 7672 §2.2",
		})
	}
	return out
}

// daneHost judges one server.
func daneHost(r *domain.Report, h *domain.Host) []Finding {
	t := &h.TLSA
	f := Finding{Severity: diagnosis.Error, Owner: OwnerDNS, Reference: "RFC 7672 §2.2"}
	switch {
	case proven(basis(h)) && t.Outcome == resolve.ServFail:
		f.ID, f.Title = DANELookup, "The question for TLSA records fails"
		f.Explanation = "_25._tcp." + t.Base + " is answered with SERVFAIL. Senders with DANE do not deliver to " +
			h.Name + "."
		f.Advice = "Repair the name server: it must answer for every type, also with “no such record”"
		f.Reference = "RFC 7672 §2.1.2"
	case len(t.Records) == 0:
		return nil
	case unsigned(t.Proof) || unsigned(basis(h)):
		f.ID, f.Title, f.Severity = DANEUnsigned, "TLSA records without DNSSEC protect nobody", diagnosis.Warning
		f.Explanation = "_25._tcp." + t.Base + " has TLSA records, and the way to them is not signed from end to end."
		f.Advice, f.Reference = "Sign the zones of the domain and of its mail servers", "RFC 7672 §2.1"
	case !proven(t.Proof) || !proven(basis(h)):
		return nil
	case unsigned(r.MX.Proof):
		return append(daneMatch(r, h, "Postfix with DANE does"), Finding{
			ID: DANEUnsigned, Severity: diagnosis.Warning, Owner: OwnerDNS, Reference: "RFC 7672 §2.2.1",
			Title: "The MX records are not signed, so DANE protects little",
			Explanation: "The TLSA records of " + h.Name + " are signed, the MX records that name it are not. " +
				"Postfix uses the TLSA records all the same, Microsoft 365 does not.",
			Advice: "Sign the zone of the domain",
		})
	case proven(r.MX.Proof):
		return daneMatch(r, h, "Senders with DANE (Postfix, Exim, Microsoft 365) do")
	default:
		return daneMatch(r, h, "Postfix with DANE does")
	}
	return []Finding{f}
}

// daneMatch judges proven records against what the addresses showed. who begins
// the sentence about those that insist on them.
func daneMatch(r *domain.Report, h *domain.Host, who string) (out []Finding) {
	d := daneMisfit{host: h, who: who, domain: r.Request.Domain}
	bad := map[dane.Result][]string{}
	for i := range h.Addresses {
		a := &h.Addresses[i]
		s := a.Session()
		if s == nil || s.Hello() == nil || oursAlone(s) {
			continue
		}
		result := a.DANE.Result
		if !complete(s) {
			result = dane.NotCompare
		} else if result == dane.NotCompare { // by a limit of ours
			continue
		} else if d.record == "" {
			d.record, d.sent = a.Record, len(s.TLS.Chain)
		}
		bad[result] = append(bad[result], a.IP.String())
	}
	for _, result := range []dane.Result{
		dane.NoMatch, dane.PassedOver, dane.WrongName, dane.Expired, dane.BadChain, dane.Unusable, dane.NotCompare,
	} {
		if len(bad[result]) > 0 {
			d.at = h.Name + " [" + strings.Join(bad[result], ", ") + "]"
			out = append(out, d.finding(result))
		}
	}
	return out
}

// daneMisfit is a server whose proven records do not fit what it showed.
type daneMisfit struct {
	host   *domain.Host
	domain string // a name that the certificate may have too
	at     string // the server with the addresses that it is about
	who    string // begins the sentence about the senders that insist on the records
	record string // that the present key would need; empty: unknown
	sent   int    // certificates that the server sent with that key
}

// finding words a result.
func (d daneMisfit) finding(result dane.Result) Finding {
	f := Finding{Severity: diagnosis.Error, Owner: OwnerDNS, Reference: "RFC 7672 §2.2"}
	switch result {
	case dane.NoMatch, dane.PassedOver:
		f.ID, f.Title, f.Reference = DANEMismatch, "The TLSA records fit no certificate of the mail server",
			"RFC 7672 §3, RFC 7671 §8.1"
		f.Explanation, f.Advice = d.mismatch(result)
		if result == dane.NoMatch && authoritiesOnly(d.host.TLSA.Records) {
			f.Owner = OwnerServer
		}
		if d.record != "" {
			f.Paste = "_25._tcp." + d.host.TLSA.Base + ". IN TLSA " + d.record
		}
	case dane.WrongName, dane.Expired, dane.BadChain:
		f.ID, f.Title = DANEName, "The certificate does not hold under the authority that TLSA names"
		f.Explanation = d.at + ": " + d.authorityWords(result) + ". " + d.who + " not deliver here."
		f.Advice, f.Owner, f.Reference = "Renew the certificate for "+d.host.TLSA.Base, OwnerServer, "RFC 7672 §3.2"
	case dane.Unusable:
		f.ID, f.Title, f.Severity = DANEUnusable, "No sender can use the TLSA records", diagnosis.Warning
		f.Explanation = "The records of " + d.host.TLSA.Base + " have usages or forms that are not for mail servers: " +
			"senders encrypt and verify nothing."
		f.Advice, f.Reference = "Publish records of the form 3 1 1 or 2 1 1", "RFC 7672 §3.1.3"
	default:
		f.ID, f.Title, f.Owner = DANENoTLS, "TLSA records demand TLS, and the mail server has none that works", OwnerServer
		f.Explanation = d.at + " has no TLS that works. " + d.who + " not deliver without it."
		f.Advice = "Switch STARTTLS on in the mail server"
	}
	return f
}

// mismatch says why no record counts, and what to do.
func (d daneMisfit) mismatch(result dane.Result) (explanation, advice string) {
	switch {
	case result == dane.PassedOver:
		return d.at + ": a record with SHA-256 fits, and beside it one with SHA-512 does not. Senders look at the stronger " +
				"digest alone. " + d.who + " not deliver here.",
			"Remove the record with SHA-512, or publish the one of the present certificate"
	case authoritiesOnly(d.host.TLSA.Records):
		return fmt.Sprintf("%s: the records name an authority by its digest alone, so the server must send its certificate. "+
				"It is not among those that it sends (%d). %s not deliver here.", d.at, d.sent, d.who),
			"Send the whole chain with the authority's certificate, or publish the record of the server's key"
	}
	return d.at + " shows a certificate that none of the records names, as after a renewal with a new key. " +
			d.who + " not deliver here.",
		"Publish the record of the present key, or put the old key back"
}

// authoritiesOnly reports that each record that can be used is the digest of an
// authority, which a server has to send (RFC 7672 §3.1.2).
func authoritiesOnly(records []dane.Record) bool {
	return !slices.ContainsFunc(records, func(r dane.Record) bool {
		return r.Usable() == "" && (r.Usage != 2 || r.Matching == 0)
	})
}

func (d daneMisfit) authorityWords(result dane.Result) string {
	switch result {
	case dane.WrongName:
		if d.domain == d.host.TLSA.Base {
			return "the certificate is not for " + d.domain
		}
		return "the certificate is neither for " + d.host.TLSA.Base + " nor for " + d.domain
	case dane.Expired:
		return "the certificate leads to the authority, and has expired or is not valid yet, or one on the way has"
	}
	return "the authority is in the chain, and has not signed what stands below it"
}
