// Command smtptest tests one SMTP server from a terminal and shows what a
// chat would show: the verdict, what it means, and the whole conversation.
//
// Exit codes: 0 working, also with warnings; 1 failed; 2 inconclusive; 3 not
// tested; 64 the command could not be read; 70 the program itself failed.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"golang.org/x/term"

	"smtptest/bot"
	"smtptest/formatting"
	"smtptest/formatting/plain"
	"smtptest/probe/diagnosis"
	"smtptest/probe/explain"
)

// Exit codes. 64 and 70 are those of sysexits.h.
const (
	exitWorking      = 0
	exitFailed       = 1
	exitInconclusive = 2
	exitNotTested    = 3
	exitUsage        = 64
	exitSoftware     = 70
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The first signal ends the test and shows what was seen; the second ends
	// the program.
	context.AfterFunc(ctx, stop)
	t := &terminal{in: os.Stdin, out: os.Stdout, err: os.Stderr}
	t.inIsTerminal, t.outIsTerminal, t.errIsTerminal = isTerminal(os.Stdin), isTerminal(os.Stdout), isTerminal(os.Stderr)
	t.colour = t.outIsTerminal && os.Getenv("NO_COLOR") == ""
	t.columns, _, _ = term.GetSize(int(os.Stdout.Fd()))
	os.Exit(run(ctx, os.Args[1:], t))
}

func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

// terminal is where the person sits.
type terminal struct {
	in            io.Reader
	out, err      io.Writer
	inIsTerminal  bool
	outIsTerminal bool
	errIsTerminal bool
	colour        bool
	columns       int  // 0: unknown
	inSandbox     bool // other programs cannot reach the addresses of the stories
}

// run carries out one command and returns the exit code.
func run(ctx context.Context, args []string, t *terminal) int {
	if len(args) > 0 && args[0] == "sandbox" {
		return sandbox(ctx, args[1:], t)
	}
	command, err := bot.ParseArgs(args, bot.Dialect{Terminal: true})
	if err != nil {
		return usage(t, err)
	}
	switch command.Verb {
	case bot.VerbHelp:
		fmt.Fprint(t.out, bot.Usage(bot.Dialect{Terminal: true}))
		return exitWorking
	case bot.VerbExplain:
		m := formatting.Explanation(explain.Of(command.Topic))
		fmt.Fprint(t.out, strings.TrimLeft(plain.Body(m, t.style()), "\n"))
		return exitWorking
	}
	prober, err := network(command)
	if err != nil {
		return usage(t, err)
	}
	return probeAndShow(ctx, t, prober, command)
}

func usage(t *terminal, err error) int {
	fmt.Fprintln(t.err, err)
	return exitUsage
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
