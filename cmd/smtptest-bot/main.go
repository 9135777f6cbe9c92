// Command smtptest-bot answers /smtptest in Slack.
//
// In this order: it reads its configuration from the environment and says
// everything that is wrong with it; asks each platform whose tokens are set who
// it is there and what it may do; connects; and answers until SIGTERM or
// SIGINT. Then it takes no more commands, lets tests go on for a while, marks
// those that are not over, and leaves. A second signal ends it at once.
//
// It stores nothing and logs no target, no name and no result.
//
// Exit codes: 0 it was stopped; 1 a platform refuses for good or, with -check,
// could not be asked; 64 the command line, 78 the configuration is wrong
// (sysexits.h).
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
	"runtime/debug"
	"syscall"
	"time"

	"smtptest/bot"
	"smtptest/bot/slackbot"
	"smtptest/probe"
)

// Exit codes.
const (
	exitStopped = 0
	exitRefused = 1
	exitUsage   = 64
	exitConfig  = 78
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // the second signal ends the program
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is the program. The first thing it does is to close its memory.
func run(ctx context.Context, args []string, out, errOut io.Writer) int {
	exposed := defend()
	flags := flag.NewFlagSet("smtptest-bot", flag.ContinueOnError)
	flags.SetOutput(errOut)
	check := flags.Bool("check", false, "read the configuration, ask the platforms, say what is missing, and leave")
	version := flags.Bool("version", false, "say which build this is, and leave")
	if err := flags.Parse(args); err != nil {
		return exitUsage
	}
	if *version {
		fmt.Fprintln(out, build())
		return exitStopped
	}
	c, problems := read()
	if c.slack == nil && len(problems) == 0 {
		problems = append(problems, problem{"SLACK_BOT_TOKEN, SLACK_APP_TOKEN", "are not set, so there is no platform to answer on"})
	}
	if len(problems) > 0 {
		for _, p := range problems {
			fmt.Fprintln(errOut, p)
		}
		return exitConfig
	}
	log := logger(c, errOut)
	for _, open := range exposed {
		log.Warn(open)
	}
	return serve(ctx, c, log, *check)
}

// build names the build as Go recorded it.
func build() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "smtptest-bot, unknown version"
	}
	return "smtptest-bot " + info.Main.Version + ", " + info.GoVersion
}

func version() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		return info.Main.Version
	}
	return "unknown"
}

func logger(c config, w io.Writer) *slog.Logger {
	var h slog.Handler = slog.NewTextHandler(w, nil)
	if c.json {
		h = slog.NewJSONHandler(w, nil)
	}
	return slog.New(bot.RedactingHandler(h))
}

// serve runs the platforms until ctx is over.
func serve(ctx context.Context, c config, log *slog.Logger, checkOnly bool) int {
	op := newOperator(c, log)
	mind := handler(c)
	mind.Observe = op.record
	dispatcher := &bot.Dispatcher{Handler: mind, Observe: op.event}
	slack := slackbot.New(slackbot.Config{
		BotToken: c.slack.botToken, AppToken: c.slack.appToken, APIURL: c.slack.apiURL,
		Teams: c.slack.teams, Channels: c.slack.channels, Users: c.slack.users, Log: log.With("platform", "slack"), Observe: op.event,
	}, dispatcher)
	missing, err := slack.Check(ctx)
	for _, m := range missing {
		log.Warn(m, "platform", "slack")
	}
	if checkOnly && err == nil {
		err = slack.Reach(ctx)
	}
	switch _, fatal := errors.AsType[*slackbot.Fatal](err); {
	case fatal:
		log.Error(err.Error())
		return exitRefused
	case err != nil && checkOnly:
		log.Error("Slack could not be asked.", "platform", "slack")
		return exitRefused
	case err != nil:
		log.Warn("Slack could not be asked who we are; trying on.", "platform", "slack")
	case checkOnly:
		log.Info("the configuration can be used")
		return exitStopped
	}
	closeWindow, err := op.listen()
	if err != nil {
		log.Error(err.Error())
		return exitConfig
	}
	defer closeWindow()
	context.AfterFunc(ctx, op.drain)
	return answer(ctx, c, log, slack.Run, dispatcher)
}

// lastWords is for saying what came of the tests that were stopped. With it and
// the doors' own last words, 20 s of grace end before the 30 s that Kubernetes
// gives.
const lastWords = 5 * time.Second

// answer keeps the doors open until ctx is over, and longer for what runs
// then.
func answer(ctx context.Context, c config, log *slog.Logger, open func(context.Context) error, d *bot.Dispatcher) int {
	doors, closeDoors := context.WithCancel(context.Background())
	defer closeDoors()
	ended := make(chan error, 1)
	go func() { ended <- open(doors) }()
	select {
	case err := <-ended:
		if err != nil {
			log.Error(err.Error())
		}
		return exitRefused
	case <-ctx.Done():
	}
	log.Info("stopping")
	grace, cancel := context.WithTimeout(context.Background(), c.grace)
	defer cancel()
	defer time.AfterFunc(c.grace+lastWords, closeDoors).Stop() // a platform that is away keeps nobody
	d.Stop(grace)
	closeDoors()
	<-ended
	return exitStopped
}

// handler wires the mind of the bot.
func handler(c config) *bot.Handler {
	local := probe.Local{Policy: c.policy, Roots: c.roots, EHLOName: c.ehloName, Vantage: c.vantage}
	return &bot.Handler{
		Prober: func(b bot.Budget) probe.Prober {
			one := local
			one.Budget = b
			return &one
		},
		Policy: c.policy, Limits: bot.NewLimits(c.limits), Runs: bot.NewRuns(),
		Dialect: bot.Dialect{AllowSingleLabel: len(c.hosts) > 0}, Hosts: c.hosts, Envelope: c.envelope, Logins: c.logins, Profiles: c.profiles,
	}
}
