package discord

import (
	"cmp"
	"time"
)

// Options say in what a Server differs from Discord. The zero value is
// Discord without rate limits.
type Options struct {
	Token         string        // of the bot; empty: made up
	ApplicationID string        // empty: made up
	FirstResponse time.Duration // within which an interaction must be answered; 0: 3 s
	TokenLife     time.Duration // of an interaction's token; 0: 15 min
	Heartbeat     time.Duration // asked of gateway clients; 0: 41.25 s
	IdentifyLimit int           // identifies in 24 h; 0: 1000
	// an identify sooner after the one before gets INVALID_SESSION; 0: none is too soon (Discord: 5 s)
	IdentifyEvery time.Duration
	Rates         Rates
	Remember      int // how many interactions, messages and channels are kept of each; 0: 50,000
	Octets        int // how many octets are kept of what came, what was sent, and files, each; 0: 64 MiB
	Chaos         Chaos
}

// Rates are limits of requests. 0 anywhere: that limit is not kept. The
// headers of rate limits are sent in any case.
type Rates struct {
	PerRoute int           // requests in a Window, by route and channel or interaction token
	Window   time.Duration // 0: 5 s
	Global   int           // requests with the bot's token in a second
}

// Chaos is misbehaviour at random. Two servers with the same seed throw the
// same dice; what they hit depends on the order in which requests come.
type Chaos struct {
	Seed     uint64
	Requests float64       // share of the REST requests that go wrong in a way from which a bot can recover
	Slow     time.Duration // at most this, for what is late or limited; 0: 1 s
	Repeats  float64       // share of the interactions that are sent twice
	Gateway  float64       // share of the interactions after which the gateway misbehaves
}

func (o Options) withDefaults() Options {
	o.FirstResponse = cmp.Or(o.FirstResponse, 3*time.Second) // Discord, Receiving and Responding: "within 3 seconds"
	o.TokenLife = cmp.Or(o.TokenLife, 15*time.Minute)        // same: "valid for 15 minutes"
	o.Heartbeat = cmp.Or(o.Heartbeat, 41250*time.Millisecond)
	o.IdentifyLimit = cmp.Or(o.IdentifyLimit, 1000) // Discord, Gateway, Rate Limiting: in 24 hours
	o.Remember = cmp.Or(o.Remember, 50_000)
	o.Octets = cmp.Or(o.Octets, 64<<20)
	o.Rates.Window = cmp.Or(o.Rates.Window, 5*time.Second)
	o.Chaos.Slow = cmp.Or(o.Chaos.Slow, time.Second)
	return o
}
