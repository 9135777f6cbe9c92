package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"smtptest/bot"
	"smtptest/bot/command"
	"smtptest/bot/console"
	"smtptest/bot/results"
	"smtptest/bot/watch"
	"smtptest/formatting"
	"smtptest/formatting/plain"
	"smtptest/probe"
	"smtptest/probe/domain"
	"smtptest/probe/secret"
)

// consoleLimits are those of one person who tries things out.
func consoleLimits() results.Limits {
	l := results.DefaultLimits()
	l.Person, l.Channel = results.Rate{Most: 60, Per: time.Minute}, results.Rate{Most: 60, Per: time.Minute}
	return l
}

// runConsole opens the console: the bot itself, with a terminal in a chat's
// place. The sandbox's servers are reachable by their names.
func runConsole(ctx context.Context, args []string, t *terminal) int {
	show, err := rendererOf(args, t)
	if err != nil {
		return usage(t, err)
	}
	place, ok := openSandbox(t)
	if !ok {
		return exitSoftware
	}
	defer func() { _ = place.servers.Close() }()
	outside := &probe.Local{Controls: probe.DefaultControls()}
	handler := &bot.Handler{
		Prober: either{place, outside}, Egress: outside.Egress, Scans: eitherScan{either{place, outside}},
		Domains: eitherDomain{&domain.Examiner{Sessions: outside, Reach: outside.Reach}},
		Dialect: command.Dialect{AllowSingleLabel: true}, Envelope: true,
		Limiter: results.NewMemoryLimiter(consoleLimits()), Store: results.NewMemoryStore(),
	}
	handler.Vantages = pretended{either{place, outside}}
	dispatcher := &bot.Dispatcher{Handler: handler}
	handler.Watches = handler.Watching(watch.NewMemory())
	handler.Watches.Pace = place.pace
	first := []string{"login", "domain", "explain", "egress", "help", "quit"}
	line := newPrompt(t, knownWords(handler.Dialect, first, place.names()))
	c := &console.Console{
		Dispatcher: dispatcher, Out: t.out, Show: show, Greeting: greeting(t.style()), Interruptible: t.interruptible,
		Ask: asker{t, line},
	}
	if line.editor != nil {
		c.Later = line.editor
	}
	c.Run(ctx)
	stopped, cancel := context.WithCancel(ctx)
	cancel()
	dispatcher.Stop(stopped)
	return exitWorking
}

// greeting says what can be typed at the console.
func greeting(style plain.Style) string {
	return plain.Text("This is the bot with a terminal in the chat's place. Public servers may be tested as in a chat, "+
		"and the sandbox's servers by their names.", style) + "\n" + plain.Table([]formatting.Fact{
		{Name: "/smtptest good", Value: "a healthy server; expired is a faulty one"},
		{Name: "/smtptest login scram", Value: "a form; user ada@example.test, password correct horse"},
		{Name: "/smtptest good from all", Value: "from two pretended places too, pretend-far and pretend-blocked"},
		{Name: "/smtptest help", Value: "what else there is"},
		{Name: "1", Value: "the button with this number"},
		{Name: "quit", Value: "leaves"},
	}, style)
}

// consoleError says in a sentence what cannot be read.
type consoleError string

// Error implements error.
func (e consoleError) Error() string { return string(e) }

// rendererOf reads the one option of the console.
func rendererOf(args []string, t *terminal) (console.Renderer, error) {
	as := ""
	switch {
	case len(args) == 0:
	case len(args) == 2 && strings.TrimLeft(args[0], "-") == "as":
		as = args[1]
	case len(args) == 1 && strings.HasPrefix(strings.TrimLeft(args[0], "-"), "as="):
		_, as, _ = strings.Cut(args[0], "=")
	default:
		return console.Renderer{}, consoleError("The console takes one option: -as slack or -as discord.")
	}
	if as == "" {
		return console.Plain(t.style()), nil
	}
	show, ok := payloadsOf(formatting.Platform(as))
	if !ok {
		return console.Renderer{}, consoleError("The value of -as is not known. Write -as slack or -as discord.")
	}
	return show, nil
}

// payloadsOf prints what would be posted on a platform.
func payloadsOf(p formatting.Platform) (show console.Renderer, ok bool) {
	switch p {
	case formatting.Slack:
		return console.Slack(), true
	case formatting.Discord:
		return console.Discord(), true
	}
	return console.Renderer{}, false
}

// asker asks at this terminal.
type asker struct {
	terminal *terminal
	prompt   *prompt
}

// Command implements console.Asker.
func (a asker) Command(ctx context.Context, sign string) (string, bool) {
	return a.prompt.command(ctx, sign)
}

// Line implements console.Asker.
func (a asker) Line(ctx context.Context, sign string) (string, bool) { return a.prompt.line(ctx, sign) }

// Secret implements console.Asker. An empty input is no secret and goes to the
// form, which says so.
func (a asker) Secret(ctx context.Context, sign string) (secret.Secret, bool) {
	if a.prompt.editor == nil && a.terminal.inIsTerminal {
		fmt.Fprint(a.terminal.out, sign)
		value, err := a.terminal.askKeyboard(ctx)
		fmt.Fprintln(a.terminal.out)
		return value, err == nil || ctx.Err() == nil
	}
	read := a.prompt.line
	if a.prompt.editor != nil {
		read = a.prompt.secret
	}
	line, ok := read(ctx, sign)
	return secret.New(line), ok
}

// pace lets somebody who tries the bot out see a watch to its end: the servers
// of the sandbox are tested more often, and not as long.
func (s *playground) pace(t probe.Target) watch.Pace {
	if s.find(t.Host) == nil {
		return watch.DefaultPace()
	}
	return watch.Pace{Every: 10 * time.Second, Stays: 30 * time.Second, Most: 5 * time.Minute}
}

// either probes a server of the sandbox if the target has the name of one,
// and the real network if not.
type either struct {
	playground *playground
	outside    *probe.Local
}

// Probe implements probe.Prober.
func (e either) Probe(ctx context.Context, req probe.Request, hooks probe.Hooks) (probe.Report, error) {
	c := e.playground.find(req.Target.Host)
	if c == nil {
		return e.outside.Probe(ctx, req, hooks)
	}
	typed := command.Command{Request: req, PortGiven: req.Target.Port != command.DefaultPort}
	own := asked(c.Request, typed)
	if req.Login != nil {
		own.Login = req.Login
	}
	return e.playground.servers.Prober(c.Name).Probe(ctx, own, probe.Hooks{Event: hooks.Event})
}
