package formatting_test

import (
	"fmt"
	"net/netip"
	"time"

	"smtptest/formatting"
	"smtptest/formatting/plain"
	"smtptest/probe"
	"smtptest/probe/diagnosis"
)

// A report is judged once, worded as a Message, and rendered for the place
// where it is read.
func ExampleResult() {
	address := netip.MustParseAddrPort("192.0.2.1:587")
	report := probe.Report{
		Started: time.Date(2026, time.January, 2, 3, 4, 5, 0, time.UTC), Elapsed: 42 * time.Millisecond,
		Request: probe.Request{Target: probe.Target{Host: "192.0.2.1", Port: 587}},
		Sessions: []probe.Session{{
			Address: address,
			Failure: &probe.Failure{Phase: probe.PhaseConnect, Kind: probe.KindRefused},
			Steps:   []probe.Step{{Phase: probe.PhaseConnect, Outcome: probe.Failed, Elapsed: 42 * time.Millisecond}},
		}},
	}
	m := formatting.Result(diagnosis.Judge(&report), formatting.Terminal)
	fmt.Print(plain.Head(m, plain.Style{}))
	// Output:
	// ❌ Failed at connect  192.0.2.1:587
	//    Nothing listens on this port · 42 ms
}

// The head of a message is all that a channel sees.
func ExampleTesting() {
	m := formatting.Testing(probe.Request{Target: probe.Target{Host: "smtp.example.com", Port: 465}})
	fmt.Print(plain.Render(m, plain.Style{}))
	// Output:
	// ⏳ Testing  smtp.example.com:465
	//    implicit TLS · gives up after 60 s
}
