package domain

import (
	"context"
	"slices"
	"strings"
)

// Limits of reading an SPF policy with what it includes.
const (
	maxSPFLookups = 10 // RFC 7208 §4.6.4
	maxSPFAsked   = 20 // names that are asked for here, to say by how much the limit is passed
	maxSPFDepth   = 10
	maxSPFCounted = 60 // terms, where names that were asked for before are included again and again
)

// spf counts what a receiver would have to look up for the domain's policy
// (RFC 7208 §4.6.4). Which address may send is not asked.
func (r *run) spf(ctx context.Context) SPF {
	t, record := r.whole(ctx, r.req.Domain, "v=spf1")
	s := SPF{Text: t}
	if len(s.Records) != 1 {
		return s
	}
	w := &spfWalk{run: r, seen: map[string]included{}}
	s.All = w.policy(ctx, record, r.req.Domain)
	s.Lookups, s.Void, s.Partial = w.lookups, w.void, w.partial
	s.Problem = w.problem
	return s
}

// spfWalk goes through a policy and those that it includes.
type spfWalk struct {
	run           *run
	seen          map[string]included
	within        []string // the policies on the way to the present one
	asked         int
	lookups, void int
	partial       bool
	problem       string
}

// included is a policy that another one includes.
type included struct {
	Text
	record string // as it came
}

// policy counts the terms of the policy of a name and returns its last word.
func (w *spfWalk) policy(ctx context.Context, record, owner string) (all string) {
	w.within = append(w.within, strings.ToLower(owner))
	defer func() { w.within = w.within[:len(w.within)-1] }()
	redirect := ""
	for term := range strings.FieldsSeq(record) {
		bare := strings.ToLower(strings.TrimLeft(term, "+-~?"))
		name, value, _ := strings.Cut(bare, ":")
		switch {
		case all != "" && isMechanism(name): // it is never looked at (RFC 7208 §5.1)
		case strings.HasPrefix(bare, "redirect="):
			redirect = strings.TrimPrefix(bare, "redirect=")
		case name == "all":
			all = qualifier(term) + "all"
		case name == "include":
			w.lookups++
			w.follow(ctx, value)
		case isLookup(name):
			w.lookups++
		case !isKnownTerm(bare, name) && len(w.within) == 1:
			w.problem = "“" + clip(term) + "” is no term of SPF"
		}
	}
	if all == "" && redirect != "" { // redirect counts only where no "all" stands (RFC 7208 §6.1)
		w.lookups++
		return w.follow(ctx, redirect)
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

// isMechanism reports a mechanism of RFC 7208 §5.
func isMechanism(name string) bool {
	return isLookup(name) || name == "all" || name == "include" || name == "ip4" || name == "ip6"
}

func isKnownTerm(bare, name string) bool {
	return bare == "v=spf1" || name == "ip4" || name == "ip6" || strings.Contains(bare, "=")
}

// follow reads an included policy. Macros depend on the message, so their names
// are not asked for. What is included twice is counted twice, as receivers do.
func (w *spfWalk) follow(ctx context.Context, name string) string {
	name = strings.TrimSuffix(name, ".")
	t, known := w.seen[name]
	switch {
	case slices.Contains(w.within, name):
		w.problem = "the policy includes itself at " + clip(name)
		return ""
	case strings.Contains(name, "%"), len(w.within) > maxSPFDepth, w.lookups > maxSPFCounted, w.run.closed(name),
		!known && w.asked == maxSPFAsked:
		w.partial = true
		return ""
	case !known:
		w.asked++
		t.Text, t.record = w.run.whole(ctx, name, "v=spf1")
		w.seen[name] = t
	}
	if len(t.Records) != 1 {
		w.missing(t.Text, name)
		return ""
	}
	return w.policy(ctx, t.record, name)
}

// missing notes an included name without a policy, which makes the whole
// policy fail (RFC 7208 §5.2).
func (w *spfWalk) missing(t Text, name string) {
	switch {
	case !isAnswer(t.Outcome):
		w.partial = true
	case len(t.Records) > 1:
		w.problem = clip(name) + " is included and has more than one SPF policy"
	default:
		w.void++
		w.problem = clip(name) + " is included and has no SPF policy"
	}
}
