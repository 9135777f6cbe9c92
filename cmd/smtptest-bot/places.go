package main

import (
	"context"
	"errors"

	"smtptest/bot"
	"smtptest/bot/everywhere"
	"smtptest/probe"
	"smtptest/probe/diagnosis/vantages"
	"smtptest/probe/domain"
	"smtptest/probe/remote"
)

// places are the vantage points as the handler knows them.
type places struct{ fleet *remote.Fleet }

// offer lets people test from other places; without an engine or names there are
// none.
func (e *engine) offer(h *bot.Handler, op *operator) *bot.Handler {
	if e != nil && len(e.fleet.Names()) > 0 {
		h.Vantages = places{e.fleet}
		op.admin.Vantages(h.Vantages.All)
	}
	return h
}

// All implements bot.Vantages.
func (p places) All() (all []bot.Vantage) {
	for _, a := range p.fleet.Agents() {
		all = append(all, bot.Vantage{
			Name: a.Vantage, Connected: a.Connected, Seen: a.LastSeen, Logins: a.Logins && !a.OtherKey,
		})
	}
	return all
}

// At implements bot.Vantages.
func (p places) At(name string) bot.Agent { return agent{p.fleet.From(name)} }

// agent is one of them. What keeps it from a test is said in the handler's words.
type agent struct{ at *remote.Prober }

// Probe implements probe.Prober.
func (a agent) Probe(ctx context.Context, req probe.Request, hooks probe.Hooks) (probe.Report, error) {
	r, err := a.at.Probe(ctx, req, hooks)
	return r, unavailable(err)
}

// Examine implements bot.Domains.
func (a agent) Examine(ctx context.Context, req domain.Request, hooks domain.Hooks) (domain.Report, error) {
	r, err := a.at.Examine(ctx, req, hooks)
	return r, unavailable(err)
}

// Egress implements bot.Agent.
func (a agent) Egress(ctx context.Context) ([]probe.ControlConn, error) {
	conns, err := a.at.Egress(ctx)
	return conns, unavailable(err)
}

// unavailable translates an error of package remote; any other stays.
func unavailable(err error) error {
	e, ok := errors.AsType[*remote.Error](err)
	if !ok {
		return err
	}
	why := map[remote.ErrorKind]vantages.Absence{
		remote.NoEngine: vantages.NoEngine, remote.Absent: vantages.NotConnected, remote.Lost: vantages.Silent,
		remote.Busy: vantages.Busy, remote.Stopping: vantages.Stopping, remote.Unable: vantages.Unable,
		remote.NoKey: vantages.Unpinned, remote.WrongKey: vantages.OtherKey, remote.Clock: vantages.Clock,
		remote.Skew: vantages.OtherVersion,
	}[e.Kind]
	if why == "" {
		why = vantages.Faulty
	}
	return &everywhere.Unavailable{Absence: why}
}
