// Command smtptest tests one SMTP server from a terminal and shows what a
// chat would show: the verdict, what it means, and the whole conversation.
//
// Exit codes: 0 working, also with warnings; 1 failed; 2 inconclusive; 3 not
// tested; 64 the command could not be read; 70 the program itself failed; 74
// the answer could not be written.
package main

import (
	"bufio"
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/term"

	"smtptest/bot/command"
	"smtptest/bot/watch"
	"smtptest/formatting"
	"smtptest/formatting/jsonreport"
	"smtptest/formatting/plain"
	"smtptest/formatting/reproduce"
	"smtptest/probe"
	"smtptest/probe/diagnosis"
)

// Exit codes. 64, 70 and 74 are those of sysexits.h.
const (
	exitWorking      = 0
	exitFailed       = 1
	exitInconclusive = 2
	exitNotTested    = 3
	exitUsage        = 64
	exitSoftware     = 70
	exitOutput       = 74
)

func main() {
	ctx, _ := firstSignal(context.Background(), syscall.SIGTERM)
	t := &terminal{in: os.Stdin, keyboard: os.Stdin, out: os.Stdout, err: os.Stderr, interrupts: os.Interrupt}
	t.inIsTerminal, t.outIsTerminal, t.errIsTerminal = isTerminal(os.Stdin), isTerminal(os.Stdout), isTerminal(os.Stderr)
	dumb := os.Getenv("TERM") == "dumb" // it cannot move its cursor and has no colours
	t.errIsTerminal = t.errIsTerminal && !dumb
	t.colour = t.outIsTerminal && !dumb && os.Getenv("NO_COLOR") == ""
	if os.Getenv("GITHUB_ACTIONS") == "true" {
		t.token = rand.Text()
	}
	t.zone = time.Local
	t.desktop = os.Getenv("DISPLAY") != "" || os.Getenv("WAYLAND_DISPLAY") != ""
	t.columns, t.rows, _ = term.GetSize(int(os.Stdout.Fd()))
	os.Exit(run(ctx, os.Args[1:], t))
}

// firstSignal is a context that a signal ends, so that a test shows what was
// seen. The second signal ends the program.
func firstSignal(ctx context.Context, s os.Signal) (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(ctx, s)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}

func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

// terminal is where the person sits.
type terminal struct {
	in            io.Reader
	keyboard      *os.File // the same where in is a terminal; otherwise nil is enough
	out, err      io.Writer
	inIsTerminal  bool
	outIsTerminal bool
	errIsTerminal bool
	colour        bool
	columns, rows int            // 0: unknown
	zone          *time.Location // of the person; nil: UTC
	desktop       bool           // on Linux: there is one, with a browser perhaps
	token         string         // of GitHub's runner, which reads commands in the output; empty: it does not
	inSandbox     bool           // other programs cannot reach the addresses of the stories

	here *reproduce.Here // where other programs reach the server of the sandbox; nil: they do not

	interrupts os.Signal // ends a test, and at a prompt not more than that; nil: none

	lines *bufio.Scanner // on in; nil before the first line is wanted
}

// interruptible is a context that Ctrl-C ends.
func (t *terminal) interruptible(ctx context.Context) (context.Context, context.CancelFunc) {
	if t.interrupts == nil {
		return context.WithCancel(ctx)
	}
	return firstSignal(ctx, t.interrupts)
}

// maxLineOctets bounds a line of input: a token has some 4 KiB.
const maxLineOctets = 64 << 10

// readLine reads one line of input, when it is wanted and not before: a
// password must not be taken for a command. ok is false at the end of the
// input and of ctx.
func (t *terminal) readLine(ctx context.Context) (line string, ok bool) {
	if t.lines == nil {
		t.lines = bufio.NewScanner(t.in)
		t.lines.Buffer(nil, maxLineOctets)
	}
	read := make(chan bool, 1)
	go func() { read <- t.lines.Scan() }()
	select {
	case ok = <-read:
		return t.lines.Text(), ok
	case <-ctx.Done():
		return "", false
	}
}

// run carries out one command and returns the exit code.
func run(ctx context.Context, args []string, t *terminal) int {
	return t.checked(func() int { return carryOut(ctx, args, t) })
}

