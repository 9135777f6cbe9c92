// Package expect holds a judged report against what somebody expects of a
// server: a short list such as
//
//	tls>=1.2, auth:PLAIN, cert>14d, no warning
//
// Items are separated by commas, and all must hold. An item is a subject alone
// ("cert"), a subject with one of its values ("auth:PLAIN"), or a subject
// compared with an amount ("size>=25M", with >, >=, <, <=, = or !=). "no" before
// an item turns it round. The subjects are those of Subjects.
//
// That the test works is expected without being said, so that a server that
// fails at something that no item is about does not pass. "no works" says
// otherwise.
//
// What the test did not get to see holds for no item, also not for one with
// "no": what is not known is no proof.
package expect

import (
	"strings"

	"smtptest/probe/diagnosis"
)

// MaxItems bounds a list: ours; people write five.
const MaxItems = 50

// Item is one expectation.
type Item struct {
	Text string // as written, without the blanks around it

	no      bool
	subject subject
	value   string  // of "SUBJECT:VALUE", in upper case; empty: none
	op      string  // of a comparison; empty: none
	amount  float64 // what is compared with, in the unit of the subject
}

// Result says whether one item holds.
type Result struct {
	Item Item
	Met  bool
	// What the test saw instead, in words that follow "got": "TLS 1.0". The
	// server's own words in it are names that it listed, printable.
	Got string
	// The test did not get to see it: then Met is false, and Got says so.
	Unknown bool
}

// List is what is expected, read and checked.
type List []Item

// Check holds a report against the list, in its order. Where nothing is said of
// "works", it comes first.
func (l List) Check(j diagnosis.Judged) []Result {
	var out []Result
	if !l.speaksOf("works") {
		out = append(out, Item{Text: "works", subject: subjects["works"]}.check(j))
	}
	for _, item := range l {
		out = append(out, item.check(j))
	}
	return out
}

// Unmet are the results that do not hold.
func Unmet(all []Result) []Result {
	var out []Result
	for _, r := range all {
		if !r.Met {
			out = append(out, r)
		}
	}
	return out
}

func (l List) speaksOf(name string) bool {
	for _, item := range l {
		if item.subject.name == name {
			return true
		}
	}
	return false
}

func (i Item) check(j diagnosis.Judged) Result {
	saw := i.subject.read(j)
	r := Result{Item: i, Got: saw.got, Unknown: saw.unknown}
	switch {
	case saw.unknown:
		return r
	case i.op != "":
		r.Met = saw.have && compare(saw.amount, i.op, i.amount)
	case i.value != "":
		r.Met = saw.lists(i.value)
	default:
		r.Met = saw.have
	}
	r.Met = r.Met != i.no
	return r
}

func compare(got float64, op string, want float64) bool {
	switch op {
	case ">":
		return got > want
	case ">=":
		return got >= want
	case "<":
		return got < want
	case "<=":
		return got <= want
	case "=":
		return got == want
	}
	return got != want
}

// reading is what a report says of a subject.
type reading struct {
	unknown bool     // the test did not get so far
	have    bool     // it is there, or it is good
	all     []string // the values that there are
	amount  float64
	got     string // in words
}

func (r reading) lists(value string) bool {
	for _, v := range r.all {
		if strings.EqualFold(v, value) {
			return true
		}
	}
	return false
}
