package bot

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"time"

	"smtptest/bot/command"
	"smtptest/bot/profile"
	"smtptest/formatting"
	"smtptest/probe"
	"smtptest/probe/diagnosis"
	"smtptest/probe/provider"
)

// When what is shown of a test that takes its time.
const (
	startWithin  = 2 * time.Second  // then the channel is told, though the name is not looked up yet
	progressFrom = 10 * time.Second // then it is told once what is waited for
)

// Run is a test that was admitted and is still to be carried out.
type Run struct {
	handler *Handler
	inv     Invocation
	asked   asked
	kept    *run // what is remembered of it

	mu      sync.Mutex
	refused *overLimit // the limit that held the last connection back; nil: none did
	logins  []string   // addresses for which the login was counted
}

func (h *Handler) newRun(inv Invocation, a asked) *Run {
	c := a.command
	kept := &run{
		id: newID(), place: inv.Place, person: inv.Person.ID, private: c.Private || a.logsIn(),
		command: c, login: a.logsIn(),
	}
	if !kept.private {
		kept.key = keyOf(inv, c.Request)
	}
	kept.dials = a.before != nil && a.before.command.Request.Target.Host == c.Request.Target.Host
	return &Run{handler: h, inv: inv, asked: a, kept: kept}
}

// ID is the run's name in buttons.
func (r *Run) ID() string { return r.kept.id }

// Place is where the run was asked for: of a form, where it was opened.
func (r *Run) Place() Place { return r.kept.place }

// Posted says where the one message in the channel stands, so that others can
// be led there. An empty link is of no use and does no harm.
func (r *Run) Posted(link string) { r.handler.Runs.posted(r.kept, link) }

// Moved says that the answer stands in another channel than the one in which
// it was asked for: there its buttons work.
func (r *Run) Moved(channel string) { r.handler.Runs.moved(r.kept, channel) }

// testing is what is shown while nothing is known yet.
func (r *Run) testing() formatting.Message {
	c := r.asked.command
	m := formatting.Testing(c.Request)
	m.By = r.inv.Person
	m.Notes = r.notes()
	m.Links = r.before()
	return m
}

// notes say how the target was understood, what is known against it, and what
// is different this time.
func (r *Run) notes() []string {
	c := r.asked.command
	var notes []string
	if text := formatting.Asked(c.Typed, c.Request.Target, c.PortGiven); text != "" {
		notes = append(notes, text)
	}
	if r.asked.changed.Text != "" {
		notes = append(notes, formatting.Say(formatting.NoteVariant, r.asked.changed).What)
	}
	if advice, ok := provider.ModeAdvice(c.Request.Target.Host, c.Request.Target.Port, string(c.Request.Security)); ok {
		notes = append(notes, advice)
	}
	if r.kept.private {
		notes = append(notes, formatting.Say(formatting.NotePrivate).What)
	}
	return notes
}

// before leads to the test that this one repeats.
func (r *Run) before() []formatting.Link {
	if r.asked.before == nil || r.asked.before.link == "" {
		return nil
	}
	return []formatting.Link{{Label: formatting.Say(formatting.LabelBefore).What, URL: r.asked.before.link}}
}

// Do carries the test out and shows its messages in order; show may block,
// the test goes on meanwhile. Do returns when the last message was shown. A
// panic inside the test is answered and does not leave Do.
func (r *Run) Do(ctx context.Context, show func(Update)) {
	defer r.handler.Runs.over(r.kept)
	w := &watcher{happened: make(chan struct{}, 1)}
	done := make(chan outcome, 1)
	go func() {
		o := r.probe(ctx, w.watch)
		r.handler.Limits.leave() // a slow platform takes no place from others
		done <- o
	}()
	show(r.answer(ctx, w, done, show))
}

// answer shows what is known until the probe is over, and is the last message.
// A panic while one is made is answered like one in the probe.
func (r *Run) answer(ctx context.Context, w *watcher, done <-chan outcome, show func(Update)) (u Update) {
	defer func() {
		if v := recover(); v != nil {
			rec := Record{Kind: r.kind()}
			u = r.fault(outcome{panic: fmt.Sprintf("%T", v)}, &rec)
			r.handler.observe(r.inv, rec)
		}
	}()
	e := r.accompany(w, done, show)
	r.handler.Runs.over(r.kept) // who presses “Run again” now means another run
	return r.last(ctx, e)
}

