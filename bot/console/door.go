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
	private bool // the run is for the person alone
	posted  bool // the root was printed
	verdict bool // it shows the verdict
}

// Answer implements bot.Responder.
func (d *door) Answer(_ context.Context, a bot.Answer) {
	switch {
	case a.Job != nil:
		a.Job.Posted("") // a terminal has no links
		if d.private = a.Private; d.private {
			d.print(d.console.Show.Private(a.Message))
		}
		return
	case a.Form != nil:
		d.form = a.Form
	case a.Errors != nil:
		d.errors = a.Errors
	case a.Private:
		d.print(d.console.Show.Private(a.Message))
		d.offer(a.Message)
	default:
		d.root(a.Message)
		d.thread(a.Message)
		d.offer(a.Message)
	}
	d.end()
}

// Update implements bot.Responder. A terminal cannot change what it has printed, so
// each stage is printed once, below the one before. Of a test for one person
// alone the last is all.
func (d *door) Update(_ context.Context, u bot.Update) {
	last := u.Stage == bot.StageDone || u.Stage == bot.StageDenied
	switch {
	case u.Stage == bot.StageDenied || d.private && last:
		d.print(d.console.Show.Private(u.Message))
	case d.private:
	case !d.verdict:
		d.root(u.Message)
		d.verdict = u.Stage >= bot.StageVerdict
	}
	if !last {
		return
	}
	if u.Stage == bot.StageDone {
		if !d.private {
			d.thread(u.Message)
		}
		d.offer(u.Message)
	}
	d.end()
}

func (d *door) root(m formatting.Message) {
	show := d.console.Show.Root
	if d.posted {
		show = d.console.Show.Edit
	}
	d.print(show(m))
	d.posted = true
}

func (d *door) print(text string) { fmt.Fprint(d.console.Out, text) }

func (d *door) thread(m formatting.Message) { d.print(d.console.Show.Thread(m)) }

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
