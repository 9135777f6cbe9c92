package console

import (
	"context"
	"fmt"
	"log/slog"
	"sync"

	"smtptest/bot"
	"smtptest/bot/chat"
	"smtptest/formatting"
)

// responder prints the answer to one invocation. A terminal cannot change what
// it has printed, so each stage is printed once, below the one before.
type responder struct {
	*chat.Delivery[formatting.Message]
	console *Console
	over    chan struct{} // closed after the last message
	once    sync.Once

	form    *formatting.Form
	errors  map[string]string
	choices []choice
}

func (c *Console) responder() *responder {
	r := &responder{console: c, over: make(chan struct{})}
	itself := func(m formatting.Message) []formatting.Message { return []formatting.Message{m} }
	r.Delivery = &chat.Delivery[formatting.Message]{Platform: r, Ack: r, Kit: &chat.Kit[formatting.Message]{
		Root:  func(m formatting.Message) formatting.Message { return m },
		Whole: itself, Thread: itself, Log: slog.New(slog.DiscardHandler), Name: error.Error,
		Classify: func(error) chat.Problem { return chat.Problem{Kind: chat.Gone} }, // of errPrinted, the only one
	}}
	return r
}

// Place implements chat.Acknowledger.
func (r *responder) Place(a bot.Answer) chat.Place {
	if a.Private {
		return chat.Place{Evidence: chat.Alone}
	}
	return chat.Place{}
}

// Interim implements chat.Acknowledger.
func (r *responder) Interim(_ context.Context, a bot.Answer) chat.Interim {
	a.Job.Posted("") // a terminal has no links
	if a.Private {
		r.print(r.console.Show.Private(a.Message))
	}
	return chat.Nothing
}

// Open implements chat.Acknowledger.
func (r *responder) Open(_ context.Context, a bot.Answer) {
	r.form = a.Form
	r.end()
}

// Reject implements chat.Acknowledger.
func (r *responder) Reject(_ context.Context, a bot.Answer) {
	r.errors = a.Errors
	r.end()
}

// Reply implements chat.Acknowledger.
func (r *responder) Reply(ctx context.Context, m formatting.Message, private bool) {
	if private {
		r.print(r.console.Show.Private(m))
	} else {
		r.Publish(ctx, m)
	}
	r.offer(m)
	r.end()
}

// Update implements bot.Responder.
func (r *responder) Update(ctx context.Context, u bot.Update) {
	r.Delivery.Update(ctx, u)
	switch u.Stage {
	case bot.StageDone:
		r.offer(u.Message)
		r.end()
	case bot.StageDenied:
		r.end()
	}
}

// Post implements chat.Platform. The one message and its thread are the only
// places.
func (r *responder) Post(_ context.Context, at chat.Spot, m formatting.Message) (chat.Spot, error) {
	if at.Thread != "" {
		r.print(r.console.Show.Thread(m))
		return at, nil
	}
	r.print(r.console.Show.Root(m))
	at.Message = "root"
	return at, nil
}

// Edit implements chat.Platform.
func (r *responder) Edit(_ context.Context, at chat.Spot, m formatting.Message) (chat.Spot, error) {
	r.print(r.console.Show.Edit(m))
	return at, nil
}

// errPrinted is why nothing is taken back.
const errPrinted = bot.Plain("what is printed stays")

// Delete implements chat.Platform.
func (r *responder) Delete(context.Context, chat.Spot) error { return errPrinted }

// Thread implements chat.Platform.
func (r *responder) Thread(_ context.Context, root chat.Spot, _ string) (chat.Spot, error) {
	root.Thread = root.Message
	return root, nil
}

// Tell implements chat.Platform.
func (r *responder) Tell(_ context.Context, m formatting.Message) error {
	r.print(r.console.Show.Private(m))
	return nil
}

func (r *responder) print(text string) { fmt.Fprint(r.console.Out, text) }

// offer numbers what can be done next.
func (r *responder) offer(m formatting.Message) {
	for _, a := range m.Actions {
		press := bot.Press{Verb: a.Verb, Run: a.Run}
		if len(a.Choices) == 0 {
			r.choices = append(r.choices, choice{press, a.Label})
			continue
		}
		for _, c := range a.Choices {
			press.Choice = c.Value
			r.choices = append(r.choices, choice{press, c.Label})
		}
	}
	for i, c := range r.choices {
		if i == 0 {
			r.print("\n")
		}
		r.print(fmt.Sprintf("  [%d] %s\n", i+1, c.label))
	}
}

func (r *responder) end() { r.once.Do(func() { close(r.over) }) }

// wait returns when the answer is complete, or the person has left.
func (r *responder) wait(ctx context.Context) {
	select {
	case <-r.over:
	case <-ctx.Done():
	}
}
