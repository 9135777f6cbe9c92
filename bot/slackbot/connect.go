package slackbot

import (
	"context"
	"sync"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"smtptest/bot"
	"smtptest/bot/chat"
)

// steady is how long a connection has lasted that is none that fails.
const steady = time.Minute

// connect keeps one socket open until ctx is over. One client serves all the
// time: what it has read and not yet handed over, and what it has still to
// write, outlives a socket.
func (b *Bot) connect(ctx context.Context, number int) error {
	ctx, cancel := context.WithCancelCause(ctx)
	client := socketmode.New(b.api.slack, socketmode.OptionLog(quiet{}), socketmode.OptionDebug(false),
		socketmode.OptionDialer(dialer()))
	var reading sync.WaitGroup
	defer reading.Wait()
	defer cancel(nil)
	reading.Go(func() { b.listen(ctx, cancel, client, number) })
	for attempt := 0; ctx.Err() == nil; attempt++ {
		began := time.Now()
		err := client.RunContext(ctx)
		if fatal, ok := asFatal(err); ok {
			b.observer.Note(bot.Event{Kind: bot.EventRefused, Outcome: fatal.Code})
			return fatal
		}
		if ctx.Err() != nil {
			break
		}
		if time.Since(began) > steady {
			attempt = 0
		}
		b.observer.Note(bot.Event{Kind: bot.EventDown, Connection: number, Outcome: bot.DownEnded})
		b.config.Log.Warn("connection ended", "connection", number, "attempt", attempt, "error", plainError(err))
		chat.Sleep(ctx, b.reconnect.Wait(attempt))
	}
	if fatal, ok := asFatal(context.Cause(ctx)); ok {
		return fatal
	}
	return nil
}

// listen takes events off a connection, in the order in which they come. It
// only ever acknowledges and hands on, so that the next one need not wait. It
// calls give with what makes all further attempts useless.
func (b *Bot) listen(ctx context.Context, give context.CancelCauseFunc, client *socketmode.Client, number int) {
	for {
		select {
		case e := <-client.Events:
			chat.Guard(b.config.Log, func() { b.event(ctx, give, client, e, number) })
		case <-ctx.Done():
			return
		}
	}
}

func (b *Bot) event(
	ctx context.Context, give context.CancelCauseFunc, client *socketmode.Client, e socketmode.Event, number int,
) {
	b.standing(e, number)
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
	if fatal, ok := socketFatal(err); ok {
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
		chat.Guard(b.config.Log, func() { b.send(ctx, client, failed.Response.EnvelopeID, failed.Response.Payload) })
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
			b.observer.Acked(began)
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
	b.dispatcher.Dispatch(ctx, inv, b.responder(s))
	if !s.acked {
		time.AfterFunc(copyWait, func() { chat.Guard(b.config.Log, func() { s.ack(nil) }) })
	}
}

// standing tells what an event of the library says of its connection.
func (b *Bot) standing(e socketmode.Event, number int) {
	switch e.Type {
	case socketmode.EventTypeConnected:
		b.observer.Note(bot.Event{Kind: bot.EventUp, Connection: number})
	case socketmode.EventTypeConnectionError:
		b.observer.Note(bot.Event{Kind: bot.EventDown, Connection: number, Outcome: bot.DownUnreachable})
	case socketmode.EventTypeConnecting:
		if attempt, ok := e.Data.(*slack.ConnectingEvent); ok && attempt.ConnectionCount > 0 {
			b.observer.Note(bot.Event{Kind: bot.EventDown, Connection: number, Outcome: bot.DownEnded})
		}
	case socketmode.EventTypeErrorBadMessage:
		b.observer.Dropped(bot.DroppedUnreadable)
	case socketmode.EventTypeIncomingError, socketmode.EventTypeErrorWriteFailed:
		b.observer.Dropped(bot.DroppedLost)
	}
}
