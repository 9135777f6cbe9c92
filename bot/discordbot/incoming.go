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
	d := &door{bot: b, source: s, began: began}
	switch id := b.config.refused(s); {
	case s.token == "":
		b.config.observe(bot.Event{Kind: bot.EventDropped, Outcome: bot.DroppedUnreadable})
		b.config.Log.Warn("event lost", "event", "INTERACTION_CREATE")
	case id != "":
		d.Answer(ctx, bot.Answer{Message: formatting.Refusal(id), Private: true})
	case !ok && s.kind == typeComponent: // a button of another version of this bot
		d.Answer(ctx, bot.Answer{Message: formatting.Refusal(formatting.RunGone), Private: true})
	case !ok && s.kind == typeModal: // and a form of one
		d.Answer(ctx, bot.Answer{Message: formatting.Refusal(formatting.FormGone), Private: true})
	case ok:
		b.dispatcher.Dispatch(ctx, inv, d)
	}
}
