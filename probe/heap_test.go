package probe_test

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"smtptest/probe"
)

var serveStalled = flag.Bool("serve-stalled", false, "be the server of BenchmarkHeapPerProbe until standard input ends")

// maxHeapKiB is what one running probe may cost. The goal is far below: 64
// at once should fit beside a chat library in a small container.
const maxHeapKiB = 512

// stalled is a server that never answers the second EHLO.
const stalled = "S: 220 a\nC: EHLO *\nS: 250-a\nS: 250 STARTTLS\nC: STARTTLS\nS: 220 go\nTLS:\nC: EHLO *\nEOF\n"

// TestServeStalled is the server's process: its memory must not be counted.
func TestServeStalled(t *testing.T) {
	if !*serveStalled {
		t.Skip("BenchmarkHeapPerProbe starts this in a process of its own")
	}
	fmt.Println("port", serve(t, scripted(t, stalled)))
	io.Copy(io.Discard, os.Stdin)
}

// startStalled starts the server's process and returns its port.
func startStalled(b *testing.B) (port uint16) {
	b.Helper()
	program, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	server := exec.Command(program, "-test.run=^TestServeStalled$", "-serve-stalled")
	input, err := server.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	output, err := server.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := server.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { input.Close(); server.Wait() })
	for lines := bufio.NewScanner(output); lines.Scan(); {
		if _, err := fmt.Sscanf(lines.Text(), "port %d", &port); err == nil {
			return port
		}
	}
	b.Fatal("the server did not say its port")
	return 0
}

// BenchmarkHeapPerProbe measures what a probe takes while it waits for the
// answer to its second EHLO, inside TLS: live octets of the heap, the spans
// that they are in, and stacks.
func BenchmarkHeapPerProbe(b *testing.B) {
	const probes = 100
	port := startStalled(b)
	waitingProbes(b, port, 1)() // the system's roots and other things that are loaded once
	for b.Loop() {
		before := memory()
		release := waitingProbes(b, port, probes)
		after := memory()
		release()
		each := func(after, before uint64) float64 { return (float64(after) - float64(before)) / 1024 / probes }
		inUse := each(after.HeapInuse, before.HeapInuse)
		b.ReportMetric(inUse, "KiB-in-use/probe")
		b.ReportMetric(each(after.HeapAlloc, before.HeapAlloc), "KiB-live/probe")
		b.ReportMetric(each(after.StackInuse, before.StackInuse), "KiB-stack/probe")
		if inUse > maxHeapKiB {
			b.Errorf("%.0f KiB in use per probe, at most %d are planned", inUse, maxHeapKiB)
		}
	}
}

// waitingProbes begins probes and returns when all of them wait for the second EHLO.
// The function that it returns ends them.
func waitingProbes(b *testing.B, port uint16, probes int) (release func()) {
	b.Helper()
	ctx, cancel := context.WithCancel(b.Context())
	local, req := onLoopback(port), request(port)
	var running, arrived sync.WaitGroup
	arrived.Add(probes)
	for range probes {
		running.Go(func() {
			hellos := 0
			defer func() {
				if hellos < 2 { // it failed on the way: nobody must wait for it
					arrived.Done()
				}
			}()
			report, err := local.Probe(ctx, req, probe.Hooks{Event: func(e probe.Event) {
				if e.Phase == probe.PhaseEHLO {
					if hellos++; hellos == 2 {
						arrived.Done()
					}
				}
			}})
			if s := report.Main(); err != nil || s == nil || s.Failure.Kind != probe.KindCanceled ||
				!strings.HasPrefix(s.TLS.Version, "TLS") {
				b.Errorf("%v: %+v", err, report)
			}
		})
	}
	arrived.Wait()
	time.Sleep(100 * time.Millisecond) // until the EHLOs are on their way
	return func() { cancel(); running.Wait() }
}

func memory() (m runtime.MemStats) {
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m
}
