// Command smtptest-bot answers /smtptest in Slack and in Discord, in
// one of them or in both.
//
// In this order: it reads its configuration from the environment and says
// everything that is wrong with it; asks each platform whose tokens are set who
// it is there and what it may do; connects; and answers until SIGTERM or
// SIGINT. Then it takes no more commands, lets tests go on for a while, marks
// those that are not over, and leaves. A second signal ends it at once.
//
// It stores nothing and logs no target, no name and no result.
//
// Exit codes: 0 it was stopped; 1 every platform refuses for good or, with
// -check, one could not be asked, or Slack would not take a payload; 64 the
// command line, 78 the configuration is wrong (sysexits.h).
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
	"sync"
	"syscall"
	"time"

	"smtptest/bot"
	"smtptest/bot/chat"
	"smtptest/bot/discordbot"
	"smtptest/bot/slackbot"
	"smtptest/cmd/defend"
	"smtptest/cmd/settings"
	"smtptest/formatting"
	"smtptest/probe"
	"smtptest/probe/dnssec"
	"smtptest/probe/domain"
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
		signal.Stop(signals) // before it says that it stops: the second signal ends the program
		cancel()
	}()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

const usage = `smtptest-bot answers /smtptest in Slack and in Discord.

It is configured by its environment alone: SLACK_BOT_TOKEN and SLACK_APP_TOKEN
for Slack, DISCORD_BOT_TOKEN for Discord; deploy/README.md lists all variables.
Begin with -check.

`

// options are those of the command line.
type options struct {
	check, payloads, version bool
	keys                     []string // the arguments of -keys; nil: not given
}

// parse reads the command line; false: the program ends with this code.
func parse(args []string, errOut io.Writer) (o options, code int, ok bool) {
	flags := flag.NewFlagSet("smtptest-bot", flag.ContinueOnError)
	flags.SetOutput(errOut)
	flags.BoolVar(&o.check, "check", false,
		"read the configuration, ask the platforms, say what is missing, and leave")
	flags.BoolVar(&o.payloads, "payloads", false,
		"with -check: ask Slack's public validator about every kind of message; takes a minute and no token")
	keys := flags.Bool("keys", false, "with a folder and names of vantage points: make the NATS keys of this bot and of "+
		"their agents there, and print the permissions for nats.conf")
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
	case o.payloads && !o.check:
		fmt.Fprintln(errOut, "-payloads goes with -check.")
		return o, exitUsage, false
	case *keys:
		o.keys = append([]string{}, flags.Args()...)
	case flags.NArg() > 0:
		fmt.Fprintln(errOut, "smtptest-bot takes no arguments, and its options begin with a dash.")
		flags.Usage()
		return o, exitUsage, false
	}
	return o, exitStopped, true
}

// run is the program. The first thing it does is to close its memory.
func run(ctx context.Context, args []string, out, errOut io.Writer) int {
	exposed := defend.Memory()
	o, code, ok := parse(args, errOut)
	if !ok {
		return code
	}
	if o.version {
		fmt.Fprintln(out, build())
		return exitStopped
	}
	if o.keys != nil {
		return makeKeys(o.keys, out, errOut)
	}
	c, problems := read()
	none := c.slack == nil && c.discord == nil
	if none && !o.payloads && len(problems) == 0 {
		problems = append(problems, settings.Say(
			"SLACK_BOT_TOKEN, DISCORD_BOT_TOKEN", "are not set, so there is no platform to answer on",
		))
	}
	if len(problems) > 0 {
		for _, p := range problems {
			fmt.Fprintln(errOut, p)
		}
		return exitConfig
	}
	if o.payloads {
		if code := checkPayloads(ctx, c, slackbot.ValidatorPace, out); code != exitStopped || none {
			return code
		}
	}
	log := logger(c, errOut)
	for _, w := range c.warnings {
		log.Warn(w.Error())
	}
	for _, open := range exposed {
		log.Warn(open)
	}
	return serve(ctx, c, log, o.check)
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
	e, err := connectEngine(c, log, op.health)
	if err != nil {
		log.Error(err.Error())
		return exitConfig
	}
	defer e.close()
	h := e.offer(handler(c), op)
	h.Observe = op.record
	if !checkOnly {
		go e.keepFleet(ctx) // the platforms take a moment, in which the vantage points become known
	}
	dispatcher := &bot.Dispatcher{Handler: h, Observe: op.event}
	all := platforms(c, log, dispatcher, op)
	var open []platform
	for _, p := range all {
		if p.check(ctx, checkOnly) {
			open = append(open, p)
		}
	}
	if checkOnly && !e.check(ctx) {
		return exitRefused
	}
	switch {
	case len(open) == 0, checkOnly && len(open) < len(all):
		return exitRefused
	case checkOnly:
		log.Info(c.opens())
		log.Info("the configuration can be used")
		return exitStopped
	}
	leave, err := e.share(c, h, op, open)
	if err != nil {
		log.Error(err.Error())
		return exitConfig
	}
	defer leave()
	closeAdmin, err := op.listen()
	if err != nil {
		log.Error(err.Error())
		return exitConfig
	}
	defer closeAdmin()
	return op.answer(ctx, c.grace, open, dispatcher)
}

