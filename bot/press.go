package bot

import (
	"slices"
	"strings"
	"time"

	"smtptest/bot/command"
	"smtptest/bot/results"
	"smtptest/formatting"
	"smtptest/formatting/jsonreport"
	"smtptest/formatting/reproduce"
	"smtptest/formatting/timeline"
	"smtptest/probe"
	"smtptest/probe/diagnosis"
	"smtptest/probe/sasl"
	"smtptest/probe/secret"
)

// The choices of More.
const (
	choiceTranscript = "transcript"
	choiceJSON       = "json"
	choiceCommands   = "commands"
	choiceTicket     = "ticket"
	choiceTimeline   = "timeline"
)

// actions are what can be done after a result, in order.
func (j *Job) actions(judged diagnosis.Judged) []formatting.Action {
	act := func(verb, label string) formatting.Action {
		return formatting.Action{
			Verb: verb, Run: j.result.ID, Label: label,
			Accessible: strings.TrimSuffix(label, "…") + ": " + judged.Report.Request.Target.String(),
		}
	}
	all := []formatting.Action{act(pressAgain, formatting.Say(formatting.LabelAgain).What)}
	all[0].Request = j.request
	if label := formatting.NextLabel(diagnosis.Next(judged)); label != "" && !j.result.Login {
		next := act(pressVariant, label)
		next.Main = true
		all = append(all, next)
	}
	all = append(all, j.wholeDomain(judged)...)
	switch {
	case j.result.Login:
		all = append(all, act(pressShare, formatting.Say(formatting.LabelShare).What))
	case j.mayLogIn(judged.Report):
		all = append(all, act(pressLogin, formatting.Say(formatting.LabelLogin).What))
	}
	o := judged.Verdict.Outcome
	bad := o == diagnosis.Failed || o == diagnosis.Inconclusive
	if bad && j.handler.watchable(j.result) {
		watch := act(pressWatch, formatting.Say(formatting.LabelWatch).What)
		watch.Request = j.request
		all = append(all, watch)
	}
	if j.offersDeep(judged) && len(all) < 4 { // there is room for five
		all = append(all, j.deepAction(judged.Report.Request.Target))
	}
	if bad {
		all = append(all, j.tryFrom(j.result.ID)...)
	}
	more := moreOf(j.result.ID, judged.Report.Request.Target)
	if !j.result.Outage.FirstBad.IsZero() && !j.result.Private {
		more = withTimeline(more)
	}
	return append(all, more)
}

// moreOf offers the evidence of a result in other forms.
func moreOf(run string, target probe.Target) formatting.Action {
	label := formatting.Say(formatting.LabelMore).What
	more := formatting.Action{
		Verb: pressMore, Run: run, Label: label, Accessible: strings.TrimSuffix(label, "…") + ": " + target.String(),
	}
	for _, c := range []struct {
		value string
		label formatting.TextID
	}{
		{choiceTranscript, formatting.LabelTranscript}, {choiceJSON, formatting.LabelJSON},
		{choiceCommands, formatting.LabelCommands}, {choiceTicket, formatting.LabelTicket},
	} {
		more.Choices = append(more.Choices, formatting.Choice{Value: c.value, Label: formatting.Say(c.label).What})
	}
	return more
}

// withTimeline offers a line for the timeline of an incident too.
func withTimeline(more formatting.Action) formatting.Action {
	label := formatting.Say(formatting.LabelTimeline).What
	more.Choices = append(more.Choices, formatting.Choice{Value: choiceTimeline, Label: label})
	return more
}

// rerun is the button of a test of which no result is kept.
func rerun(run, request string, c command.Command) []formatting.Action {
	return later(pressAgain, formatting.LabelAgain, formatting.Action{Run: run, Request: request}, c)
}

// later is a button that works without a result, if it carries a request.
func later(verb string, label formatting.TextID, a formatting.Action, c command.Command) []formatting.Action {
	if a.Request == "" {
		return nil
	}
	a.Verb, a.Label = verb, formatting.Say(label).What
	a.Accessible = a.Label + ": " + asked{command: c}.about()
	return []formatting.Action{a}
}

// mayLogIn reports that a login could be sent, and may be.
func (j *Job) mayLogIn(r *probe.Report) bool {
	logins := j.handler.Logins
	_, _, sealed := j.handler.away(j.asked.command, true)
	return sealed && offersLogin(r) && r.Request.Security != probe.SecurityNone && !j.asked.command.Request.At.IsValid() &&
		!logins.off(j.inv.Place.Platform) && logins.allows(r.Request.Target.Host)
}

// offersLogin reports that a password or a token would be sent: nobody is to
// type one that stays unsent for a reason that this test has shown.
func offersLogin(r *probe.Report) bool {
	s := r.Main()
	if s == nil || !s.TLS.Protects() || s.Hello() == nil {
		return false
	}
	any := secret.New("any")
	return slices.ContainsFunc([]sasl.Credential{{User: "any", Password: any}, {User: "any", Token: any}},
		func(c sasl.Credential) bool {
			mechanism, _ := sasl.Choose(s.Hello().Capabilities.Mechanisms(), c, "")
			return mechanism != ""
		})
}

