package discordbot

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/bwmarrin/discordgo"

	"smtptest/bot"
	"smtptest/bot/chat"
	"smtptest/formatting"
	"smtptest/probe/secret"
)

// What every request to the API has (Discord, API Reference).
const (
	apiPath   = "/api/v10"
	userAgent = "DiscordBot (smtptest, 1.0)"
)

// Limits of a call.
const (
	callTimeout   = 20 * time.Second       // of one attempt, without the wait for its turn
	maxRetries    = 7                      // beyond the first attempt
	maxRetryAfter = 30 * time.Second       // the longest wait that Discord may ask for: a person waits too
	firstPause    = 100 * time.Millisecond // between tries that nobody asked to wait for; doubled each time
	maxBuckets    = 2000                   // that the library may keep; each thread has one
)

// rest makes calls to Discord's API through the library's sessions. It keeps
// nothing of an interaction: the library would keep a bucket for each token.
type rest struct {
	caller    *chat.Caller
	base      string // scheme, host and apiPath
	transport *http.Transport
	bot       *discordgo.Session // sends the bot's token
	unnamed   *discordgo.Session // sends none: the path holds the interaction's

	mu      sync.Mutex
	limiter *discordgo.RateLimiter // of calls with the bot's token
	calls   int                    // that it has seen: it has no more buckets
}

// newRest prepares the sessions. base is scheme, host and apiPath.
func newRest(base string, token secret.Secret, transport *http.Transport) *rest {
	return &rest{
		base: base, transport: transport, bot: newSession("Bot " + token.Reveal()), unnamed: newSession(""),
		limiter: discordgo.NewRatelimiter(), caller: &chat.Caller{
			Timeout: maxRetryAfter + callTimeout, Retries: maxRetries, MaxAfter: maxRetryAfter, Classify: classify,
			Backoff: chat.Backoff{First: firstPause, Most: firstPause << (maxRetries - 1)},
		},
	}
}

// newSession is a session of the library that does nothing by itself: it
// tries nothing again, keeps no state, and logs nothing, because what it logs
// quotes tokens and what was typed.
func newSession(token string) *discordgo.Session {
	const nothing = discordgo.LogError - 1
	s, _ := discordgo.New(token) // it never fails
	s.LogLevel, s.MaxRestRetries, s.ShouldRetryOnRateLimit = nothing, 0, false
	s.ShouldReconnectOnError, s.StateEnabled, s.SyncEvents = false, false, true
	s.UserAgent = userAgent
	return s
}

// call is one request.
type call struct {
	method, path string
	bot          bool              // with the bot's token; otherwise the path holds the interaction's
	body         any               // JSON; nil: none
	files        []formatting.File // attached
	try          time.Duration     // of one attempt; 0: callTimeout
	known        int               // the code that says that an earlier attempt has done it; 0: none says so

	octets []byte // the body on the wire, which encode writes
	kind   string // of octets
}

// route names what shares a rate limit: the method, the kind of path and the
// id of the channel or the application (Discord, Rate Limits).
func (c call) route() string {
	parts := strings.Split(c.path, "/")
	return c.method + strings.Join(parts[:min(3, len(parts))], "/") + strconv.Itoa(len(parts))
}

// apiError is Discord's refusal of a call. It holds no address: that is as
// good as a token.
type apiError struct {
	status int
	code   int           // Discord's own, such as 50013; 0: none was given
	after  time.Duration // until another try makes sense; 0: not said
}

// Error implements error.
func (e *apiError) Error() string { return fmt.Sprintf("HTTP %d, code %d", e.status, e.code) }

// Codes of Discord's refusals (Discord, JSON Error Codes).
const (
	codeUnknownMessage     = 10008
	codeUnknownWebhook     = 10015
	codeUnknownInteraction = 10062
	codeAcknowledged       = 40060
	codeWebhookToken       = 50027
	codeThreadExists       = 160004
	codeModerated          = 200000
)

