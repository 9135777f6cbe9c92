package probe

import (
	"bufio"
	"context"
	"crypto/tls"
	"net"
	"net/netip"
	"runtime"
	"runtime/metrics"
	"strings"
	"sync"
	"testing"
	"time"

	"smtptest/probe/guard"
	"smtptest/probe/probetest/cost"
	"smtptest/probe/probetest/greedy"
	"smtptest/probe/probetest/long"
	"smtptest/probe/sasl"
	"smtptest/probe/secret"
)

// Budgets of 50 probes at once, with their servers in the same process.
const (
	mostAtOnce  = 50
	mostHeapMiB = 150
	// Of the processor, as often as 50 times what one probe takes: the collector has more to do in a larger heap.
	mostTimes = 2
)

// full is a reply of some 60 KiB of one line.
func full(code, line string) string {
	n := min(60<<10/(len(line)+6), 990)
	return strings.Repeat(code+"-"+line+"\r\n", n) + code + " " + line + "\r\n"
}

// greedyTalk are servers that say all that is read of them, by the first letter of
// the command that they answer; the greeting has none.
func greedyTalk() map[string]map[string]string {
	wide := strings.Repeat("\xff", 500)
	return map[string]map[string]string{
		"replies":      {"": full("220", wide), "E": full("250", wide), "Q": full("221", wide)},
		"capabilities": {"": "220 x\r\n", "E": full("250", "A"+strings.Repeat(" b", 240)), "Q": "221 x\r\n"},
		"keywords":     {"": "220 x\r\n", "E": full("250", "XCAP a b c"), "Q": "221 x\r\n"},
		"echoes": {
			"": "220 x\r\n", "E": "250-x\r\n250 AUTH LOGIN\r\n", "A": full("334", "VXNlcm5hbWU6"),
			"d": full("334", "UGFz"+strings.Repeat("QUFB", 12)), "Q": full("221", "%41&#65;4141VFZSSg=="),
		},
	}
}

// talk answers by the first letter of a command, and by "535" where there is none.
func talk(replies map[string]string) func(net.Conn) {
	return func(c net.Conn) {
		defer c.Close()
		reply := replies[""]
		for lines := bufio.NewReader(c); ; {
			if _, err := c.Write([]byte(reply)); err != nil {
				return
			}
			line, err := lines.ReadString('\n')
			if err != nil {
				return
			}
			known := false
			if reply, known = replies[line[:1]]; !known {
				reply = full("535", "YWxpY2U= %41&#65; 4141")
			}
		}
	}
}

// hostileServers are so many of each kind, every certificate one's own.
func hostileServers(t *testing.T, kind string, n int) (requests []Request) {
	request := Request{Target: Target{Host: "127.0.0.1"}, Timeout: 20 * time.Second, Security: SecurityNone}
	serve := func(i int, l net.Listener) { go greedy.Accept(l, talk(greedyTalk()[kind])) }
	switch kind {
	case "certificates":
		request.Security = SecurityImplicit
		var made []*tls.Certificate
		for _, part := range greedy.Parts() {
			made = append(made, greedyCertificate(t, part, part.Most))
		}
		serve = func(i int, l net.Listener) { go greedy.Serve(l, greedy.Own(made[i%len(made)], byte(i))) }
	case "echoes":
		password := secret.New(strings.Repeat("€<&", 1000))
		request.Login = &Login{Mechanism: "LOGIN", Credential: sasl.Credential{User: "alice", Password: password}}
	}
	for i := range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		serve(i, l)
		request.Target.Port = uint16(l.Addr().(*net.TCPAddr).Port)
		requests = append(requests, request)
	}
	return requests
}

// probeAll probes all at once, and gives the processor time that it took, with that
// of the servers.
func probeAll(t *testing.T, requests []Request) time.Duration {
	local := &Local{Policy: guard.Policy{Open: true}, LenientLogins: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
	began := cost.OfProcess()
	var all sync.WaitGroup
	for _, req := range requests {
		all.Go(func() {
			report, err := local.Probe(t.Context(), req, Hooks{})
			s := report.Main()
			if err != nil || s == nil || s.Hello() == nil && s.TLS == nil || report.Elapsed > req.Timeout+time.Second/5 {
				t.Errorf("%v after %v: %+v", err, report.Elapsed, s)
			}
			if req.Login != nil && (s.Auth == nil || !s.Auth.Sent) {
				t.Errorf("no login was tried: %+v", s.Failure)
			}
		})
	}
	all.Wait()
	return cost.OfProcess() - began
}

// TestBudgets: 50 servers at once that say as much as is read of them take 50 times
// what one takes, and the heap stays within its bound. None is longer than its
// timeout.
func TestBudgets(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes some seconds of processor time")
	}
	kinds := []string{"certificates"}
	for kind := range greedyTalk() {
		kinds = append(kinds, kind)
	}
	for _, kind := range kinds {
		atOnce := mostAtOnce
		if kind == "echoes" && !long.Requested() {
			atOnce = 4 // each takes some 0.3 s of processor time
		}
		requests := hostileServers(t, kind, atOnce)
		some := min(len(greedy.Parts()), atOnce/2) // every certificate among them
		probeAll(t, requests[:some])               // what is done once
		for attempt := 1; ; attempt++ {
			one := probeAll(t, requests[:some]) / time.Duration(some)
			stop, peak := watchHeap()
			many := probeAll(t, requests)
			stop()
			t.Logf("%s: one takes %v, %d at once %v; %d MiB of heap at most", kind, one, atOnce, many, *peak>>20)
			if *peak > mostHeapMiB<<20 {
				t.Errorf("%s: the heap had %d MiB, want %d at most", kind, *peak>>20, mostHeapMiB)
			}
			if many <= mostTimes*one*time.Duration(atOnce) {
				break
			}
			if attempt == 3 {
				t.Errorf("%s: %d at once take %v of processor time, one %v", kind, atOnce, many, one)
				break
			}
		}
	}
}

// watchHeap notes the largest size of the heap until stop returns.
func watchHeap() (stop func(), peak *uint64) {
	ctx, cancel := context.WithCancel(context.Background())
	peak = new(uint64)
	var watching sync.WaitGroup
	runtime.GC()
	watching.Go(func() {
		sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		for ctx.Err() == nil {
			metrics.Read(sample)
			*peak = max(*peak, sample[0].Value.Uint64())
			time.Sleep(time.Millisecond)
		}
	})
	return func() { cancel(); watching.Wait() }, peak
}
