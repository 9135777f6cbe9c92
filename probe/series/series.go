// Package series repeats a test on fresh connections: behind one name there may
// be many servers, of which one is wrong.
//
// The tests go one after the other, each with its own lookup and guard, one
// connection to each address that is tried. A series ends early where its time
// is over, where no connection may be made any more, and where the server has
// refused twice in a row to talk: a server that is asked too often says so.
package series

import (
	"context"
	"time"

	"smtptest/probe"
)

// How often a test may be repeated, and for how long.
const (
	Least = 2
	Most  = 20 // of an issue that people have: with a fourth of the servers wrong, 0.3 % of series miss it
	// Limit of a whole series unless it is asked for otherwise.
	DefaultLimit = 60 * time.Second
)

// Stop says why a series ended before its number.
type Stop string

// The reasons.
const (
	StopNone    Stop = ""        // it did not
	StopTime    Stop = "time"    // its time was over, or somebody stopped it
	StopLimit   Stop = "limit"   // too many connections were made, or the target is denied
	StopRefused Stop = "refused" // two greetings in a row, or two answers to EHLO, were 421 or 554
)

// Hooks accompany a series. Each may be nil.
type Hooks struct {
	Ran  func(done int) // after each run
	Each probe.Hooks    // of each run
}

// Run carries out a test so many times; the request's Timeout is that of the
// whole series. Errors are those of Prober.Probe.
func Run(ctx context.Context, p probe.Prober, req probe.Request, times int, hooks Hooks) ([]probe.Report, Stop, error) {
	limit := req.Timeout
	if limit == 0 {
		limit = DefaultLimit
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	req.Alone = true
	var all []probe.Report
	refused := 0
	for len(all) < times {
		r, err := p.Probe(ctx, req, hooks.Each)
		if err != nil {
			return all, StopNone, err
		}
		if ctx.Err() != nil && len(all) > 0 { // a run that was cut off says nothing about the server
			return all, StopTime, nil
		}
		if denied(&r) && len(all) > 0 {
			return all, StopLimit, nil
		}
		all = append(all, r)
		if hooks.Ran != nil {
			hooks.Ran(len(all))
		}
		if refused = next(refused, &r); refused == 2 || denied(&r) {
			return all, stopOf(&r), nil
		}
		if ctx.Err() != nil {
			return all, StopTime, nil
		}
	}
	return all, StopNone, nil
}

func stopOf(r *probe.Report) Stop {
	if denied(r) {
		return StopLimit
	}
	return StopRefused
}

// denied reports that no connection was made, by the guard or a limit.
func denied(r *probe.Report) bool {
	f := r.Lookup.Failure
	return f != nil && (f.Kind == probe.KindDenied || f.Kind == probe.KindRateLimited)
}

// next counts greetings and answers to EHLO in a row that refuse the client
// (RFC 5321 §3.8, §4.2.3).
func next(refused int, r *probe.Report) int {
	s := r.Main()
	if s == nil || s.Failure == nil || s.Failure.Reply == nil {
		return 0
	}
	early := s.Failure.Phase == probe.PhaseGreeting || s.Failure.Phase == probe.PhaseEHLO
	if code := s.Failure.Reply.Code; early && (code == 421 || code == 554) {
		return refused + 1
	}
	return 0
}
