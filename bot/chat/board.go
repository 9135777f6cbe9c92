package chat

import (
	"context"
	"errors"

	"smtptest/bot"
	"smtptest/bot/watch"
	"smtptest/formatting"
)

// Keeper is a platform whose messages can be changed when nothing is left of the
// event that led to them.
type Keeper interface {
	// Keeps reports that the one message can be changed later, where it stands or
	// is about to stand.
	Keeps() bool
	// Kept says where it stands, and where what belongs to it is posted.
	Kept(root Spot) watch.Spot
}

// final is the last message of a run: of one that is to be changed later, another
// one where that is not possible.
func (d *Delivery[P]) final(u bot.Update) formatting.Message {
	k, ok := d.Platform.(Keeper)
	shown := d.place.Evidence == Below || d.place.Evidence == Behind
	if d.run == nil || u.Stage != bot.StageDone || ok && shown && k.Keeps() {
		return u.Message
	}
	return d.run.Unkept(u.Message)
}

// keep tells the run where its message stands.
func (d *Delivery[P]) keep(u bot.Update) {
	if k, ok := d.Platform.(Keeper); ok && d.run != nil && u.Stage == bot.StageDone && d.stands && k.Keeps() {
		d.run.Kept(k.Kept(d.root))
	}
}

// Poster changes and posts messages with the bot's own rights. Each error is one
// that Kit.Classify knows, or watch.ErrGone.
type Poster[P any] interface {
	Change(ctx context.Context, at Spot, p P) error
	Put(ctx context.Context, at Spot, p P) error
}

// Board is the watch.Board of a platform.
type Board[P any] struct {
	*Kit[P]
	Poster Poster[P]
}

// Edit implements watch.Board.
func (b *Board[P]) Edit(ctx context.Context, at watch.Spot, m formatting.Message) error {
	return b.gone("watch not changed", b.Poster.Change(ctx, Spot{Channel: at.Channel, Message: at.Message}, b.Root(m)))
}

// End implements watch.Board.
func (b *Board[P]) End(ctx context.Context, at watch.Spot, m formatting.Message) error {
	return b.Edit(ctx, at, m)
}

// Reply implements watch.Board.
func (b *Board[P]) Reply(ctx context.Context, at watch.Spot, m formatting.Message) error {
	return b.gone("turn not posted", b.Poster.Put(ctx, Spot{Channel: at.Channel, Thread: at.Thread}, b.Root(m)))
}

// Announce implements watch.Board.
func (b *Board[P]) Announce(ctx context.Context, at watch.Spot, m formatting.Message) error {
	return b.gone("channel not told", b.Poster.Put(ctx, Spot{Channel: at.Channel}, b.Root(m)))
}

// gone tells a message or a place that is not there any more from what may go
// well the next time.
func (b *Board[P]) gone(what string, err error) error {
	if err == nil {
		return nil
	}
	b.Log.Warn(what, "error", b.Name(err))
	if errors.Is(err, watch.ErrGone) {
		return err
	}
	switch b.Classify(err).Kind {
	case Gone, Closed, Lost, Final:
		return watch.ErrGone
	}
	return err
}
