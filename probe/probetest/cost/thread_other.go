//go:build !linux

package cost

import "time"

var start = time.Now()

// onThread is the time of the clock where there is none of a thread.
func onThread() time.Duration { return time.Since(start) }

// OfProcess is the same.
func OfProcess() time.Duration { return time.Since(start) }
