package delivery

import (
	"fmt"
	"strings"

	"smtptest/probe/diagnosis"
	"smtptest/probe/domain"
	"smtptest/probe/resolve"
)

// rules judge a report in this order; findings of equal severity keep it.
var rules = []func(*domain.Report) []Finding{
	mxRecords, mxHosts, hereLimits, dnssecRules, hostSessions, hostCertificates, daneRules, stsRecord, stsPolicy,
	spfRules, dmarcRules, otherRecords, ptrRules, blockLists,
}

// mxRecords judges how the domain names its servers.
func mxRecords(r *domain.Report) []Finding {
	name := r.Request.Domain
	switch {
	case r.Denied != "":
		return nil
	case r.NoDNS:
		return []Finding{{
			ID: NoDNSHere, Severity: diagnosis.Error, Owner: OwnerOperator,
			Title:       "No name server answers here",
			Explanation: "No question of this test was answered, not even about the root of DNS. " + name + " was not reached.",
			Advice:      "Check the name server that this machine asks, and the way to it",
			Reference:   "RFC 1034 §5.3.1",
		}}
	case r.MX.Outcome == resolve.NoName:
		return []Finding{{
			ID: MXNoDomain, Severity: diagnosis.Error, Owner: OwnerYou,
			Title:       "The domain does not exist",
			Explanation: "DNS answers NXDOMAIN for " + name + ".",
			Advice:      "Check the spelling of the domain, and whether it has run out at its registrar",
			Reference:   "RFC 2308 §2.1",
		}}
	case r.MX.Outcome == resolve.ServFail || r.MX.Outcome == resolve.Timeout || r.MX.Outcome == resolve.Unknown:
		return []Finding{{
			ID: MXLookup, Severity: diagnosis.Error, Owner: OwnerDNS,
			Title: "DNS gives no answer about the domain",
			Explanation: "The question for the MX records of " + name + " ended with: " + outcomeWords(r.MX.Outcome) +
				". Other questions were answered meanwhile.",
			Advice:    "Check that the domain's name servers are up and answer",
			Reference: "RFC 5321 §5.1",
		}}
	case r.MX.Null:
		return []Finding{{
			ID: MXNull, Severity: diagnosis.Info, Owner: OwnerDNS,
			Title:       "The domain takes no mail",
			Explanation: "Its only MX record is “0 .”: senders return a message at once.",
			Reference:   "RFC 7505 §3",
		}}
	case r.MX.Implicit:
		return implicit(r)
	}
	if r.HostsOmitted > 0 {
		return []Finding{{
			ID: MXMany, Severity: diagnosis.Info, Owner: OwnerDNS,
			Title:       "The domain has many mail servers",
			Explanation: fmt.Sprintf("%d more MX records were not looked at.", r.HostsOmitted),
			Reference:   "RFC 5321 §5.1",
		}}
	}
	return nil
}

// implicit judges a domain without MX records.
func implicit(r *domain.Report) []Finding {
	name := r.Request.Domain
	switch h := r.Hosts[0]; {
	case len(h.Addresses) == 0 && failed(h.Outcome):
		return []Finding{hostLookup(&h, diagnosis.Error)}
	case len(h.Addresses) == 0 && h.Denied == "":
		return []Finding{{
			ID: MXNothing, Severity: diagnosis.Error, Owner: OwnerDNS,
			Title:       "The domain has no mail server",
			Explanation: name + " has neither MX records nor an address of its own.",
			Advice:      "Publish an MX record that names the mail server, or “MX 0 .” if the domain takes no mail",
			Reference:   "RFC 5321 §5.1",
		}}
	}
	return []Finding{{
		ID: MXImplicit, Severity: diagnosis.Warning, Owner: OwnerDNS,
		Title:       "The domain has no MX record",
		Explanation: "Senders fall back to the address of " + name + " itself.",
		Advice:      "Publish an MX record that names the mail server",
		Reference:   "RFC 5321 §5.1",
	}}
}

func outcomeWords(outcome string) string {
	switch outcome {
	case resolve.ServFail:
		return "the name server could not answer (SERVFAIL)"
	case resolve.Timeout:
		return "no name server answered in time"
	case resolve.NoName:
		return "the name does not exist (NXDOMAIN)"
	case resolve.NoData:
		return "the name has no such record"
	}
	return "no answer that could be read"
}

// hostName names a server, by its preference where its name is not shown.
func hostName(h *domain.Host) string {
	if h.Name == "" {
		return fmt.Sprintf("the server with preference %d", h.Preference)
	}
	return h.Name
}

