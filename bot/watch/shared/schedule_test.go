package shared_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"smtptest/bot/command"
	"smtptest/bot/results"
	"smtptest/bot/watch"
	"smtptest/bot/watch/shared"
	"smtptest/formatting"
	"smtptest/formatting/timeline"
	"smtptest/probe"
	"smtptest/probe/diagnosis/outage"
	"smtptest/probe/remote/fleettest"
)

const (
	host  = "canary-host.example.test" // must not be read by whoever runs the servers
	every = time.Second
)

// replica is one process of a bot, with a server that is down.
type replica struct {
	name    string
	service *watch.Service

	mu    sync.Mutex
	tests []time.Time
	ended []string
	began func()
}

func newReplica(t testing.TB, name, url string) *replica {
	t.Helper()
	conn, err := nats.Connect(url, nats.MaxReconnects(-1), nats.ReconnectBufSize(-1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	s, err := shared.Open(conn, bytes.Repeat([]byte("k"), 32), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	r := &replica{name: name, began: func() {}}
	r.service = &watch.Service{
		Schedule: s, Test: r.test, Actions: func(watch.Row, bool) []formatting.Action { return nil },
		Pace: func(probe.Target) watch.Pace { return watch.Pace{Every: every, Stays: 3 * every, Most: time.Minute} },
	}
	r.service.Attach(formatting.Slack, r)
	return r
}

// run runs a replica until the returned function is called, or the test ends.
func (r *replica) run(t testing.TB) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		r.service.Run(ctx)
		close(done)
	}()
	stop = func() { cancel(); <-done }
	t.Cleanup(stop)
	return stop
}

func (r *replica) begin(t testing.TB, channel string) (watch.Row, watch.Limit) {
	t.Helper()
	row := watch.Row{
		ID: results.NewID(), Place: results.Place{Platform: formatting.Slack, Channel: channel},
		Person:  formatting.Person{ID: "U" + channel, Name: "ada"},
		Command: command.Command{Request: probe.Request{Target: probe.Target{Host: host, Port: 587}}},
	}
	full, err := r.service.New(t.Context(), &row, r.fails())
	if err != nil {
		t.Fatal(err)
	}
	if full == "" {
		row.At = watch.Spot{Channel: channel, Message: "1"}
		if err := r.service.Begin(t.Context(), row); err != nil {
			t.Fatal(err)
		}
	}
	return row, full
}

func (r *replica) fails() watch.Tested {
	return watch.Tested{
		Seen: outage.Seen{At: time.Now().UTC(), Kind: outage.Fails, Took: time.Millisecond},
		Last: timeline.Head{Tone: formatting.ToneBad, Verdict: "Failed at greeting"},
	}
}

func (r *replica) test(context.Context, watch.Row) watch.Tested {
	r.mu.Lock()
	r.tests = append(r.tests, time.Now())
	r.mu.Unlock()
	r.began()
	time.Sleep(every / 4)
	return r.fails()
}

func (r *replica) times() []time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]time.Time(nil), r.tests...)
}

// Edit implements watch.Board.
func (r *replica) Edit(context.Context, watch.Spot, formatting.Message) error { return nil }

// End implements watch.Board.
func (r *replica) End(_ context.Context, _ watch.Spot, m formatting.Message) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended = append(r.ended, m.Verdict)
	return nil
}

// Reply implements watch.Board.
func (r *replica) Reply(context.Context, watch.Spot, formatting.Message) error { return nil }

// Announce implements watch.Board.
func (r *replica) Announce(context.Context, watch.Spot, formatting.Message) error { return nil }

// until waits for something that takes some seconds at most.
func until(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(45 * time.Second); !holds(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s did not come", what)
		}
	}
}

// once fails where a test began before the one before was a pace old.
func once(t testing.TB, all []time.Time) {
	t.Helper()
	for i := 1; i < len(all); i++ {
		if gap := all[i].Sub(all[i-1]); gap < every/2 {
			t.Errorf("two tests within %v", gap)
		}
	}
}

// childURL is in the environment of the process that is killed.
const childURL = "SMTPTEST_WATCH_CHILD"

