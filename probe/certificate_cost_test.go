package probe

import (
	"crypto/tls"
	"crypto/x509"
	"runtime"
	"testing"

	"smtptest/probe/probetest/cost"
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
		cost.Linear(t, about, part.Most, func(n int) func() {
			der := greedyCertificate(t, part, n).Certificate[0]
			return func() {
				parsed, err := x509.ParseCertificate(der)
				if err != nil {
					t.Error(err)
					return
				}
				describe(parsed)
				r.trust([]*x509.Certificate{parsed, parsed, parsed})
			}
		})
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
