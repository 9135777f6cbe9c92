package probe

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"time"

	"smtptest/probe/guard"
	"smtptest/probe/resolve"
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
		why := r.resolver().Why(ctx, host).After(err)
		lookup.Answer = Answer(why.Answer)
		if r.local.Policy.Open { // elsewhere the name server is a part of a network that is closed
			lookup.Server = why.Server
		}
		lookup.Alias, lookup.MXOmitted = why.Alias, why.MXOmitted
		for _, mx := range why.MX {
			lookup.MX = append(lookup.MX, MX{mx.Preference, mx.Host})
		}
	}
	lookup.Elapsed = time.Since(began)
	lookup.Failure = &Failure{Phase: PhaseLookup, Kind: KindNoAddress, Detail: detail(err)}
	if errors.Is(ctx.Err(), context.Canceled) {
		lookup.Failure.Kind = KindCanceled
	}
	return nil
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
