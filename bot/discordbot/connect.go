package discordbot

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bwmarrin/discordgo"
	"github.com/gorilla/websocket"

	"smtptest/bot"
	"smtptest/bot/chat"
)

// closeToken is the close code of a refused token.
const closeToken = 4004

// fatal is an end after which trying again makes no sense: a close code
// (Discord, Gateway Close Event Codes), or 401 of the API. Nil: it is none.
func fatal(code int) *chat.Fatal {
	number := strconv.Itoa(code)
	says := "Discord refuses the connection (" + number + "): "
	switch code {
	case http.StatusUnauthorized, closeToken:
		says = "Discord refuses the token (" + number + "): check DISCORD_BOT_TOKEN; if it was reset, take the new one."
	case 4010, 4011: // shards
		says += "the bot is in too many servers for one process."
	case 4012:
		says += "this version of the bot is too old for the gateway."
	case 4013, 4014:
		says += "the intents that the bot asks for are not open to it."
	default:
		return nil
	}
	return &chat.Fatal{Code: number, Says: says}
}

// asFatal finds what is final in an error.
func asFatal(err error) (final *chat.Fatal, ok bool) {
	if errors.As(err, &final) {
		return final, true
	}
	if e, is := errors.AsType[*apiError](err); is && e.status == http.StatusUnauthorized && e.code != codeWebhookToken {
		final = fatal(e.status)
	} else if e, is := errors.AsType[*ended](err); is {
		final = fatal(e.code)
	}
	return final, final != nil
}

// How connections are kept up. Discord resets the token of a bot that
// identifies more than 1,000 times in a day, so that is rationed; attempts
// that do not get so far, and resuming, are not.
const (
	maxPause      = 4 * time.Second // between two attempts: five seconds after Discord is back, so is the bot
	identifyEvery = 5 * time.Second // Discord, Gateway, Rate Limiting: one in five seconds
	maxIdentifies = 100             // in a row
	identifyAgain = 3 * time.Minute // then one more for each of these: 480 in a day
	maxResumes    = 5               // attempts to go on with a session; then its gateway may be gone for good
	keepFree      = 50              // of Discord's own count, for others with the same token
)

// ration is how often the bot may still identify. Its zero value has all.
type ration struct {
	every time.Duration // between two times at least
	last  time.Time     // when it identified
	full  time.Time     // when it has all again
}

// wait is how long to wait before the next time, and counts it.
func (r *ration) wait(now time.Time) time.Duration {
	earliest := []time.Time{now, r.last.Add(r.every), r.full.Add(-(maxIdentifies - 1) * identifyAgain)}
	r.last = slices.MaxFunc(earliest, time.Time.Compare)
	r.full = slices.MaxFunc([]time.Time{r.last, r.full}, time.Time.Compare).Add(identifyAgain)
	return r.last.Sub(now)
}

// keepConnected keeps one connection open until ctx is over. Errors: *chat.Fatal.
func (b *Bot) keepConnected(ctx context.Context) error {
	begin := func() *session {
		return newGateway(b.config.BotToken, func(data []byte) { b.event(ctx, data) })
	}
	s := begin()
	r := ration{every: b.identifyEvery}
	for attempt := 0; ctx.Err() == nil; attempt++ {
		over := b.connection(ctx, s, &r)
		if fatal, ok := asFatal(over); ok {
			b.observer.Note(bot.Event{Kind: bot.EventRefused, Outcome: fatal.Code})
			return fatal
		}
		if ctx.Err() != nil {
			return nil
		}
		e, _ := errors.AsType[*ended](over)
		if e != nil && e.ready {
			attempt = 0
		}
		if e != nil && e.forget || attempt >= maxResumes {
			s = begin()
		}
		b.observer.Note(bot.Event{Kind: bot.EventDown, Outcome: bot.DownEnded})
		b.config.Log.Warn("connection ended", "attempt", attempt, "reason", reasonOf(over))
		chat.Sleep(ctx, pause(e, attempt))
	}
	return nil
}

// forgets reports a close code after which Discord does not resume.
func forgets(code int) bool {
	const badSequence, timedOut = 4007, 4009
	switch code {
	case badSequence, timedOut, websocket.CloseNormalClosure, websocket.CloseGoingAway:
		return true
	}
	return false
}

// reasonOf names the end of a connection without what it quotes.
func reasonOf(err error) string {
	e, ok := errors.AsType[*ended](err)
	switch {
	case !ok:
		return plainError(err)
	case e.invalid:
		return "session invalid"
	case e.code != 0:
		return fmt.Sprintf("closed with %d", e.code)
	case e.ready:
		return "cut or silent"
	}
	return "no connection yet"
}

// pause is how long to wait before another attempt: longer each time, and
// never for two bots the same.
func pause(e *ended, attempt int) time.Duration {
	if e != nil && e.invalid {
		return time.Second + rand.N(2*time.Second) // Discord, Gateway, Resuming: one to five seconds
	}
	return chat.Backoff{First: maxPause >> 4, Most: maxPause}.Wait(attempt)
}

// connection is one connection from its first octet to its last. The error
// says how it ended.
func (b *Bot) connection(ctx context.Context, s *session, r *ration) error {
	url, err := b.gatewayURL(ctx, s, r)
	if err != nil {
		return err
	}
	l, err := dial(ctx, url)
	if err != nil {
		return err
	}
	l.ready = func() {
		b.observer.Note(bot.Event{Kind: bot.EventUp})
		b.config.Log.Info("connected")
	}
	return s.over(ctx, l)
}

// gatewayURL is where to connect to: for a session that can be resumed, the
// gateway that has it. For a new one Discord is asked, and may say that the
// bot has identified too often.
func (b *Bot) gatewayURL(ctx context.Context, s *session, r *ration) (string, error) {
	if s.url != "" {
		return s.url, b.secure(s.url)
	}
	const hourMS = 3_600_000
	var g discordgo.GatewayBotResponse
	err := b.rest.do(ctx, call{method: http.MethodGet, path: "/gateway/bot", bot: true, try: dialTimeout}, &g)
	if err != nil {
		return "", err
	}
	wait := r.wait(time.Now())
	if limit := g.SessionStartLimit; limit.Remaining < keepFree && limit.ResetAfter > 0 {
		wait = max(wait, time.Duration(min(limit.ResetAfter, hourMS))*time.Millisecond)
	}
	if wait > identifyEvery {
		const why = "waiting before connecting anew: Discord counts how often a bot does that in a day"
		b.config.Log.Warn(why, "wait", wait)
	}
	chat.Sleep(ctx, wait)
	return g.URL, b.secure(g.URL)
}

// errInsecure is an address of a gateway that anybody could listen to.
const errInsecure = bot.Plain("the gateway is not encrypted")

// secure takes a gateway in the clear only where the API is in the clear too,
// which the configuration allows on loopback alone.
func (b *Bot) secure(url string) error {
	if strings.HasPrefix(url, "wss://") || strings.HasPrefix(url, "ws://") && strings.HasPrefix(b.rest.base, "http://") {
		return nil
	}
	return errInsecure
}

// event takes an interaction off the connection. It only ever hands on, so
// that the next one need not wait.
func (b *Bot) event(ctx context.Context, data []byte) {
	select {
	case b.slots <- struct{}{}:
	default:
		b.observer.Dropped(bot.DroppedBusy)
		b.config.Log.Warn("too many answers at once")
		return
	}
	b.answering.Go(func() {
		defer func() { <-b.slots }()
		chat.Guard(b.config.Log, func() { b.incoming(context.WithoutCancel(ctx), data) })
	})
}
