package bot

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"time"

	"smtptest/bot/command"
	"smtptest/bot/results"
	"smtptest/formatting"
	"smtptest/formatting/deepscan"
	"smtptest/formatting/jsonreport"
	"smtptest/probe"
	"smtptest/probe/diagnosis"
	"smtptest/probe/diagnosis/tlsgrade"
	"smtptest/probe/tlsscan"
)

// Scans looks at what TLS servers take; *tlsscan.Scanner is one.
type Scans interface {
	Scan(ctx context.Context, req tlsscan.Request, hooks tlsscan.Hooks) (tlsscan.Report, error)
}

// deep reports that the TLS of a server is scanned, and nothing else.
func (a asked) deep() bool { return a.command.Deep }

// deepKey is what scans of one server have in common, however they are asked for.
func deepKey(place Place, r probe.Request) string {
	return "deep\x00" + results.RequestKey(place, probe.Request{Target: r.Target, At: r.At, Family: r.Family})
}

// scannedBefore answers with the scan that this place has of the same server: an
// address is scanned once in ten minutes, and who asks again wants to read it.
func (h *Handler) scannedBefore(inv Invocation, c command.Command) (a Answer, rec Record, found bool) {
	last, ago, found := h.scanOf(inv.Place, c.Request)
	if !found {
		return a, rec, false
	}
	m := deepscan.Message(*last.Deep, inv.Place.Platform)
	window := results.DeepRate().Per
	m.Notes = append(m.Notes, formatting.Say(formatting.NoteScanned,
		formatting.Value{Name: "ago", Text: formatting.Wait(ago)},
		formatting.Value{Name: "window", Text: formatting.Wait(window)},
		formatting.Value{Name: "wait", Text: formatting.Wait(window - ago)}).What)
	if last.Link != "" {
		m.Links = []formatting.Link{{Label: formatting.Say(formatting.LabelBefore).What, URL: last.Link}}
	}
	return private(m), Record{Kind: KindDeep}, true
}

// scanOf is the scan of a server that a place has seen lately, and how long ago.
func (h *Handler) scanOf(place Place, r probe.Request) (last results.Result, ago time.Duration, found bool) {
	last, found = h.Store.Latest(deepKey(place, r))
	ago = time.Since(last.Ended)
	return last, ago, found && last.Deep != nil && ago < results.DeepRate().Per
}

// judge judges a report, once. Where a handshake has failed, it says what a scan
// of the same server has seen.
func (j *Job) judge(r *probe.Report) diagnosis.Judged {
	judged := diagnosis.Judge(r)
	if !tlsgrade.Explains(judged.Diagnosis) || j.asked.command.Vantage != "" { // scans are made from here
		return judged
	}
	if last, ago, found := j.handler.scanOf(j.inv.Place, j.asked.command.Request); found {
		judged.Diagnosis = tlsgrade.Explain(judged.Diagnosis, last.Deep.Report, ago.Round(time.Second))
	}
	return judged
}

// scan runs the scan. What is counted for an address of which nothing was
// measured is given back.
func (j *Job) scan(ctx context.Context) (o outcome) {
	r := j.asked.command.Request
	report, err := j.handler.Scans.Scan(ctx, tlsscan.Request{
		Target: r.Target, Security: r.Security, Family: r.Family, At: r.At, EHLOName: r.EHLOName, Timeout: r.Timeout,
	}, tlsscan.Hooks{Event: j.scanning, Allow: j.allowScan})
	if err != nil {
		return outcome{err: err}
	}
	if report.Failure != nil {
		j.handler.Limiter.Refund(j.counted)
	}
	judged := tlsgrade.Judge(&report)
	return outcome{deep: &judged}
}

// scanning keeps the newest event, for what is shown after a while.
func (j *Job) scanning(e tlsscan.Event) {
	j.mu.Lock()
	j.scanned = e
	j.mu.Unlock()
	j.dialled()
}

// allowScan counts a scan once for each address that it connects to.
func (j *Job) allowScan(to netip.AddrPort) time.Duration {
	j.mu.Lock()
	defer j.mu.Unlock()
	if slices.Contains(j.tried, to.Addr()) {
		return 0
	}
	key := results.AddressKey(to.Addr())
	receipt, over := j.claim(
		results.Claim{Scope: results.PerDeep, Key: key}, results.Claim{Scope: results.PerAddress, Key: key})
	if over != nil {
		j.refused = over
		return over.Wait
	}
	j.tried, j.counted = append(j.tried, to.Addr()), append(j.counted, receipt...)
	return 0
}