// outcome is how a probe ended.
type outcome struct {
	report probe.Report
	err    error // it could not be carried out, or panicked
	panic  string
}

// probe runs the probe; a panic in it is an outcome. Of its value only the
// type is kept: the value may quote anything.
func (r *Run) probe(ctx context.Context, watch func(probe.Event)) (o outcome) {
	defer func() {
		if v := recover(); v != nil {
			o = outcome{panic: fmt.Sprintf("%T", v)}
		}
	}()
	req := r.asked.command.Request
	if req.Login, o.err = r.login(ctx); o.err != nil {
		return o
	}
	diagnosis.NameForm(req.Login)
	o.report, o.err = r.handler.Prober.Probe(ctx, req, probe.Hooks{Event: watch, Allow: r.budget})
	return o
}

// login is what was typed, or what a profile holds at this moment.
func (r *Run) login(ctx context.Context) (*probe.Login, error) {
	if r.asked.profile == nil {
		return r.asked.login, nil
	}
	return r.handler.Profiles.Login(ctx, r.asked.profile, r.asked.command.Request.Target)
}

// budget counts the connections of this run to an address, and, where a login
// is part of it, the login: once for each address.
func (r *Run) budget(to netip.AddrPort) time.Duration {
	key := networkOf(to.Addr())
	claims := []claim{{perAddress, key, formatting.LimitTarget}}
	counts := r.asked.logsIn() && !r.counted(key)
	if counts {
		claims = append(claims, claim{perLoginTarget, key, formatting.LimitLoginTarget})
	}
	over := r.handler.Limits.take(claims...)
	r.mu.Lock()
	defer r.mu.Unlock()
	if over == nil {
		if counts {
			r.logins = append(r.logins, key)
		}
		return 0
	}
	if r.refused == nil || over.wait < r.refused.wait {
		r.refused = over // the prober goes by the shortest wait too
	}
	return over.wait
}

// counted reports an address for which the login was counted already.
func (r *Run) counted(address string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Contains(r.logins, address)
}

