package bot

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"smtptest/bot/command"
	"smtptest/bot/everywhere"
	"smtptest/bot/results"
	"smtptest/formatting"
	"smtptest/probe"
	"smtptest/probe/diagnosis"
	"smtptest/probe/diagnosis/vantages"
	"smtptest/probe/domain"
)

// Vantages are other places that tests can be made from. It is used by many
// goroutines, and All asks nobody.
type Vantages interface {
	// All are those that are set up, in the operator's order.
	All() []Vantage
	// At is the agent of one of them.
	At(name string) Agent
}

// Agent makes tests at another place. Errors of its methods: *everywhere.Unavailable.
// A report that comes with one is what had arrived.
type Agent interface {
	probe.Prober
	Domains
	Egress(context.Context) ([]probe.ControlConn, error)
}

// Vantage is how a place stands.
type Vantage struct {
	Name      string    // as command.IsVantage has it
	Connected bool      // lately
	Seen      time.Time // zero: never since the bot began
	Logins    bool      // a key of its agent is set up, so that a login can be sealed
}

// vantages are the names of all other places.
func (h *Handler) vantages() (names []string) {
	if h.Vantages != nil {
		for _, v := range h.Vantages.All() {
			names = append(names, v.Name)
		}
	}
	return names
}

// vantageFacts are the places for help.
func (h *Handler) vantageFacts() (all []formatting.Fact) {
	if h.Vantages == nil {
		return nil
	}
	for _, v := range h.Vantages.All() {
		fact := formatting.VantageFact{Name: v.Name, Connected: v.Connected, Logins: v.Logins, Seen: v.Seen}
		all = append(all, formatting.Fact{Name: v.Name, Value: fact.Standing()})
	}
	return all
}

// everywhere reports that all places are asked at once.
func (a asked) everywhere() bool { return a.command.Vantage == command.VantageAll }

// elsewhere is the one other place that is asked; empty: this one, or all.
func (a asked) elsewhere() string {
	if a.everywhere() {
		return ""
	}
	return a.command.Vantage
}

// away says at once why a place cannot make a test; a login wants to know whether
// it can be sealed. ok: it can.
func (h *Handler) away(c command.Command, login bool) (id formatting.TextID, values []formatting.Value, ok bool) {
	name := c.Vantage
	if name == "" || h.Vantages != nil && name == command.VantageAll {
		return "", nil, true
	}
	var all []Vantage
	if h.Vantages != nil {
		all = h.Vantages.All()
	}
	i := slices.IndexFunc(all, func(v Vantage) bool { return v.Name == name })
	switch {
	case i < 0:
		return formatting.VantageGone, []formatting.Value{{Name: "vantage", Text: name}}, false
	case !all[i].Connected:
		id, values = formatting.AbsenceText(name, vantages.NotConnected, all[i].Seen)
		return id, values, false
	case login && !all[i].Logins:
		id, values = formatting.AbsenceText(name, vantages.Unpinned, time.Time{})
		return id, values, false
	}
	return "", nil, true
}

// prober is what makes the test of one server.
func (j *Job) prober() probe.Prober {
	if name := j.asked.elsewhere(); name != "" {
		return j.handler.Vantages.At(name)
	}
	return j.handler.Prober
}

// domains is what examines a domain.
func (j *Job) domains() Domains {
	if name := j.asked.elsewhere(); name != "" {
		return j.handler.Vantages.At(name)
	}
	return j.handler.Domains
}

// egress asks for the ways out of a network.
func (j *Job) egress(ctx context.Context) (conns []probe.ControlConn, err error) {
	if name := j.asked.elsewhere(); name != "" {
		return j.handler.Vantages.At(name).Egress(ctx)
	}
	return j.handler.Egress(ctx), nil
}

// unavailable is the last message where another place has not carried the test
// out, with what had arrived.
func (j *Job) unavailable(o outcome, why *everywhere.Unavailable, rec *Record) Update {
	name := j.asked.elsewhere()
	seen := time.Time{}
	if h := j.handler.Vantages; h != nil {
		for _, v := range h.All() {
			if v.Name == name {
				seen = v.Seen
			}
		}
	}
	id, values := formatting.AbsenceText(name, why.Absence, seen)
	rec.Refused, rec.Vantage, rec.Absent = id, name, string(why.Absence)
	m := j.head(formatting.Refusal(id, values...), j.asked.command.Request.Target)
	m.Tone, m.Target = formatting.ToneUnsure, j.asked.about()
	m.Actions = rerun(j.result.ID, j.request, j.asked.command)
	if len(o.report.Sessions) > 0 {
		judged := diagnosis.Judged{Report: &o.report}
		m.Sections = formatting.Arrived(judged)
	}
	return Update{StageDone, m}
}

// tryFrom lets a person choose another place to test from: all at once first.
func (j *Job) tryFrom(run string) []formatting.Action {
	c := j.asked.command
	if j.handler.Vantages == nil || j.result.Login || c.Verb != command.VerbTest || c.Repeat > 0 {
		return nil
	}
	a := formatting.Action{Verb: pressFrom, Run: run, Label: formatting.Say(formatting.LabelFrom).What}
	add := func(value, label string) {
		if value != cmp.Or(c.Vantage, vantages.Here) {
			a.Choices = append(a.Choices, formatting.Choice{Value: value, Label: label})
		}
	}
	add(command.VantageAll, formatting.Say(formatting.LabelFromAll).What)
	add(vantages.Here, formatting.Say(formatting.LabelFromHere).What)
	for _, v := range j.handler.Vantages.All() {
		if v.Connected {
			add(v.Name, formatting.Say(formatting.LabelFromPlace, formatting.Value{Name: "place", Text: v.Name}).What)
		}
	}
	if len(a.Choices) == 0 {
		return nil
	}
	return []formatting.Action{a}
}

// from runs a test again from another place.
func (h *Handler) from(inv Invocation, before *results.Result) (Answer, Record) {
	c := before.Command
	c.Pasted, c.LeftOut, c.Watch = false, false, false
	name := inv.Press.Choice
	switch {
	case name == vantages.Here:
		c.Vantage = ""
	case name == command.VantageAll, slices.Contains(h.vantages(), name):
		c.Vantage = name
	default:
		return refuse(KindPress, formatting.VantageGone, formatting.Value{Name: "vantage", Text: "This"})
	}
	if before.Login || c.Verb != command.VerbTest {
		return refuse(KindPress, formatting.RunGone)
	}
	return h.test(inv, asked{command: c})
}

// unavailableOf is why a place has not carried a test out; nil: that is not it.
func unavailableOf(err error) *everywhere.Unavailable {
	u, _ := errors.AsType[*everywhere.Unavailable](err)
	return u
}

var _ Domains = (*domain.Examiner)(nil)
