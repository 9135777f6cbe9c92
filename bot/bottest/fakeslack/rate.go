package fakeslack

import (
	"math"
	"time"
)

// burst is how many messages a channel takes at once before one a second is
// held to. Slack says only that it tolerates short bursts
// (docs.slack.dev/apis/web-api/rate-limits).
const burst = 3

// bucket is filled with time and emptied by calls.
type bucket struct {
	left float64
	at   time.Time
}

// rate takes one from a bucket, or says when there is one again. A bucket
// begins full. s.mu is held.
func (s *Server) rate(name string, perSecond float64, most int) error {
	if s.options.NoRates {
		return nil
	}
	now := time.Now()
	b, ok := s.buckets[name]
	if !ok {
		b = &bucket{float64(most), now}
		s.buckets[name] = b
	}
	b.left = min(float64(most), b.left+now.Sub(b.at).Seconds()*perSecond)
	b.at = now
	if b.left < 1 {
		return &refusal{code: "ratelimited", wait: max(1, int(math.Ceil((1-b.left)/perSecond)))}
	}
	b.left--
	return nil
}
