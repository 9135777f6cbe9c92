package slackbot

import (
	"errors"
	"net/http"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"smtptest/bot"
	"smtptest/formatting"
)

// observe tells what happened to this door.
func (c Config) observe(e bot.Event) {
	if c.Observe != nil {
		e.Platform = formatting.Slack
		c.Observe(e)
	}
}

// standing tells what an event of the library says of its connection.
func (c Config) standing(e socketmode.Event, number int) {
	switch e.Type {
	case socketmode.EventTypeConnected:
		c.observe(bot.Event{Kind: bot.EventUp, Connection: number})
	case socketmode.EventTypeConnectionError:
		c.observe(bot.Event{Kind: bot.EventDown, Connection: number, Outcome: bot.DownUnreachable})
	case socketmode.EventTypeConnecting:
		if attempt, ok := e.Data.(*slack.ConnectingEvent); ok && attempt.ConnectionCount > 0 {
			c.observe(bot.Event{Kind: bot.EventDown, Connection: number, Outcome: bot.DownEnded})
		}
	case socketmode.EventTypeErrorBadMessage:
		c.observe(bot.Event{Kind: bot.EventDropped, Outcome: bot.DroppedUnreadable})
	case socketmode.EventTypeIncomingError, socketmode.EventTypeErrorWriteFailed:
		c.observe(bot.Event{Kind: bot.EventDropped, Outcome: bot.DroppedLost})
	}
}

// refusedBy tells that Slack takes our tokens no more.
func (c Config) refusedBy(f *Fatal) {
	c.observe(bot.Event{Kind: bot.EventRefused, Outcome: f.Code})
}

func (c Config) acked(began time.Time) {
	c.observe(bot.Event{Kind: bot.EventAcked, Elapsed: time.Since(began)})
}

// called tells how a call to the Web API ended after so many tries beyond the
// first.
func (c Config) called(err error, retries int) {
	outcome := bot.PostedNoAnswer
	limited, isLimited := errors.AsType[*slack.RateLimitedError](err)
	status, isStatus := errors.AsType[slack.StatusCodeError](err)
	switch {
	case err == nil && retries == 0:
		outcome = bot.PostedOK
	case err == nil:
		outcome = bot.PostedRetried
	case isLimited && limited != nil, isStatus && status.Code == http.StatusTooManyRequests:
		outcome = bot.PostedLimited
	case errorCode(err) != "", isStatus && status.Code < http.StatusInternalServerError:
		outcome = bot.PostedRefused
	}
	c.observe(bot.Event{Kind: bot.EventPosted, Outcome: outcome})
}
