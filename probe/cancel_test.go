package probe_test

import (
	"context"
	"net"
	"net/netip"
	"os"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"smtptest/probe"
	"smtptest/probe/probetest/long"
	"smtptest/probe/resolve"
)

// stuck is a resolver that waits for the end.
type stuck struct{}

// Addresses implements probe.Resolver.
func (stuck) Addresses(ctx context.Context, _ string) ([]netip.Addr, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// Why implements probe.Resolver.
func (stuck) Why(context.Context, string) resolve.Explanation { return resolve.Explanation{} }

// TestCancel stops a probe in each phase: it returns at once and brings what
// it has seen.
func TestCancel(t *testing.T) {
	for _, tt := range []struct {
		phase  probe.Phase
		script string
		texts  []string // of the transcript, behind the first note
	}{
		{probe.PhaseGreeting, "EOF\n", []string{"stopped"}},
		{probe.PhaseEHLO, "S: 220 a\nC: EHLO *\nEOF\n", []string{"220 a", "EHLO client.a.test", "stopped"}},
		{probe.PhaseSTARTTLS, "S: 220 a\nC: EHLO *\nS: 250-a\nS: 250 STARTTLS\nC: STARTTLS\nEOF\n",
			[]string{"220 a", "EHLO client.a.test", "250-a", "250 STARTTLS", "STARTTLS", "stopped"}},
		{probe.PhaseHandshake, "S: 220 a\nC: EHLO *\nS: 250-a\nS: 250 STARTTLS\nC: STARTTLS\nS: 220 go\nHELLO\nEOF\n",
			[]string{"220 a", "EHLO client.a.test", "250-a", "250 STARTTLS", "STARTTLS", "220 go", "stopped"}},
	} {
		t.Run(string(tt.phase), func(t *testing.T) {
			port := serve(t, scripted(t, tt.script))
			report := cancelIn(t, onLoopback(port), request(port), tt.phase)
			s := report.Main()
			if s == nil || s.Failure == nil || s.Failure.Kind != probe.KindCanceled || s.Failure.Phase != tt.phase ||
				len(report.Sessions) != 1 {
				t.Fatalf("%+v", report)
			}
			var texts []string
			for _, e := range s.Transcript[1:] {
				texts = append(texts, e.Text)
			}
			if !slices.Equal(texts, tt.texts) {
				t.Errorf("transcript %q, want %q", texts, tt.texts)
			}
		})
	}
}

func TestCancelEarly(t *testing.T) {
	local := onLoopback(587)
	local.Resolver = stuck{}
	report := cancelIn(t, local, request(587), probe.PhaseLookup)
	if f := report.Lookup.Failure; f == nil || f.Kind != probe.KindCanceled || f.Phase != probe.PhaseLookup {
		t.Errorf("in the lookup: %+v", report.Lookup)
	}
	local = onLoopback(587)
	local.Dial = func(ctx context.Context, _ netip.AddrPort) (net.Conn, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	report = cancelIn(t, local, request(587), probe.PhaseConnect)
	if s := report.Main(); s == nil || s.Failure.Kind != probe.KindCanceled || s.Failure.Phase != probe.PhaseConnect {
		t.Errorf("while connecting: %+v", report)
	}
}

// TestCancelBetweenWaits stops a probe while it waits for nothing: the next
// wait must not begin.
func TestCancelBetweenWaits(t *testing.T) {
	for _, phase := range []probe.Phase{probe.PhaseGreeting, probe.PhaseEHLO} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			h := &hostile{data: []byte("220 a\r\n")}
			report, err := h.prober().Probe(ctx, h.request(t), probe.Hooks{Event: func(e probe.Event) {
				if e.Phase == phase {
					cancel()
					synctest.Wait()
				}
			}})
			h.wait()
			s := report.Main()
			if err != nil || s == nil || s.Failure == nil || s.Failure.Kind != probe.KindCanceled ||
				report.Elapsed > time.Second {
				t.Errorf("stopped before %s: %v, %+v", phase, err, report)
			}
		})
	}
}

// cancelIn stops a probe shortly after a phase has begun.
func cancelIn(t *testing.T, l *probe.Local, req probe.Request, phase probe.Phase) probe.Report {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var canceled time.Time
	report, err := l.Probe(ctx, req, probe.Hooks{Event: func(e probe.Event) {
		if e.Phase == phase {
			time.AfterFunc(50*time.Millisecond, func() { canceled = time.Now(); cancel() })
		}
	}})
	if late := time.Since(canceled); err != nil || canceled.IsZero() || late > time.Second {
		t.Errorf("returned %v after it was stopped, error %v", late, err)
	}
	return report
}

// starttls is a healthy session.
const starttls = "S: 220 a\nC: EHLO *\nS: 250-a\nS: 250 STARTTLS\nC: STARTTLS\nS: 220 go\nTLS:\n" +
	"C: EHLO *\nS: 250-a\nS: 250-SIZE 1000\nS: 250 AUTH PLAIN\nC: QUIT\nS: 221 bye\n"

// TestManyProbes runs many at once and leaves nothing behind. QUIT has a second
// to be answered, which a busy machine may take for itself.
func TestManyProbes(t *testing.T) {
	probes := 50
	if long.Requested() {
		probes = 200
	}
	goroutines, files := runtime.NumGoroutine(), openFiles()
	t.Run("at once", func(t *testing.T) {
		port := serve(t, scripted(t, starttls))
		local, req := onLoopback(port), request(port)
		req.Timeout = 2 * time.Minute // of one core that a hundred others want too
		var all sync.WaitGroup
		for range probes {
			all.Go(func() {
				report, err := local.Probe(t.Context(), req, probe.Hooks{})
				if s := report.Main(); err != nil || s == nil || s.Failure != nil || len(s.Hellos) != 2 {
					t.Errorf("%v: %+v", err, report)
				}
			})
		}
		all.Wait()
	})
	wantBackTo(t, "goroutines", goroutines, runtime.NumGoroutine)
	wantBackTo(t, "open files", files, openFiles)
}

// TestNothingLeftAfterFailures does the same for sessions that end badly.
func TestNothingLeftAfterFailures(t *testing.T) {
	goroutines, files := runtime.NumGoroutine(), openFiles()
	for _, tt := range ends {
		t.Run(tt.name, func(t *testing.T) {
			port := serve(t, tt.play)
			req := request(port)
			req.Timeout = 100 * time.Millisecond
			for range 2 {
				run(t, onLoopback(port), req)
			}
		})
	}
	wantBackTo(t, "goroutines", goroutines, runtime.NumGoroutine)
	wantBackTo(t, "open files", files, openFiles)
}

// openFiles counts this process's descriptors; 0 where the system does not
// say.
func openFiles() int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(entries)
}

// wantBackTo gives what is ending a moment to end.
func wantBackTo(t *testing.T, what string, want int, count func() int) {
	t.Helper()
	for range 100 {
		if count() <= want {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	stacks := make([]byte, 64<<10)
	t.Errorf("%d %s, there were %d\n%s", count(), what, want, stacks[:runtime.Stack(stacks, true)])
}