// mxHosts judges the names of the servers.
func mxHosts(r *domain.Report) (out []Finding) {
	usable := 0
	for i := range r.Hosts {
		if len(r.Hosts[i].Addresses) > 0 {
			usable++
		}
	}
	severity := diagnosis.Warning // others stand in
	if usable == 0 {
		severity = diagnosis.Error
	}
	for i := range r.Hosts {
		h := &r.Hosts[i]
		switch {
		case r.MX.Implicit && h.Denied == "":
		case h.Literal:
			out = append(out, Finding{
				ID: MXLiteral, Severity: severity, Owner: OwnerDNS,
				Title:       "An MX record holds an address instead of a name",
				Explanation: "“" + h.Name + "” is looked up as if it were a host name, and has no address.",
				Advice:      "Put the server's host name into the MX record",
				Reference:   "RFC 5321 §5.1, RFC 1035 §3.3.9",
			})
		case h.Denied != "" && notPublic(h.Denied):
			out = append(out, notPublicFinding(h, severity))
		case h.Denied == "" && len(h.Addresses) == 0:
			out = append(out, noAddress(h, severity))
		}
		if len(h.Aliases) > 0 && !r.MX.Implicit {
			out = append(out, Finding{
				ID: MXAlias, Severity: diagnosis.Warning, Owner: OwnerDNS,
				Title: "An MX record names an alias",
				Explanation: h.Name + " is an alias (CNAME) of " + strings.Join(h.Aliases, ", then ") +
					". Some senders refuse that.",
				Advice:    "Put the name that has the address into the MX record",
				Reference: "RFC 5321 §5.1, RFC 2181 §10.3",
			})
		}
	}
	return out
}

func notPublicFinding(h *domain.Host, severity diagnosis.Severity) Finding {
	return Finding{
		ID: MXNotPublic, Severity: severity, Owner: OwnerDNS,
		Title: "A mail server has no public address",
		Explanation: "Every address of " + hostName(h) + " is reserved for private or special use: " +
			"nobody outside can reach it.",
		Advice:    "Publish the server's public address, or take its MX record out of the public zone",
		Reference: "RFC 6890",
	}
}

func noAddress(h *domain.Host, severity diagnosis.Severity) Finding {
	if h.Name == "." {
		return Finding{
			ID: MXNoAddress, Severity: severity, Owner: OwnerDNS,
			Title: "The domain says that it takes no mail, and names mail servers",
			Explanation: fmt.Sprintf("“%d .” stands beside other MX records. It must stand alone; some senders may "+
				"return mail because of it.", h.Preference),
			Advice:    "Remove it, or all other MX records if the domain takes no mail",
			Reference: "RFC 7505 §3",
		}
	}
	if failed(h.Outcome) {
		return hostLookup(h, severity)
	}
	return Finding{
		ID: MXNoAddress, Severity: severity, Owner: OwnerDNS,
		Title:       "A mail server has no address",
		Explanation: h.Name + ": " + outcomeWords(h.Outcome) + ".",
		Advice:      "Give the name an address, or take it out of the MX records",
		Reference:   "RFC 5321 §5.1",
	}
}

// hostLookup is said of a server about which DNS gives no answer: whether it has
// an address is not known then.
func hostLookup(h *domain.Host, severity diagnosis.Severity) Finding {
	return Finding{
		ID: MXHostLookup, Severity: severity, Owner: OwnerDNS,
		Title:       "DNS gives no answer about a mail server",
		Explanation: "The question for the address of " + h.Name + " ended with: " + outcomeWords(h.Outcome) + ".",
		Advice:      "Check that the name servers of this name are up and answer",
		Reference:   "RFC 5321 §5.1",
	}
}

// hereLimits says what this place could not test.
func hereLimits(r *domain.Report) (out []Finding) {
	blocked, six := 0, 0
	for i := range r.Hosts {
		for _, a := range r.Hosts[i].Addresses {
			switch a.Skipped {
			case domain.SkippedPort:
				blocked++
			case domain.SkippedNoIPv6:
				six++
			}
		}
	}
	if blocked > 0 {
		out = append(out, Finding{
			ID: PortBlocked, Severity: diagnosis.Error, Owner: OwnerNetwork,
			Title: "This network lets nothing out on port 25",
			Explanation: "Well-known mail servers cannot be reached on port 25 from here, a web server can. " +
				"The domain's servers were not asked.",
			Advice:    "Run the test from a network that lets port 25 out, or have it opened here",
			Reference: "RFC 5321 §4.5.4.2",
		})
	}
	if six > 0 {
		out = append(out, Finding{
			ID: NoIPv6Here, Severity: diagnosis.Info, Owner: OwnerNetwork,
			Title:       "IPv6 addresses were not tested",
			Explanation: fmt.Sprintf("This machine has no route to IPv6; %d addresses were left out.", six),
			Advice:      "Run the test from a machine with IPv6",
		})
	}
	return out
}
