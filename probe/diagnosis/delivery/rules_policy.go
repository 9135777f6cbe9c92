package delivery

import (
	"fmt"
	"strings"
	"time"

	"smtptest/probe/diagnosis"
	"smtptest/probe/domain"
	"smtptest/probe/mtasts"
	"smtptest/probe/resolve"
)

// stsRecord judges the _mta-sts record and whether the policy can be had.
func stsRecord(r *domain.Report) []Finding {
	s := &r.STS
	switch {
	case s.Name == "" || r.MX.Null:
		return nil
	case len(s.Records) == 0 && failed(s.Outcome):
		return nil
	case len(s.Records) == 0:
		return []Finding{{
			ID: STSNone, Severity: diagnosis.Info, Owner: OwnerDNS,
			Title:       "The domain has no MTA-STS policy",
			Explanation: "Nothing tells senders to insist on TLS, unless the domain has DANE.",
			Reference:   "RFC 8461 §3",
		}}
	case s.Problem != "":
		return []Finding{{
			ID: STSRecord, Severity: diagnosis.Warning, Owner: OwnerDNS,
			Title:       "The MTA-STS record cannot be used",
			Explanation: "At " + s.Name + ": " + s.Problem + ". Senders act as if there were none.",
			Advice:      "Publish exactly one record of this form",
			Paste:       s.Name + ". IN TXT \"v=STSv1; id=" + r.Started.Format("20060102150405") + "\"",
			Reference:   "RFC 8461 §3.1",
		}}
	case s.Policy == nil:
		return []Finding{noPolicy(r)}
	}
	return nil
}

// failed reports a question without an answer: whether there is a record is not
// known then.
func failed(outcome string) bool {
	return outcome != "" && outcome != resolve.NoData && outcome != resolve.NoName
}

// noPolicy says why the policy could not be fetched.
func noPolicy(r *domain.Report) Finding {
	f := Finding{
		ID: STSOrphan, Severity: diagnosis.Warning, Owner: OwnerWeb,
		Title:       "The MTA-STS policy cannot be fetched",
		Explanation: "https://mta-sts." + r.Request.Domain + "/.well-known/mta-sts.txt: " + fetchWords(r.STS.Fetch) + ".",
		Advice:      "Serve the policy at this address, or remove the record at " + r.STS.Name,
		Reference:   "RFC 8461 §3.3",
	}
	switch r.STS.Fetch.Failure {
	case domain.FetchCertificate:
		f.ID, f.Title = STSCertificate, "The certificate of the MTA-STS policy host is not valid"
		f.Advice = "Get a certificate for mta-sts." + r.Request.Domain + " from a public authority"
	case domain.FetchSyntax:
		f.ID, f.Title = STSSyntax, "The MTA-STS policy has a fault"
		f.Advice = "Mend the line in the policy file"
		f.Reference = "RFC 8461 §3.2"
	case domain.FetchNoAddress, domain.FetchLookup:
		f.Owner = OwnerDNS
	case domain.FetchDenied:
		f.Severity, f.Owner, f.Advice = diagnosis.Info, OwnerYou, "Fetch the policy from another network"
		f.Title = "The MTA-STS policy was not fetched from here"
		return f
	}
	f.Explanation += " Senders that know an earlier policy go on using it; others act as if there were none."
	return f
}

func fetchWords(f domain.Fetch) string {
	switch f.Failure {
	case domain.FetchNoAddress:
		return "the host has no address"
	case domain.FetchLookup:
		return "DNS gives no answer about the address of the host"
	case domain.FetchDenied:
		return "the host cannot be asked from here"
	case domain.FetchConnect:
		return "no connection"
	case domain.FetchCertificate:
		return "its certificate was refused (" + f.Detail + ")"
	case domain.FetchStatus:
		if f.Status >= 300 && f.Status < 400 {
			return fmt.Sprintf("HTTP status %d, and senders follow no redirection", f.Status)
		}
		return fmt.Sprintf("HTTP status %d", f.Status)
	case domain.FetchType:
		return "the media type is “" + f.Type + "” instead of text/plain"
	case domain.FetchTooLong:
		return "the file is longer than 64 KiB"
	case domain.FetchTimeout:
		return "no answer in time"
	}
	return f.Detail
}

// minAge is the shortest time that a policy is worth: RFC 8461 §3.2 recommends
// weeks, and a policy of hours protects nobody who sends once a day.
const minAge = 24 * time.Hour

