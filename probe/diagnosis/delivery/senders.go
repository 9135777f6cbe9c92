package delivery

import (
	"slices"

	"smtptest/probe"
	"smtptest/probe/dane"
	"smtptest/probe/diagnosis"
	"smtptest/probe/dnssec"
	"smtptest/probe/domain"
	"smtptest/probe/guard"
	"smtptest/probe/mtasts"
	"smtptest/probe/resolve"
)

// Outcome is what a sender does with a message.
type Outcome string

// The outcomes, the best first.
const (
	Verified  Outcome = "verified"  // delivers over TLS, and knows with whom
	Encrypted Outcome = "encrypted" // delivers over TLS, with whoever answers
	Clear     Outcome = "clear"     // delivers without TLS
	Waits     Outcome = "waits"     // keeps the message and tries again
	Bounces   Outcome = "bounces"   // of a domain: no server takes it, so it comes back after days
	Returns   Outcome = "returns"   // of a domain: DNS says that there is no server, so it comes back at once
	Skips     Outcome = "skips"     // of a server: the sender's policy leaves it out
	Depends   Outcome = "depends"   // it waits if its resolver validates DNSSEC, and delivers if not
	Unknown   Outcome = "unknown"   // the server was not tested from here
)

// Delivers reports that the message arrives.
func (o Outcome) Delivers() bool { return o == Verified || o == Encrypted || o == Clear }

// Kind is a kind of sending server.
type Kind struct {
	ID   string
	DANE bool // insists on TLSA records where DNSSEC proves them (RFC 7672)
	STS  bool // insists on the domain's MTA-STS policy (RFC 8461)
	// AnyMX: of DANE, uses signed TLSA records of a server that unsigned MX records name, too.
	AnyMX bool
	// Validates: its resolver is known to validate DNSSEC. MayValidate: that is not known. Neither: it does not.
	Validates, MayValidate bool
	Source                 string
}

// Kinds are the senders that are told apart.
func Kinds() []Kind {
	return []Kind{
		{ID: "opportunistic", Source: "RFC 7435; https://www.postfix.org/TLS_README.html#client_tls_may"},
		{ID: "validating", Validates: true, Source: "RFC 4035 §5.5; RFC 5321 §5.1"},
		{
			// Its smtp_tls_dane_insecure_mx_policy is "dane" since 3.6.
			ID: "postfix-dane", DANE: true, AnyMX: true, Validates: true,
			Source: "RFC 7672; https://www.postfix.org/TLS_README.html#client_tls_dane",
		},
		{
			ID: "microsoft-365", DANE: true, STS: true, Validates: true,
			Source: "https://learn.microsoft.com/purview/how-smtp-dane-works",
		},
		{ID: "gmail", STS: true, MayValidate: true, Source: "https://support.google.com/a/answer/9261504"},
		{ID: "mta-sts", STS: true, MayValidate: true, Source: "RFC 8461 §5"},
	}
}

// Sender is what one kind does.
type Sender struct {
	Kind   Kind
	Hosts  []Outcome // for each of the report's hosts
	Domain Outcome
}

func senders(r *domain.Report) []Sender {
	var out []Sender
	for _, kind := range Kinds() {
		if kind.ID == "validating" && !refusedSomewhere(r) { // then it does what those do that validate nothing
			continue
		}
		s := Sender{Kind: kind}
		for i := range r.Hosts {
			s.Hosts = append(s.Hosts, kind.host(r, &r.Hosts[i]))
		}
		s.Domain = whole(r, s.Hosts)
		out = append(out, s)
	}
	return out
}

// whole is the outcome for the domain: a sender goes from the preferred server
// to the next until one takes the message (RFC 5321 §5.1).
func whole(r *domain.Report, hosts []Outcome) Outcome {
	unknown, depends := len(hosts) == 0 && !definite(r), false
	for _, o := range hosts {
		if o.Delivers() {
			return o
		}
		unknown, depends = unknown || o == Unknown, depends || o == Depends
	}
	switch {
	case unknown:
		return Unknown
	case depends:
		return Depends
	case nowhere(r):
		return Returns
	}
	return Bounces
}

// nowhere reports that DNS names no server with an address, for certain: waiting
// would change nothing (RFC 5321 §5.1).
func nowhere(r *domain.Report) bool {
	return r.MX.Outcome != resolve.Bogus && !slices.ContainsFunc(r.Hosts, func(h domain.Host) bool {
		return h.Denied != "" || h.Outcome != resolve.NoName && h.Outcome != resolve.NoData || broken(h.Proof)
	}) && !broken(r.MX.Proof)
}

