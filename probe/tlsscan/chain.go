package tlsscan

import (
	"slices"

	"smtptest/probe/registry"
)

// axis is a kind of thing of which one is chosen by each answer.
type axis int

const (
	axisSuites axis = iota
	axisGroups
	axisSchemes
	axisCount
)

// part is an axis of a version: it is complete when no chain asks for it any
// more.
type part struct {
	version uint16
	axis    axis
}

// axes are the lists that are to be asked for; nil: not this one.
type axes struct{ suites, groups, schemes []uint16 }

// chain asks, one connection after the other, for what is left on its axes: what
// the server chooses leaves the next offer, until it refuses. A chain with
// several axes learns of all of them from each answer; when it is refused, one of
// them has come to its end, and each goes on by itself.
type chain struct {
	*scan
	version uint16
	left    [axisCount][]uint16
	active  [axisCount]bool
	chosen  int // answers so far
}

// chain makes one. All of a version are made before the first asks, so that none
// takes itself for the last.
func (s *scan) chain(version uint16, a axes) *chain {
	c := &chain{scan: s, version: version, left: [axisCount][]uint16{a.suites, a.groups, a.schemes}}
	for x := range axisCount {
		if c.active[x] = c.left[x] != nil; c.active[x] {
			s.open[part{version, x}]++
		}
	}
	return c
}

func (c *chain) actives() (n int) {
	for _, is := range c.active {
		if is {
			n++
		}
	}
	return n
}

// ask offers what is left.
func (c *chain) ask() {
	for x := range axisCount {
		c.left[x] = without(c.left[x], c.known(x)...)
		if c.active[x] && len(c.left[x]) == 0 {
			c.end(x, true)
		}
	}
	if c.actives() == 0 {
		return
	}
	t := c.task(c.question(), c.version)
	if c.active[axisSuites] {
		t.hello.Suites = c.left[axisSuites]
	} else if c.version < TLS13 {
		t.hello.Suites = where(t.hello.Suites, c.telling)
	}
	if c.active[axisGroups] {
		t.hello.Groups = c.left[axisGroups]
	}
	if c.active[axisSchemes] {
		t.hello.Schemes = c.left[axisSchemes]
	}
	t.then = c.take
	c.push(t)
}

// known is what the server has chosen on an axis by now, in this chain or
// elsewhere.
func (c *chain) known(x axis) (out []uint16) {
	v := c.report.Version(c.version)
	switch x {
	case axisGroups:
		return v.Groups
	case axisSchemes:
		return c.report.Schemes
	}
	for _, s := range v.Suites {
		out = append(out, s.Number)
	}
	return out
}

// telling are the suites whose exchange shows what the chain asks for.
func (c *chain) telling(s registry.Suite) bool {
	return signedCurve(s) || !c.active[axisGroups] && s.KeyExchange == "DHE"
}

func (c *chain) question() Question {
	switch {
	case c.report.Version(c.version).Offered == Unknown:
		return AskVersion
	case c.active[axisSuites]:
		return AskSuites
	case c.active[axisGroups]:
		return AskGroups
	}
	return AskSchemes
}

func (c *chain) take(o outcome) {
	brokeOff := o.refused() && o.Suite != 0 && c.actives() == 1 && c.active[axisSuites]
	switch {
	case o.agreed() && o.Version == c.version || brokeOff: // it would choose the same again
		c.took(o)
	case o.refused() || o.agreed(): // agreed: on an older version, which is a no to this one
		c.refused()
	default:
		for x := range axisCount {
			c.end(x, false)
		}
	}
	c.fallback()
}

// took goes on without what was chosen.
func (c *chain) took(o outcome) {
	if c.version == TLS13 && c.chosen == 0 && c.actives() > 1 { // its first answer
		c.order(TLS13)
		if c.newest == 0 {
			c.single(TLS13)
		}
	}
	c.chosen++
	for x, n := range [axisCount]uint16{o.Suite, o.Group, o.Scheme} {
		if !c.active[x] {
			continue
		}
		rest := without(c.left[x], n)
		if len(rest) == len(c.left[x]) { // the answer tells nothing of this axis: it would be asked for ever
			c.end(axis(x), false)
		}
		c.left[x] = rest
	}
	c.share()
	c.ask()
}

