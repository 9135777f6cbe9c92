package bot

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"time"

	"smtptest/bot/results"
	"smtptest/probe"
	"smtptest/probe/diagnosis"
	"smtptest/probe/diagnosis/delivery"
	"smtptest/probe/diagnosis/outage"
	"smtptest/probe/diagnosis/tlsgrade"
	"smtptest/probe/diagnosis/vantages"
	"smtptest/probe/domain"
	"smtptest/probe/series"
	"smtptest/probe/tlsscan"
)

// Job is a test that was admitted and is still to be carried out.
type Job struct {
	handler *Handler
	inv     Invocation
	asked   asked

	request   string          // what its button carries; empty: nothing
	once      []results.Mark  // of what may be answered once: to be settled before the test
	receipt   results.Receipt // what the test was counted for when it was admitted
	place     results.Use     // among the tests that run at once
	abandoned bool            // another process answers
	way       string          // back to the person, as the platform names it; empty: there is none
	message   string          // the one message, as the platform names it; empty: none stands

	mu       sync.Mutex
	result   results.Result   // what is remembered of it; its Report is nil while the test runs
	running  results.Running  // what others can join
	over     bool             // nobody can join it any more
	refused  *results.Refusal // the limit that was reached before the last connection; nil: none was
	counted  results.Receipt  // the addresses that the test is counted for; of a login: all that it is counted for
	tried    []netip.Addr     // dialled for the request itself
	compared comparison
	event    domain.Event  // the newest of an examination
	scanned  tlsscan.Event // the newest of a scan
	watching watching
	runs     int // of several tests, those that are over

	answered    string           // how many places have, in words; empty: none, or one is asked
	firstPlaces *vantages.Judged // what all places have answered first; nil: some have not, or none is asked again
}

func (h *Handler) newJob(inv Invocation, a asked) *Job {
	c := a.command
	j := &Job{handler: h, inv: inv, asked: a}
	j.result = results.Result{
		Place: inv.Place, Person: inv.Person.ID, Private: c.Private || a.logsIn(), Command: c, Login: a.logsIn(),
	}
	j.result.ID, j.request = h.seal(j.result)
	j.running.ID = j.result.ID
	switch {
	case j.result.Private:
	case a.domain():
		j.running.Key = domainKey(inv.Place, c.Domain) + "\x00from " + c.Vantage
	case a.several():
		j.running.Key = severalKey(inv.Place, c)
	case a.deep():
		j.running.Key = deepKey(inv.Place, c.Request)
		j.result.Key = j.running.Key
	case !a.egress(): // which takes 5 s, and whose answer the next one has too
		j.running.Key = placesKey(inv.Place, c.Request, c.Vantage)
		j.result.Key = j.running.Key
		if last, ok := h.Store.Latest(j.running.Key); ok && a.before == nil { // who types it again reads what has changed
			j.asked.before = &last
		}
		if c.Watch { // who asks for a watch has none by a test that was asked for without one
			j.running.Key += "\x00watch"
		}
	}
	before := j.asked.before
	j.running.Dialled = before != nil && before.Command.Request.Target.Host == c.Request.Target.Host
	return j
}

// ID is the job's name in buttons.
func (j *Job) ID() string { return j.result.ID }

// Place is where the job was asked for: of a form, where it was opened.
func (j *Job) Place() Place {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.result.Place
}

// Posted says where the one message in the channel stands, so that others can
// be led there. An empty link is of no use and does no harm.
func (j *Job) Posted(link string) {
	j.change(func() { j.result.Link, j.running.Link = link, link })
}

// Stands says where the one message stands and what leads back to the person, as
// the platform names them, so that another process can end the answer if this one
// is killed. What is empty is not known, or as before.
func (j *Job) Stands(message, way string) {
	j.change(func() { j.message, j.way = cmp.Or(message, j.message), cmp.Or(way, j.way) })
}

// Moved says that the answer stands in another channel than the one in which
// it was asked for: there its buttons work.
func (j *Job) Moved(channel string) { j.change(func() { j.result.Place.Channel = channel }) }

// dialled notes, once, that the test is past the guard.
func (j *Job) dialled() {
	j.mu.Lock()
	noted := j.running.Dialled
	j.mu.Unlock()
	if !noted {
		j.change(func() { j.running.Dialled = true })
	}
}

// conclude remembers a result: from here on its buttons work, and the same
// question begins another test.
func (j *Job) conclude(judged diagnosis.Judged) {
	last, _ := j.handler.Store.Latest(j.result.Key)
	window := last.Outage
	window.Add(judged.Report.Started.UTC(), outage.KindOf(judged.Verdict.Outcome))
	j.change(func() { j.result.Judged, j.result.Outage, j.result.Ended = judged, window, time.Now().UTC() })
}

// change changes what is remembered of the job, and stores it: while the test
// runs, for those who join it; from its verdict on, for its buttons.
func (j *Job) change(f func()) {
	j.mu.Lock()
	defer j.mu.Unlock()
	f()
	switch {
	case j.result.Done():
		j.handler.Store.Put(j.result)
		j.close()
	case !j.over:
		j.handler.Store.Start(j.running)
		j.handler.Store.Start(j.itself())
	}
}

// end takes the test from those that can be joined.
func (j *Job) end() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.close()
}

func (j *Job) close() {
	if !j.over {
		j.over = true
		j.handler.Store.End(j.running)
		j.handler.Store.End(j.itself())
	}
}

