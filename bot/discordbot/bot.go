// Package discordbot is the adapter of Discord: commands, buttons and forms come
// in over the gateway, answers go out over REST.
//
// Who is to see an answer is known before the first response, because Discord
// never lets that be changed. A test is deferred at once; its one message is
// then edited, and what it found goes into a thread below it. Where there can
// be no thread, it goes to the best place left, and the message says why.
//
// It has no SMTP knowledge and no wording of its own. The gateway and the API
// are spoken to through the library's sessions. What these cannot do is ours,
// and library_test.go holds each point: a connection that reads along (link),
// attempts with bounds of time and size (attempt), no bucket for each
// interaction, bodies with a nonce. Payloads are decoded from the raw event,
// and what they hold is never logged; the library logs nothing at all.
package discordbot

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"smtptest/bot"
	"smtptest/bot/chat"
	"smtptest/formatting"
	"smtptest/formatting/embed"
	"smtptest/probe/secret"
)

// Limits of this adapter.
const (
	maxAtOnce = 1000 // interactions that are being answered; one more is dropped
	maxIdle   = 64   // connections to the API that are kept open
)

// Config is what this adapter needs. Its fields must not change.
type Config struct {
	BotToken      secret.Secret   // without "Bot "
	ApplicationID string          // empty: Discord is asked
	APIURL        string          // of another server, without /api; empty: Discord's own
	RegisterIn    []string        // guilds in which the command is registered; empty: everywhere
	Guilds        []string        // guilds in which the bot may be used; empty: all, and direct messages
	Channels      []string        // where it may be used, threads of these included; empty: everywhere
	Roles         []string        // who may use it: people with one of these roles
	Users         []string        // and these; both empty: everybody
	LoginForm     bool            // login forms are opened
	ANSI          bool            // transcripts are coloured
	Log           *slog.Logger    // already redacting
	Observe       func(bot.Event) // hears how the adapter stands, from many goroutines at once; nil: nobody
}

// Bot is the adapter. Use New.
type Bot struct {
	config     Config
	dispatcher *bot.Dispatcher
	rest       *rest
	style      embed.Style
	slots      chan struct{} // one is taken for each interaction that is being answered
	answering  sync.WaitGroup
	observer   chat.Observer

	identifyEvery time.Duration // the constant, but in tests
	application   string        // our id; empty: not known yet. Check and register use it, one after the other
	about         about         // what Check has found out
	guilds        []guildName   // what Reach has found out; nil: nobody asked
}

// New prepares the adapter; Run connects it.
func New(c Config, d *bot.Dispatcher) *Bot {
	base := strings.TrimSuffix(c.APIURL, "/")
	if base == "" {
		base = "https://discord.com"
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConns, transport.MaxIdleConnsPerHost = maxIdle, maxIdle
	b := &Bot{
		config: c, dispatcher: d, style: embed.Style{ANSI: c.ANSI}, application: c.ApplicationID,
		rest:  newRest(base+apiPath, c.BotToken, transport),
		slots: make(chan struct{}, maxAtOnce), identifyEvery: identifyEvery,
		observer: chat.Observer{Platform: formatting.Discord, Hear: c.Observe},
	}
	b.rest.caller.Observer = b.observer
	if w := d.Watches(); w != nil {
		w.Attach(formatting.Discord, &chat.Board[embed.Post]{Kit: b.kit(), Poster: board{b.rest}})
	}
	return b
}

// Run registers the command, connects, and answers until ctx is over. Errors:
// *chat.Fatal, when Discord says that no further attempt makes sense.
func (b *Bot) Run(ctx context.Context) error {
	defer b.rest.transport.CloseIdleConnections()
	defer b.answering.Wait()
	return chat.Together(ctx, b.keepRegistered, b.keepConnected)
}
