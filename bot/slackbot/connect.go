package slackbot

import (
	"context"
	"errors"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"smtptest/bot"
)

// Pauses of a connection before it begins anew. The library waits by itself
// between attempts to connect.
const (
	maxPause = 30 * time.Second
	steady   = time.Minute // a connection that lasted so long is none that fails
)

// connect keeps one socket open until ctx is over. One client serves all the
// time: what it has read and not yet handed over, and what it has still to
// write, outlives a socket.
func (b *Bot) connect(ctx context.Context, number int) error {
	ctx, cancel := context.WithCancelCause(ctx)
	client := socketmode.New(b.api, socketmode.OptionLog(quiet{}), socketmode.OptionDebug(false), socketmode.OptionDialer(dialer()))
	var reading sync.WaitGroup
	defer reading.Wait()
	defer cancel(nil)
	reading.Go(func() { b.listen(ctx, cancel, client, number) })
	for attempt := 0; ctx.Err() == nil; attempt++ {
		began := time.Now()
		err := client.RunContext(ctx)
		if fatal, ok := asFatal(err); ok {
			b.config.refusedBy(fatal)
			return fatal
		}
		if ctx.Err() != nil {
			break
		}
		if time.Since(began) > steady {
			attempt = 0
		}
		b.config.observe(bot.Event{Kind: bot.EventDown, Connection: number, Outcome: bot.DownEnded})
		b.config.Log.Warn("connection ended", "connection", number, "attempt", attempt, "error", plainError(err))
		pause(ctx, jitter(attempt))
	}
	if fatal, ok := asFatal(context.Cause(ctx)); ok {
		return fatal
	}
	return nil
}

// jitter is longer each time, and never the same for two connections.
func jitter(attempt int) time.Duration {
	wait := min(maxPause, time.Second<<min(attempt, 5))
	return wait/2 + rand.N(wait/2+1)
}

// plainError names an error without what it quotes: addresses of Slack's are
// as good as a token.
func plainError(err error) string {
	if code := errorCode(err); code != "" {
		return code
	}
	if e, ok := errors.AsType[slack.StatusCodeError](err); ok {
		return "HTTP " + strconv.Itoa(e.Code)
	}
	if _, ok := errors.AsType[*slack.RateLimitedError](err); ok {
		return "ratelimited"
	}
	return bot.Cause(err)
}

// listen takes events off a connection, in the order in which they come. It
// only ever acknowledges and hands on, so that the next one need not wait. It
// calls give with what makes all further attempts useless.
func (b *Bot) listen(ctx context.Context, give context.CancelCauseFunc, client *socketmode.Client, number int) {
	for {
		select {
		case e := <-client.Events:
			b.guarded(func() { b.event(ctx, give, client, e, number) })
		case <-ctx.Done():
			return
		}
	}
}

func (b *Bot) event(ctx context.Context, give context.CancelCauseFunc, client *socketmode.Client, e socketmode.Event, number int) {
	b.config.standing(e, number)
	switch e.Type {
	case socketmode.EventTypeConnected:
		b.config.Log.Info("connected", "connection", number)
	case socketmode.EventTypeConnectionError:
		b.unconnected(give, e, number)
	case socketmode.EventTypeErrorWriteFailed:
		b.unwritten(ctx, client, e)
	case socketmode.EventTypeErrorBadMessage:
		b.config.Log.Warn("event lost", "connection", number, "event", string(e.Type))
	case socketmode.EventTypeSlashCommand, socketmode.EventTypeInteractive, socketmode.EventTypeEventsAPI:
		b.incoming(ctx, client, e)
	}
}

// unconnected looks at why there is no connection: the library takes only
// some of the refusals for what they are.
func (b *Bot) unconnected(give context.CancelCauseFunc, e socketmode.Event, number int) {
	var err error
	if failed, ok := e.Data.(*slack.ConnectionErrorEvent); ok {
		err = failed.ErrorObj
	}
	if fatal, ok := noSocket(err); ok {
		give(fatal)
		return
	}
	b.config.Log.Warn("no connection yet", "connection", number, "error", plainError(err))
}

// unwritten sends an acknowledgement again that was lost with its socket: it
// waits for the next one. Slack takes it there.
func (b *Bot) unwritten(ctx context.Context, client *socketmode.Client, e socketmode.Event) {
	failed, ok := e.Data.(*socketmode.ErrorWriteFailed)
	if !ok || failed.Response == nil {
		return
	}
	time.AfterFunc(2*linger, func() {
		b.guarded(func() { b.send(ctx, client, failed.Response.EnvelopeID, failed.Response.Payload) })
	})
}

const (
	ackTimeout = 2 * time.Second        // for handing an acknowledgement to the socket's writer, of Slack's 3 s
	copyWait   = 500 * time.Millisecond // the acknowledgement of a copy is empty, so it comes behind the first
)

// send hands an acknowledgement to the socket's writer; false if that was not
// possible.
func (b *Bot) send(ctx context.Context, client *socketmode.Client, envelope string, payload any) bool {
	ctx, cancel := context.WithTimeout(ctx, ackTimeout)
	defer cancel()
	err := client.AckCtx(ctx, envelope, payload)
	if err != nil {
		b.config.Log.Warn("not acknowledged", "error", plainError(err))
	}
	return err == nil
}

// incoming turns an event into an invocation. What is not for us, or came
// before, is acknowledged all the same: Slack would send it again.
func (b *Bot) incoming(ctx context.Context, client *socketmode.Client, e socketmode.Event) {
	envelope, began := e.Request.EnvelopeID, time.Now()
	s := &source{}
	s.ack = func(payload any) {
		s.acked = true
		if b.send(ctx, client, envelope, payload) {
			b.config.acked(began)
		}
	}
	inv, ok := b.read(e, s)
	if !ok {
		s.ack(nil)
		return
	}
	if inv.ID == "" {
		inv.ID = envelope
	}
	inv.Refused = b.refused(s)
	b.dispatcher.Dispatch(ctx, inv, &door{bot: b, source: s})
	if !s.acked {
		time.AfterFunc(copyWait, func() { b.guarded(func() { s.ack(nil) }) })
	}
}
