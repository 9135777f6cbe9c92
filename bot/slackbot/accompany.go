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

// Accompany implements chat.Companion. The form that was sent shows how the
// test goes and ends with its outcome. Who sees nothing else before the end is
// told that the test has begun, in words that stay true: Slack changes nothing
// that was said at a command's own address (slackapi/bolt-python issue 1268).
func (e *event) Accompany(ctx context.Context, u bot.Update) {
	switch {
	case e.source.kind == kindForm && e.unseen:
		e.inForm(ctx, u)
	case u.Stage == bot.StageStarted && e.unseen:
		begun := formatting.Notice(formatting.PlaceFollows, formatting.Value{Name: "target", Text: u.Message.Target})
		_ = e.Tell(ctx, blockkit.Private(begun)[0])
	}
}

// ackWithin is for how long Slack takes the acknowledgement of a form, which
// changes what the form shows (docs.slack.dev/interactivity/handling-user-interaction).
const ackWithin = 3 * time.Second

// inForm changes what the form shows. Whoever has closed it reads the answer
// where that was told. The acknowledgement travels on another way, and might come
// last: until it cannot any more, the outcome is not sure to stand.
func (e *event) inForm(ctx context.Context, u bot.Update) {
	last := u.Stage >= bot.StageDone
	switch {
	case u.Stage == bot.StageStarted: // the acknowledgement has shown it
	case last:
		view := blockkit.StatusModal(noted(u.Message, e.told))
		e.show(ctx, view)
		if wait := time.Until(e.acked.Add(ackWithin)); wait > 0 && chat.Sleep(ctx, wait) {
			e.show(ctx, view)
		}
	default:
		e.show(ctx, blockkit.StatusModal(noted(u.Message, formatting.FormMeanwhile)))
	}
}

func (e *event) show(ctx context.Context, view slack.ModalViewRequest) {
	err := e.bot.api.caller.Do(ctx, "", func(ctx context.Context) error {
		_, err := e.bot.api.slack.UpdateViewContext(ctx, view, "", "", e.source.view)
		return err
	})
	if err != nil && errorCode(err) != "not_found" {
		e.bot.config.Log.Warn("form not changed", "error", plainError(err))
	}
}

// noted adds a sentence to a message.
func noted(m formatting.Message, id formatting.TextID) formatting.Message {
	if id != "" {
		m.Notes = append(append([]string(nil), m.Notes...), formatting.Say(id).String())
	}
	return m
}

// publish shows a message as the home tab.
func (e *event) publish(ctx context.Context, m formatting.Message) {
	home := homeOf(m)
	err := e.bot.api.caller.Do(ctx, "", func(ctx context.Context) error {
		_, err := e.bot.api.slack.PublishViewContext(ctx, slack.PublishViewContextRequest{UserID: e.source.user, View: home})
		return err
	})
	if err != nil {
		e.bot.config.Log.Warn("home not shown", "error", plainError(err))
	}
}

func homeOf(m formatting.Message) slack.HomeTabViewRequest {
	home := slack.HomeTabViewRequest{Type: slack.VTHomeTab}
	for _, p := range blockkit.Private(m) {
		home.Blocks.BlockSet = append(home.Blocks.BlockSet, p.Blocks...)
	}
	return home
}
