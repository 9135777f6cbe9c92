package formatting

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"smtptest/probe/dane"
	"smtptest/probe/diagnosis"
	"smtptest/probe/diagnosis/delivery"
	"smtptest/probe/dnssec"
	"smtptest/probe/domain"
	"smtptest/probe/mtasts"
)

// TestingDomain is the message of a domain's test that has begun.
func TestingDomain(name string, timeout time.Duration) Message {
	return Message{
		Tone: ToneWaiting, Verdict: say(NoteTesting), Target: name,
		Fact: "Asking DNS, the policies and every mail server · gives up after " + Wait(timeout),
	}
}

// DomainProgress says how far a test of a domain is.
func DomainProgress(e domain.Event) string {
	if e.Stage == domain.StageRecords {
		return "Asking DNS for the domain's records"
	}
	return fmt.Sprintf("%d of %d addresses tested", e.Done, e.Total)
}

// deliveryTerm is a verdict on a domain.
type deliveryTerm struct {
	tone    Tone
	verdict string
}

var deliveryTerms = map[delivery.Verdict]deliveryTerm{
	delivery.All:          {ToneGood, "Mail is delivered, by every kind of sender"},
	delivery.Warnings:     {ToneWarning, "Mail is delivered, with warnings"},
	delivery.Some:         {ToneBad, "Some senders do not deliver"},
	delivery.NoSender:     {ToneBad, "No sender delivers"},
	delivery.TakesNoMail:  {ToneWarning, "The domain takes no mail"},
	delivery.Inconclusive: {ToneUnsure, "Inconclusive from here"},
	delivery.NotTested:    {ToneRefused, "Not tested"},
}

// DomainWords are the verdict on a domain.
func DomainWords(j delivery.Judged) string { return deliveryTerms[j.Verdict].verdict }

// Domain words what was found out about a mail domain.
func Domain(j delivery.Judged) Message {
	term := deliveryTerms[j.Verdict]
	m := Message{
		Tone: term.tone, Verdict: term.verdict, Target: j.Report.Request.Domain, Fact: domainFact(j), Began: j.Report.Started,
	}
	if v := j.Report.Vantage; v != "" {
		m.Verdict = strings.ReplaceAll(m.Verdict, "from here", "from "+v)
	}
	if j.Report.Denied != "" {
		m.Fact = "The name is one that public DNS never resolves. Test a public domain, or have the operator allow it."
		return m
	}
	if len(j.Findings) > 0 && j.Findings[0].Severity != diagnosis.Info {
		first := domainFindings(j.Findings[:1]).Items[0]
		m.Try, m.Owner = first.Advice, first.Owner
	}
	if len(j.Findings) > 0 {
		m.Sections = append(m.Sections, domainFindings(j.Findings))
	}
	m.Sections = append(m.Sections, pasted(j.Findings)...)
	if len(j.Report.Hosts) > 0 {
		m.Sections = append(m.Sections, serverTable(j.Report), senderTable(j))
	}
	m.Sections = append(m.Sections, recordFacts(j.Report))
	m.Footer = domainFooter(j.Report)
	return m
}

// domainFact is the one line that matters most.
func domainFact(j delivery.Judged) string {
	for _, f := range j.Findings {
		if f.Severity != diagnosis.Info || j.Verdict == delivery.TakesNoMail {
			return f.Title
		}
	}
	tested := 0
	for i := range j.Report.Hosts {
		for k := range j.Report.Hosts[i].Addresses {
			if j.Report.Hosts[i].Addresses[k].Session() != nil {
				tested++
			}
		}
	}
	return fmt.Sprintf("%s, %s tested", count(len(j.Report.Hosts), "mail server"), count(tested, "address"))
}

// domainOwnerTerms say who can mend a finding.
var domainOwnerTerms = map[delivery.Owner]string{
	delivery.OwnerDNS:      "whoever runs the domain's DNS",
	delivery.OwnerServer:   "the server's operators",
	delivery.OwnerWeb:      "whoever runs the policy's web server",
	delivery.OwnerNetwork:  "this network",
	delivery.OwnerYou:      "you",
	delivery.OwnerOperator: "whoever runs this test", // in a terminal there is no bot
}

// DomainOwner says who can mend a finding about a domain.
func DomainOwner(f delivery.Finding) string { return domainOwnerTerms[f.Owner] }

