package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"smtptest/bot/command"
	"smtptest/probe"
	"smtptest/probe/probetest"
)

// featured are the servers that the sandbox introduces; the others are in
// its list.
func featured() []string {
	return []string{
		"good", "implicit", "expired", "wrong-name", "self-signed", "missing-intermediate", "tls-1.0",
		"no-starttls", "tls-on-plain-port", "plain-port", "slow", "blocked", "greylisted", "relay-denied", "injected",
	}
}

// sandbox starts sick and healthy servers on this machine. With names it
// tests those and returns the last exit code; without it opens a prompt.
func sandbox(ctx context.Context, args []string, t *terminal) int {
	s, ok := openSandbox(t)
	if !ok {
		return exitSoftware
	}
	defer func() { _ = s.servers.Close() }()
	t.inSandbox = true
	switch strings.Join(args, " ") {
	case "":
		return s.prompt(ctx)
	case "list":
		s.list(s.names())
		return exitWorking
	}
	return s.one(ctx, strings.Join(args, " "))
}

type playground struct {
	terminal *terminal
	cases    []*probetest.Case
	servers  *probetest.Sandbox
}

// openSandbox starts all servers; if that cannot be done, it says so.
func openSandbox(t *terminal) (*playground, bool) {
	cases, err := probetest.Cases()
	if err != nil {
		fmt.Fprintln(t.err, "The sandbox's servers cannot be read:", err)
		return nil, false
	}
	servers, err := probetest.NewSandbox(cases)
	if err != nil {
		fmt.Fprintln(t.err, "The sandbox cannot listen on this machine:", err)
		return nil, false
	}
	return &playground{terminal: t, cases: cases, servers: servers}, true
}

// prompt reads names until the end of the input.
func (s *playground) prompt(ctx context.Context) int {
	out := s.terminal.out
	fmt.Fprintf(out, "Sick and healthy SMTP servers on this machine. Type a name, with options if you like:\n\n")
	s.list(featured())
	fmt.Fprintf(out, "\nFor example: good:587   expired   good --tls none   "+
		"“list” shows all %d, “quit” leaves.\n", len(s.cases))
	for {
		fmt.Fprint(out, "\nsandbox> ")
		line, ok := s.terminal.readLine(ctx)
		if !ok {
			fmt.Fprintln(out)
			return exitWorking
		}
		switch line = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), "/smtptest")); line {
		case "":
		case "quit", "exit", "q":
			return exitWorking
		case "list", "help":
			s.list(s.names())
		default:
			s.one(ctx, line)
		}
	}
}

func (s *playground) names() []string {
	var names []string
	for _, c := range s.cases {
		names = append(names, c.Name)
	}
	return names
}

func (s *playground) find(name string) *probetest.Case {
	i := slices.IndexFunc(s.cases, func(c *probetest.Case) bool { return c.Name == name })
	if i < 0 {
		return nil
	}
	return s.cases[i]
}

// list prints names, where other programs reach the servers, and what is
// wrong with them.
func (s *playground) list(names []string) {
	for _, name := range names {
		if c := s.find(name); c != nil {
			fmt.Fprintf(s.terminal.out, "  %-26s %-16s %s\n", name, s.servers.Address(name), firstSentence(c.About))
		}
	}
}

func firstSentence(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	for _, end := range []string{". ", ": "} {
		if head, _, found := strings.Cut(text, end); found {
			text = head
		}
	}
	return strings.TrimSuffix(text, ".")
}

// meant offers the name that was probably meant.
func (s *playground) meant(name string) string {
	if near := command.Near(name, s.names()); near != "" {
		return " Did you mean “" + near + "”?"
	}
	return ""
}

// one tests one server by its name, through the same parser, prober,
// diagnosis and words as any other target.
func (s *playground) one(ctx context.Context, line string) int {
	command, err := command.Parse(line, command.Dialect{Terminal: true, AllowSingleLabel: true, NoEgress: true})
	if err != nil {
		return usage(s.terminal, err)
	}
	c := s.find(command.Request.Target.Host)
	if c == nil {
		fmt.Fprintln(s.terminal.err, "No server of the sandbox has this name."+
			s.meant(command.Request.Target.Host)+" “list” shows all names.")
		return exitUsage
	}
	if !command.JSON && !command.Ticket && command.As == "" {
		fmt.Fprintf(s.terminal.out, "%s\n\n", c.About)
	}
	command.Request = story(c.Request, command)
	command.Typed, command.PortGiven = "", true // the story names host and port
	return probeAndShow(ctx, s.terminal, s.servers.Prober(c.Name), command)
}

// story is the request of a case's story, with what was typed on top.
func story(r probe.Request, c command.Command) probe.Request {
	typed := c.Request
	if c.PortGiven {
		r.Target.Port = typed.Target.Port
	}
	if typed.Security != probe.SecurityAuto {
		r.Security = typed.Security
	}
	if typed.Envelope != nil {
		r.Envelope = typed.Envelope
	}
	r.Enforced = r.Enforced || typed.Enforced
	if typed.EHLOName != "" {
		r.EHLOName = typed.EHLOName
	}
	if typed.Family != probe.FamilyAny {
		r.Family = typed.Family
	}
	if typed.Timeout != 0 {
		r.Timeout = typed.Timeout
	}
	return r
}
