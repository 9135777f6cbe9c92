// Package vantages judges what several places saw of one server: where it works,
// where it does not, and what that says about whose side it is.
//
// It reads the judged report of each place and nothing else. A difference between
// places is claimed only when it repeats: Again says which places are to be asked
// once more, and a place that fails and then works is intermittent, not different.
// From one place alone nothing is concluded about places.
package vantages

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"smtptest/probe"
	"smtptest/probe/diagnosis"
)

// Place is what one place saw.
type Place struct {
	Name   string // as the operator names it; empty: here
	Report diagnosis.Judged
	Again  *diagnosis.Judged // the same asked once more; nil: it was not
	Absent Absence           // why there is no report; empty: there is one
	Seen   time.Time         // of NotConnected: when it was last there; zero: never since the bot began
	Answer time.Duration     // until the place had answered, as seen from here
}

// Here is the label of the place where the bot runs, in texts and in tables.
const Here = "here"

// Label is the name for people.
func (p Place) Label() string {
	if p.Name == "" {
		return Here
	}
	return p.Name
}

// Absence says why a place has no report.
type Absence string

// The absences.
const (
	Present      Absence = ""
	NotConnected Absence = "not-connected" // nobody listens there
	Silent       Absence = "silent"        // it was connected, and has not answered in time
	Busy         Absence = "busy"          // it runs as many tests as it takes
	OtherVersion Absence = "version"       // it speaks another version of what is between us
	Unpinned     Absence = "unpinned"      // no key is pinned, so it gets no login
	NoEngine     Absence = "no-engine"     // nothing between us and it can be reached
	Stopping     Absence = "stopping"      // its agent is being stopped
	Unable       Absence = "unable"        // it does not do this, by its operator's setting
	OtherKey     Absence = "other-key"     // the login does not open there: another key is pinned
	Clock        Absence = "clock"         // its clock or ours is wrong
	Faulty       Absence = "fault"         // it could not carry the test out
)

// State is how a place counts.
type State string

// The states.
const (
	Works        State = "works"
	Fails        State = "fails"
	Intermittent State = "intermittent" // it failed, and worked a moment later
	Inconclusive State = "inconclusive" // nothing is known of the server from there
	Denied       State = "denied"       // its guard does not allow the target
	Missing      State = "missing"      // see Absent
)

// latest is what counts of a place: the second report where there are two.
func (p Place) latest() diagnosis.Judged {
	if p.Again != nil && p.Again.Report != nil {
		return *p.Again
	}
	return p.Report
}

// Latest is the report that counts of a place, the second one where there are two.
func (p Place) Latest() diagnosis.Judged { return p.latest() }

// State judges one place.
func (p Place) State() State {
	first := stateOf(p.Report)
	if p.Again == nil || p.Again.Report == nil {
		return first
	}
	second := stateOf(*p.Again)
	if second == Works && (first == Fails || first == Inconclusive) {
		return Intermittent
	}
	return second
}

func stateOf(j diagnosis.Judged) State {
	if j.Report == nil {
		return Missing
	}
	switch j.Verdict.Outcome {
	case diagnosis.Working, diagnosis.WithWarnings:
		return Works
	case diagnosis.Failed:
		return Fails
	case diagnosis.Inconclusive:
		return Inconclusive
	}
	return Denied
}

// Judged are the places with what their reports say together. It must not change
// any more.
type Judged struct {
	Target   probe.Target
	Places   []Place
	Outcome  diagnosis.Outcome
	Findings []Finding // the cause first
}

// Finding is one thing worth saying about several reports.
type Finding struct {
	ID          ID
	Severity    diagnosis.Severity
	Title       string // one line
	Explanation string // made from the evidence; printable
	Advice      string // one imperative sentence with its full stop; empty: nothing to do
	Owner       diagnosis.Owner
	At          []string // of OwnerNetwork and OwnerOperator: whose; empty: of no place in particular
	Confidence  diagnosis.Confidence
	Reference   string
	Evidence    []int // indexes of places
}

