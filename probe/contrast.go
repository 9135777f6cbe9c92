package probe

import (
	"context"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"smtptest/probe/smtp"
)

// Limits of contrast probes: they must not make a sick server sicker, nor
// the person wait.
const (
	maxContrasts    = 3               // connections of one run
	contrastLimit   = 5 * time.Second // for a connection and for a greeting: a port that works answers soon
	minContrastTime = 2 * time.Second // of the run's time that must be left to begin one
)

// variant is one way to look again.
type variant struct {
	look     Variant
	to       netip.AddrPort
	security Security
}

// contrast makes the second looks that tell the causes of this outcome
// apart, the cheapest first. A session that did what was asked asks for none,
// and neither does one that the server or its guards ended on purpose.
func (r *run) contrast(ctx context.Context, s *Session) []*Session {
	if !timeLeft(ctx, minContrastTime) {
		return nil
	}
	wanted := r.variants(s)
	looks := make([]*Session, len(wanted))
	var all sync.WaitGroup
	var failed atomic.Bool
	for i, v := range wanted {
		d := r.dialogue(v.to, v.look, v.security)
		looks[i] = d.facts
		all.Go(func() {
			defer catch(&failed)
			d.hold(ctx)
		})
	}
	all.Wait()
	rethrow(&failed)
	return looks
}

// catch keeps a panic beside the run from ending the whole program; rethrow
// lets it go on in the run's own goroutine, whose caller may survive it. The
// value is dropped: it may quote anything.
func catch(failed *atomic.Bool) {
	if recover() != nil {
		failed.Store(true)
	}
}

func rethrow(failed *atomic.Bool) {
	if failed.Load() {
		panic("probe: a second look panicked")
	}
}

func timeLeft(ctx context.Context, d time.Duration) bool {
	end, ok := ctx.Deadline()
	return ctx.Err() == nil && (!ok || time.Until(end) >= d)
}

// variants lists what is worth comparing, within policy and budget.
func (r *run) variants(s *Session) []variant {
	var all []variant
	switch f := s.Failure; {
	case f == nil:
		all = r.identityVariants(s)
	case f.Phase == PhaseConnect && (f.Kind == KindRefused || f.Kind == KindTimeout):
		all = r.portVariants(s, 587, 465, 25, 2525)
	case f.Phase == PhaseGreeting && (f.Kind == KindClosed || f.Kind == KindReset):
		all = append(r.familyVariants(s), r.portVariants(s, 587, 465)...)
	case f.Kind == KindNotTLS && f.Phase == PhaseHandshake && s.Security == SecurityImplicit && beginsWithCode(f.Octets):
		all = []variant{{VariantUpgrade, s.Address, SecuritySTARTTLS}}
	case f.Phase == PhaseSTARTTLS && (f.Kind == KindNotOffered || f.Kind == KindReply && judgesCommand(f.Reply)):
		all = r.portVariants(s, 465)
	case f.Phase == PhaseHandshake && f.Kind == KindAlert && f.Alert == alertUnrecognizedName:
		all = r.identityVariants(s)
	case f.Phase == PhaseEHLO && f.Kind == KindReply && judgesCommand(f.Reply) && f.Reply.Code != 500 && f.Reply.Code != 502 && s.Hello().Name != smtp.AddressLiteral(s.Source.Addr()):
		all = []variant{{VariantEHLO, s.Address, s.Security}}
	}
	all = slices.DeleteFunc(all, func(v variant) bool { return r.local.Policy.Check(v.to) != nil })
	all = all[:min(len(all), maxContrasts)]
	return slices.DeleteFunc(all, func(v variant) bool { return r.wait(v.to) > 0 })
}

// beginsWithCode reports what may be an SMTP server's word: anything else has
// shown already that STARTTLS would not help.
func beginsWithCode(octets string) bool {
	return len(octets) >= 3 && octets[0] >= '2' && octets[0] <= '5' && octets[1] >= '0' && octets[1] <= '9' && octets[2] >= '0' && octets[2] <= '9'
}

// judgesCommand reports a reply about the command or its argument. Others may
// be about us, as all with an enhanced code of policy (RFC 3463 §3.8): then
// nothing more is asked of this server.
func judgesCommand(r *smtp.Reply) bool {
	return r.Code >= 500 && r.Code <= 504 && r.Enhanced.Subject != 7
}

const alertUnrecognizedName = 112 // RFC 6066 §3

// portVariants ask other mail ports of the same address whether they answer.
func (r *run) portVariants(s *Session, ports ...uint16) []variant {
	var all []variant
	for _, p := range ports {
		if p == s.Address.Port() {
			continue
		}
		security := SecurityNone
		if implicitPort(p) {
			security = SecurityImplicit
		}
		all = append(all, variant{VariantPort, netip.AddrPortFrom(s.Address.Addr(), p), security})
	}
	return all
}

// familyVariants ask the first address of the other IP version.
func (r *run) familyVariants(s *Session) []variant {
	if r.req.Family != FamilyAny {
		return nil
	}
	for _, a := range r.report.Lookup.Addresses {
		if a.Is4() != s.Address.Addr().Is4() && !r.tried(a) {
			return []variant{{VariantFamily, netip.AddrPortFrom(a, s.Address.Port()), s.Security}}
		}
	}
	return nil
}

// tried reports an address that this run has dialled for the request itself.
func (r *run) tried(a netip.Addr) bool {
	return slices.ContainsFunc(r.report.Sessions, func(s Session) bool { return s.Variant == VariantMain && s.Address.Addr() == a })
}

// identityVariants ask what the server shows to a client that names no host:
// some MTAs send no SNI (RFC 7672 §8.1).
func (r *run) identityVariants(s *Session) []variant {
	if s.TLS == nil || s.TLS.ServerName == "" {
		return nil
	}
	if s.Failure == nil && s.TLS.Trust.Name != NameMismatch {
		return nil
	}
	return []variant{{VariantNoSNI, s.Address, s.Security}}
}
