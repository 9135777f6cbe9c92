package slackbot

import (
	"context"
	"time"

	"github.com/slack-go/slack"

	"smtptest/bot"
	"smtptest/bot/chat"
	"smtptest/formatting"
	"smtptest/formatting/blockkit"
)

// late is after what time a person sees a verdict alone that the channel has not
// taken yet: Slack takes one message a second there.
const late = 700 * time.Millisecond

// Ahead implements chat.Advancer.
func (e *event) Ahead(_ context.Context, u bot.Update) (omit bool) {
	if u.Stage < bot.StageVerdict {
		return e.bot.api.caller.Pacer.Backlog(e.channel) >= late
	}
	p := blockkit.Root(noted(u.Message, formatting.PlaceSoon))
	e.verdict = &p
	return false
}

// Post implements chat.Platform. The first message of an answer is urgent.
func (e *event) Post(ctx context.Context, at chat.Spot, p blockkit.Post) (chat.Spot, error) {
	urgent, verdict := !e.posted, e.verdict
	e.verdict = nil
	if !urgent || verdict == nil {
		at, err := e.bot.api.post(ctx, at, p, urgent)
		e.posted = e.posted || err == nil
		return at, err
	}
	posted, err := at, error(bot.Plain("the answer panicked"))
	done := make(chan struct{})
	go func() {
		defer close(done)
		chat.Guard(e.bot.config.Log, func() { posted, err = e.bot.api.post(ctx, at, p, true) })
	}()
	timer := time.NewTimer(late)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
		if e.bot.api.caller.Pacer.Backlog(at.Channel) > 0 { // else Slack is slow, and would be with this one too
			_ = e.Tell(ctx, *verdict)
		}
		<-done
	}
	e.posted = err == nil
	return posted, err
}

// EndOrphan ends the answer of a test whose replica was killed: in its message,
// or, where none stands, where the answer was to come.
func (b *Bot) EndOrphan(ctx context.Context, left bot.Left, m formatting.Message) {
	p, at := blockkit.Root(m), chat.Spot{Channel: left.Place.Channel, Message: left.Message}
	e := &event{bot: b, source: &source{hook: hook{url: left.Way}}}
	kind := slack.ResponseTypeInChannel
	if left.Private {
		kind = slack.ResponseTypeEphemeral
	}
	var err error
	switch {
	case left.Message != "":
		_, err = e.Edit(ctx, at, p)
	case left.Way != "":
		err = b.api.respond(ctx, &e.source.hook, p, kind)
	case !left.Private:
		_, err = b.api.post(ctx, at, p, true)
	}
	if err != nil {
		b.config.Log.Warn("the answer of another replica was not ended", "error", plainError(err))
	}
}
