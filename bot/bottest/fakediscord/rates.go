package fakediscord

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"
)

// rates are the limits of requests (Discord, Rate Limits).
type rates struct {
	buckets map[string]*bucket
	global  bucket
}

type bucket struct {
	since time.Time
	used  int
}

// mostBuckets bounds the memory for buckets; the oldest windows go first.
const mostBuckets = 10_000

// take counts a request in a window; what is left of it, and false if the
// request is one too many.
func (b *bucket) take(now time.Time, most int, window time.Duration) (rest time.Duration, ok bool) {
	if now.Sub(b.since) >= window {
		b.since, b.used = now, 0
	}
	b.used++
	return window - now.Sub(b.since), b.used <= most
}

// limited is an answer 429.
type limited struct {
	after  time.Duration
	global bool
}

// rate counts a call and sets the headers that every answer of Discord has.
func (s *Server) rate(c *call) *limited {
	r, now := s.options.Rates, c.began
	if r.Global > 0 && c.bot && !c.interaction {
		if rest, ok := s.rates.global.take(now, r.Global, time.Second); !ok {
			return &limited{rest, true}
		}
	}
	most, window := r.PerRoute, r.Window
	if most == 0 {
		most, window = 1000, time.Second // the headers of a limit that nobody reaches
	}
	key := c.route + "\x00" + c.r.PathValue("channel") + c.r.PathValue("token")
	b := s.rates.bucket(key, now, window)
	rest, ok := b.take(now, most, window)
	if !ok && r.PerRoute > 0 {
		return &limited{rest, false}
	}
	c.rateHeaders(most, max(most-b.used, 0), rest, key)
	return nil
}

func (r *rates) bucket(key string, now time.Time, window time.Duration) *bucket {
	b := r.buckets[key]
	if b == nil {
		if len(r.buckets) >= mostBuckets {
			for k, old := range r.buckets {
				if now.Sub(old.since) >= window {
					delete(r.buckets, k)
				}
			}
		}
		b = &bucket{}
		r.buckets[key] = b
	}
	return b
}

func (c *call) rateHeaders(most, left int, rest time.Duration, key string) {
	h := c.w.Header()
	h.Set("X-RateLimit-Limit", strconv.Itoa(most))
	h.Set("X-RateLimit-Remaining", strconv.Itoa(left))
	h.Set("X-RateLimit-Reset-After", seconds(rest))
	h.Set("X-RateLimit-Reset", fmt.Sprintf("%.3f", float64(c.began.Add(rest).UnixMilli())/1000))
	h.Set("X-RateLimit-Bucket", fmt.Sprintf("%032x", hash(key)))
}

func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', 3, 64) }

// hash is FNV-1a: a bucket's name only has to look like one.
func hash(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

// answerLimited writes a 429: the fraction of a second is in the body only
// (Discord, Rate Limits, Exceeding A Rate Limit).
func (c *call) answerLimited(l *limited) {
	h := c.w.Header()
	h.Set("Retry-After", strconv.Itoa(int(math.Ceil(l.after.Seconds()))))
	h.Set("X-RateLimit-Scope", "user")
	if l.global {
		h.Set("X-RateLimit-Global", "true")
		h.Set("X-RateLimit-Scope", "global")
	}
	c.answer(http.StatusTooManyRequests, map[string]any{
		"message": "You are being rate limited.", "retry_after": math.Ceil(l.after.Seconds()*1000) / 1000, "global": l.global,
	})
}
