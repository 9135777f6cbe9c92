package bot

import (
	"context"
	"strconv"
	"time"

	"smtptest/bot/command"
	"smtptest/bot/results"
	"smtptest/bot/watch"
	"smtptest/formatting"
	"smtptest/formatting/timeline"
	"smtptest/probe"
	"smtptest/probe/diagnosis"
	"smtptest/probe/diagnosis/outage"
)

// Watching carries out watches with the handler's own tests; it is for
// Handler.Watches.
func (h *Handler) Watching(s watch.Schedule) *watch.Service {
	return &watch.Service{Schedule: s, Test: h.testWatched, Actions: h.watchActions}
}

// reserveWithin is how long a test that is over waits for the places of its
// watch.
const reserveWithin = 5 * time.Second

// watching is what a job knows of the watch that it begins.
type watching struct {
	row   *watch.Row          // nil: none begins
	plain *formatting.Message // the answer without a watch; nil: no watch was asked for
	spot  watch.Spot
}

// watch makes the answer of a test the message of a watch, or says in it why
// there is none.
func (j *Job) watch(ctx context.Context, judged diagnosis.Judged, m formatting.Message) formatting.Message {
	h := j.handler
	kind := outage.KindOf(judged.Verdict.Outcome)
	if !j.asked.command.Watch || h.Watches == nil || kind == "" || ctx.Err() != nil {
		return m
	}
	r := &watch.Row{
		ID: j.result.ID, Place: j.Place(), Person: j.inv.Person, Command: j.asked.command, Request: j.request,
	}
	ctx, cancel := context.WithTimeout(ctx, reserveWithin)
	defer cancel()
	full, err := h.Watches.New(ctx, r, seen(judged, j.inv.Place.Platform))
	switch {
	case err != nil:
		return noted(m, formatting.WatchUnknown)
	case full != "":
		return noted(m, fullTexts[full], formatting.Value{Name: "limit", Text: strconv.Itoa(mostOf(*r, full))})
	}
	j.watching = watching{row: r, plain: new(noted(m, formatting.WatchFixed))}
	w := h.Watches.Message(*r)
	w.Sections, w.Links = m.Sections, m.Links
	return w
}

// fullTexts say which limit keeps a watch from beginning.
var fullTexts = map[watch.Limit]formatting.TextID{
	watch.LimitSame: formatting.WatchSame, watch.LimitChannel: formatting.WatchChannel,
	watch.LimitPerson: formatting.WatchPerson, watch.LimitTarget: formatting.WatchTarget,
	watch.LimitAll: formatting.WatchBusy,
}

func mostOf(r watch.Row, l watch.Limit) int {
	for _, c := range r.Claims() {
		if c.Limit == l {
			return c.Most
		}
	}
	return 0
}

// noted adds the sentences of a text to a message.
func noted(m formatting.Message, id formatting.TextID, values ...formatting.Value) formatting.Message {
	w := formatting.Say(id, values...)
	m.Notes = append([]string(nil), m.Notes...)
	for _, s := range []string{w.What, w.Means, w.Try} {
		if s != "" {
			m.Notes = append(m.Notes, s)
		}
	}
	return m
}

// Unkept is what is shown in the place of m where a message cannot be changed
// later: then there is no watch.
func (j *Job) Unkept(m formatting.Message) formatting.Message {
	if j.watching.plain == nil {
		return m
	}
	if j.watching.row != nil {
		j.handler.Watches.Drop(context.Background(), *j.watching.row)
		j.watching.row = nil
	}
	return *j.watching.plain
}

// Kept says where the message of the answer stands that can be changed later.
func (j *Job) Kept(at watch.Spot) { j.watching.spot = at }

// begin lets the watch go on, once its message stands.
func (j *Job) beginWatch(ctx context.Context) {
	r := j.watching.row
	if r == nil {
		return
	}
	r.At, r.Place = j.watching.spot, j.Place()
	if r.At.Message == "" || j.handler.Watches.Begin(ctx, *r) != nil {
		j.handler.Watches.Drop(ctx, *r)
	}
}

// seen is what a test means for a watch.
func seen(j diagnosis.Judged, where formatting.Platform) watch.Tested {
	return watch.Tested{
		Seen: outage.Seen{
			At: j.Report.Started.UTC(), Kind: outage.KindOf(j.Verdict.Outcome), Took: j.Report.Elapsed,
		},
		Last: timeline.HeadOf(j, where),
	}
}