// stsPolicy holds the policy against the domain's servers.
func stsPolicy(r *domain.Report) (out []Finding) {
	p := r.STS.Policy
	if p == nil || p.Mode == mtasts.None {
		return nil
	}
	var outside []string
	for i := range r.Hosts {
		if name := r.Hosts[i].Name; name != "" && !p.Covers(name) { // some may not be shown
			outside = append(outside, name)
		}
	}
	out = append(out, uncovered(r, outside)...)
	if p.Mode == mtasts.Enforce && len(outside) < len(r.Hosts) {
		out = append(out, enforced(r)...)
	}
	if p.Mode == mtasts.Testing {
		out = append(out, Finding{
			ID: STSTesting, Severity: diagnosis.Info, Owner: OwnerWeb,
			Title:       "The MTA-STS policy is in testing mode",
			Explanation: "Senders report failures and deliver all the same.",
			Reference:   "RFC 8461 §5",
		})
	}
	if p.MaxAge < minAge {
		out = append(out, Finding{
			ID: STSShort, Severity: diagnosis.Info, Owner: OwnerWeb,
			Title: "The MTA-STS policy is kept for less than a day",
			Explanation: fmt.Sprintf("max_age is %d seconds: a sender that writes once a day is never protected.",
				int(p.MaxAge.Seconds())),
			Advice:    "Set max_age to weeks, such as 2419200",
			Reference: "RFC 8461 §3.2",
		})
	}
	return out
}

// uncovered judges servers that no line of the policy names.
func uncovered(r *domain.Report, outside []string) []Finding {
	if len(outside) == 0 {
		return nil
	}
	p := r.STS.Policy
	f := Finding{
		ID: STSSomeMatch, Severity: diagnosis.Warning, Owner: OwnerWeb,
		Title: "The MTA-STS policy leaves out a mail server",
		Explanation: strings.Join(outside[:min(len(outside), maxNamed)], ", ") + " fits none of: " +
			strings.Join(p.MX[:min(len(p.MX), 2*maxNamed)], ", ") + ".",
		Advice:    "Add the names of all MX records to the policy, then change the id of the record",
		Reference: "RFC 8461 §4.1",
	}
	if len(outside) == len(r.Hosts) {
		f.ID, f.Title = STSNoMatch, "The MTA-STS policy fits none of the mail servers"
		if p.Mode == mtasts.Enforce {
			f.Severity = diagnosis.Error
			f.Explanation += " The policy is enforced: senders that go by it (Gmail; Microsoft 365 where there is no DANE) " +
				"do not deliver."
		}
	}
	for _, name := range outside {
		f.Paste += "mx: " + name + "\n"
	}
	f.Paste = strings.TrimSuffix(f.Paste, "\n")
	return []Finding{f}
}

// enforced finds servers that an enforced policy shuts out by their own state.
func enforced(r *domain.Report) []Finding {
	bare := which(places(r), func(p place) bool {
		return r.STS.Policy.Covers(p.host.Name) && p.session.Hello() != nil && !complete(p.session) &&
			!oursAlone(p.session)
	})
	if len(bare) == 0 {
		return nil
	}
	return []Finding{{
		ID: STSBlocks, Severity: diagnosis.Error, Owner: OwnerServer,
		Title:       "The MTA-STS policy demands TLS, and a mail server has none that works",
		Explanation: list(bare) + ": " + tlsState(bare[0].session) + ". MTA-STS senders do not deliver here.",
		Advice:      "Switch STARTTLS on, or set the policy to mode: testing until it works",
		Reference:   "RFC 8461 §5",
	}}
}

// spfRules judges the sender policy.
func spfRules(r *domain.Report) []Finding {
	s := &r.SPF
	f := Finding{Severity: diagnosis.Warning, Owner: OwnerDNS, Reference: "RFC 7208 §4.6.4"}
	switch {
	case s.Name == "" || s.Outcome != "" && len(s.Records) == 0 && s.Outcome != "nodata" && s.Outcome != "nxdomain":
		return nil
	case len(s.Records) == 0:
		f.ID, f.Title = SPFNone, "The domain has no SPF policy"
		f.Explanation = "Receivers cannot tell who may send mail as " + r.Request.Domain + "."
		f.Advice, f.Reference = "Publish one, or “v=spf1 -all” if the domain sends no mail", "RFC 7208 §3"
	case len(s.Records) > 1:
		f.ID, f.Title, f.Severity = SPFMany, "The domain has more than one SPF policy", diagnosis.Error
		f.Explanation = fmt.Sprintf("%d records begin with v=spf1. Receivers must treat that as an error.", len(s.Records))
		f.Advice, f.Reference = "Join them into one record", "RFC 7208 §4.5"
	case s.Lookups > 10:
		f.ID, f.Title, f.Severity = SPFLookups, "The SPF policy needs too many DNS questions", diagnosis.Error
		f.Explanation = fmt.Sprintf("A receiver may have to ask DNS %s%d times. After 10 it must treat the policy as an "+
			"error.", atLeast(s.Partial), s.Lookups)
		f.Advice = "Remove includes that are not needed, or replace them by ip4 and ip6"
	case s.Problem != "":
		f.ID, f.Title = SPFBroken, "The SPF policy has a fault"
		f.Explanation = capital(s.Problem) + "."
		f.Advice, f.Reference = "Mend the record", "RFC 7208 §5.2, §12"
	case s.All == "+all":
		f.ID, f.Title = SPFEverybody, "The SPF policy lets everybody send"
		f.Explanation = "It ends in +all."
		f.Advice, f.Reference = "End it in ~all or -all", "RFC 7208 §5.1"
	default:
		return nil
	}
	return []Finding{f}
}

