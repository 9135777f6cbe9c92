package discordbot

import (
	"cmp"
	"context"
	"fmt"
	"net/http"

	"smtptest/bot/chat"
	"smtptest/bot/watch"
	"smtptest/formatting/embed"
)

// Keeps implements chat.Keeper. An interaction's token lives for 15 minutes; from
// then on a message is changed with the bot's own rights alone.
func (e *event) Keeps() bool {
	send := sendMessages
	if e.source.inThread() {
		send = sendInThreads
	}
	return !e.private && e.source.guild != "" && e.source.member && e.source.lacks(viewChannel, send, embedLinks) == 0
}

// Kept implements chat.Keeper. A thread that was started from a message has the
// message's id.
func (e *event) Kept(root chat.Spot) watch.Spot {
	at := watch.Spot{Channel: root.Channel, Message: root.Message}
	switch {
	case e.source.inThread():
		at.Thread, at.Within = root.Channel, true
	case e.below:
		at.Thread = root.Message
	}
	return at
}

// board changes and posts messages with the bot's own rights.
type board struct{ rest *rest }

// Change implements chat.Poster.
func (b board) Change(ctx context.Context, at chat.Spot, p embed.Post) error {
	return gone(moderated(p, func(p embed.Post) error {
		_, err := b.rest.edit(ctx, source{channel: at.Channel}.message(at.Message), p)
		return err
	}))
}

// Put implements chat.Poster.
func (b board) Put(ctx context.Context, at chat.Spot, p embed.Post) error {
	return gone(moderated(p, func(p embed.Post) error {
		_, err := b.rest.post(ctx, cmp.Or(at.Thread, at.Channel), p)
		return err
	}))
}

// gone names what says that a place or a message is not there any more, or not
// for us: Discord has many codes for that, and two statuses.
func gone(err error) error {
	switch status := statusOf(err); status {
	case http.StatusForbidden, http.StatusNotFound:
		return fmt.Errorf("%w: HTTP %d", watch.ErrGone, status)
	}
	return err
}
