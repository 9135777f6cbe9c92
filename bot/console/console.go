// Package console is a chat platform with one user: a terminal. It proves that
// the Handler needs no platform, and shows what a channel would see without
// anybody's tokens.
//
// It reads one line at a time: a command, with or without /smtptest in front,
// or the number of a choice under the last answer. It prints the root line as
// the channel sees it, then what the thread contains. A login form is a row of
// questions, the password without echo.
//
// It has no SMTP knowledge and, but for its own prompt, no wording.
package console

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"smtptest/bot"
	"smtptest/formatting"
	"smtptest/probe/secret"
)

// Console is one person at a terminal. Its fields must not change once Run
// was called.
type Console struct {
	Dispatcher *bot.Dispatcher
	Out        io.Writer
	Ask        Asker
	Show       Renderer
	Later      io.Writer // where a watch prints while a line is typed; nil: Out
	Greeting   string    // printed once, ends in a line end; empty: none

	// Interruptible makes a context for one command that the person can end
	// without leaving; nil: there is no such thing.
	Interruptible func(context.Context) (context.Context, context.CancelFunc)
}

// Asker asks the person. ok is false when the input is over.
type Asker interface {
	Command(ctx context.Context, prompt string) (line string, ok bool) // what to do next
	Line(ctx context.Context, prompt string) (line string, ok bool)
	Secret(ctx context.Context, prompt string) (value secret.Secret, ok bool)
}

// mine is an invocation of the one person of this platform, in its one
// channel.
func mine() bot.Invocation {
	return bot.Invocation{
		Place:  bot.Place{Platform: formatting.Console, Channel: "terminal"},
		Person: formatting.Person{ID: "you", Name: "you"},
	}
}

// Run reads and answers until the input or ctx is over.
func (c *Console) Run(ctx context.Context) {
	fmt.Fprint(c.Out, c.Greeting)
	if w := c.Dispatcher.Watches(); w != nil {
		if c.Later == nil {
			c.Later = c.Out
		}
		w.Attach(formatting.Console, board{c.Show, c.Later})
		running, stop := context.WithCancel(ctx)
		defer stop()
		go w.Run(running)
	}
	var choices []choice
	for more := true; more; {
		choices, more = c.next(ctx, choices)
	}
}

// next reads a line and answers it; choices are those under the last answer.
func (c *Console) next(ctx context.Context, choices []choice) (under []choice, more bool) {
	if c.Interruptible != nil {
		var stop context.CancelFunc
		ctx, stop = c.Interruptible(ctx)
		defer stop()
	}
	fmt.Fprintln(c.Out)
	line, ok := c.Ask.Command(ctx, "> ")
	if !ok {
		fmt.Fprintln(c.Out)
		return nil, false
	}
	line = strings.TrimSpace(line)
	switch strings.ToLower(line) {
	case "":
		return choices, true
	case "quit", "exit", "q":
		return nil, false
	}
	if line = Typed(line); strings.HasPrefix(line, "/") {
		fmt.Fprintln(c.Out, oneCommand)
		return choices, true
	}
	inv, ok := c.read(line, choices)
	if !ok {
		fmt.Fprintln(c.Out, noChoice)
		return choices, true
	}
	if next := c.answer(ctx, inv); next != nil {
		return next, true
	}
	return choices, true
}

// The console's own words. What it says of a form is what a platform's buttons
// would say.
const (
	oneCommand = "There is one command here: /smtptest. Type /smtptest help for what it can do."
	noChoice   = "No choice has this number. Type one that stands beside a choice, or a command."
	wayOut     = "\n   “cancel” leaves the form.\n\n"
	left       = "The form is closed, and nothing was sent."
)

// choice is a numbered one under the last answer.
type choice struct {
	press bot.Press
	label string
}

// Typed is a line of a prompt without the name of the bot or of the program,
// which people put in front.
func Typed(line string) string {
	first, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
	switch strings.ToLower(first) {
	case "/smtptest", "@smtptest", "smtptest":
		return strings.TrimSpace(rest)
	}
	return strings.TrimSpace(line)
}

// read makes an invocation of what was typed. A number is a choice, and not ok
// if there is none of that number.
func (c *Console) read(line string, choices []choice) (inv bot.Invocation, ok bool) {
	inv = mine()
	inv.Text = line
	n, err := strconv.Atoi(line)
	switch {
	case err != nil:
		return inv, true
	case n < 1 || n > len(choices):
		return inv, false
	}
	press := choices[n-1].press
	inv.Press = &press
	return inv, true
}

// answer carries an invocation to its end and returns the choices under its
// answer; nil: it has none.
func (c *Console) answer(ctx context.Context, inv bot.Invocation) []choice {
	r := c.responder()
	c.Dispatcher.Dispatch(ctx, inv, r)
	r.wait(ctx)
	if r.form == nil {
		return r.choices
	}
	return c.fill(ctx, *r.form)
}

// fill asks for the fields of a form until they can be used.
func (c *Console) fill(ctx context.Context, f formatting.Form) []choice {
	fmt.Fprint(c.Out, c.Show.Form(f)+wayOut)
	for {
		s, ok := c.questions(ctx, f)
		if !ok {
			fmt.Fprintln(c.Out, left)
			return nil
		}
		inv := mine()
		inv.Form = &s
		r := c.responder()
		c.Dispatcher.Dispatch(ctx, inv, r)
		r.wait(ctx)
		if len(r.errors) == 0 {
			return r.choices
		}
		for _, field := range f.Fields {
			if text, wrong := r.errors[field.ID]; wrong {
				fmt.Fprintf(c.Out, "%s: %s\n", field.Label, text)
			}
		}
	}
}

func (c *Console) questions(ctx context.Context, f formatting.Form) (bot.Submission, bool) {
	s := bot.Submission{Form: f.ID, Values: map[string]string{}}
	for _, field := range f.Fields {
		if field.Secret {
			value, ok := c.Ask.Secret(ctx, prompt(field))
			if !ok {
				return s, false
			}
			s.Secret = value
			continue
		}
		line, ok := c.Ask.Line(ctx, prompt(field))
		if !ok || strings.EqualFold(strings.TrimSpace(line), "cancel") {
			return s, false
		}
		s.Values[field.ID] = chosen(field, strings.TrimSpace(line))
	}
	return s, true
}

// prompt asks for one field. Choices are numbered by Renderer.Form.
func prompt(f formatting.Field) string {
	switch {
	case len(f.Choices) > 0:
		return f.Label + " (number, Enter for 1): "
	case f.Optional:
		return f.Label + " (Enter for none): "
	}
	return f.Label + ": "
}

// chosen turns the number of a choice into its value.
func chosen(f formatting.Field, line string) string {
	if len(f.Choices) == 0 {
		return line
	}
	if line == "" {
		return f.Initial
	}
	if n, err := strconv.Atoi(line); err == nil && n >= 1 && n <= len(f.Choices) {
		return f.Choices[n-1].Value
	}
	return line
}
