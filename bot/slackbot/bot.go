// Package slackbot is the door to Slack: commands, mentions, buttons and forms
// come in over Socket Mode, answers go out over the Web API.
//
// Every event is acknowledged before any work is done for it; a command's
// immediate answer travels in the acknowledgement itself. A test's one message
// is posted when it begins, edited at most once while it runs and once to the
// verdict, and what it found goes into its thread. Where the bot may not post,
// the answer goes to the best place left, and says why.
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
	"smtptest/probe/secret"
)

// Limits of this door.
const (
	connections = 2                // sockets: while one is renewed, the other takes the commands; Slack allows 10
	maxJobs     = 64               // answers that wait for the Web API; who asks beyond is told to try again
	maxNotes    = 256              // such words and links that wait besides
	workers     = 16               // answers at work at once, beside the runs
	callTimeout = 20 * time.Second // of one call to the Web API
	maxRetries  = 5                // of one call, beyond the first try
	lastWords   = 3 * time.Second  // for what is still to be said when the bot stops
	channelPace = time.Second      // between two messages in one channel (Slack: 1 a second)
)

// Config is what this door needs. Its fields must not change.
type Config struct {
	BotToken secret.Secret   // xoxb-…
	AppToken secret.Secret   // xapp-…, with connections:write
	APIURL   string          // of another server, without /api/; empty: Slack's own
	Teams    []string        // whose people may use the bot; empty: those of the bot's own workspace
	Channels []string        // where it may be used; empty: everywhere
	Users    []string        // who may use it; empty: everybody
	Log      *slog.Logger    // already redacting
	Observe  func(bot.Event) // hears what happens to this door, from many goroutines at once; nil: nobody
}

// Bot is the door. Use New.
type Bot struct {
	config     Config
	dispatcher *bot.Dispatcher
	api        *slack.Client
	poster     *poster
	jobs       chan func()   // of maxJobs and maxNotes
	doubts     chan struct{} // holds one note that Slack refuses a token
	hangUp     func()        // ends all calls

	mu   sync.Mutex
	self self
}

// self is who we are in Slack; zero before Check.
type self struct {
	team, enterprise, user, bot string
}

// New prepares the door; Run opens it.
func New(c Config, d *bot.Dispatcher) *Bot {
	client := newClient()
	options := []slack.Option{
		slack.OptionAppLevelToken(c.AppToken.Reveal()), slack.OptionHTTPClient(client),
		slack.OptionLog(quiet{}), slack.OptionDebug(false),
	}
	if c.APIURL != "" {
		options = append(options, slack.OptionAPIURL(strings.TrimSuffix(c.APIURL, "/")+"/api/"))
	}
	api := slack.New(c.BotToken.Reveal(), options...)
	life, hangUp := context.WithCancel(context.Background())
	b := &Bot{
		config: c, dispatcher: d, api: api, jobs: make(chan func(), maxJobs+maxNotes), doubts: make(chan struct{}, 1), hangUp: hangUp,
	}
	b.poster = &poster{api: api, client: client, life: life, called: c.called, doubt: b.doubt, pace: channelPace, next: map[string]time.Time{}}
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
// be said, for lastWords at most. It is called once. Errors: *Fatal, when Slack
// says that no further attempt makes sense.
func (b *Bot) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer b.poster.client.CloseIdleConnections()
	defer b.hangUp()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(lastWords, b.hangUp) })()
	if err := b.introduce(ctx); err != nil {
		return err
	}
	var all sync.WaitGroup
	for range workers {
		all.Go(func() { b.work(ctx) })
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

// work carries out what needs the Web API and no run; at the end, what is
// left of it.
func (b *Bot) work(ctx context.Context) {
	for {
		select {
		case job := <-b.jobs:
			b.guarded(job)
			continue
		default:
		}
		select {
		case job := <-b.jobs:
			b.guarded(job)
		case <-ctx.Done():
			if len(b.jobs) == 0 {
				return
			}
		}
	}
}

// guarded keeps a panic in one answer from ending all others. Of its value
// only the type is logged.
func (b *Bot) guarded(job func()) {
	defer func() {
		if v := recover(); v != nil {
			b.config.Log.Error("answering failed", "panic", typeName(v))
		}
	}()
	job()
}

// later hands a job to the workers; false when too much waits already.
func (b *Bot) later(job func()) bool { return len(b.jobs) < maxJobs && b.note(job) }

// note is later for one short call, of which more may wait.
func (b *Bot) note(job func()) bool {
	select {
	case b.jobs <- job:
		return true
	default:
		return false
	}
}

func (b *Bot) me() self {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.self
}
