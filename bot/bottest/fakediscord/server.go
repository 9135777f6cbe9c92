// Package fakediscord is a strict fake of Discord for tests, benchmarks and a
// sandbox: the REST routes and the gateway that a bot needs, on loopback. What
// Discord refuses it refuses, with Discord's status, code and tree of errors;
// limits and timing come from Discord's documentation as it was in August
// 2026, each with its source where it is kept.
//
// In order: a test makes a Server, tells it of channels (AddChannel), points
// a bot at URL, lets people act (Command, Press, Submit), and reads what came
// of it (Interaction, Messages, Requests, Violations). Meanwhile the server
// misbehaves when asked to (Fail, Gateway) or at random (Options.Chaos).
//
// It knows nothing of the bot. What Discord would let pass, and a careful bot
// would not send, is a violation rather than a refusal.
package fakediscord

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	mathrand "math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"time"
)

// Server is one Discord with one application. It is safe for use by many
// goroutines.
type Server struct {
	Token         string // of the bot, without "Bot "
	ApplicationID string
	BotID         string
	GuildID       string // the guild that channels without one belong to

	options Options
	http    *httptest.Server
	gateway *gateway
	closing context.Context
	close   context.CancelFunc
	handler http.Handler

	mu           sync.Mutex
	changed      chan struct{} // closed and made anew at each change
	lastID       uint64
	dice         *mathrand.Rand
	records      records
	rates        rates
	faults       []*Fault
	channels     store[*Channel]
	messages     store[*Message]
	fileOctets   int // of all messages
	interactions store[*Interaction]
	byToken      map[string]*Interaction
	modals       []*Modal
	commands     commands
	nonces       store[nonce]
}

// New starts a server. Close must be called.
func New(o Options) *Server {
	o = o.withDefaults()
	s := &Server{options: o, changed: make(chan struct{}), dice: mathrand.New(mathrand.NewPCG(o.Chaos.Seed, 1))}
	s.closing, s.close = context.WithCancel(context.Background())
	s.ApplicationID, s.GuildID = or(o.ApplicationID, s.nextID()), s.nextID()
	s.BotID = s.ApplicationID // so it is for all applications made since 2016
	s.Token = or(o.Token, botToken(s.BotID))
	s.channels, s.messages = newStore[*Channel](o.Remember), newStore[*Message](o.Remember)
	s.interactions, s.nonces = newStore[*Interaction](o.Remember), newStore[nonce](min(o.Remember, 1000))
	s.interactions.forgotten = func(i *Interaction) { delete(s.byToken, i.Token) }
	s.messages.forgotten = func(m *Message) { s.fileOctets -= fileOctets(m) }
	s.byToken = map[string]*Interaction{}
	s.rates.buckets = map[string]*bucket{}
	s.records.most, s.records.mostOctets = o.Remember, o.Octets
	s.gateway = newGateway(s)
	s.handler = s.routes()
	s.http = httptest.NewUnstartedServer(http.HandlerFunc(s.serve)) // its handler reads s.http
	s.http.Start()
	return s
}

// Close ends all connections and returns when nothing of the server runs any
// more. What it has recorded can still be read.
func (s *Server) Close() {
	s.close()
	s.gateway.close()
	s.http.CloseClientConnections()
	s.http.Close()
}

// URL is what DISCORD_API_URL is set to: scheme, host and port, no path.
func (s *Server) URL() string { return s.http.URL }

// Await waits until a condition holds, asking at each change. An error is
// that of ctx.
func (s *Server) Await(ctx context.Context, condition func() bool) error {
	for {
		s.mu.Lock()
		changed := s.changed
		s.mu.Unlock()
		if condition() {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("waiting for the bot: %w", context.Cause(ctx))
		}
	}
}

// touch wakes Await. The caller holds mu.
func (s *Server) touch() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// epoch is the first millisecond of a snowflake (Discord, API Reference,
// Snowflakes).
const epoch = 1420070400000

// nextID makes a snowflake that is greater than all before. The caller holds
// mu, or is New.
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

// store keeps the newest of something by id, in order.
type store[T any] struct {
	most      int
	all       map[string]T
	order     []string
	forgotten func(T) // hears of each that is dropped; nil: nobody
}

func newStore[T any](most int) store[T] { return store[T]{most: most, all: map[string]T{}} }

func (s *store[T]) put(id string, v T) {
	if _, known := s.all[id]; !known {
		s.order = append(s.order, id)
	}
	s.all[id] = v
	for len(s.order) > s.most {
		s.forget()
	}
}

// forget drops the oldest.
func (s *store[T]) forget() {
	oldest := s.order[0]
	if s.forgotten != nil {
		s.forgotten(s.all[oldest])
	}
	delete(s.all, oldest)
	s.order = s.order[1:]
}

func (s *store[T]) get(id string) (T, bool) {
	v, ok := s.all[id]
	return v, ok
}
