package bot

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"

	"smtptest/formatting"
	"smtptest/formatting/deepscan"
	"smtptest/probe"
	"smtptest/probe/diagnosis"
	"smtptest/probe/domain"
)

// When what is shown of a test that takes its time.
const (
	// A test that is over by then is posted once, as its verdict: that is what the phone of everybody shows.
	startAfter   = 1500 * time.Millisecond
	progressFrom = 10 * time.Second // then it sees once what is waited for
)

// accompany shows what is known until the probe is over, and returns how that
// ended.
func (j *Job) accompany(w *watcher, done <-chan outcome, show func(Update)) ending {
	e := ending{shown: -1}
	start, progress := time.NewTimer(startAfter), time.NewTimer(j.progressFrom())
	defer start.Stop()
	defer progress.Stop()
	for {
		select {
		case <-w.happened:
			event := w.last()
			if event.Address.IsValid() {
				j.dialled()
			}
			if m, ok := j.firstRound(); ok {
				e.show(show, StageProgress, m)
			}
			if e.shown < StageVerdict && event.Known != nil && !j.asked.command.Watch { // whose message is made at its end
				judged := j.judge(event.Known)
				j.conclude(judged)
				e.show(show, StageVerdict, j.verdict(judged))
			}
		case <-start.C:
			if e.shown < StageStarted {
				e.show(show, StageStarted, j.testing())
			}
		case <-progress.C:
			if e.shown == StageStarted {
				e.show(show, StageProgress, j.waiting(w))
			}
		case e.outcome = <-done:
			return e
		}
	}
}

// progressFrom is when what is waited for is shown: of a scan, which is over in
// ten seconds mostly, in the middle.
func (j *Job) progressFrom() time.Duration {
	if j.asked.deep() {
		return progressFrom / 2
	}
	return progressFrom
}

// ending is how far a job's answer came before its end.
type ending struct {
	shown   Stage // the last one; -1: none was
	outcome outcome
}

func (e *ending) show(show func(Update), s Stage, m formatting.Message) {
	e.shown = s
	show(Update{s, m})
}

// waiting is testing with what is waited for.
func (j *Job) waiting(w *watcher) formatting.Message {
	m := j.testing()
	m.Fact = formatting.Progress(w.last(), w.waited())
	switch {
	case j.asked.everywhere():
		j.mu.Lock()
		m.Fact = j.answered
		j.mu.Unlock()
	case j.asked.domain():
		m.Fact = j.domainProgress()
	case j.asked.command.Repeat > 0:
		m.Fact = j.severalProgress()
	}
	if j.asked.deep() {
		m.Fact = j.scanProgress()
	}
	return m
}

// watcher keeps the newest event of a probe. It never makes the probe wait.
type watcher struct {
	happened chan struct{} // has one entry when there is news

	mu    sync.Mutex
	event probe.Event
	known *probe.Report
	since time.Time
}

// notify has accompany look again.
func (w *watcher) notify() {
	select {
	case w.happened <- struct{}{}:
	default: // there is a note already
	}
}

func (w *watcher) watch(e probe.Event) {
	w.mu.Lock()
	w.event, w.since = e, time.Now()
	if e.Known != nil {
		w.known = e.Known
	}
	w.mu.Unlock()
	w.notify()
}

// last is the newest event; Known stays once it is known.
func (w *watcher) last() probe.Event {
	w.mu.Lock()
	defer w.mu.Unlock()
	e := w.event
	e.Known = w.known
	return e
}

func (w *watcher) waited() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.since.IsZero() {
		return 0
	}
	return time.Since(w.since)
}

// last is the message that ends the answer.
func (j *Job) last(ctx context.Context, e ending) Update {
	rec := Record{Kind: j.kind()}
	u := j.ended(ctx, e.outcome, &rec)
	j.handler.observe(j.inv, rec)
	return u
}

func (j *Job) kind() Kind {
	switch {
	case j.asked.egress():
		return KindEgress
	case j.asked.domain():
		return KindDomain
	case j.asked.compares():
		return KindCompare
	case j.asked.deep():
		return KindDeep
	}
	if j.asked.logsIn() {
		return KindLogin
	}
	return KindTest
}

func (j *Job) ended(ctx context.Context, o outcome, rec *Record) Update {
	report := &o.report
	if o.panic == "" {
		j.refund(report)
	}
	if why := unavailableOf(o.err); why != nil && o.panic == "" {
		return j.unavailable(o, why, rec)
	}
	if o.err != nil || o.panic != "" {
		return j.fault(o, rec)
	}
	switch {
	case j.asked.everywhere():
		return j.placesEnded(ctx, o, rec)
	case j.asked.egress():
		return j.waysOut(o, rec)
	case j.asked.domain():
		return j.domainEnded(ctx, o, rec)
	case j.asked.several():
		return j.severalEnded(o, rec)
	case j.asked.deep():
		return j.deepEnded(ctx, o, rec)
	}
	return j.testEnded(ctx, report, rec)
}

