// Package slack is a strict fake of Slack on loopback, for tests,
// benchmarks and a sandbox: the Web API methods that a bot needs, Socket Mode,
// response_url, file uploads and views.
//
// It refuses what Slack refuses, with Slack's own codes, and writes down as a
// violation what a bot must never send. A test makes people act (Command,
// Mention, Press, Submit), reads what the bot did (Messages, Ephemerals, Files,
// Views), and searches every octet that arrived (Received). On request the fake
// misbehaves (Fail, Chaos, Disconnect, DropSockets), and counts how often.
//
// Limits come from docs.slack.dev as read in 2026; where Slack publishes none,
// the comment says whose observation it is. It speaks to nobody but the client
// that connects, and keeps everything in memory, within bounds.
package slack

import (
	"cmp"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"smtptest/bot/playground/wire"
)

// Options set up a Server. The zero value is Slack as it is: strict, and with
// Slack's times.
type Options struct {
	Scopes   []string  // granted to the bot token; nil: AllScopes()
	Channels []Channel // nil: Channels()
	Users    []User    // known from the start; whoever acts becomes known. nil: Ada

	AckWithin       time.Duration // for every envelope; 0: 3 s (docs.slack.dev/interactivity/handling-user-interaction)
	TriggerLife     time.Duration // 0: 3 s (the same page)
	ResponseURLLife time.Duration // 0: 30 min (the same page)
	PingEvery       time.Duration // 0: 5 s; slack-go gives up after 30 s without one
	SlowBy          time.Duration // how late a Slow answer is; 0: 2 s

	NoRates      bool   // nothing is refused with 429, for benchmarks
	NoUploads    bool   // the workspace has switched file uploads off
	NoTables     bool   // a data_table block is invalid, as it was before May 2026
	NoContainers bool   // a container block is invalid, as it was before June 2026
	Seed         uint64 // of all chance: which socket, which fault
	KeepOctets   int    // received and sent, each; 0: 64 MiB, below 0: none are kept
	KeepMessages int    // the oldest are forgotten beyond; 0: 20,000
}

// User is a person. A Team other than the server's makes a guest of a Slack
// Connect channel; empty: the server's.
type User struct {
	ID, Name, Team string
}

// What the fake calls itself, and who is there when Options name nobody.
const (
	Team   = "T0FAKE001" // the workspace that has installed the app
	Domain = "fakeslack" // of the workspace
	AppID  = "A0FAKE001"
	BotID  = "B0FAKE001"
	BotUI  = "U0FAKEBOT" // the user id of the bot, as in a mention
	Ada    = "U0ADA0001" // a person
)

// The tokens that the fake takes. They are made up, and short enough not to
// look real to a scanner of secrets.
const (
	BotToken = "xoxb-fake-bot-token"
	AppToken = "xapp-fake-app-token"
)

// AllScopes are the scopes that a bot may ask for here.
func AllScopes() []string {
	return []string{"commands", "chat:write", "chat:write.public", "files:write", "app_mentions:read", "im:history"}
}

// Server is a running fake. All its methods may be called at any time from any
// goroutine.
type Server struct {
	*wire.Frame // its Mu guards all below
	options     Options
	methods     map[string]method
	channels    map[string]Channel
	locked      map[string]bool // threads, by key
	users       map[string]User
	messages    wire.Store[*Message] // by key
	triggers    wire.Store[*trigger]
	hooks       wire.Store[*hook] // by path
	files       wire.Store[*File]
	homes       map[string]json.RawMessage // the blocks of the home tab, by person
	views       wire.Store[*View]
	deliveries  wire.Store[*Delivery] // by envelope id
	tickets     wire.Store[time.Time] // of Socket Mode URLs; each serves once
	sockets     []*socket
	lastTS      int64 // in microseconds
	lastID      int
}

// Octets are what crossed the wire at once.
type Octets = wire.Octets

// What is remembered; the oldest are forgotten. An acknowledgement of a
// forgotten envelope is a violation.
const (
	maxBody       = 8 << 20 // octets of a request; uploads are the largest
	maxDeliveries = 20_000
	maxViews      = 5000
	maxFiles      = 1000
)

// New starts a fake. Whoever starts it closes it.
func New(o Options) *Server {
	o = o.complete()
	s := &Server{
		Frame:   wire.New(wire.Bounds{Body: maxBody, Octets: o.KeepOctets, SlowBy: o.SlowBy, Seed: o.Seed}),
		options: o, methods: methods(), channels: map[string]Channel{}, locked: map[string]bool{}, users: map[string]User{},
		homes: map[string]json.RawMessage{},
	}
	s.messages.Most, s.views.Most, s.files.Most, s.tickets.Most = o.KeepMessages, maxViews, maxFiles, maxTickets
	s.deliveries.Most, s.triggers.Most, s.hooks.Most = maxDeliveries, maxDeliveries, maxDeliveries
	for _, c := range o.Channels {
		s.channels[c.ID] = c
	}
	for _, u := range o.Users {
		s.users[u.ID] = u
	}
	s.Start(s)
	return s
}

// complete fills in what Slack does by itself.
func (o Options) complete() Options {
	if o.Scopes == nil {
		o.Scopes = AllScopes()
	}
	if o.Channels == nil {
		o.Channels = Channels()
	}
	if o.Users == nil {
		o.Users = []User{{ID: Ada, Name: "ada"}}
	}
	o.AckWithin, o.TriggerLife = cmp.Or(o.AckWithin, 3*time.Second), cmp.Or(o.TriggerLife, 3*time.Second)
	o.ResponseURLLife, o.PingEvery = cmp.Or(o.ResponseURLLife, 30*time.Minute), cmp.Or(o.PingEvery, 5*time.Second)
	o.SlowBy, o.KeepOctets = cmp.Or(o.SlowBy, 2*time.Second), cmp.Or(o.KeepOctets, 64<<20)
	o.KeepMessages = cmp.Or(o.KeepMessages, 20_000)
	return o
}

// Close ends all connections and waits until nothing runs any more. What was
// recorded can still be read. A second Close does nothing.
func (s *Server) Close() {
	s.Frame.Close()
	s.Mu.Lock()
	defer s.Mu.Unlock()
	for _, d := range s.deliveries.All {
		d.timer.Stop()
		d.settle(Ack{}, wire.ErrClosed)
	}
}

// URL is the root of the Web API, for SLACK_API_URL and slack.OptionAPIURL. It
// ends in a slash, as slack-go wants it.
func (s *Server) URL() string { return s.Root() + "/api/" }

// id makes an id that was never used. s.Mu is held.
func (s *Server) id(prefix string) string {
	s.lastID++
	return prefix + strings.ToUpper(strconv.FormatInt(int64(s.lastID)+36*36*36*36, 36))
}

// ts is the time as Slack writes it; no two are alike. s.Mu is held.
func (s *Server) ts() string {
	now := max(time.Now().UnixMicro(), s.lastTS+1)
	s.lastTS = now
	fraction := strconv.FormatInt(now%1e6+1e6, 10)
	return strconv.FormatInt(now/1e6, 10) + "." + fraction[1:]
}

// secret is a piece of a URL that cannot be guessed by accident. s.Mu is held.
func (s *Server) secret() string {
	return strconv.FormatUint(s.Random.Uint64(), 36) + strconv.FormatUint(s.Random.Uint64(), 36)
}
