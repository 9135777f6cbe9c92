package probetest

import (
	"context"
	"errors"
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
	report, err := network.Prober().Probe(ctx, c.Request, nil)
	return report, errors.Join(append(network.Wait(), err)...)
}

// Prober is a prober on this network that trusts its CA.
func (n *Network) Prober() *probe.Local {
	return &probe.Local{
		Resolver: n, Dial: n.Dial, Policy: n.Plan.policy(), Budget: n.Plan.allowance(), Roots: n.Server.CA.Roots(),
	}
}