// pressed answers a button. Who may press, policy and limits are asked anew.
func (h *Handler) pressed(inv Invocation) (Answer, Record) {
	switch inv.Press.Verb {
	case pressReopen:
		return h.reopened(inv)
	case pressState:
		return h.state(inv)
	case pressStop:
		return h.stopWatch(inv)
	case pressTarget:
		inv.Text, inv.Press = inv.Press.Choice, nil
		return h.begin(inv)
	}
	result, refused := h.find(inv)
	switch {
	case refused == formatting.RunGone && slices.Contains([]string{pressAgain, pressWatch, pressDeep}, inv.Press.Verb):
		return h.kept(inv)
	case refused != "":
		return refuse(KindPress, h.absent(refused))
	}
	return h.follow(inv, result)
}

// kept runs what a button itself carries.
func (h *Handler) kept(inv Invocation) (Answer, Record) {
	kept, ok := h.unseal(inv)
	if !ok {
		return refuse(KindPress, h.absent(formatting.RunOld))
	}
	if inv.Press.Verb == pressDeep {
		return h.deepOf(inv, kept.Command)
	}
	return h.once(inv, func() (Answer, Record) { return h.anew(inv, kept) })
}

// follow answers a button under a result that is there.
func (h *Handler) follow(inv Invocation, result results.Result) (Answer, Record) {
	again := func(v diagnosis.Variation) (Answer, Record) {
		return h.once(inv, func() (Answer, Record) { return h.again(inv, &result, v) })
	}
	switch inv.Press.Verb {
	case pressAgain, pressWatch:
		return again(diagnosis.Variation{})
	case pressVariant:
		return again(diagnosis.Next(result.Judged))
	case pressDeep:
		return h.deepOf(inv, result.Command)
	case pressLogin:
		if result.Person != inv.Person.ID {
			return refuse(KindPress, formatting.RunNotYours)
		}
		return h.form(inv, result.Command)
	case pressServer:
		return h.refusing(inv, result)
	case pressFrom:
		return h.once(inv, func() (Answer, Record) { return h.from(inv, &result) })
	case pressDomain:
		return h.domainOf(inv, result)
	case pressShare:
		return h.share(inv, &result)
	case pressMore:
		return evidence(inv, &result)
	}
	return refuse(KindPress, formatting.RunGone)
}

// find returns the result above a button; refused says why this person cannot
// have it.
func (h *Handler) find(inv Invocation) (r results.Result, refused formatting.TextID) {
	r, ok := h.Store.Get(inv.Press.Run)
	switch {
	case !ok:
		return r, formatting.RunGone
	case r.Place != inv.Place:
		return r, formatting.RunElsewhere
	case r.Private && r.Person != inv.Person.ID:
		return r, formatting.RunPrivate
	}
	return r, ""
}

// once runs a test again, unless the same person began that a moment ago.
func (h *Handler) once(inv Invocation, run func() (Answer, Record)) (Answer, Record) {
	press := results.Mark{Kind: results.MarkPress, Key: inv.Press.Run + "\x00" + inv.Press.Verb + "\x00" + inv.Person.ID}
	if !h.Store.Remember(press) {
		return refuse(KindPress, formatting.RunTwice)
	}
	a, rec := run()
	if a.Job == nil {
		h.Store.Forget(press)
	} else {
		a.Job.once = append(a.Job.once, press)
	}
	return a, rec
}

// settled is after what time the message of a test that is over has its verdict,
// if it ever gets one.
const settled = 10 * time.Second

// state says what became of a test whose message says that it runs. One that
// nobody will change any more, after a cut connection or a restart, is replaced.
func (h *Handler) state(inv Invocation) (Answer, Record) {
	r, refused := h.find(inv)
	over := refused == "" && time.Since(r.Ended) > settled
	if over {
		m := formatting.Notice(formatting.RunMoved)
		if r.Link != "" {
			m.Links = []formatting.Link{{Label: asked{command: r.Command}.about(), URL: r.Link}}
		}
		return Answer{Message: m, Private: true, Replace: true}, Record{Kind: KindPress}
	}
	kept, ok := h.unseal(inv)
	_, runs := h.Store.Running(results.RunKey(inv.Press.Run))
	switch {
	case refused == "", ok && runs:
		return refuse(KindPress, formatting.RunStill)
	case refused != formatting.RunGone || !ok:
		return refuse(KindPress, h.absent(formatting.RunOld))
	case h.absent(refused) != refused: // it may run elsewhere
		return refuse(KindPress, h.absent(refused))
	}
	m := formatting.Refusal(formatting.FaultStopped)
	about := asked{command: kept.Command}.about()
	m.Target, m.Actions = about, rerun(inv.Press.Run, inv.Press.Request, kept.Command)
	return Answer{Message: m, Private: true, Replace: true}, Record{Kind: KindPress}
}

