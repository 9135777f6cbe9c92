package probe_test

import (
	"context"
	"fmt"

	"smtptest/probe"
	"smtptest/probe/probetest"
)

// A probe measures one server and reports what it saw. Here the server is a
// case of package probetest on loopback; the zero Local reaches public
// addresses.
func ExampleLocal_Probe() {
	sandbox, err := exampleServer("expired")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer sandbox.Close()
	local := sandbox.Prober("expired").Local

	request := probe.Request{
		Target:   probe.Target{Host: "mx.example.test", Port: 587},
		Security: probe.SecuritySTARTTLS,
	}
	report, err := local.Probe(context.Background(), request, probe.Hooks{
		Event: func(e probe.Event) {
			if e.Known == nil {
				fmt.Println("begins:", e.Phase)
			}
		},
	})
	if err != nil {
		fmt.Println(err) // nobody could carry the request out
		return
	}
	session := report.Main()
	fmt.Println(session.Greeting)
	for _, c := range session.Hello().Capabilities {
		fmt.Println("offers", c.Name(), c.Params)
	}
	fmt.Println("encrypted:", session.TLS.Complete, "dates:", session.TLS.Trust.Dates)
	// Output:
	// begins: lookup
	// begins: connect
	// begins: greeting
	// begins: ehlo
	// begins: starttls
	// begins: handshake
	// begins: ehlo
	// begins: quit
	// 220 mx.example.test ESMTP Postfix
	// offers PIPELINING []
	// offers SIZE [35882577]
	// offers AUTH [PLAIN LOGIN]
	// offers ENHANCEDSTATUSCODES []
	// offers 8BITMIME []
	// encrypted: true dates: expired
}

// exampleServer starts the server of one case.
func exampleServer(name string) (*probetest.Sandbox, error) {
	all, err := probetest.Cases()
	if err != nil {
		return nil, err
	}
	for _, c := range all {
		if c.Name == name {
			return probetest.NewSandbox([]*probetest.Case{c})
		}
	}
	return nil, fmt.Errorf("there is no case %q", name)
}
