package provider

import (
	"slices"
	"strings"
)

// All are the providers that are known, in the order of their ids. The slice
// is the caller's own; what it holds is shared.
func All() []Provider { return slices.Clone(loaded().providers) }

// Of is the provider that a host name belongs to: by the exact name, or else
// by the most specific pattern. Case and a trailing dot do not count. ok is
// false for a host of nobody that is known, and for addresses.
func Of(host string) (p Provider, ok bool) {
	best := 0
	for _, candidate := range loaded().providers {
		if _, weight := candidate.host(host); weight > best {
			p, best, ok = candidate, weight, true
		}
	}
	return p, ok
}

// Host is what is known of one of the provider's hosts, found as Of finds
// it.
func (p Provider) Host(name string) (h Host, ok bool) {
	h, weight := p.host(name)
	return h, weight > 0
}

// host finds the host whose name or pattern fits best; weight 0: none does.
func (p Provider) host(name string) (h Host, weight int) {
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	for _, candidate := range p.Hosts {
		for _, pattern := range candidate.Names {
			if w := specific(pattern); w > weight && matches(pattern, name) {
				h, weight = candidate, w
			}
		}
	}
	return h, weight
}

// maxName is more than any pattern's length (RFC 1035 §2.3.4: 255 octets).
const maxName = 256

// specific is the weight of a pattern: an exact name outweighs all others,
// a longer pattern a shorter one.
func specific(pattern string) int {
	if strings.Contains(pattern, "*") {
		return len(pattern)
	}
	return maxName + len(pattern)
}

// matches holds a host name against a pattern: see Host.Names.
func matches(pattern, name string) bool {
	want, have := strings.Split(pattern, "."), strings.Split(name, ".")
	if want[0] == "*" {
		want = want[1:]
		if len(have) <= len(want) {
			return false
		}
		have = have[len(have)-len(want):]
	}
	return slices.EqualFunc(want, have, func(w, h string) bool { return w == h || w == "*" && h != "" })
}

// Signed is the provider that a reply's text is signed by, such as Gmail's
// " - gsmtp" at the end of a line. Text of several lines has newlines between
// them. It is what the server says of itself: anybody can say it, and a
// gateway may pass on the words of another. ok is false without a signature.
func Signed(text string) (p Provider, ok bool) {
	for _, line := range strings.Split(strings.ToLower(text), "\n") {
		line = strings.TrimSpace(line)
		for _, p := range loaded().providers {
			if slices.ContainsFunc(p.Signatures, func(s Signature) bool { return s.on(line) }) {
				return p, true
			}
		}
	}
	return Provider{}, false
}

// on reports whether a line, in lower case, bears the signature.
func (s Signature) on(line string) bool {
	switch s.Where {
	case PlaceEnd:
		return strings.HasSuffix(line, s.Words)
	case PlaceBracket:
		open := strings.LastIndex(line, "[")
		return open >= 0 && strings.HasSuffix(line, "]") && strings.Contains(line[open:], s.Words)
	}
	return strings.Contains(line, s.Words)
}
