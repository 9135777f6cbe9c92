package bot

import (
	"context"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"smtptest/bot/command"
	"smtptest/bot/everywhere"
	"smtptest/bot/results"
	"smtptest/formatting"
	"smtptest/formatting/jsonreport"
	"smtptest/probe"
	"smtptest/probe/diagnosis"
	"smtptest/probe/diagnosis/vantages"
)

// testEverywhere makes the test at every place at once, this one first.
func (j *Job) testEverywhere(ctx context.Context, w *watcher) (o outcome) {
	target := j.asked.command.Request.Target
	places := everywhere.Run(ctx, j.asked.command.Request, j.handler.sources(), everywhere.Hooks{
		Dialled: j.dialled,
		Answered: func(done, of int) {
			j.mu.Lock()
			defer j.mu.Unlock()
			j.answered = formatting.PlacesProgress(done, of)
		},
		First: func(all []vantages.Place) {
			judged := vantages.Judge(target, all)
			j.mu.Lock()
			j.firstPlaces = &judged
			j.mu.Unlock()
			w.notify()
		},
		Allow: j.allowPlace,
	})
	judged := vantages.Judge(target, places)
	return outcome{places: &judged}
}

// sources are this place and all others. One that is known to be away is not
// asked; it has its row.
func (h *Handler) sources() []everywhere.Source {
	all := []everywhere.Source{{Prober: h.Prober}}
	for _, v := range h.Vantages.All() {
		s := everywhere.Source{Name: v.Name, Seen: v.Seen}
		if v.Connected {
			s.Prober = h.Vantages.At(v.Name)
		} else {
			s.Absent = vantages.NotConnected
		}
		all = append(all, s)
	}
	return all
}

// countPlaces is how many places are asked.
func (h *Handler) countPlaces() (n int) {
	for _, s := range h.sources() {
		if s.Prober != nil {
			n++
		}
	}
	return n
}

// allowPlace counts an address once for the whole run, however many places dial it.
func (j *Job) allowPlace(to netip.AddrPort) time.Duration {
	j.mu.Lock()
	known := slices.Contains(j.tried, to.Addr())
	j.mu.Unlock()
	if known {
		return 0
	}
	return j.allow(to)
}

// firstRound is the message once each place has answered, while some are asked
// again; false: it is not that far.
func (j *Job) firstRound() (formatting.Message, bool) {
	j.mu.Lock()
	first := j.firstPlaces
	j.firstPlaces = nil // it is shown once
	j.mu.Unlock()
	if first == nil || j.inv.Place.Platform == formatting.Console { // which cannot change what it has printed
		return formatting.Message{}, false
	}
	m := j.placesMessage(first)
	m.Notes, m.Sections = append(m.Notes, formatting.Say(formatting.NoteAskedAgain).What), nil
	return m, true
}

// placesMessage is what several places saw, with what can be done next.
func (j *Job) placesMessage(p *vantages.Judged) formatting.Message {
	m := formatting.Places(*p, j.inv.Place.Platform)
	m.By, m.Links = j.inv.Person, j.before()
	m.Notes = append(append(m.Notes, j.understood()...), j.notes()...)
	return m
}

// placesEnded is the last message of a test at all places.
func (j *Job) placesEnded(ctx context.Context, o outcome, rec *Record) Update {
	p := o.places
	rec.Outcome, rec.Vantage, rec.Places = p.Outcome, command.VantageAll, p.Places
	if p.Places[0].State() == vantages.Denied && p.Outcome == diagnosis.NotTested {
		rec.Refused = formatting.RefusedTarget
		return Update{StageDenied, formatting.Refusal(formatting.RefusedTarget, targetValue(p.Target.Host))}
	}
	j.change(func() { j.result.Places, j.result.Ended = p, time.Now().UTC() })
	m := j.placesMessage(p)
	if ctx.Err() != nil {
		stopped := formatting.Say(formatting.FaultStopped)
		m.Notes = append(m.Notes, stopped.What, stopped.Try)
	}
	m.Actions = j.placesActions(p)
	return Update{StageDone, m}
}

// maxPlaceChoices leaves room for JSON among what Discord takes (Select Menu:
// 25 options).
const maxPlaceChoices = 24

// placesActions are Run again, another place, and the evidence of each place.
func (j *Job) placesActions(p *vantages.Judged) []formatting.Action {
	about := p.Target.String()
	again := formatting.Action{
		Verb: pressAgain, Run: j.result.ID, Request: j.request, Label: formatting.Say(formatting.LabelAgain).What,
	}
	more := formatting.Action{Verb: pressMore, Run: j.result.ID, Label: formatting.Say(formatting.LabelMore).What}
	for i, place := range p.Places {
		if place.Latest().Report != nil && len(more.Choices) < maxPlaceChoices {
			more.Choices = append(more.Choices, formatting.Choice{
				Value: strconv.Itoa(i), Label: formatting.Say(formatting.LabelPlace, formatting.Value{
					Name: "place", Text: place.Label(),
				}).What,
			})
		}
	}
	more.Choices = append(more.Choices, formatting.Choice{
		Value: choiceJSON, Label: formatting.Say(formatting.LabelJSON).What,
	})
	again.Accessible, more.Accessible = again.Label+": "+about, "More: "+about
	return slices.Concat([]formatting.Action{again}, j.tryFrom(j.result.ID), []formatting.Action{more})
}

// morePlaces is the evidence of one place, or all of it as JSON.
func morePlaces(inv Invocation, p *vantages.Judged) (Answer, Record) {
	if inv.Press.Choice == choiceJSON {
		encoded, err := jsonreport.EncodePlaces(*p)
		if err != nil {
			return refuse(KindMore, formatting.FaultInternal, formatting.Value{Name: "reference", Text: "json"})
		}
		return private(formatting.Message{Sections: []formatting.Section{formatting.File{
			Name: "smtptest-places.json", Title: formatting.Say(formatting.LabelJSON).What, Text: string(encoded),
		}}}), Record{Kind: KindMore}
	}
	i, err := strconv.Atoi(inv.Press.Choice)
	if err != nil || i < 0 || i >= len(p.Places) || p.Places[i].Latest().Report == nil {
		return refuse(KindMore, formatting.RunGone)
	}
	return private(formatting.Result(p.Places[i].Latest(), inv.Place.Platform)), Record{Kind: KindMore}
}

// placesKey is what others who ask the same have in common with this one.
func placesKey(place Place, r probe.Request, vantage string) string {
	key := results.RequestKey(place, r)
	if vantage != "" {
		key += "\x00from " + vantage
	}
	return key
}
