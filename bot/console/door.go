package console

import (
	"context"
	"fmt"
	"sync"

	"smtptest/bot"
	"smtptest/formatting"
)

// door prints the answer to one invocation.
type door struct {
	console *Console
	over    chan struct{} // closed after the last message
	once    sync.Once

	form    *formatting.Form
	errors  map[string]string
	choices []choice
	verdict bool // the verdict was printed
}

// Answer implements bot.Door.
func (d *door) Answer(_ context.Context, a bot.Answer) {
	switch {
	case a.Run != nil:
		a.Run.Posted("") // a terminal has no links
		return
	case a.Form != nil:
		d.form = a.Form
	case a.Errors != nil:
		d.errors = a.Errors
	case a.Private:
		d.print(d.console.Show.Private(a.Message))
		d.offer(a.Message)
	default:
		d.print(d.console.Show.Root(a.Message))
		d.thread(a.Message)
	}
	d.end()
}

// Update implements bot.Door. A terminal cannot change what it has printed, so
// each stage is printed once, below the one before.
func (d *door) Update(_ context.Context, u bot.Update) {
	show := d.console.Show
	switch u.Stage {
	case bot.StageDenied:
		d.print(show.Private(u.Message))
		d.end()
		return
	case bot.StageVerdict:
		d.verdict = true
	case bot.StageDone:
		defer d.end()
		defer d.offer(u.Message)
		defer d.thread(u.Message)
		if d.verdict {
			return
		}
	}
	d.print(show.Root(u.Message))
}

func (d *door) print(text string) { fmt.Fprint(d.console.Out, text) }

func (d *door) thread(m formatting.Message) {
	if text := d.console.Show.Thread(m); text != "" {
		d.print(inThread + text)
	}
}

// offer numbers what can be done next.
func (d *door) offer(m formatting.Message) {
	for _, a := range m.Actions {
		press := bot.Press{Verb: a.Verb, Run: a.Run}
		if len(a.Choices) == 0 {
			d.choices = append(d.choices, choice{press, a.Label})
			continue
		}
		for _, c := range a.Choices {
			press.Choice = c.Value
			d.choices = append(d.choices, choice{press, c.Label})
		}
	}
	for i, c := range d.choices {
		if i == 0 {
			d.print("\n")
		}
		d.print(fmt.Sprintf("  [%d] %s\n", i+1, c.label))
	}
}

func (d *door) end() { d.once.Do(func() { close(d.over) }) }

// wait returns when the answer is complete, or the person has left.
func (d *door) wait(ctx context.Context) {
	select {
	case <-d.over:
	case <-ctx.Done():
	}
}