// refused: where one axis was asked, it is at its end. Where nothing of all that
// there is was ever chosen, all are.
func (c *chain) refused() {
	alone := c.actives() < 2 || c.chosen == 0 && c.report.Version(c.version).Offered != Yes
	for x := range axisCount {
		if c.active[x] {
			if alone {
				c.end(x, true)
			} else {
				c.apart(x, c.left[x])
				c.active[x] = false
			}
		}
	}
}

// apart goes on with an axis in a chain of its own. Where a server signs with a
// strong hash, only some schemes are worth connections of their own.
func (c *chain) apart(x axis, left []uint16) {
	if x == axisSchemes && slices.ContainsFunc(c.report.Schemes, strongHash) {
		left = slices.DeleteFunc(slices.Clone(left), func(n uint16) bool { return !askedAlways(n) })
	}
	other := &chain{scan: c.scan, version: c.version}
	other.left[x], other.active[x] = left, true
	other.ask()
}

// share gives work to lanes that would have none: another axis, or the half of
// what is left on the only one.
func (c *chain) share() {
	for x := axisCount - 1; x >= 0; x-- {
		switch {
		case !c.active[x] || len(c.left[x]) < 2:
			continue
		case c.actives() == 1 && c.worthHalving(part{c.version, x}):
			c.halve(x)
		case c.actives() > 1 && c.idle() > 0:
			c.apart(x, c.left[x])
			c.active[x] = false
		}
		return
	}
}

// worthHalving: each half costs one refusal at its end. A server that has chosen
// several of many suites has more, and is asked in as many parts as there are
// lanes, so that all have work to the end.
func (c *chain) worthHalving(p part) bool {
	left, times := len(c.left[p.axis]), c.shared[p]
	if p.axis == axisSuites && times <= MaxAtOnce && c.chosen > 2 && left > 40 {
		return true
	}
	return c.idle() > 0 && c.chosen > 1 && (left > 24 && times <= MaxAtOnce || times < MaxAtOnce/2)
}

// halve gives every second one to another chain.
func (c *chain) halve(x axis) {
	p := part{c.version, x}
	var lists [2][]uint16
	for i, n := range c.left[x] {
		lists[i%2] = append(lists[i%2], n)
	}
	c.shared[p]++
	c.open[p]++
	c.left[x], c.chosen = lists[0], 0
	c.apart(x, lists[1])
}

// end notes that this chain asks no more for an axis, and whether it came to its
// end.
func (c *chain) end(x axis, whole bool) {
	if !c.active[x] {
		return
	}
	c.active[x] = false
	p := part{c.version, x}
	c.open[p]--
	c.broken[p] = c.broken[p] || !whole
	if c.open[p] > 0 {
		return
	}
	c.complete(p, !c.broken[p])
}

// complete notes that a part is known as a whole, or that no more will be known
// of it.
func (c *chain) complete(p part, whole bool) {
	v := c.report.Version(p.version)
	if v.Offered == Unknown && whole {
		v.Offered = No
	}
	switch p.axis {
	case axisSuites:
		v.Complete = whole && v.Offered == Yes
		if v.Complete {
			c.presume(v)
		}
		if p.version == c.newest {
			c.beyond()
		}
	case axisGroups:
		v.GroupsComplete = whole && v.Offered == Yes
	case axisSchemes:
		c.report.SchemesComplete = whole
	}
}

// presume adds the suites that an older version has because a newer one does.
func (c *chain) presume(v *Version) {
	for _, n := range c.presumed[v.Number] {
		if !slices.ContainsFunc(v.Suites, func(x Suite) bool { return x.Number == n }) {
			v.Suites = append(v.Suites, Suite{Number: n, Presumed: true})
		}
	}
}

// askedAlways reports a scheme with a weak hash, or one that every client of TLS
// 1.2 has (RFC 8446 §9.1): rsa_pkcs1_sha256 and ecdsa_secp256r1_sha256.
func askedAlways(scheme uint16) bool {
	return !strongHash(scheme) || scheme == 0x0401 || scheme == 0x0403
}

// strongHash reports a scheme without MD5, SHA-1 and SHA-224: the first octet is
// the hash (RFC 5246 §7.4.1.4.1).
func strongHash(scheme uint16) bool { return scheme >= 0x0400 }