func carryOut(ctx context.Context, args []string, t *terminal) int {
	own := map[string]func(context.Context, []string, *terminal) int{
		"sandbox": sandbox, "console": runConsole, "playground": runPlayground,
		"mcp": runMCP, "completion": completion, "version": showVersion, "--version": showVersion,
	}
	if len(args) > 0 && own[args[0]] != nil {
		if len(args) == 2 && asksForHelp(args[1]) {
			return help(t, strings.TrimLeft(args[0], "-"))
		}
		return own[args[0]](ctx, args[1:], t)
	}
	ctx, stop := t.interruptible(ctx)
	defer stop()
	if file, asJSON, ok := explainedFile(args); ok {
		return explainedInput(t, file, asJSON)
	}
	return runCommand(ctx, args, t)
}

// asksForHelp reports a word that asks for help wherever it stands.
func asksForHelp(word string) bool {
	return slices.Contains([]string{"help", "--help", "-help", "-h", "-?"}, word)
}

// runCommand carries out what the grammar knows, and returns the exit code.
func runCommand(ctx context.Context, args []string, t *terminal) int {
	c, err := command.ParseArgs(args, command.Dialect{Terminal: true})
	if err != nil {
		return usage(t, err)
	}
	switch c.Verb {
	case command.VerbHelp:
		return help(t, c.Topic)
	case command.VerbExplain:
		return explained(t, cmp.Or(c.Lines, c.Topic), false)
	}
	prober, err := network(c)
	if err != nil {
		return usage(t, err)
	}
	if c.Verb == command.VerbDomain {
		return examined(ctx, t, prober, c)
	}
	if c.Verb == command.VerbEgress {
		return waysOut(ctx, t, prober, c.JSON)
	}
	if c.Deep {
		return scanned(ctx, t, prober, c)
	}
	if c.Watch {
		return watched(ctx, t, prober, c, watch.DefaultPace())
	}
	if c.Verb == command.VerbCompare {
		return both(ctx, t, [2]probe.Prober{prober, prober}, c)
	}
	return probeAndShow(ctx, t, prober, c)
}

// waysOut shows which mail ports this network lets out: 1 where one is not, 2
// where nothing can be said.
func waysOut(ctx context.Context, t *terminal, l *probe.Local, asJSON bool) int {
	conns := l.Egress(ctx)
	m, code := formatting.Egress(conns), exitFailed
	switch diagnosis.Egress(conns).Outcome {
	case diagnosis.Working:
		code = exitWorking
	case diagnosis.Inconclusive, diagnosis.NotTested:
		code = exitInconclusive
	}
	if asJSON {
		return t.document(code)(jsonreport.EncodeEgress(conns))
	}
	fmt.Fprint(t.out, plain.Head(m, t.style())+plain.Body(m, t.style()))
	return code
}

// help answers as a chat would.
func help(t *terminal, topic string) int {
	m := command.HelpAbout(topic, command.Dialect{Terminal: true}, command.Here{})
	fmt.Fprint(t.out, strings.TrimLeft(plain.Body(m, t.style()), "\n"))
	return exitWorking
}

func showVersion(_ context.Context, args []string, t *terminal) int {
	if len(args) > 0 {
		return usage(t, consoleError("Nothing stands behind version."))
	}
	fmt.Fprintln(t.out, version())
	return exitWorking
}

// version names the build as Go recorded it.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "smtptest, unknown version"
	}
	return "smtptest " + info.Main.Version + ", " + info.GoVersion
}

func usage(t *terminal, err error) int {
	t.complain(err.Error())
	return exitUsage
}

// complain prints a sentence to standard error, for a person in lines that fit.
func (t *terminal) complain(text string) {
	if t.errIsTerminal {
		fmt.Fprint(t.err, plain.Text(text, t.style()))
		return
	}
	fmt.Fprintln(t.err, text)
}

func exitCode(v diagnosis.Verdict) int {
	switch v.Outcome {
	case diagnosis.Working, diagnosis.WithWarnings:
		return exitWorking
	case diagnosis.Failed:
		return exitFailed
	case diagnosis.Inconclusive:
		return exitInconclusive
	}
	return exitNotTested
}
