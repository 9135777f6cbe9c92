// Package chat delivers answers on chat platforms: in which order and place
// the parts of an answer appear, what happens when a place does not take them,
// how often and how fast a platform is called, and who may use the bot.
//
// An adapter knows one platform. It makes an Invocation of each event, offers
// what the platform can do as a Platform, and says of each refusal which of
// the few Kinds it is. A Delivery does the rest, and is the same everywhere.
//
// It has no SMTP knowledge, no wording of its own, and opens no connection.
package chat

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"
)

// Fatal is an answer of a platform's after which trying again makes no sense.
type Fatal struct {
	Code string // the platform's own word, such as invalid_auth or 4004
	Says string // one line for the operator: what is refused, and what to check
}

// Error implements error.
func (f *Fatal) Error() string { return f.Says }

// Sleep waits, and returns false when ctx is over first. A wait of no length
// only asks for that.
func Sleep(ctx context.Context, wait time.Duration) bool {
	if wait <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}

// Backoff is how long to wait before another attempt.
type Backoff struct {
	First time.Duration // before the second attempt; twice as long before each further one
	Most  time.Duration
}

// Wait is the time before the next attempt, the first attempt having number 0.
// It lies between half of that and all of it, so that no two bots try at once.
func (b Backoff) Wait(attempt int) time.Duration {
	const maxDoublings = 16
	wait := min(b.Most, b.First<<min(attempt, maxDoublings))
	return wait/2 + rand.N(wait/2+1)
}

// Guard keeps a panic in one answer from ending all others. Of its value only
// the type is logged: the value may quote anything.
func Guard(log *slog.Logger, job func()) {
	defer func() {
		if v := recover(); v != nil {
			log.Error("answering failed", "panic", fmt.Sprintf("%T", v))
		}
	}()
	job()
}
