package console

import (
	"context"
	"fmt"
	"io"

	"smtptest/bot/chat"
	"smtptest/bot/watch"
	"smtptest/formatting"
)

// Keeps implements chat.Keeper: what is printed stays, and what is new is printed
// below.
func (r *responder) Keeps() bool { return true }

// Kept implements chat.Keeper. There is one place for all.
func (r *responder) Kept(root chat.Spot) watch.Spot {
	return watch.Spot{Channel: root.Channel, Message: root.Message, Thread: root.Message, Within: true}
}

// board prints what a watch has to say between two answers: when the server
// turns, and the end.
type board struct {
	show Renderer
	out  io.Writer
}

// Edit implements watch.Board.
func (b board) Edit(context.Context, watch.Spot, formatting.Message) error { return nil }

// End implements watch.Board.
func (b board) End(_ context.Context, _ watch.Spot, m formatting.Message) error {
	_, err := fmt.Fprint(b.out, "\n"+b.show.Edit(m))
	return err
}

// Reply implements watch.Board.
func (b board) Reply(_ context.Context, _ watch.Spot, m formatting.Message) error {
	_, err := fmt.Fprint(b.out, "\n"+b.show.Root(m))
	return err
}

// Announce implements watch.Board.
func (b board) Announce(context.Context, watch.Spot, formatting.Message) error { return nil }
