package bot

import (
	"strings"

	"smtptest/formatting"
	"smtptest/formatting/jsonreport"
	"smtptest/formatting/reproduce"
	"smtptest/probe"
	"smtptest/probe/diagnosis"
)

// The choices of More.
const (
	choiceTranscript = "transcript"
	choiceJSON       = "json"
	choiceCommands   = "commands"
	choiceTicket     = "ticket"
)

// actions are what can be done after a result, in order.
func (r *Run) actions(j diagnosis.Judged) []formatting.Action {
	report := j.Report
	id, target := r.kept.id, report.Request.Target.String()
	act := func(verb string, label string) formatting.Action {
		return formatting.Action{Verb: verb, Run: id, Label: label, Spoken: strings.TrimSuffix(label, "…") + ": " + target}
	}
	all := []formatting.Action{act(pressAgain, formatting.Say(formatting.LabelAgain).What)}
	if label := formatting.NextLabel(diagnosis.Next(j)); label != "" && !r.kept.login {
		next := act(pressVariant, label)
		next.Main = true
		all = append(all, next)
	}
	switch {
	case r.kept.login:
		all = append(all, act(pressShare, formatting.Say(formatting.LabelShare).What))
	case offersLogin(report) && report.Request.Security != probe.SecurityNone && !r.handler.Logins.off(r.kept.place.Platform) && r.handler.Logins.allows(report.Request.Target.Host):
		all = append(all, act(pressLogin, formatting.Say(formatting.LabelLogin).What))
	}
	more := act(pressMore, formatting.Say(formatting.LabelMore).What)
	for _, c := range []struct {
		value string
		label formatting.TextID
	}{
		{choiceTranscript, formatting.LabelTranscript}, {choiceJSON, formatting.LabelJSON},
		{choiceCommands, formatting.LabelCommands}, {choiceTicket, formatting.LabelTicket},
	} {
		more.Choices = append(more.Choices, formatting.Choice{Value: c.value, Label: formatting.Say(c.label).What})
	}
	return append(all, more)
}

// offersLogin reports that the server listed AUTH.
func offersLogin(r *probe.Report) bool {
	s := r.Main()
	return s != nil && s.Hello() != nil && len(s.Hello().Capabilities.Mechanisms()) > 0
}

// pressed answers a button. Who may press, policy and limits are asked anew.
func (h *Handler) pressed(inv Invocation) (Answer, Record) {
	if inv.Press.Verb == pressReopen {
		return h.reopened(inv)
	}
	kept, refused := h.Runs.find(inv.Press.Run, inv)
	if refused != "" {
		return refuse("press", refused)
	}
	switch inv.Press.Verb {
	case pressAgain:
		return h.once(inv, &kept, diagnosis.Variation{})
	case pressVariant:
		return h.once(inv, &kept, diagnosis.Next(kept.result))
	}
	if over := h.Limits.take(claim{perPress, personKey(inv), formatting.LimitPress}); over != nil {
		return refuse("press", over.claim.over, over.values(kept.command.Request.Target)...)
	}
	switch inv.Press.Verb {
	case pressLogin:
		if kept.person != inv.Person.ID {
			return refuse("press", formatting.RunNotYours)
		}
		return h.form(inv, kept.command)
	case pressShare:
		return h.share(inv, &kept)
	case pressMore:
		return more(inv, &kept)
	}
	return refuse("press", formatting.RunGone)
}

// once runs a test again, unless the same person began that a moment ago.
func (h *Handler) once(inv Invocation, kept *run, v diagnosis.Variation) (Answer, Record) {
	if h.Runs.pressed(*inv.Press, inv.Person.ID) {
		return refuse("press", formatting.RunTwice)
	}
	a, rec := h.again(inv, kept, v)
	if a.Run != nil {
		h.Runs.note(*inv.Press, inv.Person.ID)
	}
	return a, rec
}

// again runs a test once more, or with one thing changed. A login asks for
// the password again.
func (h *Handler) again(inv Invocation, kept *run, v diagnosis.Variation) (Answer, Record) {
	switch {
	case kept.command.Profile != "":
		return h.profiled(inv, kept.command, kept)
	case kept.login:
		return h.form(inv, kept.command)
	}
	c := kept.command
	before := c.Request
	c.Request = v.Of(before)
	if c.Request.Target != before.Target {
		c.Typed, c.PortGiven = "", true
	}
	a := asked{command: c, before: kept}
	if change := formatting.Change(before, c.Request); change != "" {
		a.changed = formatting.Value{Name: "change", Text: change}
	}
	return h.test(inv, a)
}

// share shows the verdict of a private login to the channel: words of the
// catalogue, none of the server's and no user name.
func (h *Handler) share(inv Invocation, kept *run) (Answer, Record) {
	if !h.Runs.share(kept.id) {
		return refuse("share", formatting.RunShared)
	}
	m := formatting.Verdict(kept.result)
	m.Said, m.By = "", inv.Person
	m.Notes = []string{formatting.Say(formatting.NoteShared).What}
	return Answer{Message: m}, Record{Kind: "share"}
}

// more is the evidence in another form, for the person who asked for it.
func more(inv Invocation, kept *run) (Answer, Record) {
	result := kept.result
	var s formatting.Section
	switch inv.Press.Choice {
	case choiceTranscript:
		if len(result.Report.Sessions) == 0 {
			return refuse("more", formatting.MoreNothing)
		}
		s = formatting.TranscriptFile(result.Report)
	case choiceJSON:
		octets, err := jsonreport.Encode(result)
		if err != nil {
			return refuse("more", formatting.FaultInternal, formatting.Value{Name: "reference", Text: "json"})
		}
		s = formatting.File{Name: "smtptest.json", Title: formatting.Say(formatting.LabelJSON).What, Text: string(octets)}
	case choiceCommands:
		code, ok := reproduce.Section(result.Report)
		if !ok {
			return refuse("more", formatting.MoreNothing)
		}
		s = code
	case choiceTicket:
		s = formatting.File{Name: "smtptest-ticket.txt", Title: formatting.Say(formatting.LabelTicket).What, Text: reproduce.Ticket(result)}
	default:
		return refuse("more", formatting.RunGone)
	}
	return private(formatting.Message{Sections: []formatting.Section{s}}), Record{Kind: "more"}
}
