package probe

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"runtime"
	"runtime/metrics"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"smtptest/probe/guard"
)

// greedyParts are what a certificate may hold many of, and how many of them
// TLS carries at most.
var greedyParts = map[string]struct {
	most int
	fill func(c *x509.Certificate, n int)
}{
	"name parts": {17500, func(c *x509.Certificate, n int) {
		part := pkix.AttributeTypeAndValue{Type: asn1.ObjectIdentifier{1, 2, 127, 127, 127}, Value: "a"}
		c.Subject.ExtraNames = slices.Repeat([]pkix.AttributeTypeAndValue{part}, n)
	}},
	"one long name": {240000, func(c *x509.Certificate, n int) { c.Subject.CommonName = strings.Repeat("<", n) }},
	"DNS names":     {80000, func(c *x509.Certificate, n int) { c.DNSNames = slices.Repeat([]string{"a"}, n) }},
	"addresses": {40000, func(c *x509.Certificate, n int) {
		c.IPAddresses = slices.Repeat([]net.IP{{192, 0, 2, 1}}, n)
	}},
	"URIs": {80000, func(c *x509.Certificate, n int) { c.URIs = slices.Repeat([]*url.URL{{Path: "a"}}, n) }},
	"extensions": {20000, func(c *x509.Certificate, n int) {
		for i := range n {
			c.ExtraExtensions = append(c.ExtraExtensions, pkix.Extension{Id: asn1.ObjectIdentifier{1, 3, i}})
		}
	}},
	"usages": {70000, func(c *x509.Certificate, n int) {
		c.UnknownExtKeyUsage = slices.Repeat([]asn1.ObjectIdentifier{{1, 3}}, n)
	}},
	"constraints and names": {20000, func(c *x509.Certificate, n int) {
		c.IsCA, c.BasicConstraintsValid = true, true
		c.PermittedDNSDomains = slices.Repeat([]string{"b"}, n)
		c.DNSNames = slices.Repeat([]string{"a"}, n)
	}},
	"serial number": {240000, func(c *x509.Certificate, n int) {
		c.SerialNumber = new(big.Int).Lsh(big.NewInt(1), uint(8*n-8))
	}},
}

// greedyCertificate is issued by nobody that is known.
func greedyCertificate(t testing.TB, fill func(*x509.Certificate, int), n int) *issued {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(0x1234567890abcd), NotAfter: testNow}
	fill(c, n)
	issuer := &x509.Certificate{Subject: pkix.Name{CommonName: "Issuing CA"}}
	der, err := x509.CreateCertificate(rand.Reader, c, issuer, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	made, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &issued{made, key}
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
	for about, part := range greedyParts {
		c := greedyCertificate(t, part.fill, part.most).Certificate
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
	var certificates []*issued
	for _, part := range greedyParts {
		certificates = append(certificates, greedyCertificate(t, part.fill, part.most))
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

// greedyServer shows a certificate of its own: the serial number of the one
// that was given is changed, which makes no difference to a key.
func greedyServer(t *testing.T, c *issued, own byte) uint16 {
	t.Helper()
	der := bytes.Clone(c.Raw)
	if i := bytes.Index(der, []byte{0x12, 0x34, 0x56, 0x78}); i >= 0 {
		der[i+3] = own
	}
	config := &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: c.key}}}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				server := tls.Server(conn, config)
				fmt.Fprint(server, "220 a\r\n")
				for lines := bufio.NewScanner(server); lines.Scan(); {
					fmt.Fprint(server, "250 a\r\n")
				}
			}()
		}
	}()
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