// definite reports that DNS has answered the question for servers.
func definite(r *domain.Report) bool {
	o := r.MX.Outcome
	return o == "" || o == resolve.NoName || o == resolve.NoData || o == resolve.Bogus
}

// host is the outcome for one server, where DNS gives it to the sender.
func (k Kind) host(r *domain.Report, h *domain.Host) Outcome {
	o := k.server(r, h)
	switch mx := r.MX.Proof; {
	case broken(mx) || broken(h.Proof):
		if k.Validates {
			return Waits
		}
		if k.MayValidate && o.Delivers() {
			return Depends
		}
	case refused(mx) || refused(h.Proof): // by the name server here; others may think otherwise
		if (k.Validates || k.MayValidate) && o.Delivers() {
			return Depends
		}
	}
	return o
}

// server is the outcome for one server: the best of its addresses, for a sender
// tries them all.
func (k Kind) server(r *domain.Report, h *domain.Host) Outcome {
	if h.Literal || len(h.Addresses) == 0 {
		return unreachable(h)
	}
	best := Waits
	for i := range h.Addresses {
		o := k.address(r, h, &h.Addresses[i])
		if better(o, best) {
			best = o
		}
	}
	return best
}

// unreachable is the outcome for a server without an address that was tested.
func unreachable(h *domain.Host) Outcome {
	closedHere := h.Denied != "" && !notPublic(h.Denied)
	switch {
	case closedHere, h.Outcome == resolve.Timeout, h.Outcome == resolve.ServFail, h.Outcome == resolve.Unknown:
		return Unknown
	}
	return Waits
}

// notPublic reports a guard's rule about addresses that nobody outside can reach.
func notPublic(rule string) bool {
	switch guard.Rule(rule) {
	case guard.RulePrivate, guard.RuleLoopback, guard.RuleLinkLocal, guard.RuleShared, guard.RuleUnspecified,
		guard.RuleDocumentation, guard.RuleMulticast, guard.RuleBroadcast:
		return true
	}
	return false
}

// better prefers what delivers, and an unknown to a failure: no server is
// called down that was not asked.
func better(a, b Outcome) bool {
	order := map[Outcome]int{Verified: 6, Encrypted: 5, Clear: 4, Depends: 3, Unknown: 2, Skips: 1, Waits: 0}
	return order[a] > order[b]
}

// address is the outcome for one address.
func (k Kind) address(r *domain.Report, h *domain.Host, a *domain.Address) Outcome {
	s := a.Session()
	switch {
	case s == nil || inconclusive(s) || cutOff(r, s):
		return Unknown
	case s.Failure != nil && s.Hello() == nil:
		return Waits
	}
	o := k.insists(r, h, a)
	if o == Waits && oursAlone(s) {
		return Unknown
	}
	return o
}

// insists is the outcome for an address that answers, by what the sender
// insists on.
func (k Kind) insists(r *domain.Report, h *domain.Host, a *domain.Address) Outcome {
	s := a.Session()
	if k.DANE {
		if o, decided := k.dnssecSays(r, h, a); decided {
			return o
		}
	}
	if k.STS && r.STS.Policy != nil && r.STS.Policy.Mode == mtasts.Enforce {
		switch {
		case !r.STS.Policy.Covers(h.Name):
			return Skips
		case complete(s) && s.TLS.Trust.Trusted():
			return Verified
		}
		return Waits
	}
	if complete(s) {
		return Encrypted
	}
	return Clear // without STARTTLS, or after a failed handshake on the next try
}

// complete reports a finished handshake.
func complete(s *probe.Session) bool { return s.TLS != nil && s.TLS.Complete }

// oursAlone reports a handshake that failed over what this client does not
// offer or cannot read: older versions, finite-field Diffie-Hellman, an odd
// certificate. With other clients it may succeed (RFC 8446 §6.2).
func oursAlone(s *probe.Session) bool {
	const handshakeFailure, protocolVersion, insufficientSecurity = 40, 70, 71
	if s.TLS == nil || s.TLS.Complete {
		return false
	}
	f := s.Failure
	return s.TLS.Refused != "" || f != nil && f.Kind == probe.KindAlert &&
		(f.Alert == handshakeFailure || f.Alert == protocolVersion || f.Alert == insufficientSecurity)
}

