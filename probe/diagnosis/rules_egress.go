package diagnosis

import (
	"fmt"
	"slices"
	"strings"

	"smtptest/probe"
)

// Outlet is what control connections say of one port of this network.
type Outlet struct {
	Port  uint16
	Open  bool       // a host accepted a connection
	Kind  probe.Kind // how all of them failed; empty: open, or not all in the same way
	Conns []probe.ControlConn
}

// Outlets sorts control connections by port, in the order in which they come.
func Outlets(conns []probe.ControlConn) []Outlet {
	var all []Outlet
	for _, c := range conns {
		i := slices.IndexFunc(all, func(o Outlet) bool { return o.Port == c.Port })
		if i < 0 {
			i = len(all)
			all = append(all, Outlet{Port: c.Port, Kind: c.Kind})
		}
		o := &all[i]
		o.Conns = append(o.Conns, c)
		o.Open = o.Open || c.Kind == ""
		if c.Kind != o.Kind {
			o.Kind = ""
		}
	}
	return all
}

// NoWayOut reports that nothing at all could be reached. A host whose name has
// no address, or that policy forbids, was not asked: then nothing is known.
func NoWayOut(conns []probe.ControlConn) bool {
	return len(conns) > 0 && !slices.ContainsFunc(conns, func(c probe.ControlConn) bool {
		return c.Kind != probe.KindTimeout && c.Kind != probe.KindRefused && c.Kind != probe.KindUnreachable
	})
}

// Ways is the judgement of the ways out of this network.
type Ways struct {
	// Working: all mail ports are let out; WithWarnings: some are; Failed: none is, though 443 is;
	// Inconclusive: nothing can be reached; NotTested: the hosts could not be asked.
	Outcome      Outcome
	Open, Closed []uint16 // mail ports, in the order in which they were asked
}

// Egress judges the answers of control hosts on all mail ports and on 443.
func Egress(conns []probe.ControlConn) Ways {
	var w Ways
	var web bool
	for _, o := range Outlets(conns) {
		switch {
		case o.Port == 443:
			web = o.Open
		case o.Open:
			w.Open = append(w.Open, o.Port)
		case NoWayOut(o.Conns):
			w.Closed = append(w.Closed, o.Port)
		}
	}
	switch {
	case NoWayOut(conns):
		w.Outcome = Inconclusive
	case len(w.Open) > 0 && len(w.Closed) == 0:
		w.Outcome = Working
	case len(w.Open) > 0:
		w.Outcome = WithWarnings
	case len(w.Closed) > 0 && web:
		w.Outcome = Failed
	default:
		w.Outcome = NotTested
	}
	return w
}

// Relay is the port on which mail can leave through a relay; 0: there is none.
func (w Ways) Relay() uint16 {
	for _, port := range []uint16{587, 465, 2525} {
		if slices.Contains(w.Open, port) {
			return port
		}
	}
	return 0
}

// egressRules ask whether it is the server at all: they compare its silence
// with that of well-known hosts on the same port, and on 443.
func egressRules() []rule {
	unreached := []ID{ConnectTimeout, ConnectRefused}
	return []rule{
		{
			id: MachineCutOff, owner: OwnerNetwork, confidence: Likely, reference: "RFC 1122 §3.3.1",
			inconclusive: true, suppresses: unreached,
			title:  "This machine has no way out",
			advice: "Check this machine's own network and firewall, or test from another place.",
			match: func(s *session) *result {
				if !s.unreached() || !NoWayOut(s.report.Control) {
					return nil
				}
				return s.because("The server was never reached, and neither was %s. "+
					"So this says nothing about the server.", controlHosts(s.report.Control))
			},
		},
		{
			id: PortBlocked, owner: OwnerNetwork, confidence: Likely, reference: "RFC 5068",
			inconclusive: true, suppresses: unreached,
			title: "This network blocks the port",
			match: portBlocked,
		},
	}
}

// unreached reports the two ends of a connection attempt that a firewall on
// the way can cause as well as the server.
func (s *session) unreached() bool {
	return s.failedAt(probe.PhaseConnect, probe.KindTimeout, probe.KindRefused)
}

// outlet is what the control connections say of the port that was asked for,
// and whether the web can be reached.
func (s *session) outlet() (port Outlet, web bool) {
	for _, o := range Outlets(s.report.Control) {
		if o.Port == s.port() {
			port = o
		} else {
			web = web || o.Open
		}
	}
	return port, web
}

func portBlocked(s *session) *result {
	port, web := s.outlet()
	if !s.unreached() || port.Port == 0 || port.Kind != s.failure.Kind || !web {
		return nil
	}
	did := "sent nothing back either"
	if port.Kind == probe.KindRefused {
		did = "refused the connection from here too"
	}
	res := s.because("The server was never reached: on port %d %s, which serve that port, %s, "+
		"while port 443 works. So this says nothing about the server.", port.Port, controlHosts(port.Conns), did)
	res.title = fmt.Sprintf("This network blocks port %d", port.Port)
	res.advice = fmt.Sprintf("Ask whoever runs this network, or the cloud provider, to open outgoing port %d.", port.Port)
	if port.Port == 25 {
		res.advice += " Until then send through a relay on port 587 or 465."
	}
	return res
}

// portOpen says that the network is not to blame, where that was measured.
func (s *session) portOpen() string {
	port, _ := s.outlet()
	for _, c := range port.Conns {
		if c.Kind == "" {
			return fmt.Sprintf(" This network does let port %d out: %s accepts connections there.", port.Port, c.Host)
		}
	}
	return ""
}

// controlHosts names each host once.
func controlHosts(conns []probe.ControlConn) string {
	var names []string
	for _, c := range conns {
		if !slices.Contains(names, c.Host) {
			names = append(names, c.Host)
		}
	}
	last := len(names) - 1
	if last == 0 {
		return names[0]
	}
	return strings.Join(names[:last], ", ") + " and " + names[last]
}
