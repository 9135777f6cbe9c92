package chat

import (
	"context"
	"time"

	"smtptest/bot"
	"smtptest/formatting"
)

// Kind is what a refusal means for an answer. Each platform has hundreds of
// codes; an adapter sorts them into these.
type Kind int

// The kinds.
const (
	Refused   Kind = iota // for a reason of the call's own: another try ends the same way
	Gone                  // the message is not there any more, or cannot be changed any more
	Closed                // the place takes no message of ours
	Lost                  // the answer's only way is closed: nothing can be said any more
	Limited               // the platform asks to wait
	Transient             // the platform is out of order, or nothing came back
	Final                 // the platform refuses our token
)

// Problem is what an adapter says of an error.
type Problem struct {
	Kind  Kind
	Code  string        // the platform's own word for it; empty: it was not the platform that answered
	After time.Duration // of Limited: until another try makes sense; 0: not said
}

// Caller makes calls to a platform, and makes them again where that may help.
// A call whose outcome is unknown is repeated too: no answer is worse than a
// doubled one. Its fields must not change.
type Caller struct {
	Life     context.Context     // of all calls: when it is over, none is made any more; nil: it has no end
	Pacer    *Pacer              // of what is posted to a channel; nil: there is no pace
	Timeout  time.Duration       // of one attempt, without the wait for its turn
	Retries  int                 // beyond the first attempt
	Backoff  Backoff             // where the platform does not say how long to wait
	MaxAfter time.Duration       // the longest wait that a platform may ask for: a person waits too
	Classify func(error) Problem // of an error that is not nil
	Observer Observer
	Doubt    func() // hears that the platform has refused a token, and must not wait; nil: nobody
}

// Do makes a call. Where a channel is named, its pace is kept.
func (c *Caller) Do(ctx context.Context, channel string, call func(context.Context) error) error {
	return c.do(ctx, turn{channel: channel}, call)
}

// First is Do for what somebody waits for: it goes before all that is not.
func (c *Caller) First(ctx context.Context, channel string, call func(context.Context) error) error {
	return c.do(ctx, turn{channel, true}, call)
}

// turn is what a call waits for.
type turn struct {
	channel string // empty: nothing
	urgent  bool
}

func (c *Caller) do(ctx context.Context, to turn, call func(context.Context) error) error {
	ctx, cancel := c.within(ctx)
	defer cancel()
	for attempt := 0; ; attempt++ {
		err := c.once(ctx, to, call)
		var problem Problem
		if err != nil {
			problem = c.Classify(err)
		}
		if problem.Kind == Final && c.Doubt != nil {
			c.Doubt()
		}
		wait, again := c.afterwards(err, problem, attempt)
		if problem.Kind == Limited {
			c.Pacer.Hold(to.channel, wait)
		}
		if !again || attempt == c.Retries || !Sleep(ctx, wait) {
			c.Observer.Posted(err, problem, attempt)
			return err
		}
	}
}

// Once makes a call that cannot be repeated.
func (c *Caller) Once(ctx context.Context, call func(context.Context) error) error {
	ctx, cancel := c.within(ctx)
	defer cancel()
	return c.once(ctx, turn{}, call)
}

// within ends ctx with the life of all calls.
func (c *Caller) within(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	if c.Life == nil {
		return ctx, cancel
	}
	stop := context.AfterFunc(c.Life, cancel)
	if c.Life.Err() != nil {
		cancel() // AfterFunc would do so a little later
	}
	return ctx, func() {
		stop()
		cancel()
	}
}

func (c *Caller) once(ctx context.Context, to turn, call func(context.Context) error) error {
	if !c.Pacer.Wait(ctx, to.channel, to.urgent) {
		return ctx.Err()
	}
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	return call(ctx)
}

// afterwards says whether a call is to be made again, and when. A token that
// is refused may be an error of the platform's: if it was meant so, the
// adapter ends before the tries do.
func (c *Caller) afterwards(err error, p Problem, attempt int) (wait time.Duration, again bool) {
	switch {
	case err == nil:
		return 0, false
	case p.Kind == Limited && p.After > 0:
		return min(p.After, c.MaxAfter), true
	}
	return c.Backoff.Wait(attempt), p.Kind == Limited || p.Kind == Transient || p.Kind == Final
}

// Observer hears what happens to one adapter, so that it can be counted.
type Observer struct {
	Platform formatting.Platform
	Hear     func(bot.Event) // from many goroutines at once; nil: nobody
}

// Note passes an event on.
func (o Observer) Note(e bot.Event) {
	if o.Hear != nil {
		e.Platform = o.Platform
		o.Hear(e)
	}
}

// Acked notes that what came in at that time was acknowledged.
func (o Observer) Acked(began time.Time) {
	o.Note(bot.Event{Kind: bot.EventAcked, Elapsed: time.Since(began)})
}

// Dropped notes that something was not answered; outcome is one of bot's.
func (o Observer) Dropped(outcome string) {
	o.Note(bot.Event{Kind: bot.EventDropped, Outcome: outcome})
}

// Posted notes how a call ended after so many tries beyond the first. Of no
// error the problem does not count.
func (o Observer) Posted(err error, p Problem, retries int) {
	outcome := bot.PostedRefused
	switch {
	case err == nil && retries == 0:
		outcome = bot.PostedOK
	case err == nil:
		outcome = bot.PostedRetried
	case p.Kind == Limited:
		outcome = bot.PostedLimited
	case p.Kind == Transient && p.Code == "":
		outcome = bot.PostedNoAnswer
	}
	o.Note(bot.Event{Kind: bot.EventPosted, Outcome: outcome})
}
