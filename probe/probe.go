package probe

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"smtptest/probe/guard"
	"smtptest/probe/resolve"
	"smtptest/probe/smtp"
)

// How long each thing is waited for. RFC 5321 §4.5.3.2 lets a mail
// transfer agent wait for minutes; people who watch a chat do not. The greeting
// has more than slow servers need: postscreen and tarpits take up to 30 s.
const (
	DefaultTimeout = 60 * time.Second // of a run, unless the request says otherwise
	connectLimit   = 10 * time.Second // of one address
	greetingLimit  = 30 * time.Second // RFC 5321 §4.5.3.2.1 allows 5 minutes
	replyLimit     = 30 * time.Second // RFC 5321 §4.5.3.2.2 ff. allow 2 to 10 minutes
	quitLimit      = time.Second      // the verdict does not depend on 221
	followUpLimit  = 10 * time.Second // of a whole follow-up connection: what works answers soon, and the person waits
	// Silence before VariantTLS. Sendmail's greet_pause and postscreen wait for
	// round numbers, mostly 5 or 6 s: nobody who greets then has a second caller.
	askTLSAfter = 6500 * time.Millisecond
	lookupLimit = 10 * time.Second // two questions to DNS, retries included
)

// maxAddressesTried bounds the connections of one run to addresses that do
// not accept them.
const maxAddressesTried = 6

// Prober measures one server. The error is nil unless the request cannot be
// carried out by anyone: whatever the server or the network does is in the
// Report.
type Prober interface {
	Probe(ctx context.Context, req Request, hooks Hooks) (Report, error)
}

// Hooks lets the caller of a probe follow it and limit it. Each may be nil.
type Hooks struct {
	// Event receives what is going on. It is called from one goroutine at a time
	// and must return quickly.
	Event func(Event)
	// Allow is asked before each connection, and counts it: how long the
	// address is to be left alone. 0: it may be dialled now. It is called from
	// several goroutines at once.
	Allow func(netip.AddrPort) time.Duration
}

// Event says what a probe is doing now.
type Event struct {
	At      time.Duration  // since the run began
	Phase   Phase          // begins now
	Variant Variant        // of the session that it belongs to
	Address netip.AddrPort // of the session; zero before the first
	Limit   time.Duration  // how long it may take at most
	// Known is set before QUIT when the session did what was asked: the verdict
	// need not wait for the goodbye.
	Known *Report
}

// Resolver turns names into addresses.
type Resolver interface {
	// Addresses looks an absolute name up as any program on this machine
	// would, in the order in which they should be tried.
	Addresses(ctx context.Context, host string) ([]netip.Addr, error)
	// Why finds out why a name has no address.
	Why(ctx context.Context, host string) resolve.Explanation
}

// Local probes from this machine. The zero value reaches public addresses
// and the mail ports only. Its fields must not change once it is in use.
type Local struct {
	Resolver Resolver // nil: the system's
	// Dial makes connections whose both ends have a *net.TCPAddr. nil: a
	// net.Dialer that Policy controls.
	Dial     func(context.Context, netip.AddrPort) (net.Conn, error)
	Policy   guard.Policy   // checked before each dial, and by the nil Dial once more
	Roots    *x509.CertPool // trusted beside the system's roots; nil: none
	EHLOName string         // a domain or address literal; empty: our address as a literal
	// LenientLogins are addresses at which a login may go over a connection that
	// is not protected well: the operator's own risk.
	LenientLogins []netip.Prefix
	Vantage       string    // name of this place in reports
	Controls      *Controls // nil: no control connections are made

	large slots // of handshakes
}

var _ Prober = (*Local)(nil)

