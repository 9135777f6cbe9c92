package clienthello

import (
	"slices"
	"sync"

	"smtptest/probe/registry"
)

// Everything is an offer of all that a version has, in the order of a modern
// client: every suite, group and signature scheme of the registry that a server
// could agree to with a stranger. The lists are shared and must not be changed.
func Everything(version uint16) Offer {
	switch version {
	case TLS13:
		return Offer{Version: version, Suites: all().suites13, Groups: all().groups13, Schemes: all().schemes}
	case TLS12:
		return Offer{Version: version, Suites: all().suites12, Groups: all().groups12, Schemes: all().schemes}
	}
	o := Offer{Version: version, Groups: all().groups12}
	if version == SSL30 { // it has no extensions
		o.Groups = nil
	}
	o.Suites = slices.DeleteFunc(slices.Clone(all().suites12), func(n uint16) bool {
		s, _ := registry.SuiteOf(n)
		return s.Since > version
	})
	return o
}

// lists are what is offered at most, each in order of preference.
type lists struct {
	suites12, suites13 []uint16 // up to TLS 1.2 and of TLS 1.3
	groups12, groups13 []uint16
	schemes            []uint16
}

// all is every suite, group and scheme of the registry that a server could
// agree to with a stranger.
var all = sync.OnceValue(func() (l lists) {
	rows := slices.DeleteFunc(registry.Suites(), func(s registry.Suite) bool {
		return s.Number == 0 || s.Signal() || s.Shared()
	})
	slices.SortStableFunc(rows, func(a, b registry.Suite) int { return preference(b) - preference(a) })
	for _, s := range rows {
		if s.Since == TLS13 {
			l.suites13 = append(l.suites13, s.Number)
		} else {
			l.suites12 = append(l.suites12, s.Number)
		}
	}
	rest := registry.Groups()
	slices.SortStableFunc(rest, func(a, b registry.Group) int { return common(b.Number) - common(a.Number) })
	for _, g := range rest {
		// A server that knows the fields of RFC 7919 must not take others once they
		// are offered (§4), which would hide the prime that other clients meet.
		if g.TLS12 && g.Kind == registry.GroupCurve {
			l.groups12 = append(l.groups12, g.Number)
		}
		if g.TLS13 {
			l.groups13 = append(l.groups13, g.Number)
		}
	}
	for _, s := range registry.Schemes() {
		l.schemes = append(l.schemes, s.Number)
	}
	slices.Reverse(l.schemes) // the newest first
	return l
})

// preference puts first what a modern client would.
func preference(s registry.Suite) int {
	points := s.Bits / 64
	for _, good := range []struct {
		is     bool
		points int
	}{
		{s.Authentication != "anon" && !s.Export && s.Bits >= 112, 100},
		{s.AEAD, 16}, {s.KeyExchange == "ECDHE", 32}, {s.KeyExchange == "DHE", 24}, {s.KeyExchange == "RSA", 8},
	} {
		if good.is {
			points += good.points
		}
	}
	return points
}

// common puts the groups first that servers have.
func common(group uint16) int {
	order := []uint16{260, 259, 258, 257, 256, 24, 25, 30, 23, 29, 4587, 4589, 4588}
	return slices.Index(order, group)
}