// itself says that this very test runs. Another one may have been asked first,
// and not be past the guard yet: others join that one.
func (j *Job) itself() results.Running {
	r := results.Running{Key: results.RunKey(j.result.ID), ID: j.result.ID, Settled: j.running.Settled}
	if r.Settled {
		r.Left = &results.Left{Place: j.result.Place, Message: j.message, Way: j.way, Private: j.result.Private,
			About: j.asked.about(), Request: j.request}
	}
	return r
}

// Do carries the test out and shows its messages in order; show may block
// while the test goes on. Do returns when the last message was shown. A
// panic inside the test is answered and does not leave Do.
func (j *Job) Do(ctx context.Context, show func(Update)) {
	if !j.begin(ctx, show) {
		return
	}
	defer j.end()
	w := &watcher{happened: make(chan struct{}, 1)}
	done := make(chan outcome, 1)
	go func() {
		o := j.probe(ctx, w)
		j.handler.Limiter.Leave(j.place) // a slow platform takes no place from others
		done <- o
	}()
	show(j.answer(ctx, w, done, show))
	j.beginWatch(ctx)
}

// answer shows what is known until the probe is over, and is the last message.
// A panic while one is made is answered like one in the probe.
func (j *Job) answer(ctx context.Context, w *watcher, done <-chan outcome, show func(Update)) (u Update) {
	defer func() {
		if v := recover(); v != nil {
			rec := Record{Kind: j.kind()}
			u = j.fault(outcome{panic: fmt.Sprintf("%T", v)}, &rec)
			j.handler.observe(j.inv, rec)
		}
	}()
	e := j.accompany(w, done, show)
	j.end() // who presses “Run again” now means another run
	return j.last(ctx, e)
}

// outcome is how a probe ended.
type outcome struct {
	report probe.Report
	domain *delivery.Judged    // of an examination of a domain, which has no report of one server
	deep   *tlsgrade.Judged    // of a scan of TLS, which has no report of a session
	egress []probe.ControlConn // of an egress test, which has no report; nil: it was stopped
	tests  []diagnosis.Judged  // of several tests, in the order in which they were made
	stop   series.Stop         // of a series
	places *vantages.Judged    // of a test at all places, which has no report of its own
	err    error               // it could not be carried out, or panicked
	panic  string
}

// probe runs the probe; a panic in it is an outcome. Of its value only the
// type is kept: the value may quote anything.
func (j *Job) probe(ctx context.Context, w *watcher) (o outcome) {
	defer func() {
		if v := recover(); v != nil {
			o = outcome{panic: fmt.Sprintf("%T", v)}
		}
	}()
	if j.asked.domain() {
		return j.examine(ctx)
	}
	if j.asked.several() {
		return j.testSeveral(ctx)
	}
	if j.asked.deep() {
		return j.scan(ctx)
	}
	if j.asked.everywhere() {
		return j.testEverywhere(ctx, w)
	}
	if j.asked.egress() {
		o.egress, o.err = j.egress(ctx)
		return o
	}
	req := j.asked.command.Request
	if j.asked.profile != nil { // fetching its token is a part of the test
		limit := cmp.Or(req.Timeout, probe.DefaultTimeout)
		limited, cancel := context.WithTimeout(ctx, limit)
		defer cancel()
		ctx = limited
	}
	if req.Login, o.err = j.login(ctx); o.err != nil {
		return o
	}
	diagnosis.NameForm(req.Login)
	o.report, o.err = j.prober().Probe(ctx, req, probe.Hooks{Event: w.watch, Allow: j.allow})
	return o
}

// login is what was typed, or what a profile contains at this moment.
func (j *Job) login(ctx context.Context) (*probe.Login, error) {
	if j.asked.profile == nil {
		return j.asked.login, nil
	}
	login, err := j.asked.profile.Login(ctx, j.asked.command.Request.Target)
	if login != nil {
		login.Private = true // the secret is the operator's
	}
	return login, err
}

// allow counts the test for an address that is dialled for the request itself,
// and, where a login is part of it, the login: once for each. What else is
// dialled is a comparison.
func (j *Job) allow(to netip.AddrPort) time.Duration {
	j.mu.Lock()
	defer j.mu.Unlock()
	key := results.AddressKey(to.Addr())
	if to.Port() != j.asked.command.Request.Target.Port || slices.Contains(j.tried, to.Addr()) {
		return j.mayCompare(key)
	}
	j.tried = append(j.tried, to.Addr())
	var claims []results.Claim
	for _, c := range []results.Claim{{Scope: results.PerAddress, Key: key}, {Scope: results.PerLoginTarget, Key: key}} {
		if !j.counted.Has(c) && (c.Scope == results.PerAddress || j.asked.logsIn()) {
			claims = append(claims, c)
		}
	}
	receipt, over := j.claim(claims...)
	if over == nil {
		j.counted = append(j.counted, receipt...)
		return 0
	}
	if j.refused == nil || over.Wait < j.refused.Wait {
		j.refused = over // the prober goes by the shortest wait too
	}
	return over.Wait
}

// refund gives back what was counted for a login that was never sent: whoever
// repairs a firewall must not read that an account might be locked.
func (j *Job) refund(report *probe.Report) {
	sent := func(s probe.Session) bool { return s.Auth != nil && s.Auth.Sent }
	if slices.ContainsFunc(report.Sessions, sent) {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.handler.Limiter.Refund(j.counted.Logins())
	j.counted = nil
}
