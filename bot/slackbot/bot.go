// Package slackbot is the adapter to Slack: commands, mentions, buttons and
// forms come in over Socket Mode, answers go out over the Web API.
//
// Every event is acknowledged before any work is done for it; a command's
// immediate answer travels in the acknowledgement itself. In which order and
// place the rest of an answer appears is decided in package chat; here are
// Slack's events, addresses and error codes.
//
// It has no SMTP knowledge and no wording of its own. It never switches on the
// library's debug output, which would show passwords, and never logs an event.
package slackbot

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/slack-go/slack"

	"smtptest/bot"
	"smtptest/bot/chat"
	"smtptest/formatting"
	"smtptest/formatting/blockkit"
	"smtptest/probe/secret"
)

// Limits of this adapter.
const (
	connections   = 2                // sockets: while one is renewed, the other takes the commands; Slack allows 10
	maxJobs       = 64               // answers that wait for the Web API; who asks beyond is told to try again
	maxNotes      = 256              // such short answers and links that wait besides
	workers       = 16               // answers at work at once, beside the runs
	callTimeout   = 20 * time.Second // of one call to the Web API
	maxRetries    = 5                // of one call, beyond the first try
	maxRetryAfter = 30 * time.Second // the longest wait that Slack may ask for
	lastWords     = 3 * time.Second  // for what is still to be said when the bot stops
	channelPace   = time.Second      // between two messages in one channel (Slack: 1 a second)
	channelBurst  = 3                // at once after a pause (Slack tolerates short bursts, and does not say how many)
)

// Config is what this adapter needs. Its fields must not change.
type Config struct {
	BotToken secret.Secret // xoxb-…
	AppToken secret.Secret // xapp-…, with connections:write
	APIURL   string        // of another server, without /api/; empty: Slack's own
	Teams    []string      // whose people may use the bot; empty: those of the bot's own workspace
	Channels []string      // where it may be used; empty: everywhere
	Users    []string      // who may use it; empty: everybody
	Log      *slog.Logger  // already redacting

	// Containers: evidence that is read on demand stands in blocks that can be
	// folded, and a table is one. Slack has had both since June 2026.
	Containers bool

	Observe func(bot.Event) // hears what happens to this adapter, from many goroutines at once; nil: nobody
}

// Bot is the adapter. Use New.
type Bot struct {
	config     Config
	dispatcher *bot.Dispatcher
	api        *api
	kit        *chat.Kit[blockkit.Post]
	jobs       *chat.Jobs
	observer   chat.Observer
	reconnect  chat.Backoff // of a connection that ended; the library waits by itself between attempts to connect
	doubts     chat.Doubts  // that Slack refuses a token
	hangUp     func()       // ends all calls

	mu   sync.Mutex
	self self
}

// self is who we are in Slack; zero before Check.
type self struct {
	team, enterprise, user, bot string // ids
	workspace, name             string // as people know them
}

// New prepares the adapter; Run connects it.
func New(c Config, d *bot.Dispatcher) *Bot {
	client := newClient()
	options := []slack.Option{
		slack.OptionAppLevelToken(c.AppToken.Reveal()), slack.OptionHTTPClient(client),
		slack.OptionLog(quiet{}), slack.OptionDebug(false),
	}
	if c.APIURL != "" {
		options = append(options, slack.OptionAPIURL(strings.TrimSuffix(c.APIURL, "/")+"/api/"))
	}
	life, hangUp := context.WithCancel(context.Background())
	observer := chat.Observer{Platform: formatting.Slack, Hear: c.Observe}
	b := &Bot{
		config: c, dispatcher: d, hangUp: hangUp, jobs: chat.NewJobs(c.Log, observer, maxJobs, maxNotes),
		observer: observer, doubts: chat.NewDoubts(),
		reconnect: chat.Backoff{First: time.Second, Most: 30 * time.Second},
		kit: &chat.Kit[blockkit.Post]{
			Root: blockkit.Root, Whole: blockkit.Private, Thread: blockkit.Thread,
			Classify: classify, Name: plainError, Log: c.Log,
		},
	}
	b.api = &api{slack: slack.New(c.BotToken.Reveal(), options...), client: client, caller: &chat.Caller{
		Life: life, Timeout: callTimeout, Retries: maxRetries,
		Pacer:   &chat.Pacer{Every: channelPace, Burst: channelBurst, Kept: channelBurst - 1},
		Backoff: chat.Backoff{First: time.Second / 2, Most: maxRetryAfter}, MaxAfter: maxRetryAfter,
		Classify: classify, Observer: b.observer, Doubt: b.doubts.Note,
	}}
	b.api.folds.Store(c.Containers)
	if w := d.Watches(); w != nil {
		w.Attach(formatting.Slack, &chat.Board[blockkit.Post]{Kit: b.kit, Poster: b.api})
	}
	return b
}

// newClient follows nobody elsewhere with what it carries, and keeps as many
// connections as the workers use.
func newClient() *http.Client {
	client := &http.Client{
		Timeout:       callTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	if t, ok := http.DefaultTransport.(*http.Transport); ok {
		t = t.Clone()
		t.MaxIdleConnsPerHost = 2 * workers
		client.Transport = t
	}
	return client
}

// quiet drops what the library would log: it may quote events.
type quiet struct{}

// Output implements slack's logger.
func (quiet) Output(int, string) error { return nil }

// Run connects and answers until ctx is over, and then says what is still to
// be said, for lastWords at most. It is called once. Errors: *chat.Fatal, when Slack
// says that no further attempt makes sense.
func (b *Bot) Run(ctx context.Context) error {
	defer b.api.client.CloseIdleConnections()
	defer b.hangUp()
	if b.me() == (self{}) {
		who := chat.Introduction{Check: b.Check, Backoff: b.reconnect, Name: plainError, Log: b.config.Log}
		if err := who.Make(ctx); err != nil {
			return err
		}
	}
	parts := []func(context.Context) error{
		func(ctx context.Context) error {
			<-ctx.Done()
			time.AfterFunc(lastWords, b.hangUp)
			return nil
		},
		func(ctx context.Context) error {
			return b.doubts.Settle(ctx, func(ctx context.Context) error {
				_, err := b.Check(ctx)
				return err
			})
		},
	}
	for range workers {
		parts = append(parts, func(ctx context.Context) error {
			b.jobs.Work(ctx)
			return nil
		})
	}
	for i := range connections {
		parts = append(parts, func(ctx context.Context) error { return b.connect(ctx, i) })
	}
	return chat.Together(ctx, parts...)
}

func (b *Bot) me() self {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.self
}
