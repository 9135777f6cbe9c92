package formattest

import (
	"net/netip"
	"time"

	"smtptest/formatting"
	"smtptest/probe"
	"smtptest/probe/diagnosis"
	"smtptest/probe/diagnosis/vantages"
)

// places is what three places saw, one of which does not reach the server, beside
// one that is absent.
func places() formatting.Message {
	target := probe.Target{Host: "smtp.example.com", Port: 587}
	see := func(vantage, source string, failure *probe.Failure) diagnosis.Judged {
		s := probe.Session{
			Security: probe.SecurityNone, Address: netip.MustParseAddrPort("192.0.2.1:587"), Failure: failure,
			Elapsed: 42 * time.Millisecond,
		}
		if failure == nil {
			s.Source = netip.MustParseAddrPort(source)
			s.Steps = []probe.Step{{Phase: probe.PhaseGreeting, Elapsed: 12 * time.Millisecond, Outcome: probe.Passed}}
		}
		return diagnosis.Judge(&probe.Report{
			Request: probe.Request{Target: target, Security: probe.SecurityNone}, Vantage: vantage,
			Started: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Elapsed: 42 * time.Millisecond,
			Sessions: []probe.Session{s},
		})
	}
	silent := see("paris", "", &probe.Failure{Phase: probe.PhaseConnect, Kind: probe.KindTimeout, Limit: 10 * time.Second})
	return formatting.Places(vantages.Judge(target, []vantages.Place{
		{Report: see("", "198.51.100.7:40001", nil)}, {Name: "berlin", Report: see("berlin", "198.51.100.8:40001", nil)},
		{Name: "paris", Report: silent, Again: &silent}, {Name: "tokyo", Absent: vantages.NotConnected},
	}), formatting.Slack)
}
