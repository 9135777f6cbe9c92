package main

import (
	"smtptest/bot"
	"smtptest/bot/command"
	"smtptest/bot/results"
	"smtptest/bot/watch"
	"smtptest/probe"
	"smtptest/probe/tlsscan"
)

// local probes from this machine.
func local(c config) *probe.Local {
	return &probe.Local{
		Resolver: c.resolver, Policy: c.policy, Roots: c.roots, EHLOName: c.ehloName, Vantage: c.vantage,
		Controls: c.controls,
	}
}

// handler wires what answers on every platform.
func handler(c config) *bot.Handler {
	local := local(c)
	hosts := singleLabels(c.policy.Names)
	h := &bot.Handler{
		Prober: local, Policy: c.policy, Limiter: results.NewMemoryLimiter(c.limits), Store: results.NewMemoryStore(),
		Dialect: command.Dialect{AllowSingleLabel: len(hosts) > 0}, Hosts: hosts,
		Envelope: c.envelope, Logins: c.logins, Profiles: c.profiles, Key: c.buttonKey(),
	}
	h.Watches = h.Watching(watch.NewMemory())
	if c.controls != nil {
		h.Egress = local.Egress
	}
	h.Domains = examiner(c, local)
	h.Scans = &tlsscan.Scanner{Local: local}
	return h
}
