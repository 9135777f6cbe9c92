package formattest

import (
	"iter"
	"testing"

	"smtptest/probe/probetest/long"
)

// shortly is how much less is done with -short, as for the race detector,
// under which these tests take ten times as long.
const shortly = 5

// Seeds are the numbers from 0 on: a few of them, or many with the flag -long.
func Seeds(few, many uint64) iter.Seq[uint64] {
	n := few
	switch {
	case long.Requested():
		n = many
	case testing.Short():
		n = few / shortly
	}
	return func(yield func(uint64) bool) {
		for seed := range n {
			if !yield(seed) {
				return
			}
		}
	}
}

// Some is every nth of all, from a first one on; with the flag -long it is all
// of them. Callers move the first one, so that each is met sooner or later.
func Some[T any](all []T, first, nth int) []T {
	if long.Requested() {
		return all
	}
	if testing.Short() {
		nth *= shortly
	}
	var some []T
	for i := first % nth; i < len(all); i += nth {
		some = append(some, all[i])
	}
	return some
}
