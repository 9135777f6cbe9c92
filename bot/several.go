package bot

import (
	"context"
	"net/netip"
	"slices"
	"strconv"
	"sync"
	"time"

	"smtptest/bot/command"
	"smtptest/bot/results"
	"smtptest/formatting"
	"smtptest/formatting/compared"
	"smtptest/formatting/jsonreport"
	"smtptest/probe"
	"smtptest/probe/diagnosis"
	"smtptest/probe/diagnosis/differ"
	"smtptest/probe/series"
)

// several reports that more than one test is made: of one server again and
// again, or of two.
func (a asked) several() bool { return a.command.Repeat > 0 || a.compares() }

func (a asked) compares() bool { return a.command.Verb == command.VerbCompare }

// severalKey is what others who ask the same have in common with this one.
func severalKey(place Place, c command.Command) string {
	r := c.Request
	r.Target.Host = "several " + strconv.Itoa(c.Repeat) + " " + r.Target.Host + " " +
		compared.Name(c.Other) + " " + string(c.Other.Security)
	return results.RequestKey(place, r)
}

// testSeveral makes the tests. All of them together are one that is asked for.
func (j *Job) testSeveral(ctx context.Context) (o outcome) {
	c := j.asked.command
	if !j.asked.compares() {
		var all []probe.Report
		all, o.stop, o.err = series.Run(ctx, j.handler.Prober, c.Request, c.Repeat, series.Hooks{
			Ran: j.ran, Each: probe.Hooks{Allow: j.allowOnce, Event: j.passed},
		})
		o.tests = judgeAll(all)
		return o
	}
	var reports [2]probe.Report
	var errs [2]error
	var running sync.WaitGroup
	for i, r := range []probe.Request{c.Request, c.Other} {
		r.Alone = true
		running.Go(func() {
			defer func() {
				if v := recover(); v != nil {
					errs[i] = panicked{v}
				}
			}()
			reports[i], errs[i] = j.handler.Prober.Probe(ctx, r, probe.Hooks{Allow: j.allowOnce, Event: j.passed})
		})
	}
	running.Wait()
	if o.err = errs[0]; o.err == nil {
		o.err = errs[1]
	}
	o.tests = judgeAll(reports[:])
	return o
}

// panicked is a panic of another goroutine. It says nothing of its value, which
// may quote anything.
type panicked struct{ value any }

// Error implements error.
func (panicked) Error() string { return "panic" }

func judgeAll(reports []probe.Report) []diagnosis.Judged {
	out := make([]diagnosis.Judged, len(reports))
	for i := range reports {
		out[i] = diagnosis.Judge(&reports[i])
	}
	return out
}

// ran counts the tests that are over, for what is shown after a while.
func (j *Job) ran(done int) {
	j.mu.Lock()
	j.runs = done
	j.mu.Unlock()
}

// passed notes that the test is past the guard.
func (j *Job) passed(e probe.Event) {
	if e.Address.IsValid() {
		j.dialled()
	}
}

// allowOnce counts each address once, however many connections go there. A
// server is asked many times at most once a minute.
func (j *Job) allowOnce(to netip.AddrPort) time.Duration {
	j.mu.Lock()
	defer j.mu.Unlock()
	if slices.Contains(j.tried, to.Addr()) {
		return 0
	}
	key := results.AddressKey(to.Addr())
	claims := []results.Claim{{Scope: results.PerAddress, Key: key}}
	if j.asked.command.Repeat > 0 {
		claims = append(claims, results.Claim{Scope: results.PerComparison, Key: "repeat\x00" + key})
	}
	if _, over := j.claim(claims...); over != nil {
		j.refused = over
		return over.Wait
	}
	j.tried = append(j.tried, to.Addr())
	return 0
}

// severalProgress is what is known of tests that run.
func (j *Job) severalProgress() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return compared.Progress(j.runs, j.asked.command.Repeat)
}

