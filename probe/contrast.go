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

// Limits of contrast probes: they must not burden a failing server, nor
// the person wait.
const (
	maxContrasts    = 3               // connections of one run, those that repeat what differed left aside
	contrastLimit   = 5 * time.Second // for a connection: two SYNs are sent again by then
	minContrastTime = 2 * time.Second // of the run's time that must be left to begin one
)

// contrast makes the follow-ups that tell the causes of this outcome apart,
// the cheapest first. A session that did what was asked needs none, and
// neither does one that the server or its guards ended on purpose.
func (r *run) contrast(ctx context.Context, s *Session) []*Session {
	if r.req.Alone || !timeLeft(ctx, minContrastTime) {
		return nil
	}
	wanted := r.variants(s)
	sessions := make([]*Session, len(wanted))
	var all sync.WaitGroup
	var failed atomic.Bool
	for i, v := range wanted {
		d := r.dialogue(v)
		sessions[i] = d.facts
		all.Go(func() {
			defer catch(&failed)
			d.execute(ctx)
		})
	}
	all.Wait()
	rethrow(&failed)
	return sessions
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
		panic("probe: a follow-up panicked")
	}
}

func timeLeft(ctx context.Context, d time.Duration) bool {
	end, ok := ctx.Deadline()
	return ctx.Err() == nil && (!ok || time.Until(end) >= d)
}

// variants lists what is worth comparing, within policy and budget.
func (r *run) variants(s *Session) []variant {
	all := r.comparable(s)
	all = slices.DeleteFunc(all, func(v variant) bool { return r.local.Policy.Check(v.address) != nil })
	all = all[:min(len(all), maxContrasts)]
	return slices.DeleteFunc(all, func(v variant) bool { return r.retryAfter(v.address) > 0 })
}

// comparable lists what differs from this session in the one thing that may
// be the cause of its outcome.
func (r *run) comparable(s *Session) []variant {
	for _, c := range contrasts {
		if c.fits(s) {
			return c.variants(r, s)
		}
	}
	return nil
}

// contrasts are the outcomes after which a comparison can tell causes apart.
// No outcome fits two of them.
var contrasts = []contrast{
	{"", nil, nil, (*run).identities},
	{PhaseConnect, []Kind{KindRefused, KindTimeout}, nil, ports(587, 465, 25, 2525)},
	{PhaseGreeting, []Kind{KindClosed, KindReset}, nil, (*run).familyAndPorts},
	{PhaseSTARTTLS, []Kind{KindNotOffered}, nil, ports(465)},
	{PhaseSTARTTLS, []Kind{KindReply}, commandRefused, ports(465)},
	{PhaseHandshake, []Kind{KindNotTLS}, speaksSMTP, (*run).upgrade},
	{PhaseHandshake, []Kind{KindAlert}, nameUnknown, (*run).identities},
	{PhaseEHLO, []Kind{KindReply}, nameRefused, (*run).literal},
}

// contrast is one such outcome, and what is then tried.
type contrast struct {
	phase    Phase               // in which the session failed; empty: it did not
	kinds    []Kind              // of the failure
	when     func(*Session) bool // nil: always
	variants func(*run, *Session) []variant
}

func (c contrast) fits(s *Session) bool {
	if s.Failure == nil {
		return c.phase == ""
	}
	return c.phase == s.Failure.Phase && slices.Contains(c.kinds, s.Failure.Kind) && (c.when == nil || c.when(s))
}

// speaksSMTP reports that what came instead of TLS may be an SMTP reply:
// anything else has shown already that STARTTLS would not help.
func speaksSMTP(s *Session) bool {
	return s.Security == SecurityImplicit && replyCode(s.Failure.Octets)
}

// commandRefused reports a reply about the command or its argument. Others may
// be about us, as all with an enhanced code of policy (RFC 3463 §3.8): then
// nothing more is asked of this server.
func commandRefused(s *Session) bool {
	r := s.Failure.Reply
	return r.Code >= 500 && r.Code <= 504 && r.Enhanced.Subject != 7
}

// nameRefused reports a reply to EHLO that may be about its argument: 500 and
// 502 are about the command, and an address literal was tried already.
func nameRefused(s *Session) bool {
	code := s.Failure.Reply.Code
	return commandRefused(s) && code != 500 && code != 502 && s.STARTTLS == nil &&
		s.Hello().Name != smtp.AddressLiteral(s.Source.Addr())
}

func nameUnknown(s *Session) bool { return s.Failure.Alert == alertUnrecognizedName }

const alertUnrecognizedName = 112 // RFC 6066 §3

func (r *run) upgrade(s *Session) []variant { return []variant{r.startTLS(s)} }

func (r *run) literal(s *Session) []variant { return []variant{r.literalEHLO(s)} }

// ports ask other mail ports of the same address whether they answer.
func ports(all ...uint16) func(*run, *Session) []variant {
	return func(r *run, s *Session) []variant {
		var out []variant
		for _, p := range all {
			if p != s.Address.Port() {
				out = append(out, r.otherPort(s, p))
			}
		}
		return out
	}
}

// familyAndPorts ask the first address of the other IP version, and the two
// ports of submission.
func (r *run) familyAndPorts(s *Session) []variant {
	return append(r.families(s), ports(587, 465)(r, s)...)
}

func (r *run) families(s *Session) []variant {
	if r.req.Family != FamilyAny {
		return nil
	}
	for _, a := range r.report.Lookup.Addresses {
		if a.Is4() != s.Address.Addr().Is4() && !r.tried(a) {
			return []variant{r.followUp(VariantFamily, netip.AddrPortFrom(a, s.Address.Port()), s.Security)}
		}
	}
	return nil
}

// tried reports an address that this run has dialled for the request itself.
func (r *run) tried(a netip.Addr) bool {
	return slices.ContainsFunc(r.report.Sessions, func(s Session) bool {
		return s.Variant == VariantMain && s.Address.Addr() == a
	})
}

// identities ask what the server shows to a client that names no host, where
// the certificate or the server does not know the name.
func (r *run) identities(s *Session) []variant {
	if s.TLS == nil || s.TLS.ServerName == "" || s.Failure == nil && s.TLS.Trust.Name != NameMismatch {
		return nil
	}
	return []variant{r.noSNI(s)}
}