// codeOf is Discord's word for what is wrong; 0: it was not Discord that
// answered, or it gave none.
func codeOf(err error) int {
	if e, ok := errors.AsType[*apiError](err); ok {
		return e.code
	}
	return 0
}

// statusOf is the HTTP status of a refusal; 0: it was not Discord that answered.
func statusOf(err error) int {
	if e, ok := errors.AsType[*apiError](err); ok {
		return e.status
	}
	return 0
}

// plainError names an error without what it quotes.
func plainError(err error) string {
	if e, ok := errors.AsType[*apiError](err); ok {
		return e.Error()
	}
	return bot.Cause(err)
}

// do makes a call, and makes it again where that may help: when Discord asks
// to wait, is out of order, or nothing came back. The answer is decoded into
// out unless that is nil.
func (r *rest) do(ctx context.Context, c call, out any) error {
	if err := c.encode(); err != nil {
		return err
	}
	done := false // an attempt may have done it without our hearing of it
	return r.caller.Do(ctx, "", func(ctx context.Context) error {
		err := r.once(ctx, c, out)
		refusal, answered := errors.AsType[*apiError](err)
		if done && answered && c.known != 0 && refusal.code == c.known {
			return nil
		}
		done = done || err != nil && (!answered || refusal.status >= http.StatusInternalServerError)
		return err
	})
}

// once makes one attempt.
func (r *rest) once(ctx context.Context, c call, out any) error {
	session, limiter := r.unnamed, discordgo.NewRatelimiter()
	if c.bot {
		session, limiter = r.bot, r.shared()
	}
	bucket := limiter.GetBucket(c.route())
	if wait := waitOf(limiter, bucket); wait > 0 && !chat.Sleep(ctx, wait) {
		return unsent(ctx.Err())
	}
	a := &attempt{next: r.transport, timeout: cmp.Or(c.try, callTimeout)}
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse } // a token is for one address
	client := &http.Client{Transport: a, CheckRedirect: stay}
	octets, err := session.RequestWithLockedBucket(c.method, r.base+c.path, c.kind, c.octets,
		limiter.LockBucketObject(bucket), 0, discordgo.WithContext(ctx), discordgo.WithClient(client))
	switch {
	case a.refusal != nil:
		return a.refusal
	case err != nil:
		return unsent(err)
	case out == nil:
		return nil
	}
	return json.Unmarshal(octets, out)
}

// shared is the limiter of calls with the bot's token. The library's keeps a
// bucket for each route for ever, so that another begins after so many calls.
func (r *rest) shared() *discordgo.RateLimiter {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.calls++; r.calls > maxBuckets {
		r.limiter, r.calls = discordgo.NewRatelimiter(), 1
	}
	return r.limiter
}

// waitOf is how long the next call of a route should wait, so that it need not
// be refused. The library would sleep through the end of a context.
func waitOf(limiter *discordgo.RateLimiter, b *discordgo.Bucket) time.Duration {
	b.Lock()
	defer b.Unlock()
	return limiter.GetWaitTime(b, 1)
}

// errUnsent is a call of which nothing came back.
const errUnsent = bot.Plain("nothing came back")

// unsent is that with the cause: the library's error quotes the address.
func unsent(err error) error { return errUnsent + bot.Plain(": "+bot.Cause(err)) }

// encode writes the body: JSON, or parts where files are attached.
func (c *call) encode() (err error) {
	if c.body == nil {
		return nil
	}
	if len(c.files) == 0 {
		c.kind = "application/json"
		c.octets, err = json.Marshal(c.body)
		return err
	}
	var files []*discordgo.File
	for _, f := range c.files {
		files = append(files, &discordgo.File{Name: f.Name, Reader: strings.NewReader(f.Text)})
	}
	c.kind, c.octets, err = discordgo.MultipartBodyWithJSON(c.body, files)
	return err
}
