package main

import (
	"net"
	"sync"
)

// manager is systemd, or whatever started us and wants to hear how we are
// (sd_notify(3)).
type manager struct {
	socket string // a path, or @ and a name; empty: nobody wants to hear
	ready  sync.Once
}

// tell sends one state. Nobody waits for it, and nothing depends on it.
func (m *manager) tell(state string) {
	if m.socket == "" {
		return
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: m.socket, Net: "unixgram"})
	if err != nil {
		return
	}
	defer func() { _ = conn.Close() }()
	_, _ = conn.Write([]byte(state))
}

// tellReady says once that commands are taken.
func (m *manager) tellReady() { m.ready.Do(func() { m.tell("READY=1\nSTATUS=commands are taken") }) }

func (m *manager) tellStopping() { m.tell("STOPPING=1\nSTATUS=tests come to their end") }
