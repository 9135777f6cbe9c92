package replies

import "strings"

// gram is how many octets of a fragment are looked up first; no fragment is
// shorter.
const gram = 3

// index finds all fragments of all rows in one pass over a text, so that the
// cost is linear in the text however many rows there are.
type index struct {
	fragments []string
	number    map[string]int // of a fragment in fragments
	by        [buckets][]int // fragments by a hash of their first octets
}

// buckets is a power of two, several times the number of first octets.
const buckets = 1 << bucketBits

const bucketBits = 12

// bucket is the hash of the octets at the beginning of a text of at least gram
// octets.
func bucket(text string) int {
	const golden = 2654435761 // 2^32 over the golden ratio spreads neighbours
	first := uint32(text[0])<<16 | uint32(text[1])<<8 | uint32(text[2])
	return int(first * golden >> (32 - bucketBits))
}

func newIndex(rows []row) *index {
	x := &index{number: map[string]int{}}
	for _, r := range rows {
		for _, w := range r.words {
			x.add(w)
		}
	}
	for i := range rows {
		rows[i].in = x.numbers(rows[i].words)
	}
	return x
}

func (x *index) add(fragment string) {
	if _, twice := x.number[fragment]; twice {
		return
	}
	n := len(x.fragments)
	x.fragments = append(x.fragments, fragment)
	x.number[fragment] = n
	b := bucket(fragment)
	x.by[b] = append(x.by[b], n)
}

// found are the fragments that stand in a text.
type found struct {
	index *index
	has   []bool
}

func (x *index) find(text string) found {
	f := found{x, make([]bool, len(x.fragments))}
	for i := 0; i+gram <= len(text); i++ {
		for _, n := range x.by[bucket(text[i:])] {
			if !f.has[n] && strings.HasPrefix(text[i:], x.fragments[n]) {
				f.has[n] = true
			}
		}
	}
	return f
}

// numbers are those of words that are in the index.
func (x *index) numbers(words []string) []int {
	var out []int
	for _, w := range words {
		out = append(out, x.number[w])
	}
	return out
}

// all reports whether every one of the words of such numbers was found.
func (f found) all(numbers []int) bool {
	for _, n := range numbers {
		if !f.has[n] {
			return false
		}
	}
	return true
}

// one reports whether a fragment of the index was found.
func (f found) one(fragment string) bool { return f.has[f.index.number[fragment]] }