// Probe implements Prober.
func (l *Local) Probe(ctx context.Context, req Request, hooks Hooks) (Report, error) {
	if req.Timeout <= 0 {
		req.Timeout = DefaultTimeout
	}
	if req.Security == "" {
		req.Security = SecurityAuto
	}
	if err := l.check(req); err != nil {
		return Report{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, req.Timeout)
	defer cancel()
	login := req.Login
	req = req.own()
	req.Login = nil // it must not get into the Report
	r := &run{
		local: l, req: req, login: login, hooks: hooks, began: time.Now(),
		report: Report{Request: req, Vantage: l.Vantage},
	}
	r.report.Started = r.began.UTC()
	r.probe(ctx)
	r.report.Elapsed = time.Since(r.began)
	return r.report, nil
}

// check refuses what could not be carried out as it was meant.
func (l *Local) check(req Request) error {
	if req.Target.Host == "" || req.Target.Port == 0 {
		return errors.New("probe: the target needs a host and a port")
	}
	for _, name := range []string{req.EHLOName, l.EHLOName} {
		if name == "" {
			continue
		}
		if _, err := smtp.ParseHelloName(name); err != nil {
			return fmt.Errorf("probe: EHLO name: %w", err)
		}
	}
	return nil
}

// run is one probe while it runs.
type run struct {
	local   *Local
	req     Request // without its Login
	login   *Login  // nil: none asked for
	hooks   Hooks
	began   time.Time
	soonest time.Duration // until the first of the addresses that Hooks.Allow refused may be dialled; 0: none was refused
	report  Report

	emitting sync.Mutex // VariantTLS runs beside the session that waits for its greeting
}

func (r *run) probe(ctx context.Context) {
	addresses := r.lookup(ctx)
	for i, a := range addresses {
		if ctx.Err() != nil {
			r.untried(endReason(ctx), addresses[i:]...)
			r.overBefore(ctx, i)
			break
		}
		if i == maxAddressesTried {
			r.untried(UntriedLimit, addresses[i:]...)
			break
		}
		if r.rateLimited(a) {
			continue
		}
		if s := r.session(ctx, a); s.Source.IsValid() {
			r.untried(UntriedAnswered, addresses[i+1:]...)
			break
		}
	}
	if main := r.report.Main(); main != nil {
		control := r.control(ctx, main)
		r.keep(r.contrast(ctx, main)...)
		r.repeat(ctx)
		r.report.Control = control()
	} else if r.soonest > 0 && r.report.Lookup.Failure == nil {
		r.report.Lookup.Failure = &Failure{Phase: PhaseGuard, Kind: KindRateLimited, Limit: r.soonest}
	}
}

// retryAfter asks whether one more connection may be made; 0: yes, and it is
// counted.
func (r *run) retryAfter(to netip.AddrPort) time.Duration {
	if r.hooks.Allow == nil {
		return 0
	}
	return r.hooks.Allow(to)
}

// rateLimited reports an address that is to be left alone, and notes the
// shortest time until one may be dialled again.
func (r *run) rateLimited(a netip.Addr) bool {
	wait := r.retryAfter(netip.AddrPortFrom(a, r.req.Target.Port))
	if wait == 0 {
		return false
	}
	r.untried(UntriedRateLimited, a)
	if r.soonest == 0 || wait < r.soonest {
		r.soonest = wait
	}
	return true
}

// endReason says why the addresses that are left are not tried.
func endReason(ctx context.Context) UntriedReason {
	if errors.Is(ctx.Err(), context.Canceled) {
		return UntriedStopped
	}
	return UntriedTime
}

// overBefore says how the run ended when it was over before anything was
// dialled.
func (r *run) overBefore(ctx context.Context, dialled int) {
	if dialled == 0 {
		r.report.Lookup.Failure = failureOf(ctx, ctx.Err(), 0)
		r.report.Lookup.Failure.Phase = PhaseLookup
	}
}

// session probes one address, with the follow-ups that belong to its course,
// and returns the session that answers the request.
func (r *run) session(ctx context.Context, a netip.Addr) *Session {
	v := r.main(netip.AddrPortFrom(a, r.req.Target.Port))
	d := r.dialogue(v)
	d.execute(ctx)
	if d.endedByClearMail() && r.mayRepeat(ctx, d.facts) {
		d.facts.Variant = VariantClearMail
		r.keep(d.facts)
		v.enforced = false
		d = r.dialogue(v)
		d.execute(ctx)
	}
	r.keep(d.facts)
	if d.second != nil {
		r.keep(d.second)
	}
	if !legacyMightHelp(d.facts) || !r.mayRepeat(ctx, d.facts) {
		return d.facts
	}
	again := r.dialogue(r.legacy(d.facts))
	again.execute(ctx)
	r.keep(again.facts)
	if noSuite(d.facts, again.facts) && r.mayRepeat(ctx, d.facts) {
		last := r.dialogue(r.finiteField(d.facts))
		last.execute(ctx)
		r.keep(last.facts)
	}
	return d.facts
}

// mayRepeat reports that there is time for one more connection to the same
// address, and counts it.
func (r *run) mayRepeat(ctx context.Context, s *Session) bool {
	return !r.req.Alone && ctx.Err() == nil && r.retryAfter(s.Address) == 0
}

func (r *run) keep(sessions ...*Session) {
	for _, s := range sessions {
		r.report.Sessions = append(r.report.Sessions, *s)
	}
}

func (r *run) untried(why UntriedReason, addresses ...netip.Addr) {
	for _, a := range addresses {
		r.report.Lookup.Untried = append(r.report.Lookup.Untried, Untried{a, why})
	}
}

// emit passes an event on, one at a time.
func (r *run) emit(e Event) {
	if r.hooks.Event == nil {
		return
	}
	r.emitting.Lock()
	defer r.emitting.Unlock()
	e.At = time.Since(r.began)
	r.hooks.Event(e)
}
