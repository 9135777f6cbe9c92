package tlsscan

import (
	"slices"

	"smtptest/probe"
	"smtptest/probe/clienthello"
	"smtptest/probe/registry"
)

// task is a hello with everything that a version has.
func (s *scan) task(asks Question, version uint16) *task {
	h := clienthello.Hello{Offer: clienthello.Everything(version)}
	h.ServerName = s.name
	return &task{asks: asks, hello: h}
}

func where(suites []uint16, is func(registry.Suite) bool) []uint16 {
	return slices.DeleteFunc(slices.Clone(suites), func(n uint16) bool {
		s, _ := registry.SuiteOf(n)
		return !is(s)
	})
}

// plan is made after the first hello, which offered all that there is up to
// TLS 1.2.
func (s *scan) plan(first outcome) {
	offer := clienthello.Everything(TLS13)
	s.chain(TLS13, axes{suites: offer.Suites, groups: offer.Groups}).ask()
	switch {
	case first.agreed():
		s.newest = first.Version
		s.spoken(first.Flight)
		s.suites()
		s.single(s.newest)
		s.order(s.newest)
	case first.refused():
		s.none(TLS12, TLS12)
	}
	if s.newest == SSL30 {
		s.walked = true
		return
	}
	s.walk(max(min(TLS11, s.newest-1), SSL30))
}

// spoken learns from a ServerHello that knows the extensions of old.
func (s *scan) spoken(f clienthello.Flight) {
	s.none(f.Version+1, TLS12)
	r, yes := &s.report, func(extension uint16) Answer { return answer(slices.Contains(f.Extensions, extension)) }
	r.SecureRenegotiation, r.ClientCertificate = yes(clienthello.ExtRenegotiation), answer(f.CertAsked)
	if f.Version > SSL30 {
		r.SessionTicket, r.ExtendedMasterSecret = yes(clienthello.ExtSessionTicket), yes(clienthello.ExtExtendedMasterSecret)
	}
}

func answer(yes bool) Answer {
	if yes {
		return Yes
	}
	return No
}

// none notes that no version from one to another is spoken.
func (s *scan) none(from, to uint16) {
	for number := from; number <= to; number++ {
		s.report.Version(number).Offered = No
	}
}

// suites asks for all that the newest version before TLS 1.3 has. Those with a
// signed exchange over a curve tell three things at once.
func (s *scan) suites() {
	offer := clienthello.Everything(s.newest)
	signed := where(offer.Suites, signedCurve)
	rest := where(offer.Suites, func(x registry.Suite) bool { return !signedCurve(x) })
	three := s.chain(s.newest, axes{suites: signed, groups: offer.Groups, schemes: offer.Schemes})
	one := s.chain(s.newest, axes{suites: rest})
	three.ask()
	one.ask()
}

func signedCurve(s registry.Suite) bool {
	return s.KeyExchange == "ECDHE" && s.Authentication != "anon"
}

// single asks what takes one connection each.
func (s *scan) single(version uint16) {
	if s.name != "" {
		t := s.task(AskNoSNI, version)
		t.hello.ServerName = ""
		t.then = s.withoutSNI
		s.push(t)
	}
	t := s.task(AskALPN, version)
	t.hello.ALPN = true
	t.then = s.alpn
	s.push(t)
}

func (s *scan) withoutSNI(o outcome) {
	switch {
	case o.agreed():
		s.report.WithoutSNI.Agreed = Yes
		if o.Leaf != nil {
			s.report.WithoutSNI.Certificate = fingerprint(o.Leaf)
		}
	case o.refused():
		s.report.WithoutSNI = WithoutSNI{Agreed: No, Failure: o.failure}
	}
}

func (s *scan) alpn(o outcome) {
	const noApplicationProtocol = 120 // RFC 7301 §3.2
	switch {
	case o.agreed() && slices.Contains(o.Extensions, clienthello.ExtALPN):
		s.report.ALPN = ALPNSelected
	case o.agreed() && o.Version < TLS13: // TLS 1.3 answers under encryption
		s.report.ALPN = ALPNIgnored
	case o.refused() && o.failure.Alert == noApplicationProtocol:
		s.report.ALPN = ALPNRefused
	}
}

// order asks with the server's choice put last. The list turned round would say
// more than that: servers with an order of their own still turn to ChaCha20 for a
// client that does not begin with AES.
func (s *scan) order(version uint16) {
	t := s.task(AskOrder, version)
	choice := s.report.Version(version).Suites[0].Number
	t.hello.Suites = append(without(t.hello.Suites, choice), choice)
	t.hello.Extras = version < TLS13 && version > SSL30
	t.then = func(o outcome) {
		if !o.agreed() || o.Version != version {
			return
		}
		s.last[version] = o.Suite
		if t.hello.Extras {
			s.report.Heartbeat = answer(slices.Contains(o.Extensions, clienthello.ExtHeartbeat))
			s.report.Compression = answer(o.Deflate)
		}
	}
	s.push(t)
}

// walk asks for the newest of the versions up to one: usually there is none.
func (s *scan) walk(upTo uint16) {
	t := s.task(AskVersion, upTo)
	t.then = func(o outcome) {
		switch {
		case o.agreed():
			s.none(o.Version+1, upTo)
			s.older = append(s.older, o.Version)
			if o.Version > SSL30 {
				s.walk(o.Version - 1)
				s.beyond()
				return
			}
		case o.refused():
			s.none(SSL30, upTo)
		}
		s.walked = true
		s.beyond()
		s.fallback()
	}
	s.push(t)
}

// maxAsked bounds how many suites of an older version are asked for one by one.
const maxAsked = 12

// beyond asks for the suites of the older versions, as soon as those of the
// newest are known.
func (s *scan) beyond() {
	if s.newest != 0 && s.open[part{s.newest, axisSuites}] > 0 {
		return
	}
	for _, version := range s.older {
		found := s.report.Version(version).Suites[0].Number
		left := without(clienthello.Everything(version).Suites, found)
		var known []uint16
		if s.newest != 0 {
			for _, x := range s.report.Version(s.newest).Suites {
				known = append(known, x.Number)
			}
		}
		expected := slices.DeleteFunc(known, func(n uint16) bool { return !slices.Contains(left, n) })
		if len(expected) > maxAsked {
			s.presumed[version] = expected
			left = without(left, expected...)
		}
		s.chain(version, axes{suites: left}).ask()
	}
	s.older = nil
}

func without(list []uint16, some ...uint16) []uint16 {
	return slices.DeleteFunc(slices.Clone(list), func(n uint16) bool { return slices.Contains(some, n) })
}

// fallback asks whether a client that pretends is refused, once it is known
// which two versions are spoken (RFC 7507 §3).
func (s *scan) fallback() {
	if s.fellBack || !s.walked || s.report.Version(TLS13).Offered == Unknown {
		return
	}
	s.fellBack = true
	var spoken []uint16
	for _, v := range s.report.Versions {
		if v.Offered == Yes {
			spoken = append(spoken, v.Number)
		}
	}
	if len(spoken) < 2 {
		return
	}
	t := s.task(AskFallback, spoken[1])
	t.hello.Fallback = true
	t.then = func(o outcome) {
		const inappropriateFallback = 86
		switch {
		case o.agreed():
			s.report.FallbackSCSV = No
		case o.failure.Kind == probe.KindAlert && o.failure.Alert == inappropriateFallback:
			s.report.FallbackSCSV = Yes
		}
	}
	s.push(t)
}
