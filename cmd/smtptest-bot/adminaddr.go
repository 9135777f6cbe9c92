package main

import (
	"net"
	"strings"

	"smtptest/bot/admin"
	"smtptest/bot/results"
	"smtptest/probe"
)

// adminAddr reads HOST:PORT; the host may be empty, a name has no place in it:
// it might come to mean another interface.
func (r *reader) adminAddr(text string) string {
	if text == "" {
		return ""
	}
	host, port, err := net.SplitHostPort(text)
	if err != nil || port == "" || host != "" && host != "localhost" && net.ParseIP(host) == nil {
		r.Wrong("SMTPTEST_ADMIN_ADDR", "is not an address and a port such as 127.0.0.1:9587 or :9587")
	}
	return text
}

// profile reads SMTPTEST_PPROF, which needs an address that only this machine
// can reach.
func (r *reader) profile(v variables) bool {
	on := r.Yes("SMTPTEST_PPROF", v.Profile)
	host, _, _ := net.SplitHostPort(v.AdminAddr)
	if on && !loopback(host) {
		r.Wrong("SMTPTEST_PPROF",
			"is true, while SMTPTEST_ADMIN_ADDR is not on loopback; profiles are for this machine alone")
	}
	return on
}

// probeTargets reads SMTPTEST_PROBE_TARGETS, which needs an address to be asked
// at.
func (r *reader) probeTargets(v variables) []string {
	all := r.List("SMTPTEST_PROBE_TARGETS", strings.ToLower(v.ProbeTargets))
	if len(all) > 0 && v.AdminAddr == "" {
		r.Wrong("SMTPTEST_PROBE_TARGETS", "is set, while SMTPTEST_ADMIN_ADDR is not: nobody could ask for /probe")
	}
	for _, target := range all {
		if strings.ContainsAny(target, "/*@ ") || strings.Trim(target, ".") == "" {
			r.Wrong("SMTPTEST_PROBE_TARGETS", "has an entry that is none of HOST, HOST:PORT and .example.com")
		}
	}
	return all
}

// exporter tests for Prometheus; nil: nothing may be tested. It has counters of its
// own, so that monitoring takes no test away from the chats.
func (c config) exporter(p probe.Prober) *admin.Exporter {
	if len(c.probeTargets) == 0 {
		return nil
	}
	return &admin.Exporter{
		Prober: p, Limiter: results.NewMemoryLimiter(c.limits), Targets: c.probeTargets,
		Single: len(singleLabels(c.policy.Names)) > 0,
	}
}
