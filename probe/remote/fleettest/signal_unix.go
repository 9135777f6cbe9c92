//go:build unix

package fleettest

import (
	"syscall"
	"testing"
)

// Halt stops the process where it is: the others see a network that swallows
// everything.
func (n *Node) Halt(t testing.TB) { n.signal(t, syscall.SIGSTOP) }

// Continue lets a halted process go on.
func (n *Node) Continue(t testing.TB) { n.signal(t, syscall.SIGCONT) }

// LameDuck tells the server to hand its streams over and to send its clients
// away, as `nats-server --signal ldm` does. The process ends half a minute later.
func (n *Node) LameDuck(t testing.TB) { n.signal(t, syscall.SIGUSR2) }

func (n *Node) signal(t testing.TB, s syscall.Signal) {
	t.Helper()
	if err := n.cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}
