package diagnosis

import (
	"time"

	"smtptest/probe"
)

// connectEntries judge the TCP connection.
func connectEntries() []entry {
	return []entry{
		{
			id: "connect.refused", severity: Error, owner: OwnerServer, confidence: Certain, reference: "RFC 9293 §3.10.7.1",
			title:  "Nothing listens on this port",
			advice: "Check the port; if it is right, start the mail service or make it listen on this address.",
			seen: func(v *view) *match {
				if !v.failedAt(probe.PhaseConnect, probe.KindRefused) {
					return nil
				}
				return v.because("%s is reachable and refused the connection to port %d: no service listens there, or a firewall rejects.", v.address().Addr(), v.port())
			},
		},
		{
			id: "connect.timeout", severity: Error, owner: OwnerNetwork, confidence: Likely, reference: "RFC 5321 §4.5.4.1",
			title: "No answer to the connection attempt",
			seen:  connectTimeout,
		},
		{
			id: "connect.unreachable", severity: Error, owner: OwnerNetwork, confidence: Likely, reference: "RFC 1122 §3.2.2.1",
			title: "There is no route to the server",
			seen:  unreachable,
		},
		{
			id: "connect.local", severity: Error, owner: OwnerSender, confidence: Certain, reference: "RFC 1122 §4.2.4", inconclusive: true,
			title:  "This machine could not open the connection",
			advice: "Check this machine's own firewall and limits, then test again.",
			seen: func(v *view) *match {
				if !v.failedAt(probe.PhaseConnect, probe.KindLocal) {
					return nil
				}
				return v.because("The attempt failed before anything was sent: %s.", v.failure.Detail)
			},
		},
		{
			id: "connect.address-dead", severity: Warning, owner: OwnerServer, confidence: Likely, reference: "RFC 5321 §5.1",
			title: "Not every address of the name answers",
			seen:  addressDead,
		},
	}
}

func connectTimeout(v *view) *match {
	if !v.failedAt(probe.PhaseConnect, probe.KindTimeout) {
		return nil
	}
	m := v.because("%s sent nothing back for %s: the packets are dropped on the way, or the host is down.", v.address(), seconds(v.failure.Limit))
	m.advice = "Check the address, and the firewalls between here and there."
	if v.port() == 25 {
		m.explanation += " Many networks and clouds block outgoing port 25."
		m.advice = "Ask whether this network allows outgoing port 25; clients should use 587 or 465."
	}
	return m
}

func unreachable(v *view) *match {
	if !v.failedAt(probe.PhaseConnect, probe.KindUnreachable) {
		return nil
	}
	a := v.address().Addr()
	if a.Is6() {
		m := v.because("This machine has no IPv6 route to %s, so nothing can be said about the server over IPv6.", a)
		m.owner, m.advice = OwnerSender, "Test with --ip 4, or from a machine with IPv6."
		return m
	}
	m := v.because("The network reports that %s cannot be reached.", a)
	m.advice = "Check the address and the routing to that network."
	return m
}

// addressDead compares the addresses that were tried before one answered.
func addressDead(v *view) *match {
	if v.main == nil || !v.main.Source.IsValid() {
		return nil
	}
	for i := range v.report.Sessions {
		s := &v.report.Sessions[i]
		if s.Look != probe.LookNone || s.Source.IsValid() || s.Failure == nil || s.Failure.Kind == probe.KindLocal {
			continue
		}
		if s.Failure.Kind == probe.KindUnreachable && s.Address.Addr().Is6() {
			continue // no IPv6 from here: says nothing about the server
		}
		m := &match{evidence: v.in(i, probe.PhaseConnect), advice: "Make the service listen there, or take the address out of DNS."}
		m.explanation = s.Address.Addr().String() + " did not accept the connection (" + failureWord(s.Failure) + "); " + v.address().Addr().String() + " did. Clients that try the first address wait or give up."
		return m
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
	if d >= time.Second {
		d = d.Round(time.Second)
	}
	return d.Round(time.Millisecond).String()
}
