package slackbot

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"smtptest/bot"
	"smtptest/formatting"
)

// Fatal is an answer of Slack's after which trying again makes no sense.
type Fatal struct {
	Code string // Slack's own, such as invalid_auth
}

// Error implements error in one line for the operator.
func (f *Fatal) Error() string {
	return "Slack refuses the tokens (" + f.Code + "): check SLACK_BOT_TOKEN and SLACK_APP_TOKEN, and that the app is installed."
}

func asFatal(err error) (*Fatal, bool) {
	if f, ok := errors.AsType[*Fatal](err); ok {
		return f, true
	}
	code := errorCode(err)
	switch code {
	case "invalid_auth", "account_inactive", "not_authed", "token_revoked", "token_expired", "not_allowed_token_type", "app_uninstalled":
		return &Fatal{code}, true
	}
	return nil, false
}

// errorCode is Slack's word for what is wrong; empty: it was not Slack that
// answered.
func errorCode(err error) string {
	if e, ok := errors.AsType[slack.SlackErrorResponse](err); ok {
		return e.Err
	}
	return ""
}

func typeName(v any) string { return fmt.Sprintf("%T", v) }

// maxPause is between two attempts of a connection to begin anew. The library
// waits by itself between attempts to connect.
const maxPause = 30 * time.Second

// connect keeps one socket open until ctx is over.
func (b *Bot) connect(ctx context.Context, number int) error {
	for attempt := 0; ctx.Err() == nil; attempt++ {
		client := socketmode.New(b.api, socketmode.OptionLog(quiet{}), socketmode.OptionDebug(false))
		reading, stop := context.WithCancel(ctx)
		done := make(chan struct{})
		go func() {
			defer close(done)
			b.listen(reading, client, number)
		}()
		err := client.RunContext(ctx)
		stop()
		<-done
		if fatal, ok := asFatal(err); ok {
			return fatal
		}
		if ctx.Err() != nil {
			return nil
		}
		b.config.Log.Warn("connection ended", "connection", number, "attempt", attempt, "error", plainError(err))
		pause(ctx, attempt)
	}
	return nil
}

// pause waits longer each time, and never for two connections the same.
func pause(ctx context.Context, attempt int) {
	wait := min(maxPause, time.Second<<min(attempt, 5))
	wait = wait/2 + rand.N(wait/2+1)
	select {
	case <-time.After(wait):
	case <-ctx.Done():
	}
}

// plainError names an error without what it quotes: addresses of Slack's are
// as good as a token.
func plainError(err error) string {
	if code := errorCode(err); code != "" {
		return code
	}
	return typeName(err)
}

// listen takes events off a connection, in the order in which they come. It
// only ever acknowledges and hands on, so that the next one need not wait.
func (b *Bot) listen(ctx context.Context, client *socketmode.Client, number int) {
	for {
		select {
		case e := <-client.Events:
			b.guarded(func() { b.event(ctx, client, e, number) })
		case <-ctx.Done():
			return
		}
	}
}

func (b *Bot) event(ctx context.Context, client *socketmode.Client, e socketmode.Event, number int) {
	switch e.Type {
	case socketmode.EventTypeConnected:
		b.config.Log.Info("connected", "connection", number)
	case socketmode.EventTypeConnectionError:
		b.config.Log.Warn("no connection yet", "connection", number)
	case socketmode.EventTypeErrorBadMessage, socketmode.EventTypeIncomingError, socketmode.EventTypeErrorWriteFailed:
		b.config.Log.Warn("event lost", "connection", number, "event", string(e.Type))
	case socketmode.EventTypeSlashCommand, socketmode.EventTypeInteractive, socketmode.EventTypeEventsAPI:
		b.incoming(ctx, client, e)
	}
}

// ackTimeout bounds the hand-over of an acknowledgement to the socket's writer.
const ackTimeout = 2 * time.Second // of Slack's 3 s

// incoming turns an event into an invocation. What is not for us is
// acknowledged all the same: Slack would send it again.
func (b *Bot) incoming(ctx context.Context, client *socketmode.Client, e socketmode.Event) {
	id := e.Request.EnvelopeID
	s := &source{ack: func(payload any) {
		ctx, cancel := context.WithTimeout(ctx, ackTimeout)
		defer cancel()
		if err := client.AckCtx(ctx, id, payload); err != nil {
			b.config.Log.Warn("not acknowledged", "error", plainError(err))
		}
	}}
	inv, ok := b.read(e, s)
	if !ok {
		s.ack(nil)
		return
	}
	d := &door{bot: b, source: s}
	if id := b.refused(s); id != "" {
		d.Answer(ctx, bot.Answer{Message: formatting.Refusal(id), Private: true})
		return
	}
	if !b.dispatcher.Dispatch(ctx, inv, d) {
		s.ack(nil) // delivered twice
	}
}
