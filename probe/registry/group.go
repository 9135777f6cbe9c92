package registry

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"sync"
)

// Group is what a key exchange is made in: an elliptic curve, a finite field, or
// a post-quantum key encapsulation (RFC 8446 §4.2.7).
type Group struct {
	Number    uint16
	Name      string    // as IANA spells it
	Kind      GroupKind // of mathematics
	Bits      int       // of field or prime, see groups.tsv
	TLS12     bool      // may be agreed in TLS 1.2 and before
	TLS13     bool      // may be agreed in TLS 1.3
	Reference string
}

// GroupKind is the kind of a group.
type GroupKind string

// The kinds.
const (
	GroupCurve       GroupKind = "curve"
	GroupFiniteField GroupKind = "finite-field"
	GroupHybrid      GroupKind = "hybrid" // a curve together with ML-KEM
	GroupMLKEM       GroupKind = "ml-kem"
)

// PostQuantum reports a group that is to withstand quantum computers.
func (g Group) PostQuantum() bool { return g.Kind == GroupHybrid || g.Kind == GroupMLKEM }

var groups = sync.OnceValue(func() map[uint16]Group { return load("groups.tsv", 6, readGroup) })

// GroupOf is the row of a group; ok is false for an unassigned number.
func GroupOf(number uint16) (g Group, ok bool) {
	g, ok = groups()[number]
	return g, ok
}

// Groups are all rows, by number.
func Groups() []Group {
	return sorted(groups(), func(a, b Group) int { return int(a.Number) - int(b.Number) })
}

// GroupName is the name of a group, its number in hexadecimal where it has none.
func GroupName(number uint16) string {
	if g, ok := GroupOf(number); ok {
		return g.Name
	}
	return fmt.Sprintf("0x%04X", number)
}

func readGroup(c []string) (uint16, Group, error) {
	n, err := strconv.ParseUint(c[0], 10, 16)
	if err != nil {
		return 0, Group{}, fmt.Errorf("%q is not the number of a group", c[0])
	}
	size, err := strconv.Atoi(c[3])
	if err != nil {
		return 0, Group{}, fmt.Errorf("%q is not a number of bits", c[3])
	}
	g := Group{Number: uint16(n), Name: c[1], Kind: GroupKind(c[2]), Bits: size, Reference: c[5]}
	g.TLS12, g.TLS13 = c[4] != "1.3", c[4] != "1.2"
	return g.Number, g, nil
}

// Scheme is a signature scheme (RFC 8446 §4.2.3).
type Scheme struct {
	Number    uint16
	Name      string
	Reference string
}

var schemes = sync.OnceValue(func() map[uint16]Scheme { return load("signatures.tsv", 3, readScheme) })

// Schemes are all rows, by number.
func Schemes() []Scheme {
	return sorted(schemes(), func(a, b Scheme) int { return int(a.Number) - int(b.Number) })
}

// SchemeName is the name of a signature scheme, its number in hexadecimal where
// it has none.
func SchemeName(number uint16) string {
	if s, ok := schemes()[number]; ok {
		return s.Name
	}
	return fmt.Sprintf("0x%04X", number)
}

func readScheme(c []string) (uint16, Scheme, error) {
	n, err := hexadecimal(c[0])
	return n, Scheme{Number: n, Name: c[1], Reference: c[2]}, err
}

// sorted are the rows of a table in order.
func sorted[K cmp.Ordered, V any](table map[K]V, order func(a, b V) int) []V {
	all := make([]V, 0, len(table))
	for _, row := range table {
		all = append(all, row)
	}
	slices.SortFunc(all, order)
	return all
}
