package probe_test

import (
	"context"
	"net"
	"net/netip"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"

	"smtptest/probe"
	"smtptest/probe/guard"
)

// TestAPanicBesideTheRunCanBeCaught: a panic in a comparison or in the follow-up
// for TLS, which have goroutines of their own, reaches the caller of Probe.
func TestAPanicBesideTheRunCanBeCaught(t *testing.T) {
	for name, first := range map[string]func() (net.Conn, error){
		"comparison": func() (net.Conn, error) { return nil, syscall.ECONNREFUSED },
		"follow-up":  func() (net.Conn, error) { ours, _ := net.Pipe(); return ours, nil },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var dials atomic.Int64
				local := &probe.Local{Policy: guard.Policy{Open: true},
					Dial: func(context.Context, netip.AddrPort) (net.Conn, error) {
						if dials.Add(1) > 1 {
							panic("hunter2")
						}
						return first()
					}}
				defer func() {
					if v := recover(); v == nil || v == "hunter2" {
						t.Errorf("caught %v", v)
					}
				}()
				_, _ = local.Probe(t.Context(), probe.Request{Target: probe.Target{Host: "192.0.2.1", Port: 587}}, probe.Hooks{})
			})
		})
	}
}
