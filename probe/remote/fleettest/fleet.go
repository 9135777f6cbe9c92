package fleettest

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const (
	startLimit = 30 * time.Second // until a server is ready, its cluster included
	memoryMost = 256 << 20        // bytes of JetStream in memory, and as many in files
)

// Options say which servers are started.
type Options struct {
	Nodes int      // 1 or 3; 0: 1
	Extra string   // lines for each configuration file, such as accounts and permissions
	Args  []string // of each process, such as -DV, which writes every message into the log
}

// Fleet are the servers of one test.
type Fleet struct {
	Nodes []*Node
}

// Start starts servers, and stops them when the test ends.
func Start(t testing.TB, o Options) *Fleet {
	t.Helper()
	program, dir := Program(t), t.TempDir()
	f := &Fleet{}
	for i := range max(o.Nodes, 1) {
		n := &Node{Name: fmt.Sprintf("n%d", i+1), program: program, args: o.Args, free: freeAddress(t)}
		n.Dir = filepath.Join(dir, n.Name)
		f.Nodes = append(f.Nodes, n)
	}
	for _, n := range f.Nodes {
		n.configure(t, f.routes(), o.Extra)
		n.start(t)
		t.Cleanup(func() { n.end(t) })
	}
	f.Ready(t)
	return f
}

// URL has all servers, for a client that uses any of them.
func (f *Fleet) URL() string {
	var all []string
	for _, n := range f.Nodes {
		all = append(all, n.URL())
	}
	return strings.Join(all, ",")
}

// Ready waits until every running server says that it is, JetStream and the
// leader of the cluster included.
func (f *Fleet) Ready(t testing.TB) {
	t.Helper()
	for _, n := range f.Nodes {
		if n.Running() {
			n.Ready(t)
		}
	}
}

// Leader is the server that leads a stream of the default account.
func (f *Fleet) Leader(t testing.TB, stream string) *Node {
	t.Helper()
	var name string
	f.wait(t, "a leader of "+stream, func(n *Node) bool {
		name = n.leader(stream)
		return name != ""
	})
	for _, n := range f.Nodes {
		if n.Name == name {
			return n
		}
	}
	t.Fatalf("the stream %s is led by %q, which was not started here", stream, name)
	return nil
}

// Follower is a running server that does not lead a stream.
func (f *Fleet) Follower(t testing.TB, stream string) *Node {
	t.Helper()
	leader := f.Leader(t, stream)
	for _, n := range f.Nodes {
		if n != leader && n.Running() {
			return n
		}
	}
	t.Fatalf("the stream %s has no follower that runs", stream)
	return nil
}

// wait asks the running servers in turn until one of them agrees.
func (f *Fleet) wait(t testing.TB, what string, ok func(*Node) bool) {
	t.Helper()
	for end := time.Now().Add(startLimit); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		for _, n := range f.Nodes {
			if n.Running() && ok(n) {
				return
			}
		}
	}
	t.Fatalf("there is no %s within %v", what, startLimit)
}

func (f *Fleet) routes() []string {
	if len(f.Nodes) == 1 {
		return nil
	}
	var all []string
	for _, n := range f.Nodes {
		all = append(all, "nats://"+n.free.route)
	}
	return all
}

// listeners are the ends of a server.
type listeners struct{ client, route, monitor string }

// freeAddress finds an address of this machine that no other test has: of
// 127.0.0.0/8 all belong to it, and a client's own end is never one of these. So
// a server can come back to its ports after it was killed.
func freeAddress(t testing.TB) listeners {
	t.Helper()
	host := fmt.Sprintf("127.%d.%d.%d", 64+rand.IntN(128), rand.IntN(256), 1+rand.IntN(254))
	at := func() string {
		l, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = l.Close() }()
		return l.Addr().String()
	}
	return listeners{at(), at(), at()}
}

func (n *Node) configure(t testing.TB, routes []string, extra string) {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "server_name: %s\nlisten: %q\nhttp: %q\n", n.Name, n.free.client, n.free.monitor)
	fmt.Fprintf(&b, "lame_duck_duration: \"30s\"\nlame_duck_grace_period: \"1s\"\n") // the server takes no shorter ones
	fmt.Fprintf(&b, "jetstream { store_dir: %q, max_memory_store: %d, max_file_store: %d }\n",
		n.Store(), memoryMost, memoryMost)
	if len(routes) > 0 {
		fmt.Fprintf(&b, "cluster { name: fleet, listen: %q, routes: %s }\n", n.free.route, quoted(routes))
	}
	b.WriteString(extra + "\n")
	if err := os.MkdirAll(n.Dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(n.config(), []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

func quoted(all []string) string {
	octets, _ := json.Marshal(all) // texts cannot fail
	return string(octets)
}

// monitor asks a server's monitoring; false: it does not answer 200.
func (n *Node) monitor(path string, into any) bool {
	client := http.Client{Timeout: time.Second}
	answer, err := client.Get("http://" + n.free.monitor + path)
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return false
	}
	return into == nil || json.NewDecoder(io.LimitReader(answer.Body, 1<<20)).Decode(into) == nil
}

// leader is the name of the server that leads a stream, as this one knows it.
func (n *Node) leader(stream string) string {
	var about struct {
		Accounts []struct {
			Streams []struct {
				Name    string
				Cluster struct{ Leader string }
			} `json:"stream_detail"`
		} `json:"account_details"`
	}
	if !n.monitor("/jsz?accounts=true&streams=true", &about) {
		return ""
	}
	for _, account := range about.Accounts {
		for _, s := range account.Streams {
			if s.Name == stream {
				return s.Cluster.Leader
			}
		}
	}
	return ""
}
