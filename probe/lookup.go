package probe

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"time"

	"smtptest/probe/guard"
	"smtptest/probe/resolve"
)

// Untried is an address that was not dialled.
type Untried struct {
	Address netip.Addr
	Reason  UntriedReason
}

// UntriedReason says why an address was not dialled.
type UntriedReason string

// The reasons.
const (
	UntriedAnswered    UntriedReason = "answered"     // an earlier address accepted the connection
	UntriedFamily      UntriedReason = "family"       // the request excludes its IP version
	UntriedDenied      UntriedReason = "denied"       // policy forbids it
	UntriedLimit       UntriedReason = "limit"        // maxAddressesTried was reached
	UntriedTime        UntriedReason = "time"         // the run's time was over
	UntriedStopped     UntriedReason = "stopped"      // the test was stopped
	UntriedRateLimited UntriedReason = "rate-limited" // Hooks.Allow allowed no more connections to it
)

// lookup fills in Report.Lookup and returns the addresses to dial, in order.
func (r *run) lookup(ctx context.Context) []netip.Addr {
	all := r.addresses(ctx)
	if len(all) == 0 {
		return nil
	}
	allowed := r.guarded(all) // first: what is closed must not be shown as being of the other IP version
	if len(allowed) == 0 {
		return nil
	}
	wanted := r.ofFamily(allowed)
	if len(wanted) == 0 {
		r.report.Lookup.Failure = &Failure{Phase: PhaseLookup, Kind: KindNoAddress}
	}
	return wanted
}

// addresses are all that the target has, before family and policy.
func (r *run) addresses(ctx context.Context) []netip.Addr {
	if r.req.At.IsValid() {
		return []netip.Addr{r.req.At}
	}
	if a, ok := r.req.Target.Address(); ok {
		return []netip.Addr{a}
	}
	if err := r.local.Policy.CheckName(r.req.Target.Host); err != nil {
		r.report.Lookup.Failure = &Failure{Phase: PhaseGuard, Kind: KindDenied, Detail: denialRule(err)}
		return nil
	}
	r.emit(Event{Phase: PhaseLookup, Limit: lookupLimit})
	return r.ask(ctx, r.req.Target.Host)
}

// ask asks DNS. Only a name without an address is asked about twice.
func (r *run) ask(ctx context.Context, host string) []netip.Addr {
	ctx, cancel := context.WithTimeout(ctx, lookupLimit)
	defer cancel()
	lookup, began := &r.report.Lookup, time.Now()
	lookup.Name = host
	addresses, err := r.resolver().Addresses(ctx, host)
	if len(addresses) > 0 {
		lookup.Addresses, lookup.Answer = addresses, AnswerAddresses
		lookup.Elapsed = time.Since(began)
		return addresses
	}
	lookup.Answer = AnswerTimeout
	if errors.Is(ctx.Err(), context.Canceled) {
		lookup.Answer = AnswerUnknown
	}
	if ctx.Err() == nil {
		r.explain(ctx, r.resolver().Why(ctx, host).After(err))
	}
	lookup.Elapsed = time.Since(began)
	lookup.Failure = &Failure{Phase: PhaseLookup, Kind: KindNoAddress, Detail: r.lookupDetail(err)}
	if errors.Is(ctx.Err(), context.Canceled) {
		lookup.Failure.Kind = KindCanceled
	}
	return nil
}

// explain keeps what DNS said about a name without an address. Where the
// network is closed, only what leads to public servers: other names, and where
// the name server is, are a part of that network.
func (r *run) explain(ctx context.Context, why resolve.Explanation) {
	l := &r.report.Lookup
	l.Answer, l.MXOmitted = Answer(why.Answer), why.MXOmitted
	l.Server, l.Alias = why.Server, why.Alias
	if !r.local.Policy.Open {
		l.Server, why.MX = r.serverKind(why.Server), r.publicMX(ctx, why.MX)
		l.MXOmitted = 0 // it would count what is not shown
		if r.local.Policy.CheckName(why.Alias) != nil {
			l.Alias = ""
		}
	}
	for _, mx := range why.MX {
		l.MX = append(l.MX, MX{mx.Preference, mx.Host})
	}
}