// testWatched tests the server of a watch once more: looked up and guarded anew,
// and counted for the server as any other test. For the person the watch is
// counted once.
func (h *Handler) testWatched(ctx context.Context, r watch.Row) watch.Tested {
	inv := Invocation{Place: r.Place, Person: r.Person, Began: time.Now()}
	j := &Job{handler: h, inv: inv, asked: asked{command: r.Command}, request: r.Request}
	before, _ := h.Store.Get(r.ID)
	j.result = results.Result{
		ID: r.ID, Place: r.Place, Person: r.Person.ID, Command: r.Command, Link: before.Link,
		Key: results.RequestKey(r.Place, r.Command.Request),
	}
	rec := Record{Kind: KindWatch}
	defer func() { h.observe(inv, rec) }()
	target := results.Claim{Scope: results.PerTarget, Key: results.TargetKey(r.Command.Request.Target.Host)}
	if _, over := j.claim(target); over != nil {
		return missed(over, &rec)
	}
	t := j.again(ctx, &rec)
	t.Link = before.Link
	return t
}

// again makes one test of a watch.
func (j *Job) again(ctx context.Context, rec *Record) watch.Tested {
	o := j.probe(ctx, &watcher{})
	if o.err != nil || o.panic != "" {
		m := j.fault(o, rec).Message
		return watch.Tested{Missed: m.Fact + " " + m.Notes[len(m.Notes)-1]}
	}
	j.reuse(ctx, &o.report)
	judged := diagnosis.Judge(&o.report)
	switch f := o.report.Lookup.Failure; {
	case f != nil && f.Kind == probe.KindDenied:
		rec.Refused = formatting.RefusedTarget
		return watch.Tested{Denied: true}
	case f != nil && f.Kind == probe.KindRateLimited:
		return missed(j.refused, rec)
	}
	rec.Outcome, rec.Stage = judged.Verdict.Outcome, judged.Verdict.Stage
	j.conclude(judged)
	return seen(judged, j.inv.Place.Platform)
}

// missed is a test that was left out because of a limit.
func missed(over *results.Refusal, rec *Record) watch.Tested {
	rec.Refused = overTexts[over.Claim.Scope]
	return watch.Tested{Missed: formatting.Say(formatting.WatchMissed,
		formatting.Value{Name: "limit", Text: strconv.Itoa(over.Rate.Most)},
		formatting.Value{Name: "window", Text: formatting.Window(over.Rate.Per)}).What}
}

// watchActions are what can be done under the message of a watch. All but More
// carry the request, so that they work after a restart.
func (h *Handler) watchActions(r watch.Row, over bool) []formatting.Action {
	act := func(verb string, label formatting.TextID) formatting.Action {
		words := formatting.Say(label).What
		return formatting.Action{
			Verb: verb, Run: r.ID, Request: r.Request, Label: words,
			Accessible: words + ": " + r.Command.Request.Target.String(),
		}
	}
	more := moreOf(r.ID, r.Command.Request.Target)
	if _, _, ok := r.Window(); ok {
		more = withTimeline(more)
	}
	if !over {
		return []formatting.Action{act(pressStop, formatting.LabelStop), more}
	}
	return []formatting.Action{act(pressWatch, formatting.LabelWatch), act(pressAgain, formatting.LabelAgain), more}
}

// watchable reports a request that may be tested again and again, in a place
// where all see how it goes.
func (h *Handler) watchable(r results.Result) bool {
	c, q := r.Command, r.Command.Request
	one := !c.Deep && c.Repeat == 0 && c.Vantage == "" && (c.Verb == command.VerbTest || c.Verb == "")
	return h.Watches != nil && one && !r.Private && !r.Login && c.Profile == "" && q.Envelope == nil && !q.Enforced &&
		q.Target.Host != ""
}

// stopWatch ends a watch for anybody in its channel.
func (h *Handler) stopWatch(inv Invocation) (Answer, Record) {
	if h.Watches == nil {
		return refuse(KindPress, formatting.RunOld)
	}
	switch h.Watches.Stop(inv.Place, inv.Press.Run, inv.Person) {
	case watch.Ends:
		return private(formatting.Notice(formatting.WatchEnds)), Record{Kind: KindPress}
	case watch.Elsewhere:
		return refuse(KindPress, formatting.RunElsewhere)
	case watch.Unknown:
		return refuse(KindPress, formatting.WatchUnknown)
	}
	kept, ok := h.unseal(inv)
	if !ok {
		return refuse(KindPress, formatting.WatchGone)
	}
	m := formatting.Refusal(formatting.WatchGone)
	m.Target = kept.Command.Request.Target.String()
	m.Actions = h.watchActions(watch.Row{ID: inv.Press.Run, Request: inv.Press.Request, Command: kept.Command}, true)[:2]
	return Answer{Message: m, Private: true, Replace: true}, Record{Kind: KindPress}
}
