package chat

import (
	"context"
	"errors"
	"log/slog"
	"sync"
)

// Together runs the parts of an adapter and returns when all have ended. A
// part that returns an error ends the others. Errors: *Fatal, the first that a
// part returned.
func Together(ctx context.Context, parts ...func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var all sync.WaitGroup
	for _, part := range parts {
		all.Go(func() {
			if err := part(ctx); err != nil {
				cancel(err)
			}
		})
	}
	all.Wait()
	if fatal, ok := errors.AsType[*Fatal](context.Cause(ctx)); ok {
		return fatal
	}
	return nil
}

// Doubts note that a platform has refused a token in a call. One odd answer
// must not end a bot that works, so that the platform is asked once more. Use
// NewDoubts.
type Doubts struct{ noted chan struct{} }

// NewDoubts begins without one.
func NewDoubts() Doubts { return Doubts{make(chan struct{}, 1)} }

// Note notes one. It never waits.
func (d Doubts) Note() {
	select {
	case d.noted <- struct{}{}:
	default: // there is a note already
	}
}

// Settle asks again after each note until ctx is over. Errors: *Fatal, if
// check gives one.
func (d Doubts) Settle(ctx context.Context, check func(context.Context) error) error {
	for {
		select {
		case <-d.noted:
		case <-ctx.Done():
			return nil
		}
		if fatal, ok := errors.AsType[*Fatal](check(ctx)); ok {
			return fatal
		}
	}
}

// Introduction asks a platform who we are until it says so. Until then nobody
// can be told from a stranger.
type Introduction struct {
	Check   func(context.Context) (problems []string, err error) // the problems are for the operator
	Backoff Backoff
	Name    func(error) string // of an error, without what it quotes
	Log     *slog.Logger
}

// Make returns when check gave no error, or ctx is over. Errors: *Fatal.
func (i Introduction) Make(ctx context.Context) error {
	for attempt := 0; ctx.Err() == nil; attempt++ {
		problems, err := i.Check(ctx)
		for _, p := range problems {
			i.Log.Warn(p)
		}
		if err == nil {
			return nil
		}
		if fatal, ok := errors.AsType[*Fatal](err); ok {
			return fatal
		}
		i.Log.Warn("the platform does not say who we are", "attempt", attempt, "error", i.Name(err))
		Sleep(ctx, i.Backoff.Wait(attempt))
	}
	return nil
}