// cutOff reports a session that never reached its server, where nothing else
// could be reached from here either, or where all servers are silent and nobody
// asked whether this network lets port 25 out.
func cutOff(r *domain.Report, s *probe.Session) bool {
	f := s.Failure
	if f == nil || f.Phase != probe.PhaseConnect || f.Kind != probe.KindTimeout && f.Kind != probe.KindRefused {
		return false
	}
	if len(r.Control) > 0 {
		return diagnosis.NoWayOut(r.Control)
	}
	return len(which(places(r), func(p place) bool { return !timedOut(p.session) })) == 0
}

func timedOut(s *probe.Session) bool {
	return s.Failure != nil && s.Failure.Phase == probe.PhaseConnect && s.Failure.Kind == probe.KindTimeout
}

// inconclusive reports a session that says nothing about the server: it was
// refused because of who asked, or ended by this side.
func inconclusive(s *probe.Session) bool {
	f := s.Failure
	if f == nil {
		return false
	}
	switch f.Kind {
	case probe.KindRunTimeout, probe.KindCanceled, probe.KindLocal, probe.KindRateLimited, probe.KindDenied,
		probe.KindUnreachable:
		return true
	case probe.KindReply:
		// A server that refuses this client may welcome others (RFC 5321 §3.1).
		return f.Phase == probe.PhaseGreeting || f.Phase == probe.PhaseEHLO
	}
	return false
}

// dnssecSays is the outcome for a sender with DANE (RFC 7672 §2.2). It is
// undecided where TLSA records do not apply, and Unknown where they would stop
// the sender and this place cannot tell whether they apply.
func (k Kind) dnssecSays(r *domain.Report, h *domain.Host, a *domain.Address) (Outcome, bool) {
	mx := r.MX.Proof
	switch {
	case unsigned(basis(h)) || unsigned(h.TLSA.Proof) || unsigned(mx) && !k.AnyMX:
		return "", false
	}
	certain := proven(basis(h)) && (proven(mx) || k.AnyMX)
	o := records(h, a)
	switch {
	case o == Waits && !certain:
		return Unknown, true
	case o == Verified && !certain:
		return "", false
	case o == Verified && !proven(mx): // the name of the server may be forged
		return Encrypted, true
	}
	return o, o != ""
}

// records is what the TLSA records of a server ask of a sender, empty: nothing.
func records(h *domain.Host, a *domain.Address) Outcome {
	t := h.TLSA
	switch {
	case broken(t.Proof) || t.Outcome == resolve.ServFail:
		return Waits
	case refused(t.Proof):
		return Depends
	case t.Outcome == resolve.Timeout || t.Outcome == resolve.Unknown: // of the name server here
		return Unknown
	case len(t.Records) == 0:
		return ""
	case complete(a.Session()) && a.DANE.Result == dane.Unusable: // they ask for TLS alone (RFC 7672 §2.2)
		return ""
	case complete(a.Session()) && a.DANE.Result == dane.Matches:
		if proven(t.Proof) {
			return Verified
		}
		return ""
	case !proven(t.Proof) || complete(a.Session()) && a.DANE.Result == dane.NotCompare:
		return Unknown
	}
	return Waits
}

// basis is the proof that decides whether a server's TLSA records apply: that of
// its addresses or, where those are not signed, that of the alias which its name
// is (RFC 7672 §2.2.2).
func basis(h *domain.Host) dnssec.Proof {
	if unsigned(h.Proof) && h.Alias.Status != "" {
		return h.Alias
	}
	return h.Proof
}

func unsigned(p dnssec.Proof) bool { return p.Status == dnssec.Insecure }

func proven(p dnssec.Proof) bool { return p.Status == dnssec.Secure || p.Status == dnssec.Said }

// broken reports signatures that no validating resolver takes.
func broken(p dnssec.Proof) bool { return p.Status == dnssec.Bogus && !refused(p) }

// refused reports an answer that the name server here holds back, and in which
// no fault was found here.
func refused(p dnssec.Proof) bool {
	return p.Status == dnssec.Bogus && (p.Reason == dnssec.ReasonServer || p.Reason == dnssec.ReasonRefused)
}

// refusedSomewhere reports that a sender whose resolver validates may not learn
// where a server is.
func refusedSomewhere(r *domain.Report) bool {
	return r.MX.Proof.Status == dnssec.Bogus || slices.ContainsFunc(r.Hosts, func(h domain.Host) bool {
		return h.Proof.Status == dnssec.Bogus
	})
}
