package discordbot

import (
	"time"

	"smtptest/bot"
	"smtptest/formatting"
)

// observe tells what happened to this door.
func (c Config) observe(e bot.Event) {
	if c.Observe != nil {
		e.Platform = formatting.Discord
		c.Observe(e)
	}
}

// acked tells how long a first response took.
func (c Config) acked(began time.Time) {
	c.observe(bot.Event{Kind: bot.EventAcked, Elapsed: time.Since(began)})
}

// called tells how a call to the REST API ended.
func (c Config) called(err error, retries int) {
	outcome := bot.PostedRefused
	switch {
	case err == nil && retries == 0:
		outcome = bot.PostedOK
	case err == nil:
		outcome = bot.PostedRetried
	case codeOf(err) == 0:
		outcome = bot.PostedNoAnswer
	}
	c.observe(bot.Event{Kind: bot.EventPosted, Outcome: outcome})
}
