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
	case s.kind == typeTyping:
		inv.Refused = id
		b.suggest(ctx, inv, s)
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

// suggest proposes values for an option that is being typed. Without an answer
// Discord says that there are none, so one that fails is not told.
func (b *Bot) suggest(ctx context.Context, inv bot.Invocation, s source) {
	choices := []choice{} // an empty list is an answer too
	for _, c := range b.dispatcher.Handler.Suggest(inv, s.field, s.typed) {
		choices = append(choices, choice{c.Label, c.Value})
	}
	_ = b.rest.respond(ctx, s, answer{Type: answerSuggest, Data: map[string]any{"choices": choices}}, nil)
}
