package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"strings"

	"smtptest/bot/command"
	"smtptest/bot/console"
	"smtptest/formatting"
	"smtptest/formatting/plain"
	"smtptest/formatting/reproduce"
	"smtptest/probe"
	"smtptest/probe/probetest"
)

// featured are the servers that the sandbox introduces; the others are in
// its list.
func featured() []string {
	return []string{
		"good", "implicit", "expired", "wrong-name", "self-signed", "missing-intermediate", "old-tls",
		"no-starttls", "tls-on-plain-port", "plain-port", "slow", "blocked", "greylisted", "relay-denied", "injected",
		recovering,
	}
}

// dialect is what can be typed for a server of the sandbox. Some of its names end
// like an address.
func (s *playground) dialect() command.Dialect {
	return command.Dialect{Terminal: true, AllowSingleLabel: true, NoEgress: true, NoDomain: true, Hosts: s.names()}
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
	ctx, stop := t.interruptible(ctx)
	defer stop()
	return s.one(ctx)(command.ParseArgs(args, s.dialect()))
}

type playground struct {
	terminal  *terminal
	cases     []*probetest.Case
	servers   *probetest.Sandbox
	breakdown breakdown
	root      string // file with the certificate that their chains end in; empty: there is none
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

// prompt reads names until the person leaves.
func (s *playground) prompt(ctx context.Context) int {
	if name, err := s.writeRoot(); err == nil { // without it only the commands of other tools are missing
		s.root = name
		defer func() { _ = os.Remove(name) }()
	}
	s.introduce()
	first := []string{"list", "help", "explain", "quit"}
	p := newPrompt(s.terminal, knownWords(s.dialect(), first, s.names()))
	for s.next(ctx, p) {
	}
	return exitWorking
}

// writeRoot makes the file that other tools need to trust the sandbox.
func (s *playground) writeRoot() (name string, err error) {
	f, err := os.CreateTemp("", "smtptest-sandbox-*.pem")
	if err != nil {
		return "", err
	}
	_, err = f.Write(s.servers.RootPEM())
	return f.Name(), errors.Join(err, f.Close())
}

// next reads a line and carries it out. Ctrl-C ends the test and not the
// prompt. It reports whether there may be another line.
func (s *playground) next(ctx context.Context, p *prompt) bool {
	ctx, stop := s.terminal.interruptible(ctx)
	defer stop()
	fmt.Fprintln(s.terminal.out)
	line, ok := p.command(ctx, "sandbox> ")
	if !ok {
		fmt.Fprintln(s.terminal.out)
		return false
	}
	line = strings.TrimSpace(strings.TrimPrefix(console.Typed(line)+" ", "sandbox "))
	switch strings.ToLower(line) {
	case "":
	case "quit", "exit", "q":
		return false
	case "list":
		s.list(s.names())
	case "help", "?":
		s.introduce()
	default:
		s.one(ctx)(command.Parse(line, s.dialect()))
	}
	return true
}

func (s *playground) introduce() {
	out, style := s.terminal.out, s.terminal.style()
	fmt.Fprintln(out, plain.Text("Sick and healthy SMTP servers on this machine. "+
		"Type a name, with options if you like:", style))
	s.list(featured())
	fmt.Fprintln(out)
	fmt.Fprint(out, plain.Table([]formatting.Fact{
		{Name: "good --to a@b.example", Value: "a name with options; good --login ada@example.test asks for the password"},
		{Name: "list", Value: fmt.Sprintf("all %d servers", len(s.cases))},
		{Name: "explain 535", Value: "what a code or a text means"},
		{Name: "help", Value: "this again; help options lists the options"},
		{Name: "quit", Value: "leaves"},
	}, style))
}

func (s *playground) names() []string {
	var names []string
	for _, c := range s.cases {
		names = append(names, c.Name)
	}
	return append(names, recovering)
}

// list prints names, where other programs reach the servers, what is wrong
// with them, and what one can log in with.
func (s *playground) list(names []string) {
	var rows []formatting.Fact
	for _, name := range names {
		if name == recovering {
			rows = append(rows, formatting.Fact{Name: name, Value: recoveringStory})
			continue
		}
		c := s.find(name)
		if c == nil {
			continue
		}
		about := fmt.Sprintf("%s  %s", s.servers.Address(name), firstSentence(c.About))
		if c.TakesLogin() {
			about += " · " + account(c)
		}
		rows = append(rows, formatting.Fact{Name: name, Value: about})
	}
	fmt.Fprint(s.terminal.out, plain.Table(rows, s.terminal.style()))
}

// account is what one can log in with at a server of the sandbox.
func account(c *probetest.Case) string {
	const most = 40 // characters: some stories are about long ones
	a := c.Account().Credential
	shown := "user " + a.User + ", password " + formatting.Shorten(a.Password.Reveal(), most, formatting.Characters)
	if c.Request.Login != nil && c.Request.Login.Credential.Password.IsZero() {
		shown = "user " + a.User + ", token " + formatting.Shorten(a.Token.Reveal(), most, formatting.Characters)
	}
	return shown
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

// one carries out what was read: mostly a test of one server by its name,
// through the same prober, diagnosis and words as any other target.
func (s *playground) one(ctx context.Context) func(command.Command, error) int {
	return func(c command.Command, err error) int {
		switch {
		case err != nil:
			return usage(s.terminal, err)
		case c.Verb == command.VerbHelp:
			return help(s.terminal, c.Topic)
		case c.Verb == command.VerbExplain:
			return explained(s.terminal, cmp.Or(c.Lines, c.Topic), false)
		}
		if c.Verb == command.VerbCompare {
			return s.compare(ctx, c)
		}
		return s.test(ctx, c)
	}
}

// compare tests two servers by their names.
func (s *playground) compare(ctx context.Context, c command.Command) int {
	var probers [2]probe.Prober
	for i, r := range []*probe.Request{&c.Request, &c.Other} {
		story := s.find(r.Target.Host)
		if story == nil {
			return s.unknown(r.Target.Host)
		}
		*r, probers[i] = asked(story.Request, command.Command{Request: *r}), s.servers.Prober(story.Name)
	}
	return both(ctx, s.terminal, probers, c)
}

func (s *playground) unknown(name string) int {
	return usage(s.terminal, consoleError("No server of the sandbox has this name."+s.meant(name)+
		" “list” shows all names."))
}

func (s *playground) test(ctx context.Context, c command.Command) int {
	story := s.find(c.Request.Target.Host)
	if story == nil {
		return s.unknown(c.Request.Target.Host)
	}
	if c.Watch {
		return watched(ctx, s.terminal, either{s, nil}, c, s.pace(c.Request.Target))
	}
	prober := s.servers.Prober(story.Name)
	if c.CAFile != "" {
		if err := trust(prober.Local, c.CAFile); err != nil {
			return usage(s.terminal, err)
		}
	}
	if !c.JSON && !c.Ticket && !c.Brief && c.As == "" {
		s.tell(story)
	}
	if at, err := netip.ParseAddrPort(s.servers.Address(story.Name).String()); err == nil && s.root != "" {
		s.terminal.here = &reproduce.Here{CAFile: s.root, At: at}
	}
	c.Request = asked(story.Request, c)
	c.Typed, c.PortGiven = "", true // the story names host and port
	if c.Deep {
		return scanned(ctx, s.terminal, prober.Local, c)
	}
	return probeAndShow(ctx, s.terminal, prober, c)
}

// trust adds the certificates of a file to those of the sandbox.
func trust(l *probe.Local, file string) error {
	if _, err := probe.ReadRoots(file); err != nil {
		return caError(err.Error())
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return caError(err.Error())
	}
	l.Roots.AppendCertsFromPEM(pem)
	return nil
}

// tell tells the story of a server.
func (s *playground) tell(c *probetest.Case) {
	fmt.Fprint(s.terminal.out, plain.Text(c.About, s.terminal.style()))
	if c.TakesLogin() {
		fmt.Fprint(s.terminal.out, plain.Text("To log in: "+account(c)+".", s.terminal.style()))
	}
	fmt.Fprintln(s.terminal.out)
}

// asked is the request of a case's story, with what was typed on top.
func asked(r probe.Request, c command.Command) probe.Request {
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
	if typed.At.IsValid() {
		r.At = typed.At
	}
	if typed.Timeout != 0 {
		r.Timeout = typed.Timeout
	}
	return r
}
