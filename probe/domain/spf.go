package domain

import (
	"context"
	"strings"

	"smtptest/probe/resolve"
)

// Limits of reading an SPF policy with what it includes.
const (
	maxSPFLookups = 10 // RFC 7208 §4.6.4
	maxSPFAsked   = 20 // names that are asked for here, to say by how much the limit is passed
	maxSPFDepth   = 10
)

// spf counts what a receiver would have to look up for the domain's policy
// (RFC 7208 §4.6.4). Which address may send is not asked.
func (r *run) spf(ctx context.Context) SPF {
	s := SPF{Text: r.text(ctx, r.req.Domain, "v=spf1")}
	if len(s.Records) != 1 {
		return s
	}
	w := &spfWalk{run: r, seen: map[string]bool{r.req.Domain: true}}
	s.All = w.policy(ctx, s.Records[0], 0)
	s.Lookups, s.Void, s.Partial = w.lookups, w.void, w.partial
	s.Problem = w.problem
	return s
}

// spfWalk goes through a policy and those that it includes.
type spfWalk struct {
	run           *run
	seen          map[string]bool
	asked         int
	lookups, void int
	partial       bool
	problem       string
}

// policy counts the terms of one policy and returns its last word.
func (w *spfWalk) policy(ctx context.Context, record string, depth int) (all string) {
	redirect := ""
	for term := range strings.FieldsSeq(record) {
		bare := strings.ToLower(strings.TrimLeft(term, "+-~?"))
		name, value, _ := strings.Cut(bare, ":")
		switch {
		case strings.HasPrefix(bare, "redirect="):
			redirect = strings.TrimPrefix(bare, "redirect=")
		case name == "all":
			all = qualifier(term) + "all"
		case name == "include":
			w.lookups++
			w.follow(ctx, value, depth)
		case isLookup(name):
			w.lookups++
		case !isKnownTerm(bare, name) && depth == 0:
			w.problem = "“" + clip(term) + "” is no term of SPF"
		}
	}
	if all == "" && redirect != "" { // redirect counts only where no "all" stands (RFC 7208 §6.1)
		w.lookups++
		return w.follow(ctx, redirect, depth)
	}
	return all
}

func qualifier(term string) string {
	if strings.ContainsAny(term[:1], "-~?") {
		return term[:1]
	}
	return "+"
}

// isLookup reports a mechanism that costs a question; the name may carry a
// prefix length, as in "a/24".
func isLookup(name string) bool {
	name, _, _ = strings.Cut(name, "/")
	return name == "a" || name == "mx" || name == "ptr" || name == "exists"
}

func isKnownTerm(bare, name string) bool {
	return bare == "v=spf1" || name == "ip4" || name == "ip6" || strings.Contains(bare, "=")
}

// follow reads an included policy. Macros depend on the message, so their names
// are not asked for.
func (w *spfWalk) follow(ctx context.Context, name string, depth int) string {
	switch {
	case strings.Contains(name, "%") || w.asked == maxSPFAsked || depth == maxSPFDepth:
		w.partial = true
		return ""
	case w.seen[name]:
		w.problem = "the policy includes itself at " + clip(name)
		return ""
	case w.run.closed(name):
		w.partial = true
		return ""
	}
	w.seen[name] = true
	w.asked++
	t := w.run.text(ctx, name, "v=spf1")
	if len(t.Records) != 1 {
		w.missing(t, name)
		return ""
	}
	return w.policy(ctx, t.Records[0], depth+1)
}

// missing notes an included name without a policy, which makes the whole
// policy fail (RFC 7208 §5.2).
func (w *spfWalk) missing(t Text, name string) {
	if t.Outcome != "" && t.Outcome != resolve.NoName && t.Outcome != resolve.NoData {
		w.partial = true
		return
	}
	w.void++
	w.problem = clip(name) + " is included and has no SPF policy"
}
