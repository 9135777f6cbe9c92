package differ

import (
	"slices"

	"smtptest/probe/diagnosis"
)

// Difference is one aspect in which two tests differ. What only one of them has
// of a list stands in OnlyA and OnlyB; A and B are the whole.
type Difference struct {
	Aspect       Aspect
	A, B         []string // nil: the test did not get to see it; empty: there is none
	OnlyA, OnlyB []string
}

// Between says in what two tests differ, in the order of Aspects. Aspects that
// one of them did not get to see are in it only where the other one did.
func Between(a, b diagnosis.Judged) []Difference {
	var out []Difference
	of1, of2 := of(a), of(b)
	for _, aspect := range Aspects() {
		x, y := of1[aspect], of2[aspect]
		if slices.Equal(x, y) && (x == nil) == (y == nil) {
			continue
		}
		out = append(out, Difference{Aspect: aspect, A: x, B: y, OnlyA: without(x, y), OnlyB: without(y, x)})
	}
	return out
}

// Same are the aspects that both tests saw and that do not differ.
func Same(a, b diagnosis.Judged) []Aspect {
	var out []Aspect
	of1, of2 := of(a), of(b)
	for _, aspect := range Aspects() {
		if of1[aspect] != nil && slices.Equal(of1[aspect], of2[aspect]) {
			out = append(out, aspect)
		}
	}
	return out
}

func without(all, others []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(s string) bool { return slices.Contains(others, s) })
}
