package slackbot

import (
	"cmp"
	"context"

	"smtptest/bot/chat"
	"smtptest/bot/watch"
	"smtptest/formatting/blockkit"
)

// Keeps implements chat.Keeper: what the bot has posted it may change for ever.
func (e *event) Keeps() bool { return true }

// Kept implements chat.Keeper.
func (e *event) Kept(root chat.Spot) watch.Spot {
	return watch.Spot{
		Channel: root.Channel, Message: root.Message, Thread: cmp.Or(root.Thread, root.Message), Within: root.Thread != "",
	}
}

// Change implements chat.Poster.
func (a *api) Change(ctx context.Context, at chat.Spot, p blockkit.Post) error {
	return a.caller.Do(ctx, "", func(ctx context.Context) error {
		_, _, _, err := a.slack.UpdateMessageContext(ctx, at.Channel, at.Message, options(p, "")...)
		return err
	})
}

// Put implements chat.Poster.
func (a *api) Put(ctx context.Context, at chat.Spot, p blockkit.Post) error {
	_, err := a.post(ctx, at, p, at.Thread == "")
	return err
}
