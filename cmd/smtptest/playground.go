package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"smtptest/bot"
	"smtptest/bot/command"
	"smtptest/bot/discordbot"
	page "smtptest/bot/playground"
	fakeslack "smtptest/bot/playground/slack"
	"smtptest/bot/results"
	"smtptest/bot/slackbot"
	"smtptest/bot/watch"
	"smtptest/probe"
	"smtptest/probe/domain"
	"smtptest/probe/secret"
)

// pageOptions are what may be said of the playground.
type pageOptions struct {
	noBrowser  bool
	containers bool   // Slack's newer blocks are used
	port       uint16 // 0: any that is free
	shots      string // a folder for pictures; empty: none are taken
}

// readPageOptions reads the arguments behind “playground”; what is wrong is
// said in a sentence.
func readPageOptions(args []string) (pageOptions, error) {
	var o pageOptions
	flags := flag.NewFlagSet("playground", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.BoolVar(&o.noBrowser, "no-browser", false, "")
	flags.BoolVar(&o.containers, "containers", false, "")
	flags.StringVar(&o.shots, "shots", "", "")
	port := flags.Uint("port", 0, "")
	if err := flags.Parse(args); err != nil || flags.NArg() > 0 || *port > 65535 {
		return o, consoleError("The playground takes these options: -no-browser, -port with a free port, -containers for " +
			"Slack's newer blocks, and -shots with a folder for pictures.")
	}
	o.port = uint16(*port)
	return o, nil
}

// runPlayground shows Slack and Discord in a browser, with the bot on both and
// the sandbox's servers behind it, until ctx is over.
func runPlayground(ctx context.Context, args []string, t *terminal) int {
	o, err := readPageOptions(args)
	if err != nil {
		return usage(t, err)
	}
	ctx, stop := t.interruptible(ctx)
	defer stop()
	l, err := net.Listen("tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(int(o.port))))
	if err != nil {
		fmt.Fprintln(t.err, cannotListen(err, o.port))
		return exitSoftware
	}
	place, ok := openSandbox(t)
	if !ok {
		_ = l.Close()
		return exitSoftware
	}
	defer func() { _ = place.servers.Close() }()
	b := &bots{servers: place, key: []byte(rand.Text())}
	b.containers.Store(o.containers)
	p := page.New(page.Options{Servers: introduced(place), Restart: b.restart, Expire: b.expire})
	defer p.Close()
	b.start(p)
	defer b.end()
	if o.shots != "" {
		return t.picture(ctx, &stage{Playground: p, listener: l, newer: b.newer}, o.shots)
	}
	err = p.Serve(ctx, l, func(address string) { t.invite(ctx, address, o.noBrowser) })
	if err != nil {
		fmt.Fprintln(t.err, "The page has ended:", err)
		return exitSoftware
	}
	fmt.Fprintln(t.err, "The playground has ended.")
	return exitWorking
}

func cannotListen(err error, port uint16) string {
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Sprintf("Port %d is in use. Give another one with -port, or none for any that is free.", port)
	}
	return "The page cannot listen on this machine: " + bot.Cause(err) + "."
}

// introduced are the sandbox's servers with their stories.
func introduced(s *playground) []page.Server {
	var out []page.Server
	for _, c := range s.cases {
		out = append(out, page.Server{Name: c.Name, Story: firstSentence(c.About),
			First: slices.Contains(featured(), c.Name)})
	}
	slices.SortStableFunc(out, func(a, b page.Server) int {
		return slices.Index(featured(), a.Name) - slices.Index(featured(), b.Name)
	})
	out = append(out, page.Server{Name: recovering + " --watch", Story: recoveringStory, First: true})
	return append(out, page.Server{Name: "domain " + demoDomain, Story: demoStory, First: true})
}

// invite says where the page is, and opens it where that can be done.
func (t *terminal) invite(ctx context.Context, address string, noBrowser bool) {
	fmt.Fprintf(t.out, "Slack and Discord, with the bot on both: %s\n", address)
	says := "Ctrl-C ends it."
	if !noBrowser && !t.open(ctx, address) {
		says = "No browser could be opened from here: open this address yourself. " + says
	}
	fmt.Fprintln(t.err, says)
}

// open asks the desktop for its browser; false: there is none.
func (t *terminal) open(ctx context.Context, address string) bool {
	program := []string{"xdg-open"}
	switch runtime.GOOS {
	case "darwin":
		program = []string{"open"}
	case "windows":
		program = []string{"rundll32", "url.dll,FileProtocolHandler"}
	default:
		if !t.desktop {
			return false // xdg-open would show a page in this terminal
		}
	}
	c := exec.CommandContext(ctx, program[0], append(program[1:], address)...)
	if c.Start() != nil {
		return false
	}
	go func() { _ = c.Wait() }()
	return true
}

// bots are the bot on both platforms. It can be started anew.
type bots struct {
	servers    *playground
	containers atomic.Bool // Slack's newer blocks are used
	key        []byte      // of the codes in buttons: a restart keeps it, as tokens do elsewhere
	page       *page.Playground
	expired    atomic.Int64

	mu   sync.Mutex
	stop func() // ends what runs
}

// start connects the bot, with nothing in its memory.
func (b *bots) start(p *page.Playground) {
	b.page = p
	outside := &probe.Local{Controls: probe.DefaultControls()}
	d := &bot.Dispatcher{Handler: &bot.Handler{
		Prober: either{b.servers, outside}, Egress: outside.Egress, Scans: eitherScan{either{b.servers, outside}},
		Domains: eitherDomain{&domain.Examiner{Sessions: outside, Reach: outside.Reach}},
		Dialect: command.Dialect{AllowSingleLabel: true}, Envelope: true, Key: b.key,
		Limiter: results.NewMemoryLimiter(consoleLimits()), Store: store{results.NewMemoryStore(), &b.expired},
	}}
	d.Handler.Watches = d.Handler.Watching(watch.NewMemory())
	d.Handler.Watches.Pace = b.servers.pace
	log := slog.New(slog.DiscardHandler)
	adapters := []interface{ Run(context.Context) error }{
		slackbot.New(slackbot.Config{
			BotToken: secret.New(fakeslack.BotToken), AppToken: secret.New(fakeslack.AppToken),
			APIURL: strings.TrimSuffix(p.Slack.URL(), "/api/"), Log: log, Containers: b.containers.Load(),
		}, d),
		discordbot.New(discordbot.Config{
			BotToken: secret.New(p.Discord.Token), APIURL: p.Discord.URL(), LoginForm: true, Log: log,
		}, d),
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { d.Handler.Watches.Run(ctx) })
	for _, a := range adapters {
		running.Go(func() { _ = a.Run(ctx) })
	}
	b.stop = func() {
		const grace = time.Second
		stopping, over := context.WithTimeout(ctx, grace)
		defer over()
		d.Stop(stopping)
		cancel()
		running.Wait()
	}
}

// restart ends the bot and starts it again.
func (b *bots) restart() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.stop()
	b.start(b.page)
}

// newer starts the bot again, with Slack's newer blocks.
func (b *bots) newer() {
	b.containers.Store(true)
	b.restart()
}

// end ends what runs last: a restart has replaced what ran first.
func (b *bots) end() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.stop()
}

// expire makes the results of all tests so far too old.
func (b *bots) expire() { b.expired.Store(time.Now().UnixNano()) }

// store is the bot's memory, from which results can expire at once.
type store struct {
	results.Store
	expired *atomic.Int64 // nanoseconds of Unix: what ended before is not there
}

// Get implements results.Results.
func (s store) Get(id string) (results.Result, bool) {
	r, ok := s.Store.Get(id)
	return r, ok && r.Ended.UnixNano() > s.expired.Load()
}
