// Package cost holds work to a budget of processor time: what a server sends may
// cost in proportion to its octets, and no more. It counts the time of the
// processor and not of the clock, so that a busy machine changes nothing, and
// compares work with half of it, so that a slow one does not either.
package cost

import (
	"runtime"
	"runtime/debug"
	"testing"
	"time"
)

// Limits of a comparison.
const (
	mostRatio = 2.6                   // of twice the work: 2 where the cost is linear, 4 where it grows with the square
	enough    = time.Millisecond      // of work that can be measured
	rounds    = 6                     // what is linear passes in one of them, what is not in none
	runs      = 5                     // of which the fastest counts
	long      = 50 * time.Millisecond // of one run, after which there is no other
)

// Linear fails the test where twice the work costs more than 2.6 times the
// processor time. prepare makes work of a size that is not counted, and the work
// itself stays in its goroutine; most is the largest size that there can be.
func Linear(t testing.TB, about string, most int, prepare func(n int) (work func())) {
	t.Helper()
	if testing.Short() {
		t.Skip("times say nothing under the race detector, which runs with -short")
	}
	half, whole := prepare(most/2), prepare(most)
	half() // what is done once
	times := int(enough/max(spent(half), enough/1000)) + 1
	var a, b time.Duration
	for range rounds {
		a, b = fastest(half, times), fastest(whole, times)
		if float64(b) <= mostRatio*float64(a) {
			return
		}
	}
	t.Errorf("%s: half costs %v, the whole %v of processor time", about, a/time.Duration(times), b/time.Duration(times))
}

func fastest(work func(), times int) time.Duration {
	best := time.Hour
	for range runs {
		took := spent(func() {
			for range times {
				work()
			}
		})
		best = min(best, took)
		if took > long {
			break
		}
	}
	return best
}

// spent is what work takes of the processor, without the collector's part, which
// depends on all else that is in the heap.
func spent(work func()) time.Duration {
	runtime.GC()
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	began := onThread()
	work()
	return onThread() - began
}
