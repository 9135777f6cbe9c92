package domain

import (
	"context"
	"strings"

	"smtptest/probe/mtasts"
	"smtptest/probe/resolve"
	"smtptest/probe/smtp"
)

// text asks for the TXT records of a name and keeps those that begin with
// the tag.
func (r *run) text(ctx context.Context, name, tag string) Text {
	t, _ := r.whole(ctx, name, tag)
	return t
}

// whole also returns the record as it came, where there is exactly one: what is
// kept to be shown is cut, and must not be read.
func (r *run) whole(ctx context.Context, name, tag string) (Text, string) {
	return r.wholeBy(ctx, name, func(record string) bool { return isTagged(record, tag) })
}

func (r *run) wholeBy(ctx context.Context, name string, tagged func(string) bool) (t Text, only string) {
	a := r.dns.Lookup(ctx, name, resolve.TypeTXT)
	t = Text{Name: name, Outcome: a.Outcome, Proof: a.Proof}
	for _, rr := range a.Records {
		if tagged(rr.Text) && len(t.Records) < maxTexts {
			t.Records, only = append(t.Records, clip(rr.Text)), rr.Text
		}
	}
	if len(t.Records) > 1 {
		t.Problem, only = "there is more than one record", ""
	}
	return t, only
}

// isTagged reports a record of this version: the tag is a word of its own.
func isTagged(record, tag string) bool {
	if len(record) < len(tag) || !strings.EqualFold(record[:len(tag)], tag) {
		return false
	}
	rest := record[len(tag):]
	return rest == "" || strings.ContainsAny(rest[:1], "; \t")
}

// clip makes a text of DNS fit to be kept and shown.
func clip(text string) string {
	if len(text) > maxTextOctets {
		text = text[:maxTextOctets] + "…"
	}
	return smtp.Printable([]byte(text))
}

// sts reads the _mta-sts record and, where there is one, the policy (RFC 8461 §3).
func (r *run) sts(ctx context.Context) STS {
	t, record := r.whole(ctx, "_mta-sts."+r.req.Domain, "v=STSv1")
	s := STS{Text: t}
	if len(s.Records) != 1 {
		return s
	}
	id, err := mtasts.ParseID(record)
	if err != nil { // no sender fetches then (RFC 8461 §3.1)
		s.Problem = err.Error()
		return s
	}
	s.ID = id
	s.Policy, s.Fetch = r.policy(ctx)
	return s
}

// reports reads the _smtp._tls record (RFC 8460 §3).
func (r *run) reports(ctx context.Context) (Text, []string) {
	t, record := r.whole(ctx, "_smtp._tls."+r.req.Domain, "v=TLSRPTv1")
	if len(t.Records) != 1 {
		return t, nil
	}
	to, err := mtasts.ParseReports(record)
	if err != nil {
		t.Problem = err.Error()
	}
	for i, address := range to[:min(len(to), maxTexts)] {
		to[i] = clip(address)
	}
	return t, to[:min(len(to), maxTexts)]
}

// dkim reads the key at a selector that the person named (RFC 6376 §3.6.1). A
// record need not begin with its version.
func (r *run) dkim(ctx context.Context) Text {
	if r.req.Selector == "" {
		return Text{}
	}
	name := r.req.Selector + "._domainkey." + r.req.Domain
	t, record := r.wholeBy(ctx, name, func(record string) bool {
		return isTagged(record, "v=DKIM1") || hasTag(record, "p")
	})
	if len(t.Records) == 1 && !hasTag(record, "p") {
		t.Problem = "the record has no key (p=)"
	} else if len(t.Records) == 1 && tagValue(record, "p") == "" {
		t.Problem = "the key was revoked: p= is empty"
	}
	return t
}

// tagValue is the value of a tag in a list such as "v=DMARC1; p=none".
func tagValue(record, tag string) string {
	value, _ := findTag(record, tag)
	return value
}

func hasTag(record, tag string) bool {
	_, found := findTag(record, tag)
	return found
}

func findTag(record, tag string) (string, bool) {
	for field := range strings.SplitSeq(record, ";") {
		if key, value, ok := strings.Cut(field, "="); ok && strings.EqualFold(strings.TrimSpace(key), tag) {
			return strings.TrimSpace(value), true
		}
	}
	return "", false
}

// maxTreeQueries bounds the walk towards the root (RFC 9989 §4.10).
const maxTreeQueries = 8

// dmarc finds the policy that counts: the domain's own, else that of the
// organizational domain, which a walk towards the root finds (RFC 9989 §4.10).
func (r *run) dmarc(ctx context.Context) DMARC {
	var best DMARC
	for i, name := range treeWalk(r.req.Domain) {
		t, record := r.whole(ctx, "_dmarc."+name, "v=DMARC1")
		if i == 0 {
			best.Text = t
		}
		if len(t.Records) != 1 { // several count as none
			if best.Found == "" && !isAnswer(t.Outcome) {
				best.Outcome = t.Outcome // whether there is a policy is not known then
			}
			continue
		}
		psd := tagValue(record, "psd")
		if psd == "y" && best.Found != "" && strings.Count(best.Found, ".") == strings.Count(name, ".")+1 {
			break // the organizational domain is the one right below, and has its own (RFC 9989 §4.10.2)
		}
		best = DMARC{Text: t, Found: name, Policy: clip(policyOf(record, i > 0)), Test: tagValue(record, "t") == "y"}
		if i == 0 || psd == "n" || psd == "y" {
			break
		}
	}
	best.check()
	return best
}

// isAnswer reports an outcome that says whether there is a record.
func isAnswer(outcome string) bool {
	return outcome == "" || outcome == resolve.NoData || outcome == resolve.NoName
}

// policyOf is what a record asks for. Its words may be in capitals; a record
// without a policy that wants reports counts as "none" (RFC 9989 §4.7).
func policyOf(record string, below bool) string {
	policy := strings.ToLower(tagValue(record, "p"))
	if sub := strings.ToLower(tagValue(record, "sp")); below && sub != "" {
		policy = sub
	}
	if policy == "" && strings.HasPrefix(strings.ToLower(tagValue(record, "rua")), "mailto:") {
		return "none"
	}
	return policy
}

// check says why a policy cannot be used.
func (d *DMARC) check() {
	switch d.Policy {
	case "none", "quarantine", "reject":
	default:
		if d.Found != "" {
			d.Problem = "p= is none of none, quarantine, reject"
		}
	}
}

// treeWalk are the names at which a policy may stand, the domain first. Long
// names are cut to seven labels after the first question (RFC 9989 §4.10).
func treeWalk(domain string) []string {
	names := []string{domain}
	labels := strings.Split(domain, ".")
	if len(labels) > maxTreeQueries {
		labels = labels[len(labels)-maxTreeQueries:]
	}
	for len(labels) > 1 && len(names) < maxTreeQueries {
		labels = labels[1:]
		names = append(names, strings.Join(labels, "."))
	}
	return names
}
