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
	case e.source.kind == kindForm:
		e.inForm(ctx, u)
	case u.Stage == bot.StageStarted && e.unseen:
		begun := formatting.Notice(formatting.PlaceFollows, formatting.Value{Name: "target", Text: u.Message.Target})
		_ = e.Tell(ctx, blockkit.Private(begun)[0])
	}
}

// ackLead is how long a form's acknowledgement, which changes what the form
// shows, has before the first other change: the two travel on different ways, and
// the later one stands.
const ackLead = time.Second

// inForm changes what the form shows. Whoever has closed it reads the answer
// where that was told.
func (e *event) inForm(ctx context.Context, u bot.Update) {
	m := u.Message
	lead := time.Until(e.acked.Add(ackLead))
	switch {
	case u.Stage == bot.StageStarted: // the acknowledgement has shown it
		return
	case u.Stage >= bot.StageDone:
		m = noted(m, e.told)
		chat.Sleep(ctx, lead)
	case lead > 0: // the end follows
		return
	default:
		m = noted(m, formatting.FormMeanwhile)
	}
	view := blockkit.StatusModal(m)
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
	home := slack.HomeTabViewRequest{Type: slack.VTHomeTab}
	for _, p := range blockkit.Private(m) {
		home.Blocks.BlockSet = append(home.Blocks.BlockSet, p.Blocks...)
	}
	err := e.bot.api.caller.Do(ctx, "", func(ctx context.Context) error {
		_, err := e.bot.api.slack.PublishViewContext(ctx, slack.PublishViewContextRequest{UserID: e.source.user, View: home})
		return err
	})
	if err != nil {
		e.bot.config.Log.Warn("home not shown", "error", plainError(err))
	}
}
