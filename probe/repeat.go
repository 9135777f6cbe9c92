package probe

import (
	"context"
	"slices"
)

// DidBetter reports that a variant passed what the main session failed at; of
// a session that did what was asked, that it showed a certificate for the name
// where that one showed another.
func (s *Session) DidBetter(main *Session) bool {
	if main.Failure == nil {
		return main.TLS != nil && main.TLS.Trust.Name == NameMismatch && s.TLS != nil && s.TLS.Trust.Name == NameMatches
	}
	return slices.ContainsFunc(s.Steps, func(step Step) bool {
		return step.Phase == main.Failure.Phase && step.Outcome == Passed
	})
}

// differing are the variants that repeat the main session with one difference:
// that one of them does better says something only if it does so again, and
// the main session's own form fails again.
var differing = []Variant{VariantLegacy, VariantNoSNI, VariantFamily, VariantEHLO}

// Better is the first variant that did better than the main session; nil: none.
func (r *Report) Better() *Session {
	main := r.Main()
	if main == nil {
		return nil
	}
	for i := range r.Sessions {
		s := &r.Sessions[i]
		if slices.Contains(differing, s.Variant) && s.DidBetter(main) && !(s.Variant == VariantLegacy && s.choseOld()) {
			return s
		}
	}
	return nil
}

// choseOld reports a server that was offered every version and took an old
// one: that is its choice, and no matter of repeating.
func (s *Session) choseOld() bool { return s.TLS.Version < "TLS 1.2" }

// repeat makes the variant that did better once more, and then the main
// session's own form: fails, works otherwise, works otherwise, fails. Servers
// that take turns behind one name do not keep to that order.
func (r *run) repeat(ctx context.Context) {
	better := r.report.Better()
	if better == nil {
		return
	}
	main := *r.report.Main()
	v := r.otherwise(&main, better)
	if s := r.once(ctx, v); s == nil || !s.DidBetter(&main) {
		return
	}
	again := r.followUp(VariantAgain, main.Address, main.Security)
	again.until = v.until
	r.once(ctx, again)
}

// otherwise is the variant that did better, to the point where it did.
func (r *run) otherwise(main, better *Session) variant {
	v := r.followUp(better.Variant, better.Address, main.Security)
	v.until = PhaseHandshake
	if main.Failure != nil {
		v.until = main.Failure.Phase
	}
	if v.until == PhaseHandshake && v.security == SecurityImplicit {
		v.until = PhaseGreeting // a client says nothing before it, see legacy
	}
	v.legacy = better.Variant == VariantLegacy
	switch better.Variant {
	case VariantNoSNI:
		v.sni = ""
	case VariantEHLO:
		v.ehlo = ""
	}
	return v
}

// once carries one more connection out, if there is time and allowance for it.
func (r *run) once(ctx context.Context, v variant) *Session {
	if !timeLeft(ctx, minContrastTime) || r.retryAfter(v.address) > 0 {
		return nil
	}
	d := r.dialogue(v)
	d.execute(ctx)
	r.keep(d.facts)
	return d.facts
}
