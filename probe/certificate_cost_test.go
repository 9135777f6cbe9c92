package probe

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"runtime"
	"runtime/metrics"
	"sync"
	"testing"
	"time"

	"smtptest/probe/guard"
	"smtptest/probe/probetest/greedy"
)

func greedyCertificate(t testing.TB, part greedy.Part, n int) *tls.Certificate {
	t.Helper()
	c, err := part.Certificate(n)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// allocations are all bytes that the program has taken from the heap so far.
func allocations() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

// TestDescribeCost holds that a description costs no more than a few times the
// octets that it is made of.
func TestDescribeCost(t *testing.T) {
	r := &run{local: &Local{Roots: x509.NewCertPool()}, req: Request{Target: Target{Host: "mx.example.test"}}}
	x509.SystemCertPool() // read once
	for _, part := range greedy.Parts() {
		about, c := part.About, greedyCertificate(t, part, part.Most).Leaf
		before := allocations()
		described := describe(c)
		r.trust([]*x509.Certificate{c, c, c})
		bytes := allocations() - before
		t.Logf("%s: %d octets, %d KiB allocated", about, len(c.Raw), bytes>>10)
		if most := uint64(16 * len(c.Raw)); bytes > most {
			t.Errorf("%s: %d bytes were allocated for %d octets, want %d at most", about, bytes, len(c.Raw), most)
		}
		if held := HeapOf(&described); held > 128<<10 {
			t.Errorf("%s: the description holds %d bytes", about, held)
		}
	}
}

// TestGreedyCertificates probes 50 servers at once, each with a certificate of
// its own that is as large as can be.
func TestGreedyCertificates(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes some seconds of processor time")
	}
	const probes, mostMiB = 50, 150
	var certificates []*tls.Certificate
	for _, part := range greedy.Parts() {
		certificates = append(certificates, greedyCertificate(t, part, part.Most))
	}
	local := &Local{Policy: guard.Policy{Open: true}}
	stop, peak := watchHeap()
	var all sync.WaitGroup
	for i := range probes {
		port := greedyServer(t, certificates[i%len(certificates)], byte(i))
		all.Go(func() {
			req := Request{
				Target: Target{Host: "127.0.0.1", Port: port}, Security: SecurityImplicit, Timeout: 20 * time.Second,
			}
			report, err := local.Probe(t.Context(), req, Hooks{})
			s := report.Main()
			if err != nil || s == nil || len(s.TLS.Chain) == 0 || report.Elapsed > req.Timeout+time.Second/5 {
				t.Errorf("%v after %v: %+v", err, report.Elapsed, s)
			}
		})
	}
	all.Wait()
	stop()
	t.Logf("at most %d MiB of heap, with the servers", *peak>>20)
	if *peak > mostMiB<<20 {
		t.Errorf("the heap had %d MiB, want %d at most", *peak>>20, mostMiB)
	}
}

// greedyServer shows a certificate with a serial number of its own.
func greedyServer(t *testing.T, c *tls.Certificate, own byte) uint16 {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go greedy.Serve(l, greedy.Own(c, own))
	return uint16(l.Addr().(*net.TCPAddr).Port)
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
