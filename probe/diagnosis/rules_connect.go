package diagnosis

import (
	"fmt"
	"strings"

	"smtptest/probe"
)

// connectRules judge the TCP connection.
func connectRules() []rule {
	return []rule{
		{
			id: ConnectRefused, reference: "RFC 9293 §3.10.7.1",
			title:  "Nothing listens on this port",
			advice: "Check the port; if it is right, start the mail service or make it listen on this address.",
			match: func(s *session) *result {
				if !s.failedAt(probe.PhaseConnect, probe.KindRefused) {
					return nil
				}
				return s.because("%s is reachable and refused the connection to port %d: "+
					"no service listens there, or a firewall rejects.%s%s",
					s.address().Addr(), s.port(), s.portOpen(), s.otherAddresses())
			},
		},
		{
			id: ConnectTimeout, owner: OwnerNetwork, confidence: Likely, reference: "RFC 5321 §4.5.4.1",
			title: "No answer to the connection attempt",
			match: connectTimeout,
		},
		{
			id: ConnectUnreachable, owner: OwnerNetwork, confidence: Likely, reference: "RFC 1122 §3.2.2.1",
			title: "There is no route to the server",
			match: unreachable,
		},
		{
			id: ConnectLocal, owner: OwnerOperator, reference: "RFC 1122 §4.2.4", inconclusive: true,
			title:  "This machine could not open the connection",
			advice: "Check this machine's own firewall and limits, then test again.",
			match: func(s *session) *result {
				if !s.failedAt(probe.PhaseConnect, probe.KindLocal) {
					return nil
				}
				return s.because("This machine's own firewall or limits forbade the connection to "+
					"%s (%s); nothing was sent.", s.address(), s.failure.Detail)
			},
		},
		{
			id: AddressDead, severity: Warning, confidence: Likely, reference: "RFC 5321 §5.1",
			title: "Not every address of the name answers",
			match: addressDead,
		},
		{
			id: IPv6Untested, severity: Info, owner: OwnerOperator, confidence: Likely, reference: "RFC 5321 §5.2",
			title:  "IPv6 was not tested",
			advice: "Test IPv6 from a machine that has it.",
			match:  ipv6Untested,
		},
	}
}

func connectTimeout(s *session) *result {
	if !s.failedAt(probe.PhaseConnect, probe.KindTimeout) {
		return nil
	}
	res := s.because("%s sent nothing back for %s: the packets are dropped on the way, or the host is down.%s%s",
		s.address(), probe.Duration(s.failure.Limit), s.portOpen(), s.otherAddresses())
	res.advice = "Check the address, and the firewalls between here and there."
	if s.port() == 25 && s.portOpen() == "" {
		res.explanation += " Many networks and clouds block outgoing port 25; whether this one does was not tested."
		res.advice = "Ask whether this network allows outgoing port 25; clients should use 587 or 465."
	}
	if s.allPortsSilent() {
		res.advice = "No mail port answers: check the address, then whether the host is up, then the firewalls between."
	}
	return res
}

// allPortsSilent reports that other mail ports of the address were tried and
// sent nothing back either; a port that refuses would show a host that is up.
func (s *session) allPortsSilent() bool {
	compared := false
	for i := range s.report.Sessions {
		other := &s.report.Sessions[i]
		if other.Variant != probe.VariantPort {
			continue
		}
		if f := other.Failure; f == nil || f.Phase != probe.PhaseConnect || f.Kind != probe.KindTimeout {
			return false
		}
		compared = true
	}
	return compared
}

func unreachable(s *session) *result {
	if !s.failedAt(probe.PhaseConnect, probe.KindUnreachable) {
		return nil
	}
	a := s.address().Addr()
	if a.Is6() {
		res := s.because("This machine has no IPv6 route to %s, so nothing can be said about the server over IPv6.", a)
		res.owner, res.advice = OwnerOperator, "Test over IPv4, or from a machine with IPv6."
		res.fix = Fix{Family: probe.FamilyIP4}
		res.inconclusive = true
		return res
	}
	res := s.because("The network reports that %s cannot be reached.%s", a, s.otherAddresses())
	res.advice = "Check the address and the routing to that network."
	return res
}

// addressDead names the addresses that were tried before one answered.
func addressDead(s *session) *result {
	if s.main == nil || !s.main.Source.IsValid() {
		return nil
	}
	failed, at := s.deadAddresses()
	if len(failed) == 0 {
		return nil
	}
	return &result{
		explanation: fmt.Sprintf("%s did not accept the connection; %s did. "+
			"Clients that try the first address wait or give up.", strings.Join(failed, ", "), s.address().Addr()),
		evidence: s.evidenceIn(at, probe.PhaseConnect),
		advice: "Make the service listen on every address of the name, " +
			"or take those that do not answer out of DNS.",
	}
}

// deadAddresses are the addresses, other than the one that is judged, that
// did not accept the connection, and the first one's session. What this
// machine could not even try says nothing about the server.
func (s *session) deadAddresses() (words []string, at int) {
	for i := range s.report.Sessions {
		other := &s.report.Sessions[i]
		f := other.Failure
		if i == s.index || other.Variant != probe.VariantMain || f == nil || f.Phase != probe.PhaseConnect ||
			f.Kind == probe.KindLocal || noIPv6Here(other) {
			continue
		}
		if len(words) == 0 {
			at = i
		}
		words = append(words, fmt.Sprintf("%s (%s)", other.Address.Addr(), other.Failure.Words()))
	}
	return words, at
}

// otherAddresses says what became of the name's other addresses when none
// accepted the connection.
func (s *session) otherAddresses() string {
	var said string
	if failed, _ := s.deadAddresses(); len(failed) > 0 {
		said = " Nor was there a connection to " + strings.Join(failed, ", ") + "."
	}
	var untried []string
	for _, u := range s.report.Lookup.Untried {
		if u.Reason == probe.UntriedLimit || u.Reason == probe.UntriedTime {
			untried = append(untried, u.Address.String())
		}
	}
	if len(untried) > 0 {
		said += " Not tried: " + strings.Join(untried, ", ") + "."
	}
	return said
}

// ipv6Untested says that an address was left out because of this machine.
func ipv6Untested(s *session) *result {
	if s.main == nil || noIPv6Here(s.main) {
		return nil
	}
	for i := range s.report.Sessions {
		if other := &s.report.Sessions[i]; other.Variant == probe.VariantMain && noIPv6Here(other) {
			return &result{
				explanation: fmt.Sprintf("There is no route from here to %s, so nothing is known "+
					"about the server over IPv6.", other.Address.Addr()),
				evidence: s.evidenceIn(i, probe.PhaseConnect),
			}
		}
	}
	return nil
}
