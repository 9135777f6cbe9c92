// Package outage reads many tests of one server, one after the other, as the
// history of an outage: how each ended, when the outcome turned, from when to
// when the server did not work.
//
// A turn is claimed only when it repeats: of two tests in a row that end in
// another way than those before. What is said of times is said of tests, which
// see the server at moments, not all the time.
package outage

import (
	"time"

	"smtptest/probe/diagnosis"
)

// Kind is how a test ended, as far as a watch goes by it.
type Kind string

// The kinds. A server that works with warnings works.
const (
	Works  Kind = "works"
	Fails  Kind = "fails"
	Unsure Kind = "unsure" // inconclusive from here
)

// KindOf is the kind of an outcome; empty: nothing was tested.
func KindOf(o diagnosis.Outcome) Kind {
	switch o {
	case diagnosis.Working, diagnosis.WithWarnings:
		return Works
	case diagnosis.Failed:
		return Fails
	case diagnosis.Inconclusive:
		return Unsure
	}
	return ""
}

// Seen is how one test ended.
type Seen struct {
	At   time.Time     `json:"at"` // when the test began, UTC
	Kind Kind          `json:"kind"`
	Took time.Duration `json:"took"` // until its verdict
}

// MaxSeen bounds a series: twice what half an hour holds at one test in 30 s,
// each of them repeated. The oldest is forgotten first.
const MaxSeen = 256

// Series is what was seen of a server so far. Its zero value is empty.
type Series struct {
	All   []Seen    `json:"all"`   // oldest first
	Kind  Kind      `json:"kind"`  // what is claimed; empty: nothing was seen
	From  Kind      `json:"from"`  // what was claimed before; empty: nothing was
	Since time.Time `json:"since"` // of Kind: the first test of the claim, UTC
	Doubt *Seen     `json:"doubt"` // the newest one, if it ended in another way and was not repeated; nil: it did not
	Turns int       `json:"turns"` // claims after the first
}

// Add notes a test. turned: another kind is claimed from now on. doubted: the
// test ended in another way than is claimed, and one more has to say the same.
func (s *Series) Add(seen Seen) (turned, doubted bool) {
	s.All = append(s.All, seen)
	if len(s.All) > MaxSeen {
		s.All = s.All[len(s.All)-MaxSeen:]
	}
	switch {
	case s.Kind == "":
		s.Kind, s.Since = seen.Kind, seen.At
		return false, false
	case seen.Kind == s.Kind:
		s.Doubt = nil
		return false, false
	case s.Doubt != nil && s.Doubt.Kind == seen.Kind:
		s.From, s.Kind, s.Since, s.Doubt = s.Kind, seen.Kind, s.Doubt.At, nil
		s.Turns++
		return true, false
	}
	s.Doubt = &seen
	return false, true
}

// Last is the newest test; zero: there was none.
func (s *Series) Last() Seen {
	if len(s.All) == 0 {
		return Seen{}
	}
	return s.All[len(s.All)-1]
}

// Changes counts how often a test ended in another way than the one before,
// claimed or not: more than two are an intermittent fault.
func (s *Series) Changes() int {
	n := 0
	for i := 1; i < len(s.All); i++ {
		if s.All[i].Kind != s.All[i-1].Kind {
			n++
		}
	}
	return n
}

// Count is how many tests ended so.
func (s *Series) Count(k Kind) int {
	n := 0
	for _, seen := range s.All {
		if seen.Kind == k {
			n++
		}
	}
	return n
}

// Window is from when to when a server did not work, as the tests saw it. Every
// time is that of a test, UTC.
type Window struct {
	Before   time.Time // the last test that worked before it; zero: none was seen
	FirstBad time.Time // the first test that did not work
	LastBad  time.Time // the last one
	After    time.Time // the first test that worked after LastBad; zero: none was seen
	Changes  int       // how often the outcome changed from one test to the next
}

// Window is that of all of the series. ok is false where every test worked.
func (s *Series) Window() (w Window, ok bool) {
	w.Changes = s.Changes()
	for _, seen := range s.All {
		w.Add(seen.At, seen.Kind)
	}
	return w, !w.FirstBad.IsZero()
}

// Add notes the newest test, for whoever keeps no series. It does not count
// changes. A kind that is empty is none.
func (w *Window) Add(at time.Time, k Kind) {
	switch {
	case k == "":
	case k != Works:
		if w.FirstBad.IsZero() {
			w.FirstBad = at
		}
		w.LastBad, w.After = at, time.Time{}
	case w.FirstBad.IsZero():
		w.Before = at
	case w.After.IsZero():
		w.After = at
	}
}