func atLeast(partial bool) string {
	if partial {
		return "at least "
	}
	return ""
}

// capital begins a sentence.
func capital(text string) string {
	if text == "" {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// dmarcRules judges the DMARC policy.
func dmarcRules(r *domain.Report) []Finding {
	d := &r.DMARC
	switch {
	case d.Name == "" || r.MX.Outcome == "nxdomain":
		return nil
	case d.Problem != "":
		return []Finding{{
			ID: DMARCBroken, Severity: diagnosis.Warning, Owner: OwnerDNS,
			Title:       "The DMARC record cannot be used",
			Explanation: "At " + d.Name + ": " + d.Problem + ".",
			Advice:      "Publish exactly one record with a policy",
			Paste:       d.Name + ". IN TXT \"v=DMARC1; p=quarantine\"",
			Reference:   "RFC 9989 §4.7",
		}}
	case d.Found == "" && (d.Outcome == "" || d.Outcome == "nodata" || d.Outcome == "nxdomain"):
		return []Finding{{
			ID: DMARCNone, Severity: diagnosis.Info, Owner: OwnerDNS,
			Title:       "The domain has no DMARC policy",
			Explanation: "Large receivers demand one from whoever sends much.",
			Advice:      "Publish one",
			Paste:       "_dmarc." + r.Request.Domain + ". IN TXT \"v=DMARC1; p=none\"",
			Reference:   "RFC 9989 §4.7",
		}}
	}
	return nil
}

// otherRecords judges the DKIM key that was asked for, and TLS reports.
func otherRecords(r *domain.Report) (out []Finding) {
	if d := &r.DKIM; d.Name != "" && (d.Problem != "" || len(d.Records) == 0 && !failed(d.Outcome)) {
		why := d.Problem
		if why == "" {
			why = "there is no DKIM key"
		}
		out = append(out, Finding{
			ID: DKIMBroken, Severity: diagnosis.Warning, Owner: OwnerDNS,
			Title:       "The DKIM key cannot be used",
			Explanation: "At " + d.Name + ": " + why + ".",
			Advice:      "Publish the key that the signing server uses, or check the selector",
			Reference:   "RFC 6376 §3.6.1",
		})
	}
	if t := &r.Reports; t.Problem != "" {
		out = append(out, Finding{
			ID: ReportsBroken, Severity: diagnosis.Info, Owner: OwnerDNS,
			Title:       "The record for TLS reports cannot be used",
			Explanation: "At " + t.Name + ": " + t.Problem + ".",
			Advice:      "Publish exactly one record with an address",
			Reference:   "RFC 8460 §3",
		})
	}
	return out
}

// ptrRules judges the names of the addresses. They matter where the same
// machine sends mail too.
func ptrRules(r *domain.Report) (out []Finding) {
	var missing, unconfirmed []string
	for i := range r.Hosts {
		for _, a := range r.Hosts[i].Addresses {
			switch {
			case a.PTR.Outcome == "nxdomain" || a.PTR.Outcome == "nodata":
				missing = append(missing, a.IP.String())
			case a.PTR.Name != "" && !a.PTR.Confirmed:
				unconfirmed = append(unconfirmed, a.IP.String()+" ("+a.PTR.Name+")")
			}
		}
	}
	add := func(id ID, title, what string, addresses []string) {
		if len(addresses) == 0 {
			return
		}
		out = append(out, Finding{
			ID: id, Severity: diagnosis.Info, Owner: OwnerDNS, Title: title,
			Explanation: what + strings.Join(addresses[:min(len(addresses), maxNamed)], ", ") +
				". It matters only if the machine sends mail too: many receivers refuse it then.",
			Advice:    "Have whoever gives out the address set its name (PTR), and give that name the address",
			Reference: "RFC 1912 §2.1",
		})
	}
	add(PTRMissing, "An address of a mail server has no name", "There is no PTR record for ", missing)
	add(PTRUnconfirmed, "The name of an address does not lead back to it", "The name has another address: ", unconfirmed)
	return out
}
