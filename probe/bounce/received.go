package bounce

import (
	"regexp"
	"slices"
	"strings"
)

// readHops reads the Received fields, which stand with the newest first. Behind
// a notice they are those of the last header that has some: the header of the
// message that was not delivered.
func (n *Notice) readHops(all []field, notice bool) {
	var hops []Hop
	last := -1
	for _, f := range all {
		if f.name != "received" {
			continue
		}
		if notice && f.block != last {
			hops = nil
		}
		last = f.block
		hops = append(hops, hop(f.value))
	}
	slices.Reverse(hops)
	for i := 1; i < len(hops); i++ {
		if now, before := hops[i].At, hops[i-1].At; !now.IsZero() && !before.IsZero() {
			hops[i].Delay, hops[i].Delayed = now.Sub(before), true
		}
	}
	if extra := len(hops) - maxHops; extra > 0 {
		n.HopsOmitted = extra
		hops = append(hops[:maxHops-1], hops[len(hops)-1])
		hops[maxHops-1].Delayed = false // its time is since one that is left out
	}
	n.Hops = hops
}

// The clauses of a Received field (RFC 5321 §4.4).
var (
	fromClause = regexp.MustCompile(`(?i)^\s*from\s+(\S{1,255})`)
	heloWord   = regexp.MustCompile(`(?i)\(helo[= ]([^\s)]{1,255})`) // of qmail and Exim
	byClause   = regexp.MustCompile(`(?i)(?:^|\s)by\s+(\S{1,255})`)
	withClause = regexp.MustCompile(`(?i)\swith\s+((?:UTF8)?(?:E?SMTP|LMTP)S?A?|HTTPS?|MAPI|local)\b`)
)

// hop reads one field. Names that are none are left out: what stands there may
// be anything, a mail address too.
func hop(value string) (h Hop) {
	clauses, stamp := value, ""
	if i := strings.LastIndexByte(value, ';'); i >= 0 {
		clauses, stamp = value[:i], value[i+1:]
	}
	h.At = date(stamp)
	before := clauses
	if m := byClause.FindStringSubmatchIndex(clauses); m != nil {
		h.By, before = hostName(clauses[m[2]:m[3]]), clauses[:m[0]]
	}
	if m := fromClause.FindStringSubmatch(before); m != nil {
		h.From, h.IP = hostName(m[1]), address(before)
		if helo := heloWord.FindStringSubmatch(before); h.From == "" && helo != nil {
			h.From = hostName(helo[1])
		}
	}
	if m := withClause.FindStringSubmatch(clauses); m != nil {
		h.With = strings.ToUpper(m[1])
	}
	return h
}