func domainFindings(all []delivery.Finding) Findings {
	var out Findings
	for _, f := range all {
		item := Finding{
			Severity: severityTerms[f.Severity], Title: f.Title, Explanation: f.Explanation,
			Owner: domainOwnerTerms[f.Owner], Confidence: "measured", Reference: f.Reference, ID: string(f.ID),
		}
		if f.Advice != "" {
			item.Advice = f.Advice + "."
		}
		out.Items = append(out.Items, item)
	}
	return out
}

// pasted are the records that findings propose, ready to copy.
func pasted(all []delivery.Finding) (out []Section) {
	var lines []CodeLine
	for _, f := range all {
		for line := range strings.SplitSeq(f.Paste, "\n") {
			if line != "" {
				lines = append(lines, CodeLine{Text: line})
			}
		}
	}
	if len(lines) > 0 {
		out = append(out, Code{Title: "Records to paste", Lines: lines})
	}
	return out
}

// serverTable is the matrix of servers and addresses.
func serverTable(r *domain.Report) Table {
	t := Table{
		Title: "Mail servers", Header: []string{"MX", "Address", "Answers", "TLS", "Certificate", "DANE", "MTA-STS"},
	}
	for i := range r.Hosts {
		h := &r.Hosts[i]
		name := fmt.Sprintf("%d %s", h.Preference, h.Name)
		if h.Name == "" {
			name = fmt.Sprintf("%d (not shown)", h.Preference)
		}
		if len(h.Addresses) == 0 {
			t.Rows = append(t.Rows, []string{name, "none", "-", "-", "-", daneHost(h), stsWord(r, h)})
		}
		for k := range h.Addresses {
			a := &h.Addresses[k]
			t.Rows = append(t.Rows, append([]string{name, a.IP.String()}, addressWords(r, h, a)...))
		}
	}
	if n := r.AddressesOmitted; n > 0 {
		t.Title += fmt.Sprintf(" (%s left out)", count(n, "address"))
	}
	return t
}

var skippedTerms = map[domain.Skipped]string{
	domain.SkippedLimit:   "left out",
	domain.SkippedDenied:  "not allowed",
	domain.SkippedNoIPv6:  "no IPv6 here",
	domain.SkippedHost:    "asked to wait",
	domain.SkippedPort:    "port 25 closed here",
	domain.SkippedTime:    "out of time",
	domain.SkippedLimited: "asked too often",
}

// addressWords are one word for each column after the address.
func addressWords(r *domain.Report, h *domain.Host, a *domain.Address) []string {
	s := a.Session()
	if s == nil {
		word := skippedTerms[a.Skipped]
		if word == "" {
			word = "not tested"
		}
		return []string{word, "-", "-", daneHost(h), stsWord(r, h)}
	}
	answers, tls, certificate := "yes", "none", "-"
	switch {
	case s.Hello() == nil && s.Failure != nil && s.Failure.Reply != nil:
		return []string{fmt.Sprintf("refuses (%d)", s.Failure.Reply.Code), "-", "-", daneHost(h), stsWord(r, h)}
	case s.Hello() == nil:
		return []string{"no", "-", "-", daneHost(h), stsWord(r, h)}
	case s.TLS != nil && !s.TLS.Complete:
		tls = "fails"
	case s.TLS != nil:
		tls = strings.TrimPrefix(s.TLS.Version, "TLS ")
	}
	if s.TLS != nil && len(s.TLS.Chain) > 0 {
		certificate = trustWord(s.TLS.Trust.Name == "matches", string(s.TLS.Trust.Dates), s.TLS.Trust.Trusted())
	}
	return []string{answers, tls, certificate, daneWord(h, a), stsWord(r, h)}
}

func trustWord(name bool, dates string, trusted bool) string {
	switch {
	case dates == "expired":
		return "EXPIRED"
	case dates != "valid":
		return "not yet valid"
	case !name:
		return "OTHER NAME"
	case !trusted:
		return "untrusted"
	}
	return "valid"
}

func daneHost(h *domain.Host) string {
	switch {
	case refusedTerms[h.TLSA.Proof.Reason] != "":
		return "refused here"
	case h.TLSA.Proof.Status == dnssec.Bogus:
		return "BOGUS"
	case len(h.TLSA.Records) > 0:
		return "published"
	}
	return "-"
}

var daneTerms = map[dane.Result]string{
	dane.Matches: "matches", dane.NoMatch: "NO MATCH", dane.WrongName: "OTHER NAME", dane.BadChain: "BAD CHAIN",
	dane.Unusable: "unusable", dane.Expired: "EXPIRED", dane.PassedOver: "NO MATCH",
}