// testEnded is the last message of a test of one server.
func (j *Job) testEnded(ctx context.Context, report *probe.Report, rec *Record) Update {
	j.reuse(ctx, report)
	judged := j.judge(report)
	switch f := report.Lookup.Failure; {
	case f != nil && f.Kind == probe.KindDenied:
		rec.Refused = formatting.RefusedTarget
		return Update{StageDenied, formatting.Refusal(formatting.RefusedTarget, targetValue(report.Request.Target.Host))}
	case f != nil && f.Kind == probe.KindRateLimited:
		return j.rateLimited(rec)
	case ctx.Err() != nil && judged.Verdict.Outcome == diagnosis.NotTested:
		rec.Refused = formatting.FaultStopped
		m := j.head(formatting.Refusal(formatting.FaultStopped), report.Request.Target)
		m.Actions = rerun(j.result.ID, j.request, j.asked.command)
		return Update{StageDone, m}
	}
	rec.Outcome, rec.Stage, rec.Vantage = judged.Verdict.Outcome, judged.Verdict.Stage, j.asked.elsewhere()
	j.conclude(judged)
	m := j.verdict(judged)
	if ctx.Err() != nil && judged.Verdict.Outcome == diagnosis.Inconclusive {
		stopped := formatting.Say(formatting.FaultStopped)
		m.Notes = append(m.Notes, stopped.What, stopped.Try)
	}
	m.Sections = formatting.Sections(judged, j.inv.Place.Platform)
	return Update{StageDone, j.watch(ctx, judged, m)}
}

// waysOut is the last message of an egress test.
func (j *Job) waysOut(o outcome, rec *Record) Update {
	m := formatting.Egress(o.egress)
	if name := j.asked.elsewhere(); name != "" {
		m = formatting.EgressFrom(o.egress, name)
	}
	if o.egress == nil {
		rec.Refused = formatting.FaultStopped
		m = formatting.Refusal(formatting.FaultStopped)
	} else {
		rec.Outcome = diagnosis.Egress(o.egress).Outcome
	}
	m.By, m.Notes = j.inv.Person, j.notes()
	return Update{StageDone, m}
}

// fault answers what went wrong on our side. The reference leads the operator
// to the record.
func (j *Job) fault(o outcome, rec *Record) Update {
	id := formatting.FaultInternal
	if e, ok := errors.AsType[*NoSecret](o.err); ok {
		id, rec.Reason = formatting.ProfileSecret, e.Error()
	}
	rec.Refused, rec.Reference, rec.Panic = id, newReference(), o.panic
	m := formatting.Refusal(id, formatting.Value{Name: "reference", Text: rec.Reference})
	return Update{StageDone, j.head(m, j.asked.command.Request.Target)}
}

// rateLimited names the limit that was reached at an address.
func (j *Job) rateLimited(rec *Record) Update {
	j.mu.Lock()
	over := j.refused
	j.mu.Unlock()
	if over.Apart {
		rec.Refused = formatting.FaultApart
		return Update{StageDenied, formatting.Refusal(formatting.FaultApart)}
	}
	a, refused := refuseOver(rec.Kind, over, j.asked.command.Request.Target)
	rec.Refused = refused.Refused
	return Update{StageDenied, a.Message}
}

// head gives a message what every root message has.
func (j *Job) head(m formatting.Message, t probe.Target) formatting.Message {
	m.By, m.Links = j.inv.Person, j.before()
	if t.Host != "" {
		m.Target = t.String()
	}
	return m
}

// verdict is the answer without its sections, with what can be done next.
func (j *Job) verdict(judged diagnosis.Judged) formatting.Message {
	m := formatting.VerdictFrom(formatting.Verdict(judged, j.inv.Place.Platform), j.asked.elsewhere())
	m = j.head(m, judged.Report.Request.Target)
	m.Notes = append(append(append(m.Notes, j.understood()...), j.notes()...), j.compared.notes...)
	if b := j.asked.before; b != nil {
		m.Notes = append(m.Notes, formatting.Changed(b.Judged, judged))
	}
	m.Notes = append(m.Notes, j.mentionsDomain(judged)...)
	m.Actions = j.actions(judged)
	return m
}

// testing is what is shown while nothing is known yet.
func (j *Job) testing() formatting.Message {
	c := j.asked.command
	m := formatting.Testing(c.Request)
	switch {
	case j.asked.egress():
		m = formatting.TestingEgress()
	case j.asked.domain():
		m = formatting.TestingDomain(c.Domain.Domain, cmp.Or(c.Domain.Timeout, domain.DefaultTimeout))
	case j.asked.deep():
		m = deepscan.Testing(c.Request.Target, c.Request.Timeout)
	}
	if j.asked.several() {
		m = testingSeveral(c)
	}
	switch {
	case j.asked.everywhere():
		m = formatting.TestingFrom(m, "", j.handler.countPlaces())
	case c.Vantage != "":
		m = formatting.TestingFrom(m, c.Vantage, 0)
	}
	m.By = j.inv.Person
	m.Notes = j.notes()
	m.Links = j.before()
	if !j.result.Private && !j.asked.egress() {
		own := formatting.Action{Run: j.result.ID, Request: j.request}
		m.Actions = later(pressState, formatting.LabelState, own, c)
	}
	return m
}

// understood says how the target was understood. It stands beside the result:
// what is read while a test runs is short.
func (j *Job) understood() []string {
	c := j.asked.command
	if text := c.Understood(); text != "" {
		return []string{text}
	}
	return nil
}

// notes say what is known against a target, and what is different this time.
func (j *Job) notes() []string {
	c := j.asked.command
	var notes []string
	if j.asked.changed.Text != "" {
		notes = append(notes, formatting.Say(formatting.NoteVariant, j.asked.changed).What)
	}
	if advice := diagnosis.Foresee(c.Request); advice != "" {
		notes = append(notes, advice)
	}
	return notes
}

// before leads to the test that this one repeats.
func (j *Job) before() []formatting.Link {
	if j.asked.before == nil || j.asked.before.Link == "" {
		return nil
	}
	return []formatting.Link{{Label: formatting.Say(formatting.LabelBefore).What, URL: j.asked.before.Link}}
}
