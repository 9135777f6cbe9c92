package discordbot

import (
	"context"
	"time"

	"smtptest/bot"
	"smtptest/bot/chat"
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
		b.config.observer().Dropped(bot.DroppedUnreadable)
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

// observer tells what happened to this adapter.
func (c Config) observer() chat.Observer {
	return chat.Observer{Platform: formatting.Discord, Hear: c.Observe}
}

// observe passes an event on.
func (c Config) observe(e bot.Event) { c.observer().Note(e) }

// acked tells how long a first response took.
func (c Config) acked(began time.Time) { c.observer().Acked(began) }