// TestChild is that process: it begins a watch and says when it tests.
func TestChild(t *testing.T) {
	url := os.Getenv(childURL)
	if url == "" {
		t.Skip("the process of TestKilled")
	}
	r := newReplica(t, "child", url)
	r.began = func() { fmt.Println("tests") }
	row, full := r.begin(t, "C1")
	if full != "" {
		t.Fatal(full)
	}
	fmt.Println("began", row.ID)
	r.run(t)
	time.Sleep(time.Hour)
}

// TestKilled: a watch goes on when the replica that began it is killed while it
// tests, no test is made twice, and anybody ends it, once.
func TestKilled(t *testing.T) {
	f := fleettest.Start(t, fleettest.Options{Nodes: 1, Args: []string{"-DV"}})
	child := exec.Command(os.Args[0], "-test.run=^TestChild$", "-test.v")
	child.Env = append(os.Environ(), childURL+"="+f.URL())
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = child.Process.Kill(); _ = child.Wait() })
	id := ""
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if rest, ok := strings.CutPrefix(lines.Text(), "began "); ok {
			id = rest
		}
		if lines.Text() == "tests" {
			break
		}
	}
	if err := child.Process.Kill(); err != nil { // with the lease in its hand
		t.Fatal(err)
	}
	killed := time.Now()
	a, b := newReplica(t, "a", f.URL()), newReplica(t, "b", f.URL())
	a.run(t)
	b.run(t)
	until(t, "tests of the others", func() bool { return len(a.times())+len(b.times()) >= 6 })
	all := append(a.times(), b.times()...)
	sortTimes(all)
	once(t, all)
	t.Logf("after %v another replica tests; then %d and %d tests", all[0].Sub(killed).Round(100*time.Millisecond),
		len(a.times()), len(b.times()))
	place := results.Place{Platform: formatting.Slack, Channel: "C1"}
	if got := b.service.Stop(place, id, formatting.Person{Name: "bo"}); got != watch.Ends {
		t.Errorf("stopped by another replica: %v", got)
	}
	until(t, "the end", func() bool { b.mu.Lock(); defer b.mu.Unlock(); return len(b.ended) == 1 })
	if got := a.service.Stop(place, id, formatting.Person{Name: "bo"}); got != watch.Nowhere {
		t.Errorf("stopped twice: %v", got)
	}
	if _, full := a.begin(t, "C1"); full != "" {
		t.Errorf("its places did not come back: %s", full)
	}
	log, err := os.ReadFile(f.Nodes[0].Log())
	if err != nil || bytes.Contains(log, []byte(host)) || !bytes.Contains(log, []byte("smtptest.v1.watch.row.")) {
		t.Errorf("the servers read the host, or nothing at all: %v", err)
	}
}

// TestLimitsOfAll: places are those of all replicas, however many ask at once.
func TestLimitsOfAll(t *testing.T) {
	f := fleettest.Start(t, fleettest.Options{Nodes: 1})
	a, b := newReplica(t, "a", f.URL()), newReplica(t, "b", f.URL())
	var mu sync.Mutex
	got := map[watch.Limit]int{}
	var all sync.WaitGroup
	for i := range 12 {
		all.Go(func() {
			_, full := []*replica{a, b}[i%2].begin(t, fmt.Sprint("C", i))
			mu.Lock()
			defer mu.Unlock()
			got[full]++
		})
	}
	all.Wait()
	if got[""] != watch.PerTarget || got[watch.LimitTarget] != 12-watch.PerTarget {
		t.Errorf("%v", got)
	}
}

// TestApart: without servers a watch lives in this process.
func TestApart(t *testing.T) {
	f := fleettest.Start(t, fleettest.Options{Nodes: 1})
	a := newReplica(t, "a", f.URL())
	f.Nodes[0].Kill(t)
	until(t, "the broken connection", func() bool {
		_, full := a.begin(t, "C1")
		return full == watch.LimitSame
	})
	a.run(t)
	until(t, "tests", func() bool { return len(a.times()) >= 2 })
	a.service.Close(t.Context())
	if len(a.ended) != 1 {
		t.Errorf("%d ends", len(a.ended))
	}
}

func sortTimes(all []time.Time) {
	for i := range all {
		for j := i; j > 0 && all[j].Before(all[j-1]); j-- {
			all[j], all[j-1] = all[j-1], all[j]
		}
	}
}
