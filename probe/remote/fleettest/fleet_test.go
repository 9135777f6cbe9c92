//go:build unix

package fleettest

import (
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// TestThree: a stream on three servers survives its leader, killed and halted,
// and the servers come back.
func TestThree(t *testing.T) {
	f := Start(t, Options{Nodes: 3})
	conn, err := nats.Connect(f.URL(), nats.MaxReconnects(-1))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	stream := jetstream.StreamConfig{Name: "S", Subjects: []string{"s"}, Replicas: 3, Storage: jetstream.MemoryStorage}
	if _, err := js.CreateStream(t.Context(), stream); err != nil {
		t.Fatal(err)
	}
	first := f.Leader(t, "S")
	if f.Follower(t, "S") == first {
		t.Error("the leader follows")
	}
	first.Kill(t)
	f.wait(t, "new leader", func(n *Node) bool { return n.leader("S") != "" && n.leader("S") != first.Name })
	first.Restart(t)
	f.Ready(t)
	second := f.Leader(t, "S")
	second.Halt(t)
	second.Continue(t)
	second.LameDuck(t)
	f.wait(t, "leader after the lame duck", func(n *Node) bool { return n != second && n.leader("S") != second.Name })
}

// TestOneDies: lines of the test's own are taken, and who was killed stays dead.
func TestOneDies(t *testing.T) {
	f := Start(t, Options{Extra: "max_payload: 1MB"})
	n := f.Nodes[0]
	if !n.Running() || n.PID() == 0 {
		t.Error("it does not run")
	}
	n.Kill(t)
	n.Kill(t)
	if n.Running() || n.monitor("/healthz", nil) {
		t.Error("it runs on")
	}
}
