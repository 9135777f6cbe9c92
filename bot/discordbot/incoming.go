package discordbot

import (
	"context"
	"time"

	"smtptest/bot"
	"smtptest/formatting"
)

// incoming answers one interaction.
func (b *Bot) incoming(ctx context.Context, raw []byte) {
	began := time.Now()
	inv, s, ok := read(raw)
	clear(raw) // what was typed into a form is in it
	r := b.responder(s, began)
	refuse := func(id formatting.TextID) {
		r.Answer(ctx, bot.Answer{Message: formatting.Refusal(id), Private: true})
	}
	switch id := b.config.refused(s); {
	case s.token == "":
		b.observer.Dropped(bot.DroppedUnreadable)
		b.config.Log.Warn("event lost", "event", "INTERACTION_CREATE")
	case id != "":
		refuse(id)
	case ok:
		b.dispatcher.Dispatch(ctx, inv, r)
	case s.kind == typeComponent: // a button of another version of this bot
		refuse(formatting.RunGone)
	case s.kind == typeModal: // and a form of one
		refuse(formatting.FormGone)
	}
}
