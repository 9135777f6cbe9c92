package remote

import (
	"context"
	"encoding/json"
	"errors"
	"net/netip"
	"time"

	"smtptest/probe"
	"smtptest/probe/domain"
)

// Prober tests from a vantage point. It is used by many goroutines.
type Prober struct {
	fleet   *Fleet
	vantage Vantage
	known   bool
}

var _ probe.Prober = (*Prober)(nil)

// Vantage is its name.
func (p *Prober) Vantage() string { return p.vantage.Name }

// Probe implements probe.Prober. Errors: an *Error says why the vantage point gave
// no report, or errors of probe.Local. With an Error of the kind Lost the Report
// holds what had arrived: the sessions and steps that had begun, and nothing to be
// judged. A run that only had to say goodbye is not lost: its report counts.
//
// Hooks.Allow is asked before the request where the address is known, and else
// hears of each connection as it begins; what it says then holds for later runs,
// because the agent has dialled by its own limits.
func (p *Prober) Probe(ctx context.Context, req probe.Request, hooks probe.Hooks) (probe.Report, error) {
	if req.Timeout <= 0 {
		req.Timeout = probe.DefaultTimeout
	}
	login := req.Login
	req.Login = nil
	if r, wait := p.refused(req, hooks); wait {
		return r, nil
	}
	f := &follower{asked: req, hooks: hooks, vantage: p.vantage.Name, began: time.Now()}
	octets, err := p.converse(ctx, question{
		wireRequest: wireRequest{Op: opProbe, Timeout: req.Timeout.Milliseconds(), Probe: fromRequest(req)},
		login:       login, event: f.event,
	})
	if err == nil {
		r, err := decode(octets, req, p.vantage.Name)
		if err == nil {
			return r, nil
		}
		return f.report(), p.unread(err)
	}
	if lost, ok := errors.AsType[*Error](err); ok && lost.Kind == Lost {
		if f.known != nil {
			return *f.known, nil
		}
		lost.Phase, lost.Address = f.last.Phase, f.last.Address
	}
	return f.report(), err
}

// refused asks about an address that is known before it is dialled.
func (p *Prober) refused(req probe.Request, hooks probe.Hooks) (probe.Report, bool) {
	at := req.At
	if a, ok := req.Target.Address(); ok && !at.IsValid() {
		at = a
	}
	if hooks.Allow == nil || !at.IsValid() {
		return probe.Report{}, false
	}
	wait := hooks.Allow(netip.AddrPortFrom(at, req.Target.Port))
	return probe.Report{
		Request: req, Vantage: p.vantage.Name, Started: time.Now().UTC(), Lookup: probe.Lookup{
			Untried: []probe.Untried{{Address: at, Reason: probe.UntriedRateLimited}},
			Failure: &probe.Failure{Phase: probe.PhaseGuard, Kind: probe.KindRateLimited, Limit: wait},
		},
	}, wait > 0
}

// Examine does the same for a mail domain, as domain.Examiner does here.
func (p *Prober) Examine(ctx context.Context, req domain.Request, hooks domain.Hooks) (domain.Report, error) {
	if req.Timeout <= 0 {
		req.Timeout = domain.DefaultTimeout
	}
	began := time.Now()
	octets, err := p.converse(ctx, question{
		wireRequest: wireRequest{Op: opDomain, Timeout: req.Timeout.Milliseconds(),
			Domain: fromDomain(req)},
		event: func(e wireEvent) {
			if hooks.Event != nil && e.Stage != "" {
				hooks.Event(e.stage())
			}
		},
	})
	var r domain.Report
	if err == nil {
		if r, err = decodeDomain(octets, req, p.vantage.Name); err != nil {
			err = p.unread(err)
		}
	}
	if err != nil {
		return domain.Report{Request: req, Vantage: p.vantage.Name, Started: began.UTC(), Elapsed: time.Since(began)}, err
	}
	return r, nil
}

// Egress asks what the vantage point's network lets out, as probe.Local.Egress
// does here.
func (p *Prober) Egress(ctx context.Context) ([]probe.ControlConn, error) {
	octets, err := p.converse(ctx, question{
		wireRequest: wireRequest{Op: opEgress, Timeout: (10 * time.Second).Milliseconds()}, event: func(wireEvent) {},
	})
	if err != nil {
		return nil, err
	}
	var all []probe.ControlConn
	if unmarshal(octets, &all) != nil {
		return nil, p.fail(Unreadable)
	}
	return all, nil
}

// unread says why a report does not count.
func (p *Prober) unread(err error) *Error {
	if errors.Is(err, errOld) {
		return p.fail(Clock)
	}
	return p.fail(Unreadable)
}

func (p *Prober) fail(kind ErrorKind) *Error {
	return &Error{Kind: kind, Vantage: p.vantage.Name, LastSeen: p.fleet.lastSeen(p.vantage.Name)}
}

// follower makes of events what hooks hear, and a report of what had arrived.
type follower struct {
	asked    probe.Request
	hooks    probe.Hooks
	vantage  string
	began    time.Time
	last     probe.Event
	sessions []probe.Session
	known    *probe.Report
}

// maxFollowed bounds the sessions that events can make.
const maxFollowed = 32

func (f *follower) event(w wireEvent) {
	e := w.event()
	if e.Phase == "" {
		return
	}
	if w.Known != nil {
		if r, err := decode(w.Known, f.asked, f.vantage); err == nil {
			f.known, e.Known = &r, &r
		}
	}
	f.last = e
	f.step(e)
	if f.hooks.Event != nil {
		f.hooks.Event(e)
	}
}

// step notes the beginning of a phase, which is the good end of the one before it.
func (f *follower) step(e probe.Event) {
	if !e.Address.IsValid() {
		return
	}
	n := len(f.sessions) - 1
	if n < 0 || f.sessions[n].Address != e.Address || f.sessions[n].Variant != e.Variant {
		if len(f.sessions) == maxFollowed {
			return
		}
		if f.hooks.Allow != nil && !f.asked.At.IsValid() {
			f.hooks.Allow(e.Address)
		}
		f.sessions = append(f.sessions, probe.Session{Variant: e.Variant, Address: e.Address, Began: e.At})
		n++
	}
	s := &f.sessions[n]
	if k := len(s.Steps) - 1; k >= 0 {
		s.Steps[k].Elapsed, s.Steps[k].Outcome = e.At-s.Began-s.Steps[k].Start, probe.Passed
	}
	s.Steps = append(s.Steps, probe.Step{Phase: e.Phase, Start: e.At - s.Began, Outcome: probe.Skipped})
	s.Elapsed = e.At - s.Began
}

// report is what had arrived.
func (f *follower) report() probe.Report {
	return probe.Report{
		Request: f.asked, Vantage: f.vantage, Started: f.began.UTC(), Elapsed: time.Since(f.began), Sessions: f.sessions,
	}
}

// question is one conversation with an agent.
type question struct {
	wireRequest
	login *probe.Login // nil: none
	event func(wireEvent)
}

// write makes the message of a question.
func (p *Prober) write(q question, id string, deadline time.Time) ([]byte, error) {
	q.Version = protocol
	request, err := json.Marshal(q.wireRequest)
	if err != nil {
		return nil, err
	}
	b := body{Request: request}
	if q.login != nil {
		if b.Sealed, err = p.vantage.Key.seal(sealInfo(p.vantage.Name, id), request, q.login, deadline); err != nil {
			return nil, err
		}
	}
	return json.Marshal(b)
}