// giveBack gives back what was counted for a login that was never sent: whoever
// repairs a firewall must not be told that an account might be locked.
func (r *Run) giveBack(report *probe.Report) {
	if !r.asked.logsIn() || slices.ContainsFunc(report.Sessions, func(s probe.Session) bool { return s.Auth != nil && s.Auth.Sent }) {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	back := []claim{r.handler.accountClaim(r.asked)}
	for _, address := range r.logins {
		back = append(back, claim{perLoginTarget, address, formatting.LimitLoginTarget})
	}
	r.handler.Limits.giveBack(back...)
	r.logins = nil
}

// accompany shows what is known until the probe is over, and returns how that
// ended.
func (r *Run) accompany(w *watcher, done <-chan outcome, show func(Update)) ending {
	e := ending{shown: -1}
	start, progress := time.NewTimer(startWithin), time.NewTimer(progressFrom)
	defer start.Stop()
	defer progress.Stop()
	for {
		select {
		case <-w.happened:
			event := w.last()
			if event.Address.IsValid() {
				r.handler.Runs.dials(r.kept)
			}
			if e.shown < StageStarted && event.Address.IsValid() {
				e.show(show, StageStarted, r.testing())
			}
			if e.shown < StageVerdict && event.Known != nil {
				judged := diagnosis.Judge(event.Known)
				r.conclude(judged)
				e.show(show, StageVerdict, r.verdict(judged))
			}
		case <-start.C:
			if e.shown < StageStarted {
				e.show(show, StageStarted, r.testing())
			}
		case <-progress.C:
			if e.shown == StageStarted {
				e.show(show, StageProgress, r.waiting(w))
			}
		case e.outcome = <-done:
			return e
		}
	}
}

// ending is how far a run's answer came before its end.
type ending struct {
	shown   Stage // the last one; -1: none was
	outcome outcome
}

func (e *ending) show(show func(Update), s Stage, m formatting.Message) {
	e.shown = s
	show(Update{s, m})
}

// waiting is testing with what is waited for.
func (r *Run) waiting(w *watcher) formatting.Message {
	m := r.testing()
	event := w.last()
	m.Fact = formatting.Progress(event, w.waited())
	return m
}

// watcher holds the newest event of a probe. It never makes the probe wait.
type watcher struct {
	happened chan struct{} // holds one note that there is news

	mu    sync.Mutex
	event probe.Event
	known *probe.Report
	since time.Time
}

func (w *watcher) watch(e probe.Event) {
	w.mu.Lock()
	w.event, w.since = e, time.Now()
	if e.Known != nil {
		w.known = e.Known
	}
	w.mu.Unlock()
	select {
	case w.happened <- struct{}{}:
	default: // there is a note already
	}
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
func (r *Run) last(ctx context.Context, e ending) Update {
	rec := Record{Kind: r.kind()}
	u := r.ended(ctx, e.outcome, &rec)
	r.handler.observe(r.inv, rec)
	return u
}

func (r *Run) kind() string {
	if r.asked.logsIn() {
		return string(command.VerbLogin)
	}
	return string(command.VerbTest)
}

func (r *Run) ended(ctx context.Context, o outcome, rec *Record) Update {
	report := &o.report
	if o.panic == "" {
		r.giveBack(report)
	}
	if o.err != nil || o.panic != "" {
		return r.fault(o, rec)
	}
	judged := diagnosis.Judge(report)
	switch f := report.Lookup.Failure; {
	case f != nil && f.Kind == probe.KindDenied:
		return r.denied(rec, formatting.RefusedTarget, formatting.Value{Name: "target", Text: report.Request.Target.Host})
	case f != nil && f.Kind == probe.KindRateLimited:
		return r.heldBack(rec)
	case ctx.Err() != nil && judged.Verdict.Outcome == diagnosis.NotTested:
		rec.Refused = string(formatting.FaultStopped)
		return Update{StageDone, r.head(formatting.Refusal(formatting.FaultStopped), report.Request.Target)}
	}
	rec.Outcome, rec.Stage = judged.Verdict.Outcome, judged.Verdict.Stage
	r.conclude(judged)
	m := r.verdict(judged)
	if ctx.Err() != nil && judged.Verdict.Outcome == diagnosis.Inconclusive {
		stopped := formatting.Say(formatting.FaultStopped)
		m.Notes = append(m.Notes, stopped.What, stopped.Try)
	}
	m.Sections = formatting.Sections(judged, r.kept.place.Platform)
	return Update{StageDone, m}
}

// fault answers what went wrong on our side. The reference leads the operator
// to the record.
func (r *Run) fault(o outcome, rec *Record) Update {
	id := formatting.FaultInternal
	if e, ok := errors.AsType[*profile.NoSecret](o.err); ok {
		id, rec.Reason = formatting.ProfileSecret, e.Error()
	}
	rec.Refused, rec.Reference, rec.Panic = string(id), newReference(), o.panic
	m := formatting.Refusal(id, formatting.Value{Name: "reference", Text: rec.Reference})
	return Update{StageDone, r.head(m, r.asked.command.Request.Target)}
}

func (r *Run) denied(rec *Record, id formatting.TextID, values ...formatting.Value) Update {
	rec.Refused = string(id)
	return Update{StageDenied, formatting.Refusal(id, values...)}
}

// heldBack names the limit that was reached at an address.
func (r *Run) heldBack(rec *Record) Update {
	r.mu.Lock()
	over := r.refused
	r.mu.Unlock()
	return r.denied(rec, over.claim.over, over.values(r.asked.command.Request.Target)...)
}

// head gives a message what every root message has.
func (r *Run) head(m formatting.Message, t probe.Target) formatting.Message {
	m.Target, m.By, m.Links = t.String(), r.inv.Person, r.before()
	return m
}

// conclude remembers a result: from here on its buttons work, and the same
// question begins another test.
func (r *Run) conclude(j diagnosis.Judged) {
	r.handler.Runs.keep(r.kept, j)
	r.handler.Runs.over(r.kept)
}

// verdict is the answer without its sections, with what can be done next.
func (r *Run) verdict(j diagnosis.Judged) formatting.Message {
	m := r.head(formatting.Verdict(j), j.Report.Request.Target)
	m.Notes = append(m.Notes, r.notes()...)
	if b := r.asked.before; b != nil && b.result.Report != nil {
		m.Notes = append(m.Notes, formatting.Changed(b.result, j))
	}
	m.Actions = r.actions(j)
	return m
}
