package main

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"smtptest/bot"
	"smtptest/probe"
	"smtptest/probe/domain"
)

// Places of the console that are pretended, so that one can see what a bot with
// agents says: one far away, one whose network lets no mail out.
const (
	pretendFar     = "pretend-far"
	pretendBlocked = "pretend-blocked"
)

const (
	farAway = 400 * time.Millisecond
	// noAnswer is shorter than a real timeout of connecting: nobody learns from waiting.
	noAnswer = 2 * time.Second
)

// pretended are those places.
type pretended struct{ here either }

// All implements bot.Vantages.
func (pretended) All() []bot.Vantage {
	return []bot.Vantage{
		{Name: pretendFar, Connected: true, Logins: true}, {Name: pretendBlocked, Connected: true, Logins: true},
	}
}

// At implements bot.Vantages.
func (p pretended) At(name string) bot.Agent { return pretence{p.here, name} }

type pretence struct {
	here either
	name string
}

// Probe implements probe.Prober.
func (p pretence) Probe(ctx context.Context, req probe.Request, hooks probe.Hooks) (probe.Report, error) {
	if p.name == pretendBlocked {
		return p.blocked(ctx, req), nil
	}
	wait(ctx, farAway)
	r, err := p.here.Probe(ctx, req, hooks)
	r.Vantage, r.Request.Target = p.name, req.Target // as an agent's report is about what was asked
	for i := range r.Sessions {
		r.Sessions[i].Began += farAway
	}
	r.Elapsed += farAway
	return r, err
}

// blocked is the report of a network that drops everything on the port.
func (p pretence) blocked(ctx context.Context, req probe.Request) probe.Report {
	began := time.Now()
	wait(ctx, noAnswer)
	at := netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, 1}), req.Target.Port) // RFC 5737
	silence := &probe.Failure{Phase: probe.PhaseConnect, Kind: probe.KindTimeout, Limit: noAnswer}
	req.Login = nil
	return probe.Report{
		Request: req, Vantage: p.name, Started: began.UTC(), Elapsed: time.Since(began),
		Lookup: probe.Lookup{
			Name: req.Target.Host, Addresses: []netip.Addr{at.Addr()}, Answer: probe.AnswerAddresses,
		},
		Sessions: []probe.Session{{Security: req.Security, Address: at, Elapsed: noAnswer, Failure: silence}},
		Control: []probe.ControlConn{
			{Host: "one.pretend.example", Port: at.Port(), Kind: probe.KindTimeout, Elapsed: noAnswer},
			{Host: "two.pretend.example", Port: at.Port(), Kind: probe.KindTimeout, Elapsed: noAnswer},
			{Host: "web.pretend.example", Port: 443, Elapsed: farAway},
		},
	}
}

func wait(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

var errPretence = errors.New("a pretended place tests servers alone")

// Examine implements bot.Domains.
func (pretence) Examine(context.Context, domain.Request, domain.Hooks) (domain.Report, error) {
	return domain.Report{}, errPretence
}

// Egress implements bot.Agent.
func (p pretence) Egress(ctx context.Context) ([]probe.ControlConn, error) {
	if p.name == pretendFar {
		return p.here.outside.Egress(ctx), nil
	}
	var all []probe.ControlConn
	for _, port := range []uint16{25, 465, 587, 2525} {
		all = append(all, probe.ControlConn{
			Host: "one.pretend.example", Port: port, Kind: probe.KindTimeout, Elapsed: noAnswer,
		})
	}
	return append(all, probe.ControlConn{Host: "web.pretend.example", Port: 443, Elapsed: farAway}), nil
}
