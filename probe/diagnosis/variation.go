package diagnosis

import (
	"net/netip"
	"strings"

	"smtptest/probe"
	"smtptest/probe/smtp"
)

// Variation is the one change of a request that fits a failure best. Its zero
// fields leave the request as it is.
type Variation struct {
	Host     string         // test this host instead: a mail exchanger from DNS, checked as a domain name
	Port     uint16         // test this port instead
	Security probe.Security // protect the session this way instead
	Family   probe.Family   // use this IP version only
	EHLOName string         // introduce us by this name
}

// Next is what to try after this report. It goes by what a variant saw
// working, or by what DNS said, never by hope; the zero Variation means that
// there is nothing.
func Next(j Judged) Variation {
	r := j.Report
	switch {
	case j.Verdict.Outcome == NotTested:
		return Variation{}
	case r.Main() == nil:
		return exchangerOf(r)
	case r.Main().Failure == nil:
		return Variation{}
	}
	intermittent := newSession(r).repeated() == repeatedElse
	for i := range r.Sessions {
		if intermittent && r.Sessions[i].DidBetter(r.Main()) {
			continue // what worked once is not the difference
		}
		if v := learned(r, &r.Sessions[i]); v != (Variation{}) {
			return v
		}
	}
	return familyLeft(r)
}

// Of is the request with the change made.
func (v Variation) Of(r probe.Request) probe.Request {
	if v.Host != "" {
		r.Target.Host, r.At = v.Host, netip.Addr{}
	}
	if v.Port != 0 {
		r.Target.Port, r.Security = v.Port, probe.SecurityAuto
	}
	if v.Security != "" {
		r.Security = v.Security
	}
	if v.Family != probe.FamilyAny {
		r.Family = v.Family
	}
	if v.EHLOName != "" {
		r.EHLOName = v.EHLOName
	}
	return r
}

// exchangerOf is the first mail exchanger of a domain that has no address of
// its own (RFC 5321 §5.1).
func exchangerOf(r *probe.Report) Variation {
	for _, mx := range r.Lookup.MX {
		host, err := smtp.ParseDomain(mx.Host)
		if _, noAddress := netip.ParseAddr(mx.Host); err != nil || noAddress == nil {
			continue
		}
		if strings.Contains(host, ".") && host != r.Request.Target.Host {
			return Variation{Host: host, Port: 25}
		}
	}
	return Variation{}
}

// learned is what a variant found to work.
func learned(r *probe.Report, s *probe.Session) Variation {
	greeted := s.Greeting != nil && s.Greeting.Code == 220
	switch s.Variant {
	case probe.VariantPort:
		if greeted {
			return Variation{Port: s.Address.Port()}
		}
	case probe.VariantTLS:
		if greeted { // what begins with TLS may still be another protocol
			return Variation{Security: probe.SecurityImplicit}
		}
	case probe.VariantUpgrade:
		if s.TLS != nil && s.TLS.Complete {
			return Variation{Security: probe.SecuritySTARTTLS}
		}
	case probe.VariantFamily:
		if greeted {
			return Variation{Family: familyOf(s.Address.Addr())}
		}
	case probe.VariantEHLO:
		if s.Failure == nil && r.Request.EHLOName != "" {
			return Variation{EHLOName: smtp.AddressLiteral(s.Source.Addr())}
		}
	}
	return Variation{}
}

// familyLeft is the other IP version, where the failure was to connect over
// one of them and an address of the other was not tried.
func familyLeft(r *probe.Report) Variation {
	main := r.Main()
	if main.Failure.Phase != probe.PhaseConnect || r.Request.Family != probe.FamilyAny {
		return Variation{}
	}
	for _, u := range r.Lookup.Untried {
		if u.Reason != probe.UntriedDenied && familyOf(u.Address) != familyOf(main.Address.Addr()) {
			return Variation{Family: familyOf(u.Address)}
		}
	}
	return Variation{}
}

func familyOf(a netip.Addr) probe.Family {
	if a.Unmap().Is4() {
		return probe.FamilyIP4
	}
	return probe.FamilyIP6
}
