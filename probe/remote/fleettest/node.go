package fleettest

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// Node is one server. It is used by one goroutine at a time.
type Node struct {
	Name string
	Dir  string // its configuration, its log and what JetStream stores

	program string
	args    []string
	free    listeners
	cmd     *exec.Cmd     // nil: it was never started
	ended   chan struct{} // closed when the process has
}

// URL is where clients connect.
func (n *Node) URL() string { return "nats://" + n.free.client }

// Store is the folder of what JetStream writes to disk.
func (n *Node) Store() string { return filepath.Join(n.Dir, "store") }

// Log is the file that the server writes to, of all its processes.
func (n *Node) Log() string { return filepath.Join(n.Dir, "log") }

// PID is that of the running process.
func (n *Node) PID() int { return n.cmd.Process.Pid }

func (n *Node) config() string { return filepath.Join(n.Dir, "nats.conf") }

// Running reports that the process has not ended.
func (n *Node) Running() bool {
	if n.cmd == nil {
		return false
	}
	select {
	case <-n.ended:
		return false
	default:
		return true
	}
}

func (n *Node) start(t testing.TB) {
	t.Helper()
	log, err := os.OpenFile(n.Log(), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	n.cmd = exec.Command(n.program, append([]string{"-c", n.config()}, n.args...)...)
	n.cmd.Stdout, n.cmd.Stderr = log, log
	dieWithUs(n.cmd)
	if err := n.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	cmd, ended := n.cmd, make(chan struct{})
	n.ended = ended
	go func() {
		_ = cmd.Wait() // it is killed
		close(ended)
	}()
}

// Restart starts the server again on the same ports with what it stored. It
// returns before the server is ready.
func (n *Node) Restart(t testing.TB) {
	t.Helper()
	n.Kill(t)
	n.start(t)
}

// Kill ends the process at once, as kill -9 does.
func (n *Node) Kill(t testing.TB) {
	t.Helper()
	if !n.Running() {
		return
	}
	if err := n.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-n.ended
}

// Ready waits until the server says that it is.
func (n *Node) Ready(t testing.TB) {
	t.Helper()
	for end := time.Now().Add(startLimit); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if n.monitor("/healthz", nil) {
			return
		}
		if !n.Running() {
			break
		}
	}
	n.show(t)
	t.Fatalf("the server %s is not ready within %v", n.Name, startLimit)
}

// end is the last thing, after whatever the test did.
func (n *Node) end(t testing.TB) {
	n.Kill(t)
	if t.Failed() {
		n.show(t)
	}
}

// show writes the end of the server's log to that of the test.
func (n *Node) show(t testing.TB) {
	t.Helper()
	const most = 4096 // bytes
	octets, err := os.ReadFile(n.Log())
	if err != nil {
		return
	}
	t.Logf("%s: …%s", n.Name, octets[max(0, len(octets)-most):])
}
