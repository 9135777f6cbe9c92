package bot

import (
	"context"
	"time"

	"smtptest/bot/results"
	"smtptest/formatting"
	"smtptest/probe"
)

// comparison is what a job may dial beside its request. It is made once a
// minute for a server, so that an incident, in which many ask, costs the server
// little and nobody is refused; others read what was measured then.
type comparison struct {
	key   string        // of the server; empty: nothing was to be compared
	wait  time.Duration // until it may be made again; 0: this job makes it
	notes []string      // what is said of it
}

// comparedWait is how long an answer waits for the comparisons of a test that
// is not over.
const comparedWait = 10 * time.Second

// mayCompare asks once for a job. key is of the address that is dialled.
func (j *Job) mayCompare(key string) time.Duration {
	if c := &j.compared; c.key == "" {
		c.key = key + "\x00" + j.asked.command.Request.Target.String()
		if _, over := j.claim(results.Claim{Scope: results.PerComparison, Key: c.key}); over != nil {
			c.wait = over.Wait
		}
	}
	return j.compared.wait
}

// reuse adds the comparisons of an earlier test, where this one was to make
// none and ended in the same way, and notes that for people. What this one has
// made is for others from here on.
func (j *Job) reuse(ctx context.Context, report *probe.Report) {
	main := report.Main()
	if j.compared.wait == 0 || main == nil {
		j.mu.Lock()
		defer j.mu.Unlock()
		j.result.Compared = j.compared.key
		return
	}
	j.compared.notes = []string{formatting.Say(formatting.NoteNotCompared).What}
	earlier, ok := j.handler.Store.Compared(j.compared.key)
	for began := time.Now(); !ok && ctx.Err() == nil && time.Since(began) < comparedWait; {
		time.Sleep(comparedWait / 100)
		earlier, ok = j.handler.Store.Compared(j.compared.key)
	}
	if !ok || !sameEnd(main, earlier.Judged.Report.Main()) {
		return
	}
	ago := report.Started.Sub(earlier.Judged.Report.Started)
	for _, s := range earlier.Judged.Report.Sessions {
		if s.Variant != probe.VariantMain {
			s.Began -= ago // which says that it is reused
			report.Sessions = append(report.Sessions, s)
		}
	}
	j.compared.notes = []string{formatting.Say(formatting.NoteReused, formatting.Value{
		Name: "ago", Text: formatting.Wait(ago),
	}).What}
}

// sameEnd reports sessions that ended alike, so that what was compared with one
// is of use for the other.
func sameEnd(a, b *probe.Session) bool {
	if b == nil || a.Address != b.Address || a.Security != b.Security || (a.Failure == nil) != (b.Failure == nil) {
		return false
	}
	return a.Failure == nil || a.Failure.Phase == b.Failure.Phase && a.Failure.Kind == b.Failure.Kind
}
