// Package bottest is what the tests of all adapters share: a handler with
// scripted servers behind it. The fakes of the platforms are in its folders.
package bottest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"smtptest/bot"
	"smtptest/bot/results"
	"smtptest/bot/watch"
	"smtptest/probe"
	"smtptest/probe/probetest"
	"smtptest/probe/tlsscan"
)

// Fixture is a Handler behind which each host CASE.test is the server of that
// case, on a network in memory. The host panic.test makes the prober panic.
type Fixture struct {
	Handler *bot.Handler

	ca    *probetest.CA
	cases map[string]*probetest.Case

	mu      sync.Mutex
	records []bot.Record
	heard   Buffer // what the servers read
	probes  atomic.Int64
}

// NewFixture makes one with limits that no test reaches by accident.
func NewFixture() (*Fixture, error) {
	ca, err := probetest.NewCA()
	if err != nil {
		return nil, err
	}
	all, err := probetest.Cases()
	if err != nil {
		return nil, err
	}
	w := &Fixture{ca: ca, cases: map[string]*probetest.Case{}}
	for _, c := range all {
		w.cases[c.Name] = c
	}
	w.Handler = &bot.Handler{
		Prober: prober{w}, Scans: scans{w},
		Limiter: results.NewMemoryLimiter(Unlimited()), Store: results.NewMemoryStore(), Envelope: true, Observe: w.observe,
		Key: []byte("0123456789abcdef0123456789abcdef"),
	}
	w.Handler.Watches = w.Handler.Watching(watch.NewMemory())
	return w, nil
}

// Recovering makes the servers of a watch fail so many tests, and work from then
// on, and has them tested often. It is called before the bot begins.
func (w *Fixture) Recovering(fails int) {
	var tests atomic.Int64
	inner := w.Handler.Prober
	w.Handler.Prober = proberFunc(func(ctx context.Context, req probe.Request, hooks probe.Hooks) (probe.Report, error) {
		if req.Target.Host = "good.test"; tests.Add(1) <= int64(fails) {
			req.Target.Host = "overloaded.test"
		}
		return inner.Probe(ctx, req, hooks)
	})
	w.Handler.Watches.Pace = func(probe.Target) watch.Pace {
		return watch.Pace{Every: 300 * time.Millisecond, Stays: time.Second, Most: time.Minute}
	}
}

type proberFunc func(context.Context, probe.Request, probe.Hooks) (probe.Report, error)

// Probe implements probe.Prober.
func (f proberFunc) Probe(ctx context.Context, req probe.Request, hooks probe.Hooks) (probe.Report, error) {
	return f(ctx, req, hooks)
}

// Unlimited are limits that are out of the way, but for the logins'.
func Unlimited() results.Limits {
	many := results.Rate{Most: 1 << 20, Per: time.Minute}
	return results.Limits{
		Person: many, Channel: many, Target: many, Login: results.DefaultLimits().Login, Recipients: many,
		Answers: many, Comparison: many, AtOnce: 1000, PersonAtOnce: 1000,
	}
}

func (w *Fixture) observe(r bot.Record) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.records = append(w.records, r)
}

// Records are those of all answers so far.
func (w *Fixture) Records() []bot.Record {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]bot.Record(nil), w.records...)
}

// Heard is every line that the scripted servers read where their scripts
// expect a client.
func (w *Fixture) Heard() string { return w.heard.String() }

// Probes is how many probes were begun.
func (w *Fixture) Probes() int { return int(w.probes.Load()) }

// prober plays the case that the host names.
type prober struct{ fixture *Fixture }

// Probe implements probe.Prober.
func (p prober) Probe(ctx context.Context, req probe.Request, hooks probe.Hooks) (probe.Report, error) {
	name, _, _ := strings.Cut(req.Target.Host, ".")
	p.fixture.probes.Add(1)
	if name == "panic" {
		panic("hunter2")
	}
	c, ok := p.fixture.cases[name]
	if !ok {
		return probe.Report{}, fmt.Errorf("bottest: there is no case %q", name)
	}
	network := probetest.NewNetwork(c, p.fixture.ca)
	network.Server.Login = req.Login
	network.Server.Heard = func(line string) { _, _ = p.fixture.heard.Write([]byte(line + "\n")) }
	own := c.Request
	own.Target.Port, own.Timeout, own.Login = req.Target.Port, req.Timeout, req.Login
	if req.Security != probe.SecurityAuto {
		own.Security = req.Security
	}
	report, err := network.Prober().Probe(ctx, own, hooks)
	network.Wait()
	return report, err
}

// scans look at the TLS of the case that the host names.
type scans struct{ fixture *Fixture }

// Scan implements bot.Scans.
func (s scans) Scan(ctx context.Context, req tlsscan.Request, hooks tlsscan.Hooks) (tlsscan.Report, error) {
	name, _, _ := strings.Cut(req.Target.Host, ".")
	c, ok := s.fixture.cases[name]
	if !ok {
		return tlsscan.Report{}, fmt.Errorf("bottest: there is no case %q", name)
	}
	network := probetest.NewNetwork(c, s.fixture.ca)
	req.Target.Host = c.Request.Target.Host
	report, err := (&tlsscan.Scanner{Local: network.Prober().Local}).Scan(ctx, req, hooks)
	network.Wait()
	return report, err
}

// Quick names cases that are over within a few seconds of real time and say the
// same in each run: the others wait for a timeout, or draw by lot.
func Quick() []string {
	return []string{
		"good", "implicit", "expired", "wrong-name", "self-signed", "missing-intermediate", "refused",
		"blocked", "greylisted", "hangup", "no-starttls", "injected", "terminal-tricks", "fake-lines",
		"nul-octet", "eight-bit", "bare-lf", "cr-cr-lf", "no-such-name", "null-mx", "mail-domain",
		"private-address", "own-limit", "panic", "endless-greeting", "long-line", "ssh", "imap",
		"pop3", "ftp", "vnc", "proxy-protocol", "overloaded", "too-many", "too-much-load", "reset",
		"reset-after-greeting", "relay-denied", "unknown-user", "mailbox-full", "sender-spf",
		"dmarc", "tls-1.0", "tls-1.1", "3des", "alert-40", "alert-112", "client-cert-required",
		"client-usage", "cn-only", "chain-reversed", "default-certificate", "staple", "revoked", "short-key",
		"sha1", "wildcard", "smtputf8",
	}
}
