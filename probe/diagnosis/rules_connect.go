package diagnosis

import (
	"fmt"
	"strings"
	"time"

	"smtptest/probe"
)

// connectEntries judge the TCP connection.
func connectEntries() []entry {
	return []entry{
		{
			id: ConnectRefused, severity: Error, owner: OwnerServer, confidence: Certain, reference: "RFC 9293 §3.10.7.1",
			title:  "Nothing listens on this port",
			advice: "Check the port; if it is right, start the mail service or make it listen on this address.",
			seen: func(v *view) *match {
				if !v.failedAt(probe.PhaseConnect, probe.KindRefused) {
					return nil
				}
				return v.because("%s is reachable and refused the connection to port %d: no service listens there, or a firewall rejects.%s", v.address().Addr(), v.port(), v.otherAddresses())
			},
		},
		{
			id: ConnectTimeout, severity: Error, owner: OwnerNetwork, confidence: Likely, reference: "RFC 5321 §4.5.4.1",
			title: "No answer to the connection attempt",
			seen:  connectTimeout,
		},
		{
			id: ConnectUnreachable, severity: Error, owner: OwnerNetwork, confidence: Likely, reference: "RFC 1122 §3.2.2.1",
			title: "There is no route to the server",
			seen:  unreachable,
		},
		{
			id: ConnectLocal, severity: Error, owner: OwnerSender, confidence: Certain, reference: "RFC 1122 §4.2.4", inconclusive: true,
			title:  "This machine could not open the connection",
			advice: "Check this machine's own firewall and limits, then test again.",
			seen: func(v *view) *match {
				if !v.failedAt(probe.PhaseConnect, probe.KindLocal) {
					return nil
				}
				return v.because("This machine's own firewall or limits forbade the connection to %s (%s); nothing was sent.", v.address(), v.failure.Detail)
			},
		},
		{
			id: AddressDead, severity: Warning, owner: OwnerServer, confidence: Likely, reference: "RFC 5321 §5.1",
			title: "Not every address of the name answers",
			seen:  addressDead,
		},
		{
			id: IPv6Untested, severity: Info, owner: OwnerSender, confidence: Likely, reference: "RFC 5321 §5.2",
			title:  "IPv6 was not tested",
			advice: "Test IPv6 from a machine that has it.",
			seen:   ipv6Untested,
		},
	}
}

func connectTimeout(v *view) *match {
	if !v.failedAt(probe.PhaseConnect, probe.KindTimeout) {
		return nil
	}
	m := v.because("%s sent nothing back for %s: the packets are dropped on the way, or the host is down.%s", v.address(), seconds(v.failure.Limit), v.otherAddresses())
	m.advice = "Check the address, and the firewalls between here and there."
	if v.port() == 25 {
		m.explanation += " Many networks and clouds block outgoing port 25; whether this one does was not tested."
		m.advice = "Ask whether this network allows outgoing port 25; clients should use 587 or 465."
	}
	if v.allPortsSilent() {
		m.advice = "No mail port answers: check the address, then whether the host is up, then the firewalls between."
	}
	return m
}

// allPortsSilent reports that other mail ports of the address were tried and
// sent nothing back either; a port that refuses would show a host that is up.
func (v *view) allPortsSilent() bool {
	compared := false
	for i := range v.report.Sessions {
		s := &v.report.Sessions[i]
		if s.Variant != probe.VariantPort {
			continue
		}
		if s.Failure == nil || s.Failure.Phase != probe.PhaseConnect || s.Failure.Kind != probe.KindTimeout {
			return false
		}
		compared = true
	}
	return compared
}

func unreachable(v *view) *match {
	if !v.failedAt(probe.PhaseConnect, probe.KindUnreachable) {
		return nil
	}
	a := v.address().Addr()
	if a.Is6() {
		m := v.because("This machine has no IPv6 route to %s, so nothing can be said about the server over IPv6.", a)
		m.owner, m.advice = OwnerSender, "Test with --ip 4, or from a machine with IPv6."
		m.inconclusive = true
		return m
	}
	m := v.because("The network reports that %s cannot be reached.%s", a, v.otherAddresses())
	m.advice = "Check the address and the routing to that network."
	return m
}

// addressDead names the addresses that were tried before one answered.
func addressDead(v *view) *match {
	if v.main == nil || !v.main.Source.IsValid() {
		return nil
	}
	failed, at := v.deadAddresses()
	if len(failed) == 0 {
		return nil
	}
	return &match{
		explanation: fmt.Sprintf("%s did not accept the connection; %s did. Clients that try the first address wait or give up.", strings.Join(failed, ", "), v.address().Addr()),
		evidence:    v.in(at, probe.PhaseConnect),
		advice:      "Make the service listen on every address of the name, or take those that do not answer out of DNS.",
	}
}

// deadAddresses are the addresses, other than the one that is judged, that
// did not accept the connection, and the first one's session. What this
// machine could not even try says nothing about the server.
func (v *view) deadAddresses() (words []string, at int) {
	for i := range v.report.Sessions {
		s := &v.report.Sessions[i]
		if i == v.index || s.Variant != probe.VariantMain || s.Failure == nil || s.Failure.Phase != probe.PhaseConnect ||
			s.Failure.Kind == probe.KindLocal || noIPv6Here(s) {
			continue
		}
		if len(words) == 0 {
			at = i
		}
		words = append(words, fmt.Sprintf("%s (%s)", s.Address.Addr(), failureWord(s.Failure)))
	}
	return words, at
}

// otherAddresses says what became of the name's other addresses when none
// accepted the connection.
func (v *view) otherAddresses() string {
	var said string
	if failed, _ := v.deadAddresses(); len(failed) > 0 {
		said = " Nor was there a connection to " + strings.Join(failed, ", ") + "."
	}
	var untried []string
	for _, u := range v.report.Lookup.Untried {
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
func ipv6Untested(v *view) *match {
	if v.main == nil || noIPv6Here(v.main) {
		return nil
	}
	for i := range v.report.Sessions {
		if s := &v.report.Sessions[i]; s.Variant == probe.VariantMain && noIPv6Here(s) {
			return &match{
				explanation: fmt.Sprintf("There is no route from here to %s, so nothing is known about the server over IPv6.", s.Address.Addr()),
				evidence:    v.in(i, probe.PhaseConnect),
			}
		}
	}
	return nil
}

func failureWord(f *probe.Failure) string {
	switch f.Kind {
	case probe.KindRefused:
		return "refused"
	case probe.KindTimeout:
		return "no answer for " + seconds(f.Limit)
	case probe.KindUnreachable:
		return "no route"
	}
	return string(f.Kind)
}

// seconds writes a duration as people say it.
func seconds(d time.Duration) string {
	switch {
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < 2*time.Minute:
		return fmt.Sprintf("%d s", int(d.Round(time.Second).Seconds()))
	}
	return fmt.Sprintf("%d minutes", int(d.Round(time.Minute).Minutes()))
}