// testingSeveral is what is shown while nothing is known yet.
func testingSeveral(c command.Command) formatting.Message {
	if c.Verb == command.VerbCompare {
		return compared.Comparing(c.Request, c.Other)
	}
	return compared.Repeating(c.Request, c.Repeat)
}

// severalEnded is the last message.
func (j *Job) severalEnded(o outcome, rec *Record) Update {
	for _, t := range o.tests {
		switch f := t.Report.Lookup.Failure; {
		case f == nil:
		case f.Kind == probe.KindDenied:
			rec.Refused = formatting.RefusedTarget
			host := targetValue(t.Report.Request.Target.Host)
			return Update{StageDenied, formatting.Refusal(formatting.RefusedTarget, host)}
		case f.Kind == probe.KindRateLimited:
			return j.rateLimited(rec)
		}
	}
	m, outcome := wordSeveral(j.asked.command, o, j.inv.Place.Platform)
	rec.Outcome = outcome
	j.change(func() { j.result.Tests, j.result.Stop, j.result.Ended = o.tests, o.stop, time.Now().UTC() })
	m.By, m.Links = j.inv.Person, j.before()
	m.Notes = append(m.Notes, j.notes()...)
	m.Actions = j.severalActions(o.tests)
	return Update{StageDone, m}
}

func wordSeveral(c command.Command, o outcome, where formatting.Platform) (formatting.Message, diagnosis.Outcome) {
	if c.Verb == command.VerbCompare {
		a, b := o.tests[0], o.tests[1]
		return compared.Pair(a, b, where), compared.OutcomeOf(a, b)
	}
	s := differ.Of(o.tests)
	return compared.Series(s, c.Repeat, o.stop, where), compared.Outcome(s)
}

// severalActions are Run again and the evidence of each test.
func (j *Job) severalActions(tests []diagnosis.Judged) []formatting.Action {
	about := j.asked.about()
	again := formatting.Action{
		Verb: pressAgain, Run: j.result.ID, Request: j.request, Label: formatting.Say(formatting.LabelAgain).What,
	}
	more := formatting.Action{Verb: pressMore, Run: j.result.ID, Label: formatting.Say(formatting.LabelMore).What}
	for i, t := range tests {
		label := compared.TestName(i, t, j.asked.compares())
		more.Choices = append(more.Choices, formatting.Choice{Value: strconv.Itoa(i), Label: label})
	}
	more.Choices = append(more.Choices, formatting.Choice{
		Value: choiceJSON, Label: formatting.Say(formatting.LabelJSON).What,
	})
	again.Accessible, more.Accessible = again.Label+": "+about, "More: "+about
	return []formatting.Action{again, more}
}

// moreSeveral is one of the tests, or all as JSON.
func moreSeveral(inv Invocation, r *results.Result) (Answer, Record) {
	if inv.Press.Choice == choiceJSON {
		encoded, err := encodeSeveral(r)
		if err != nil {
			return refuse(KindMore, formatting.FaultInternal, formatting.Value{Name: "reference", Text: "json"})
		}
		return private(formatting.Message{Sections: []formatting.Section{formatting.File{
			Name: "smtptest.json", Title: formatting.Say(formatting.LabelJSON).What, Text: string(encoded),
		}}}), Record{Kind: KindMore}
	}
	i, err := strconv.Atoi(inv.Press.Choice)
	if err != nil || i < 0 || i >= len(r.Tests) {
		return refuse(KindMore, formatting.RunGone)
	}
	return private(formatting.Result(r.Tests[i], inv.Place.Platform)), Record{Kind: KindMore}
}

func encodeSeveral(r *results.Result) ([]byte, error) {
	if r.Command.Verb == command.VerbCompare {
		return jsonreport.EncodePair(r.Tests[0], r.Tests[1])
	}
	return jsonreport.EncodeSeries(differ.Of(r.Tests), r.Command.Repeat, r.Stop)
}