// anew runs a test whose result is not kept any more.
func (h *Handler) anew(inv Invocation, kept results.Result) (Answer, Record) {
	switch {
	case kept.Command.Profile != "":
		return h.profiled(inv, kept.Command, nil)
	case kept.Login:
		return h.form(inv, kept.Command)
	}
	kept.Command.Watch = inv.Press.Verb == pressWatch && h.watchable(kept)
	return h.test(inv, asked{command: kept.Command})
}

// again runs a test once more, or with one thing changed. A login asks for
// the password again.
func (h *Handler) again(inv Invocation, before *results.Result, v diagnosis.Variation) (Answer, Record) {
	c := before.Command
	c.Pasted, c.LeftOut = false, false // what was pasted is a request by now
	c.Watch = inv.Press.Verb == pressWatch && h.watchable(*before)
	switch {
	case c.Profile != "":
		return h.profiled(inv, c, before)
	case before.Login:
		return h.form(inv, c)
	}
	c.Request = v.Of(before.Command.Request)
	if c.Request.Target != before.Command.Request.Target {
		c.Typed, c.PortGiven = "", true
	}
	a := asked{command: c, before: before}
	if change := formatting.Change(before.Command.Request, c.Request); change != "" {
		a.changed = formatting.Value{Name: "change", Text: change}
	}
	return h.test(inv, a)
}

// share shows the verdict of a private login to the channel, once: words of
// the catalogue, none of the server's and no user name.
func (h *Handler) share(inv Invocation, r *results.Result) (Answer, Record) {
	if !h.Store.Remember(results.Mark{Kind: results.MarkShare, Key: r.ID}) {
		return refuse(KindShare, formatting.RunShared)
	}
	if r.Command.Verb == command.VerbExplain {
		m, ok := shown(r.Command, inv.Place.Platform)
		if !ok { // kept by another version of this bot
			return refuse(KindShare, formatting.RunGone)
		}
		m.By = inv.Person
		return Answer{Message: m}, Record{Kind: KindShare}
	}
	m := formatting.VerdictFrom(formatting.Verdict(r.Judged, inv.Place.Platform), r.Command.Vantage)
	m.Quote, m.By = nil, inv.Person
	m.Notes = []string{formatting.Say(formatting.NoteShared).What}
	return Answer{Message: m}, Record{Kind: KindShare}
}

// evidence is that of whatever was examined.
func evidence(inv Invocation, r *results.Result) (Answer, Record) {
	switch {
	case inv.Press.Choice == choiceTimeline:
		return postMortem(r)
	case r.Domain != nil:
		return moreDomain(inv, r.Domain)
	case r.Places != nil:
		return morePlaces(inv, r.Places)
	case len(r.Tests) > 0:
		return moreSeveral(inv, r)
	case r.Deep != nil:
		return moreDeep(*r.Deep)
	}
	return more(inv, r.Judged)
}

// postMortem is the outage as one line, to be pasted elsewhere.
func postMortem(r *results.Result) (Answer, Record) {
	line, ok := timeline.Pasted(r.Judged, r.Outage, r.Link)
	if !ok {
		return refuse(KindMore, formatting.MoreNothing)
	}
	return private(formatting.Message{
		Fact:     formatting.Say(formatting.NoteTimeline).What,
		Sections: []formatting.Section{formatting.Code{Lines: []formatting.CodeLine{{Text: line}}}},
	}), Record{Kind: KindMore}
}

// more is the evidence in another form, for the person who asked for it.
func more(inv Invocation, j diagnosis.Judged) (Answer, Record) {
	var s formatting.Section
	switch inv.Press.Choice {
	case choiceTranscript:
		if len(j.Report.Sessions) == 0 {
			return refuse(KindMore, formatting.MoreNothing)
		}
		s = formatting.TranscriptFile(j.Report)
	case choiceJSON:
		encoded, err := jsonreport.Encode(j)
		if err != nil {
			return refuse(KindMore, formatting.FaultInternal, formatting.Value{Name: "reference", Text: "json"})
		}
		s = formatting.File{Name: "smtptest.json", Title: formatting.Say(formatting.LabelJSON).What, Text: string(encoded)}
	case choiceCommands:
		code, ok := reproduce.Section(j.Report, reproduce.Here{})
		if !ok {
			return refuse(KindMore, formatting.MoreNothing)
		}
		s = code
	case choiceTicket:
		title := formatting.Say(formatting.LabelTicket).What
		s = formatting.File{Name: "smtptest-ticket.txt", Title: title, Text: reproduce.Ticket(j, "")}
	default:
		return refuse(KindMore, formatting.RunGone)
	}
	return private(formatting.Message{Sections: []formatting.Section{s}}), Record{Kind: KindMore}
}