// adapter is a platform's way in and out.
type adapter interface {
	Check(context.Context) (problems []string, err error)
	Run(context.Context) error
	// Identity says who answers where, once Check has asked.
	Identity() string
}

// reacher is an adapter that can try what Check does not.
type reacher interface{ Reach(context.Context) error }

// platform is one that is answered on.
type platform struct {
	name    string
	adapter adapter
	open    string // to whom it is open, and where
	log     *slog.Logger
}

// platforms are all whose tokens are set.
func platforms(c config, log *slog.Logger, d *bot.Dispatcher, op *operator) []platform {
	var all []platform
	if s := c.slack; s != nil {
		log := log.With("platform", formatting.Slack)
		all = append(all, platform{"Slack", slackbot.New(slackbot.Config{
			BotToken: s.botToken, AppToken: s.appToken, APIURL: s.apiURL,
			Teams: s.teams, Channels: s.channels, Users: s.users, Containers: s.containers, Log: log,
			Observe: op.event,
		}, d), s.open(), log})
	}
	if s := c.discord; s != nil {
		log := log.With("platform", formatting.Discord)
		if s.loginForm && !c.logins.Off {
			log.Warn(loginFormIsOn)
		}
		all = append(all, platform{"Discord", discordbot.New(discordbot.Config{
			BotToken: s.botToken, ApplicationID: s.application, APIURL: s.apiURL, RegisterIn: s.registerIn,
			Guilds: s.guilds, Channels: s.channels, Roles: s.roles, Users: s.people,
			LoginForm: s.loginForm, ANSI: s.ansi, Log: log, Observe: op.event,
		}, d), s.open(), log})
	}
	return all
}

// loginFormIsOn is said at start. The words in quotation marks are those of
// Discord's Developer Policy of 8 July 2024, rule 4.
const loginFormIsOn = "DISCORD_LOGIN_FORM is on. It is off by default because Discord's Developer Policy says: " +
	"“Do not collect, solicit, or deceive users into providing passwords or other credentials.”"

// check asks a platform who we are there, and says what is missing. false: it
// refuses for good, which is no reason not to answer on others. strict wants
// all of it to be reachable now.
func (p platform) check(ctx context.Context, strict bool) bool {
	missing, err := p.adapter.Check(ctx)
	for _, m := range missing {
		p.log.Warn(m)
	}
	if r, ok := p.adapter.(reacher); ok && strict && err == nil {
		err = r.Reach(ctx)
	}
	switch {
	case final(err):
		p.log.Error(err.Error())
		return false
	case err != nil && strict:
		p.log.Error(p.name + " could not be asked: " + bot.Cause(err) + ".")
		return false
	case err != nil:
		p.log.Warn(p.name + " could not be asked who we are: " + bot.Cause(err) + ". Trying on.")
	case strict:
		p.log.Info("This is " + p.adapter.Identity() + ", open to " + p.open + ".")
	}
	return true
}

// final reports an error after which trying again makes no sense.
func final(err error) bool {
	_, ok := errors.AsType[*chat.Fatal](err)
	return ok
}

// lastWords is for saying what came of the tests that were stopped. With it and
// the adapters' own last words, 20 s of grace end before the 30 s that Kubernetes
// gives.
const lastWords = 5 * time.Second

// answer keeps the adapters running until ctx is over, and longer for what runs
// then. One that ends before leaves the others running.
func (o *operator) answer(ctx context.Context, grace time.Duration, open []platform, d *bot.Dispatcher) int {
	adapters, closeAdapters := context.WithCancel(context.Background())
	defer closeAdapters()
	go d.Handler.Watches.Run(adapters)
	var running sync.WaitGroup
	for _, p := range open {
		running.Go(func() {
			if err := p.adapter.Run(adapters); err != nil {
				p.log.Error(err.Error())
			}
		})
	}
	ended := make(chan struct{})
	go func() {
		running.Wait()
		close(ended)
	}()
	select {
	case <-ended:
		return exitRefused
	case <-ctx.Done():
	}
	o.drain()
	o.log.Info("stopping")
	stopping, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	defer time.AfterFunc(grace+lastWords, closeAdapters).Stop() // a platform that is away keeps nobody
	d.Stop(stopping)
	closeAdapters()
	<-ended
	return exitStopped
}

// examiner examines mail domains with the same prober, guard and name server as
// a test of one server.
func examiner(c config, local *probe.Local) *domain.Examiner {
	e := &domain.Examiner{
		Sessions: local, Anchors: c.anchors, Policy: c.policy, Roots: c.roots, EHLOName: c.ehloName, Vantage: c.vantage,
		BlockLists: c.lists,
	}
	if asker, ok := c.resolver.(dnssec.Asker); ok {
		e.DNS = asker
	}
	if c.controls != nil {
		e.Reach = local.Reach
	}
	return e
}
