package chat

import (
	"context"
	"maps"
	"sync"
	"time"
)

// maxPaced bounds the memory for channels that were posted to lately.
const maxPaced = 1000

// Pacer keeps the distance that a platform wants between two messages in one
// channel. Its zero value keeps none, and so does none at all.
type Pacer struct {
	Every time.Duration

	mu   sync.Mutex
	next map[string]time.Time // when a channel may be posted to again
}

// Wait returns when it is the caller's turn in a channel, or false when ctx is
// over first. Who called earlier has the earlier turn. An empty channel has no
// pace.
func (p *Pacer) Wait(ctx context.Context, channel string) bool {
	if p == nil || channel == "" {
		return ctx.Err() == nil
	}
	return Sleep(ctx, time.Until(p.turn(channel)))
}

// turn takes the next place in the line of a channel.
func (p *Pacer) turn(channel string) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if p.next == nil {
		p.next = map[string]time.Time{}
	}
	if len(p.next) >= maxPaced {
		maps.DeleteFunc(p.next, func(_ string, at time.Time) bool { return at.Before(now) })
	}
	at := p.next[channel]
	if at.Before(now) {
		at = now
	}
	p.next[channel] = at.Add(p.Every)
	return at
}
