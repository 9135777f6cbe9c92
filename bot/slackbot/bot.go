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
)

// Config is what this adapter needs. Its fields must not change.
type Config struct {
	BotToken secret.Secret   // xoxb-…
	AppToken secret.Secret   // xapp-…, with connections:write
	APIURL   string          // of another server, without /api/; empty: Slack's own
	Teams    []string        // whose people may use the bot; empty: those of the bot's own workspace
	Channels []string        // where it may be used; empty: everywhere
	Users    []string        // who may use it; empty: everybody
	Log      *slog.Logger    // already redacting
	Observe  func(bot.Event) // hears what happens to this adapter, from many goroutines at once; nil: nobody
}

// Bot is the adapter. Use New.
type Bot struct {
	config     Config
	dispatcher *bot.Dispatcher
	api        *api
	kit        *chat.Kit[blockkit.Post]
	jobs       *chat.Jobs
	observer   chat.Observer
	reconnect  chat.Backoff  // of a connection that ended; the library waits by itself between attempts to connect
	doubts     chan struct{} // holds one note that Slack refuses a token
	hangUp     func()        // ends all calls

	mu   sync.Mutex
	self self
}

// self is who we are in Slack; zero before Check.
type self struct {
	team, enterprise, user, bot string
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
	b := &Bot{
		config: c, dispatcher: d, hangUp: hangUp, jobs: chat.NewJobs(c.Log, maxJobs, maxNotes),
		observer: chat.Observer{Platform: formatting.Slack, Hear: c.Observe}, doubts: make(chan struct{}, 1),
		reconnect: chat.Backoff{First: time.Second, Most: 30 * time.Second},
		kit: &chat.Kit[blockkit.Post]{
			Root: blockkit.Root, Whole: blockkit.Private, Thread: blockkit.Thread,
			Classify: classify, Name: plainError, Log: c.Log,
		},
	}
	b.api = &api{slack.New(c.BotToken.Reveal(), options...), client, &chat.Caller{
		Life: life, Pacer: &chat.Pacer{Every: channelPace}, Timeout: callTimeout, Retries: maxRetries,
		Backoff: chat.Backoff{First: time.Second / 2, Most: maxRetryAfter}, MaxAfter: maxRetryAfter,
		Classify: classify, Observer: b.observer, Doubt: b.doubt,
	}}
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
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer b.api.client.CloseIdleConnections()
	defer b.hangUp()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(lastWords, b.hangUp) })()
	if err := b.introduce(ctx); err != nil {
		return err
	}
	var all sync.WaitGroup
	for range workers {
		all.Go(func() { b.jobs.Work(ctx) })
	}
	all.Go(func() { cancel(b.confirm(ctx)) })
	for i := range connections {
		all.Go(func() {
			if err := b.connect(ctx, i); err != nil {
				cancel(err)
			}
		})
	}
	all.Wait()
	if fatal, ok := asFatal(context.Cause(ctx)); ok {
		return fatal
	}
	return nil
}

func (b *Bot) me() self {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.self
}

// doubt notes that Slack has refused a token in a call. It never waits.
func (b *Bot) doubt() {
	select {
	case b.doubts <- struct{}{}:
	default: // there is a note already
	}
}

// confirm asks once more when a call was refused: one odd answer must not end
// a bot that works. It returns what is final; nil: ctx is over.
func (b *Bot) confirm(ctx context.Context) error {
	for {
		select {
		case <-b.doubts:
		case <-ctx.Done():
			return nil
		}
		if _, err := b.Check(ctx); err != nil {
			if fatal, ok := asFatal(err); ok {
				return fatal
			}
		}
	}
}

// introduce asks who we are until Slack says it, if it has not yet: until then
// nobody can be told from a stranger.
func (b *Bot) introduce(ctx context.Context) error {
	for attempt := 0; b.me() == (self{}) && ctx.Err() == nil; attempt++ {
		problems, err := b.Check(ctx)
		if fatal, ok := asFatal(err); ok {
			return fatal
		}
		for _, p := range problems {
			b.config.Log.Warn(p)
		}
		if err != nil {
			b.config.Log.Warn("Slack does not say who we are", "attempt", attempt, "error", plainError(err))
			chat.Sleep(ctx, b.reconnect.Wait(attempt))
		}
	}
	return nil
}
