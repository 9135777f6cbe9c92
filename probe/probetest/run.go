package probetest

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"smtptest/probe"
)

// Run plays a case against the real prober on a network in memory. Inside a
// testing/synctest bubble no time passes but the scripted one. The error
// gathers what the client did against the script, and what the prober could
// not do at all.
func Run(ctx context.Context, c *Case) (probe.Report, error) {
	ca, err := NewCA()
	if err != nil {
		return probe.Report{}, err
	}
	if c.Cancel > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithCancel(ctx)
		defer time.AfterFunc(c.Cancel, cancel).Stop()
	}
	network := NewNetwork(c, ca)
	report, err := network.Prober().Probe(ctx, c.Request, probe.Hooks{})
	return report, errors.Join(append(network.Wait(), err)...)
}

// Prober probes on the network of a case.
type Prober struct {
	*probe.Local
	allow func(netip.AddrPort) time.Duration // nil: as many connections as wanted
}

// Probe implements probe.Prober. The connections that the case's network
// allows are counted unless the hooks count them.
func (p *Prober) Probe(ctx context.Context, req probe.Request, hooks probe.Hooks) (probe.Report, error) {
	if hooks.Allow == nil {
		hooks.Allow = p.allow
	}
	return p.Local.Probe(ctx, req, hooks)
}

// Prober is a prober on this network that trusts its CA.
func (n *Network) Prober() *Prober {
	local := &probe.Local{
		Resolver: n, Dial: n.Dial, Policy: n.Plan.policy(), Roots: n.Server.CA.Roots(), Controls: n.Plan.controls(),
	}
	return &Prober{local, n.Plan.allowance()}
}