// serverKind names a name server without its address.
func (r *run) serverKind(server string) string {
	switch {
	case server == "":
		return ""
	case r.local.Resolver == nil:
		return "the system's name server"
	}
	return "the name server that the operator chose"
}

// maxMXAsked bounds the further questions to DNS of one test.
const maxMXAsked = 5

// publicMX keeps the mail servers that have an address that may be tested, and
// what is no host name: the null MX, and addresses that may be tested. Nothing
// says whether others were left out.
func (r *run) publicMX(ctx context.Context, all []resolve.MX) []resolve.MX {
	var kept []resolve.MX
	for _, mx := range all[:min(len(all), maxMXAsked)] {
		found, err := []netip.Addr(nil), error(nil)
		if a, bad := netip.ParseAddr(mx.Host); bad == nil {
			found = []netip.Addr{a}
		} else if mx.Host != "." && r.local.Policy.CheckName(mx.Host) == nil {
			found, err = r.resolver().Addresses(ctx, mx.Host)
		}
		public := err == nil && slices.ContainsFunc(found, func(a netip.Addr) bool {
			return r.local.Policy.Check(netip.AddrPortFrom(a, r.req.Target.Port)) == nil
		})
		if public || mx.Host == "." {
			kept = append(kept, mx)
		}
	}
	return kept
}

// lookupDetail is the error of a lookup. Go's text holds the address of the
// name server and our own, so where the network is closed it is said anew.
func (r *run) lookupDetail(err error) string {
	var failed *net.DNSError
	switch {
	case r.local.Policy.Open || !errors.As(err, &failed):
		return detail(err)
	case failed.IsNotFound:
		return "no such host"
	case failed.IsTimeout:
		return "no name server answered in time"
	}
	return "the name server could not answer"
}

func (r *run) resolver() Resolver { return r.local.resolver() }

func (l *Local) resolver() Resolver {
	if l.Resolver != nil {
		return l.Resolver
	}
	return &resolve.Resolver{}
}

// ofFamily leaves out the addresses that the request excludes.
func (r *run) ofFamily(all []netip.Addr) []netip.Addr {
	var wanted []netip.Addr
	for _, a := range all {
		if r.req.Family.Allows(a) {
			wanted = append(wanted, a)
		} else {
			r.untried(UntriedFamily, a)
		}
	}
	return wanted
}

// guarded leaves out the addresses that policy forbids. What it returns is
// dialled as it is: the name is not looked up again.
func (r *run) guarded(all []netip.Addr) []netip.Addr {
	var allowed []netip.Addr
	var denial error
	for _, a := range all {
		if err := r.local.Policy.Check(netip.AddrPortFrom(a, r.req.Target.Port)); err != nil {
			denial = err
			r.conceal(a)
			continue
		}
		allowed = append(allowed, a)
	}
	if len(allowed) == 0 {
		r.report.Lookup.Failure = &Failure{Phase: PhaseGuard, Kind: KindDenied, Detail: denialRule(denial)}
	}
	return allowed
}

// conceal takes a denied address out of the report: a denial must not reveal
// where a name leads. Where everything may be dialled there is nothing to hide.
func (r *run) conceal(a netip.Addr) {
	if r.local.Policy.Open {
		r.untried(UntriedDenied, a)
		return
	}
	l := &r.report.Lookup
	l.Addresses = slices.DeleteFunc(slices.Clone(l.Addresses), func(x netip.Addr) bool { return x == a })
}

// denialRule is the name of the rule alone: a denial must not reveal
// which address a name has.
func denialRule(err error) string {
	var denied *guard.Denied
	if errors.As(err, &denied) {
		return string(denied.Rule)
	}
	return ""
}