func daneWord(h *domain.Host, a *domain.Address) string {
	word := daneTerms[a.DANE.Result]
	if word == "" || h.TLSA.Proof.Status == dnssec.Bogus {
		return daneHost(h)
	}
	if s := h.TLSA.Proof.Status; s != dnssec.Secure && s != dnssec.Said {
		word += " (unsigned)"
	}
	return word
}

func stsWord(r *domain.Report, h *domain.Host) string {
	switch p := r.STS.Policy; {
	case p == nil || p.Mode == mtasts.None:
		return "-"
	case p.Covers(h.Name):
		return "covered"
	}
	return "LEFT OUT"
}

var senderTerms = map[string]string{
	"opportunistic": "Most senders",
	"validating":    "Senders that validate DNSSEC",
	"postfix-dane":  "Postfix with DANE",
	"microsoft-365": "Microsoft 365",
	"gmail":         "Gmail",
	"mta-sts":       "MTA-STS senders",
}

var outcomeTerms = map[delivery.Outcome]string{
	delivery.Verified:  "delivers, verified",
	delivery.Encrypted: "delivers, encrypted",
	delivery.Clear:     "delivers in the clear",
	delivery.Waits:     "waits and retries",
	delivery.Bounces:   "bounces after days",
	delivery.Returns:   "bounces at once",
	delivery.Skips:     "leaves it out",
	delivery.Depends:   "depends on the resolver",
	delivery.Unknown:   "not tested",
}

// hostTerms are the same for one server, short enough for a column each.
var hostTerms = map[delivery.Outcome]string{
	delivery.Verified:  "verified",
	delivery.Encrypted: "encrypted",
	delivery.Clear:     "in the clear",
	delivery.Waits:     "WAITS",
	delivery.Skips:     "LEAVES OUT",
	delivery.Depends:   "depends",
	delivery.Unknown:   "not tested",
}

// OutcomeWords say what a sender does.
func OutcomeWords(o delivery.Outcome) string { return outcomeTerms[o] }

// senderTable says what each kind of sender would do. Kinds that do the same
// everywhere share a row.
func senderTable(j delivery.Judged) Table {
	t := Table{Title: "What each sender would do", Header: []string{"Sender", "The domain"}}
	differing := !alike(j)
	if differing {
		for i := range j.Report.Hosts {
			t.Header = append(t.Header, fmt.Sprintf("MX %d", j.Report.Hosts[i].Preference))
		}
	}
	var seen []delivery.Sender
	for _, s := range j.Senders {
		if i := slices.IndexFunc(seen, func(o delivery.Sender) bool { return same(s, o) }); i >= 0 {
			t.Rows[i][0] += ", " + senderName(j, s)
			continue
		}
		seen = append(seen, s)
		row := []string{senderName(j, s), outcomeTerms[s.Domain]}
		if differing {
			for _, o := range s.Hosts {
				row = append(row, hostTerms[o])
			}
		}
		t.Rows = append(t.Rows, row)
	}
	if len(t.Rows) == 1 {
		t.Rows[0][0] = "All senders"
	}
	return t
}

// senderName names a kind of sender. Where DNSSEC decides, those that are most
// otherwise are the ones that do not validate.
func senderName(j delivery.Judged, s delivery.Sender) string {
	validating := func(o delivery.Sender) bool { return o.Kind.ID == "validating" }
	if s.Kind.ID == "opportunistic" && slices.ContainsFunc(j.Senders, validating) {
		return "Senders that do not validate"
	}
	return senderTerms[s.Kind.ID]
}

// alike reports that no sender treats two servers differently, so that the
// domain's column says it all.
func alike(j delivery.Judged) bool {
	for _, s := range j.Senders {
		for _, o := range s.Hosts {
			if o != s.Hosts[0] {
				return false
			}
		}
	}
	return true
}

func same(a, b delivery.Sender) bool { return a.Domain == b.Domain && slices.Equal(a.Hosts, b.Hosts) }

// domainFooter says for how long and from where.
func domainFooter(r *domain.Report) string {
	parts := []string{fmt.Sprintf("%.2f s", r.Elapsed.Seconds())}
	if r.Vantage != "" {
		parts = append(parts, "from "+r.Vantage)
	}
	return strings.Join(parts, " · ")
}
