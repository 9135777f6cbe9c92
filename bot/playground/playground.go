// Package playground is a page in a browser with Slack on the left and Discord on
// the right: fakes on loopback, which take what the platforms would take, and
// the real bot connected to them by whoever starts it. What one sees has passed
// all of the fakes' checks.
//
// In order: a person acts by a form (do.go), a fake tells the bot, the bot
// calls the fake, the page shows what came of it (slackside.go,
// discordside.go, log.go) and pushes it to every browser that is open
// (events.go). The page needs no script to work, and with one it needs no
// reload. It serves loopback alone, under a path that cannot be guessed.
package playground

import (
	"crypto/rand"
	"sync"
	"time"

	"smtptest/bot/playground/discord"
	"smtptest/bot/playground/slack"
)

// Options are what a playground is made of besides its fakes.
type Options struct {
	Servers []Server // to be tested
	Restart func()   // ends the bot and starts it again
	Expire  func()   // makes the bot forget what its buttons stand for
}

// Server is a server of the sandbox.
type Server struct {
	Name, Story string
	First       bool // it stands in the short list
}

// Playground is both fakes and the page. Use New.
type Playground struct {
	Slack   *slack.Server
	Discord *discord.Server

	options Options
	token   string // of the address
	since   time.Time
	guild   []channel // of Discord

	mu      sync.Mutex // guards all below
	notices []notice
	noted   chan struct{} // closed and replaced at each notice
	clients int
	busy    sync.WaitGroup // what waits for an answer
}

// What is kept. The fakes' own defaults are made for tests.
const (
	keepMessages = 1000
	keepOctets   = 1 << 20 // of the journal, each direction
	keepNotices  = 50
)

// New starts the fakes. Whoever starts it closes it.
func New(o Options) *Playground {
	p := &Playground{options: o, token: rand.Text(), since: time.Now(), noted: make(chan struct{})}
	var users []slack.User
	places := []slack.Channel{{ID: slack.InMember, Name: "incident"},
		{ID: slack.InPublic, Name: "general", Kind: slack.Public}}
	for _, who := range people() {
		users = append(users, slack.User{ID: who.slack, Name: who.Name})
		places = append(places, slack.Channel{ID: who.direct, Name: "directmessage", Kind: slack.Direct, With: who.slack})
	}
	p.Slack = slack.New(slack.Options{Users: users, Channels: places, KeepMessages: keepMessages, KeepOctets: keepOctets})
	p.Discord = discord.New(discord.Options{Remember: keepMessages, Octets: keepOctets})
	for _, c := range []discord.Channel{{Name: "incident"},
		{Name: "no-threads", Lacks: discord.CreatePublicThreads}} {
		p.guild = append(p.guild, channel{ID: p.Discord.AddChannel(c), Name: c.Name})
	}
	return p
}

// Close ends the fakes, after the bot was ended.
func (p *Playground) Close() {
	p.Slack.Close()
	p.Discord.Close()
	p.busy.Wait()
}

// person is somebody whose eyes the page may take.
type person struct {
	Name                   string
	slack, direct, discord string // ids; direct is the channel of a direct message
}

// people are two, to see what only one of them sees.
func people() []person {
	return []person{
		{"ada", slack.Ada, slack.InDirect, "400000000000000001"},
		{"bob", "U0BOB0001", "D0DIRECT2", "400000000000000002"},
	}
}

// name finds a person by the id on either platform.
func name(id string) string {
	for _, who := range people() {
		if id == who.slack || id == who.discord {
			return who.Name
		}
	}
	if id == slack.BotUI {
		return "smtptest"
	}
	return id
}

// channel is a place on a platform.
type channel struct{ ID, Name string }

// home is the bot's own tab in Slack, which is no channel.
const home = "app home"

// slackChannels are those that a person sees.
func slackChannels(who person) []channel {
	return []channel{{slack.InMember, "incident"}, {slack.InPublic, "general"}, {who.direct, "direct message"},
		{home, home}}
}

// notice is what a platform's own client says to one person.
type notice struct {
	at                    time.Time
	who, channel, text, n string
}

// note tells a person something in the name of the platform.
func (p *Playground) note(who, channel, text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.notices = append(p.notices, notice{time.Now(), who, channel, text, rand.Text()})
	if len(p.notices) > keepNotices {
		p.notices = p.notices[1:]
	}
	close(p.noted)
	p.noted = make(chan struct{})
}
