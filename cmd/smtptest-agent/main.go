// Command smtptest-agent tests mail servers from where it stands, when a bot asks
// it to over NATS.
//
// In this order: it reads its configuration from the environment and says
// everything that is wrong with it; connects to NATS and goes on trying for as long
// as it takes; and answers until SIGTERM or SIGINT. Then it takes no more requests,
// lets tests go on for a while, and leaves. A second signal ends it at once.
//
// It listens to nobody, stores nothing, and logs no target, no name and no result.
// What may be dialled is its own operator's to say, whatever the bot asks.
//
// Exit codes: 0 it was stopped; 1 with -check or -health, something is not as it
// should be; 64 the command line, 78 the configuration is wrong (sysexits.h).
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"reflect"
	"runtime/debug"
	"strings"
	"syscall"

	"smtptest/cmd/defend"
)

// Exit codes.
const (
	exitStopped = 0
	exitRefused = 1
	exitUsage   = 64
	exitConfig  = 78
)

func main() {
	limitMemory()
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		signal.Stop(signals) // the second signal ends the program
		cancel()
	}()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

const usage = `smtptest-agent tests mail servers from where it stands, when a bot asks it to.

It is configured by its environment alone; deploy/README.md lists all variables.
Begin with -key FILE, then -check.

`

// options are those of the command line.
type options struct {
	check, version, health bool
	key                    string // file; empty: not given
}

// parse reads the command line; false: the program ends with this code.
func parse(args []string, errOut io.Writer) (o options, code int, ok bool) {
	flags := flag.NewFlagSet("smtptest-agent", flag.ContinueOnError)
	flags.SetOutput(errOut)
	flags.BoolVar(&o.check, "check", false,
		"read the configuration, connect, say what is missing and what may be tested, and leave")
	flags.StringVar(&o.key, "key", "", "make the key that logins are sealed to in `FILE`, unless it is there, and print "+
		"its public half for the bot")
	flags.BoolVar(&o.health, "health", false, "leave with 0 if the agent that keeps SMTPTEST_HEALTH_FILE is connected")
	flags.BoolVar(&o.version, "version", false, "say which build this is, and leave")
	flags.Usage = func() {
		fmt.Fprint(errOut, usage)
		flags.PrintDefaults()
	}
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return o, exitStopped, false
	case err != nil:
		return o, exitUsage, false
	case flags.NArg() > 0:
		fmt.Fprintln(errOut, "smtptest-agent takes no arguments, and its options begin with a dash.")
		flags.Usage()
		return o, exitUsage, false
	}
	return o, exitStopped, true
}

// run is the program. The first thing it does is to close its memory: logins
// pass through it.
func run(ctx context.Context, args []string, out, errOut io.Writer) int {
	exposed := defend.Memory()
	o, code, ok := parse(args, errOut)
	switch {
	case !ok:
		return code
	case o.version:
		fmt.Fprintln(out, build())
		return exitStopped
	case o.key != "":
		return printKey(o.key, out, errOut)
	}
	c, problems := read()
	if o.health {
		return healthy(c.health, errOut)
	}
	if len(problems) > 0 {
		for _, p := range problems {
			fmt.Fprintln(errOut, p)
		}
		return exitConfig
	}
	var h slog.Handler = slog.NewTextHandler(errOut, nil)
	if c.json {
		h = slog.NewJSONHandler(errOut, nil)
	}
	log := slog.New(h)
	for _, open := range exposed {
		log.Warn(open)
	}
	return serve(ctx, c, log, o.check)
}

// build names the build as Go recorded it.
func build() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "smtptest-agent, unknown version"
	}
	return "smtptest-agent " + info.Main.Version + ", " + info.GoVersion
}

func version() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		return info.Main.Version
	}
	return "unknown"
}

// names are the variables of the table.
func names() (all []string) {
	for f := range reflect.TypeFor[variables]().Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("env"), ",")
		all = append(all, name)
	}
	return all
}
