package cost

import (
	"time"

	"golang.org/x/sys/unix"
)

// onThread is the processor time of this thread so far. getrusage(2) has it in
// ticks of some milliseconds on many kernels, clock_gettime(2) in nanoseconds.
func onThread() time.Duration { return used(unix.CLOCK_THREAD_CPUTIME_ID) }

// OfProcess is the processor time of the whole program so far.
func OfProcess() time.Duration { return used(unix.CLOCK_PROCESS_CPUTIME_ID) }

func used(clock int32) time.Duration {
	var ts unix.Timespec
	if unix.ClockGettime(clock, &ts) != nil {
		return 0
	}
	return time.Duration(ts.Nano())
}
