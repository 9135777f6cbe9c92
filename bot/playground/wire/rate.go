package wire

import "time"

// bucket counts what was taken under one name.
type bucket struct {
	used  float64
	since time.Time
}

// maxBuckets bounds the memory for buckets: those that are full again go.
const maxBuckets = 10_000

// Leak takes one of most, of which one comes back in each interval, and
// returns how long to wait until there is one; 0: it was taken. Mu is held.
func (f *Frame) Leak(name string, most int, each time.Duration) (wait time.Duration) {
	now := time.Now()
	b := f.bucket(name, now, time.Duration(most)*each)
	b.used = max(0, b.used-float64(now.Sub(b.since))/float64(each))
	b.since = now
	if over := b.used + 1 - float64(most); over > 0 {
		return time.Duration(over * float64(each))
	}
	b.used++
	return 0
}

// Window takes one of most in a window of time, and returns how many are left
// in it, below 0 if that was one too many, and when it ends. Mu is held.
func (f *Frame) Window(name string, most int, window time.Duration) (left int, rest time.Duration) {
	now := time.Now()
	b := f.bucket(name, now, window)
	if now.Sub(b.since) >= window {
		b.since, b.used = now, 0
	}
	b.used++
	return most - int(b.used), window - now.Sub(b.since)
}

// bucket finds or makes the bucket of a name; life is after what time an
// untouched one is as good as new.
func (f *Frame) bucket(name string, now time.Time, life time.Duration) *bucket {
	if b := f.buckets[name]; b != nil {
		return b
	}
	if len(f.buckets) >= maxBuckets {
		for k, old := range f.buckets {
			if now.Sub(old.since) >= life {
				delete(f.buckets, k)
			}
		}
	}
	b := &bucket{since: now}
	f.buckets[name] = b
	return b
}