// scanProgress is what is known of a running scan.
func (j *Job) scanProgress() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return deepscan.Progress(j.scanned)
}

// deepEnded is the last message of a scan.
func (j *Job) deepEnded(ctx context.Context, o outcome, rec *Record) Update {
	r := o.deep.Report
	switch f := r.Failure; {
	case f != nil && f.Kind == probe.KindDenied:
		rec.Refused = formatting.RefusedTarget
		return Update{StageDenied, formatting.Refusal(formatting.RefusedTarget, targetValue(r.Request.Target.Host))}
	case f != nil && f.Kind == probe.KindRateLimited && j.refused != nil:
		return j.rateLimited(rec)
	}
	rec.Outcome = o.deep.Outcome
	m := deepscan.Message(*o.deep, j.inv.Place.Platform)
	if r.Failure == nil {
		j.change(func() { j.result.Deep, j.result.Ended = o.deep, time.Now().UTC() })
		m.Actions = j.deepActions(r.Request.Target)
	}
	m.By, m.Links = j.inv.Person, j.before()
	m.Notes = append(append(m.Notes, j.understood()...), j.notes()...)
	if ctx.Err() != nil && errors.Is(context.Cause(ctx), context.Canceled) {
		stopped := formatting.Say(formatting.FaultStopped)
		m.Notes = append(m.Notes, stopped.What, stopped.Try)
	}
	return Update{StageDone, m}
}

// deepActions are Run again and the evidence.
func (j *Job) deepActions(t probe.Target) []formatting.Action {
	again := formatting.Action{
		Verb: pressAgain, Run: j.result.ID, Request: j.request, Label: formatting.Say(formatting.LabelAgain).What,
	}
	more := formatting.Action{
		Verb: pressMore, Run: j.result.ID, Label: formatting.Say(formatting.LabelMore).What,
		Choices: []formatting.Choice{{Value: choiceJSON, Label: formatting.Say(formatting.LabelJSON).What}},
	}
	again.Accessible, more.Accessible = again.Label+": "+t.String(), "More: "+t.String()
	return []formatting.Action{again, more}
}

// offersDeep reports that there is TLS to look at, or that it has failed.
func (j *Job) offersDeep(judged diagnosis.Judged) bool {
	s := judged.Report.Main()
	here := j.asked.command.Vantage == ""
	return j.handler.Scans != nil && here && !j.result.Login && s != nil && s.TLS != nil
}

// deepAction is the button for it. Its request is that of the test, and a scan of
// it when this button is pressed.
func (j *Job) deepAction(t probe.Target) formatting.Action {
	label := formatting.Say(formatting.LabelDeep).What
	return formatting.Action{
		Verb: pressDeep, Run: j.result.ID, Request: j.request, Label: label, Accessible: label + ": " + t.String(),
	}
}

// deepOf scans the server of a test.
func (h *Handler) deepOf(inv Invocation, before command.Command) (Answer, Record) {
	if h.Scans == nil || before.Verb != command.VerbTest || before.Vantage != "" {
		return refuse(KindPress, formatting.RunGone)
	}
	c := before
	c.Deep, c.Pasted, c.LeftOut, c.Profile, c.Watch, c.Repeat = true, false, false, "", false, 0
	c.Request.Envelope, c.Request.Enforced = nil, false
	c.Request.Timeout = min(c.Request.Timeout, tlsscan.MaxTime)
	if c.Request.Security == probe.SecurityNone {
		c.Request.Security = probe.SecurityAuto
	}
	return h.once(inv, func() (Answer, Record) { return h.test(inv, asked{command: c}) })
}

// moreDeep is a scan as JSON, for the person who asked for it.
func moreDeep(d tlsgrade.Judged) (Answer, Record) {
	encoded, err := jsonreport.EncodeDeep(d)
	if err != nil {
		return refuse(KindMore, formatting.FaultInternal, formatting.Value{Name: "reference", Text: "json"})
	}
	return private(formatting.Message{Sections: []formatting.Section{formatting.File{
		Name: "smtptest-tls.json", Title: formatting.Say(formatting.LabelJSON).What, Text: string(encoded),
	}}}), Record{Kind: KindMore}
}
