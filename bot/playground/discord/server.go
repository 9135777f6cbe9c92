// Package discord is a strict fake of Discord for tests, benchmarks and a
// sandbox: the REST routes and the gateway that a bot needs, on loopback. What
// Discord refuses it refuses, with Discord's status, code and tree of errors.
// Shapes are checked against Discord's own description (schema.go), limits and
// timing come from Discord's documentation as it was in August 2026, each with
// its source where it stands.
//
// In order: a test makes a Server, tells it of channels (AddChannel), points
// a bot at URL, lets people act (Command, Press, Submit), and reads what came
// of it (Interaction, Messages, Received, Violations). Meanwhile the server
// misbehaves when asked to (Fail, UpsetGateway) or at random (Options.Chaos).
//
// It knows nothing of the bot. What Discord would let pass, and a careful bot
// would not send, is a violation rather than a refusal.
package discord

import (
	"cmp"
	"crypto/rand"
	"encoding/base64"
	"strconv"
	"time"

	"smtptest/bot/playground/wire"
)

// Server is one Discord with one application. It is safe for use by many
// goroutines.
type Server struct {
	Token         string // of the bot, without "Bot "
	ApplicationID string
	BotID         string
	GuildID       string // the guild that channels without one belong to

	*wire.Frame  // its Mu guards all below
	options      Options
	gateway      gateway
	lastID       uint64
	channels     wire.Store[*Channel]
	messages     wire.Store[*Message]
	interactions wire.Store[*Interaction]
	tokens       wire.Store[*Interaction]    // of interactions
	modals       wire.Store[*Modal]          // by interaction
	commands     map[string][]map[string]any // by guild; "" is global
	nonces       wire.Store[nonce]
}

// Octets are what crossed the wire at once.
type Octets = wire.Octets

// New starts a server. Close must be called.
func New(o Options) *Server {
	o = o.withDefaults()
	s := &Server{options: o, commands: map[string][]map[string]any{}}
	s.Frame = wire.New(wire.Bounds{Body: mostRequestOctets, Octets: o.Octets, SlowBy: o.Chaos.Slow, Seed: o.Chaos.Seed})
	s.gateway.peers = map[*peer]bool{}
	s.ApplicationID, s.GuildID = cmp.Or(o.ApplicationID, s.nextID()), s.nextID()
	s.BotID = s.ApplicationID // so it is for all applications made since 2016
	s.Token = cmp.Or(o.Token, botToken(s.BotID))
	s.channels.Most, s.messages.Most, s.interactions.Most = o.Remember, o.Remember, o.Remember
	s.tokens.Most, s.modals.Most, s.nonces.Most = o.Remember, o.Remember, min(o.Remember, 1000)
	chance := map[FaultKind]float64{}
	for _, k := range recoverable() {
		chance[k] = o.Chaos.Requests / float64(len(recoverable()))
	}
	s.Chaos(chance)
	s.Start(s)
	return s
}

// URL is what DISCORD_API_URL is set to: scheme, host and port, no path.
func (s *Server) URL() string { return s.Root() }

// epoch is the first millisecond of a snowflake (Discord, API Reference,
// Snowflakes).
const epoch = 1420070400000

// nextID makes a snowflake that is greater than all before. The caller holds
// Mu, or is New.
func (s *Server) nextID() string {
	s.lastID = max(s.lastID+1, uint64(time.Now().UnixMilli()-epoch)<<22)
	return strconv.FormatUint(s.lastID, 10)
}

// botToken has the three parts of a real one, so that redaction is tried too.
func botToken(id string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(id)) + "." + secretText(4) + "." + secretText(28)
}

func secretText(octets int) string {
	b := make([]byte, octets)
	_, _ = rand.Read(b) // never fails (crypto/rand)
	return base64.RawURLEncoding.EncodeToString(b)
}