// Judge judges what the places saw.
func Judge(target probe.Target, places []Place) Judged {
	v := newView(places)
	j := Judged{Target: target, Places: places}
	for _, rule := range rules {
		j.Findings = append(j.Findings, rule(v)...)
	}
	slices.SortStableFunc(j.Findings, func(a, b Finding) int { return rank(a) - rank(b) })
	j.Outcome = v.outcome(j.Findings)
	if len(j.Findings) > 0 && j.Findings[0].Severity != diagnosis.Info { // then it is not the same everywhere
		j.Findings = slices.DeleteFunc(j.Findings, func(f Finding) bool { return f.ID == WorksEverywhere })
	}
	return j
}

func rank(f Finding) int {
	return slices.Index([]diagnosis.Severity{diagnosis.Error, diagnosis.Warning, diagnosis.Info}, f.Severity)
}

// Again are the places to be asked once more, by index: what differs from the
// others is claimed only when it repeats.
func Again(places []Place) []int {
	v := newView(places)
	var out []int
	for i, p := range places {
		if p.Again != nil || p.Report.Report == nil {
			continue
		}
		switch stateOf(p.Report) {
		case Fails, Inconclusive:
			if v.found(i, diagnosis.PortBlocked, diagnosis.MachineCutOff) { // other hosts were asked already
				continue
			}
			if len(v.works)+len(v.flaps) > 0 || v.unlike(i) {
				out = append(out, i)
			}
		case Works:
			if v.oddCertificate(i) || v.stripped(i) {
				out = append(out, i)
			}
		}
	}
	return out
}

// view is what the rules read.
type view struct {
	places                                []Place
	works, fails, flaps, unsure, elsewise []int // by state; elsewise: denied and missing
}

func newView(places []Place) *view {
	v := &view{places: places}
	for i, p := range places {
		into := map[State]*[]int{
			Works: &v.works, Fails: &v.fails, Intermittent: &v.flaps, Inconclusive: &v.unsure,
			Denied: &v.elsewise, Missing: &v.elsewise,
		}[p.State()]
		*into = append(*into, i)
	}
	return v
}

// asked is how many places have said something about the server or their network.
func (v *view) asked() int { return len(v.places) - len(v.elsewise) }

// outcome is that of all places together: what works somewhere has not failed.
func (v *view) outcome(findings []Finding) diagnosis.Outcome {
	warns := func(i int) bool { return v.places[i].latest().Verdict.Warnings > 0 }
	worth := func(f Finding) bool { return f.Severity != diagnosis.Info }
	switch {
	case v.asked() == 0:
		return diagnosis.NotTested
	case len(v.works)+len(v.flaps) > 0:
		if len(v.works) < v.asked() || slices.ContainsFunc(v.works, warns) || slices.ContainsFunc(findings, worth) {
			return diagnosis.WithWarnings
		}
		return diagnosis.Working
	case len(v.fails) > 0:
		return diagnosis.Failed
	}
	return diagnosis.Inconclusive
}

// from is "from berlin and paris".
func (v *view) from(all []int) string { return "from " + v.names(all) }

// networks are "the network here", "the networks of berlin and paris".
func (v *view) networks(all []int) string {
	noun := "the network"
	if len(all) > 1 {
		noun += "s"
	}
	names := v.names(all)
	if v.places[all[0]].Name != "" {
		return noun + " of " + names
	}
	if len(all) > 1 {
		return noun + " here and of " + v.names(all[1:])
	}
	return noun + " here"
}

// each is "all 3 places" where no place is without a judgement, and their names where
// one is, or where they are two: nobody is to guess which.
func (v *view) each(all []int) string {
	if len(all) == 2 || len(all) < len(v.places) {
		return v.names(all)
	}
	return fmt.Sprintf("all %d places", len(all))
}

// names are places for people; those that are many are counted.
func (v *view) names(all []int) string {
	const most = 5
	var names []string
	for _, i := range all {
		names = append(names, v.places[i].Label())
	}
	if more := len(names) - most; more > 0 {
		return strings.Join(names[:most], ", ") + and(more)
	}
	if n := len(names); n > 1 {
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
	return strings.Join(names, "")
}

// labels are the names of places, for whoever can fix something there.
func (v *view) labels(all []int) []string {
	var names []string
	for _, i := range all {
		names = append(names, v.places[i].Label())
	}
	return names
}
