package fakediscord

import (
	"encoding/json"
	"time"
)

// Intents (Discord, Gateway, List of Intents).
const (
	knownIntents      = 1<<26 - 1 - (1<<17 | 1<<18 | 1<<19 | 1<<22 | 1<<23)
	privilegedIntents = 1<<1 | 1<<8 | 1<<15
)

// identify is op 2.
func (p *peer) identify(data []byte) int {
	var d struct {
		Token   *string          `json:"token"`
		Intents *json.RawMessage `json:"intents"`
		Shard   *[2]int          `json:"shard"`
	}
	if json.Unmarshal(data, &d) != nil || d.Token == nil {
		return CloseDecode
	}
	if p.current() != nil {
		return CloseAlreadyIdentified
	}
	if code := p.g.countIdentify(); code != 0 {
		return code
	}
	switch code := p.g.s.judgeIntents(d.Intents); {
	case trimBot(*d.Token) != p.g.s.Token:
		return CloseAuthentication
	case code != 0:
		return code
	case d.Shard != nil && (d.Shard[1] < 1 || d.Shard[0] < 0 || d.Shard[0] >= d.Shard[1]):
		return CloseInvalidShard
	}
	if p.answered() {
		return 0
	}
	if p.g.tooSoon() {
		p.say(opInvalid, false)
		return 0
	}
	p.ready(p.g.begin(p))
	return 0
}

// answered gives the answer that the mode has for everybody, if it has one.
func (p *peer) answered() bool {
	p.g.mu.Lock()
	defer p.g.mu.Unlock()
	if p.g.mode.Answer == "" {
		return false
	}
	p.queue <- []byte(p.g.mode.Answer) // there is room: only HELLO came before
	return true
}

// tooSoon reports whether the identify that was counted last came too soon
// after the one before: one client may start in five seconds where
// max_concurrency is 1 (Discord, Gateway, Rate Limiting).
func (g *gateway) tooSoon() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := len(g.identifys)
	return n > 1 && g.identifys[n-1].Sub(g.identifys[n-2]) < g.s.options.IdentifyEvery
}

// trimBot: the gateway takes a token with or without the word.
func trimBot(token string) string {
	if len(token) > 4 && token[:4] == "Bot " {
		return token[4:]
	}
	return token
}

// countIdentify counts an identify. One too many makes Discord reset the
// token, so that no other will ever be taken.
func (g *gateway) countIdentify() int {
	now := time.Now()
	used := g.identified(now)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.identifys = append(g.identifys, now)
	if used >= g.s.options.IdentifyLimit {
		return CloseAuthentication
	}
	return g.mode.CloseAtOnce
}

// judgeIntents: intents are a number of known bits, and the privileged ones
// must have been granted.
func (s *Server) judgeIntents(raw *json.RawMessage) int {
	var n int64
	switch {
	case raw == nil || json.Unmarshal(*raw, &n) != nil || n < 0 || n&^int64(knownIntents) != 0:
		return CloseInvalidIntents
	case n&privilegedIntents != 0 && !s.options.Privileged:
		return CloseDisallowedIntents
	}
	return 0
}

func (p *peer) ready(x *session) {
	s := p.g.s
	data, _ := json.Marshal(map[string]any{
		"v": json.Number(p.version), "user": s.botUser(), "guilds": []any{map[string]any{"id": s.GuildID, "unavailable": true}}, "session_id": x.id,
		"session_type": "normal", "resume_gateway_url": s.gatewayURL(resumePath), "shard": []int{0, 1},
		"application": map[string]any{"id": s.ApplicationID, "flags": 0}, "private_channels": []any{}, "user_settings": map[string]any{},
		"relationships": []any{}, "presences": []any{}, "guild_join_requests": []any{}, "geo_ordered_rtc_regions": []string{"rotterdam"},
	})
	p.g.mu.Lock()
	p.g.emit(x, "READY", data)
	p.g.mu.Unlock()
	s.wake()
}

func (s *Server) wake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.touch()
}

// resume is op 6.
func (p *peer) resume(data []byte) int {
	var d struct {
		Token   string `json:"token"`
		Session string `json:"session_id"`
		Seq     int    `json:"seq"`
	}
	if json.Unmarshal(data, &d) != nil {
		return CloseDecode
	}
	if p.current() != nil {
		return CloseAlreadyIdentified
	}
	if trimBot(d.Token) != p.g.s.Token {
		return CloseAuthentication
	}
	if p.answered() {
		return 0
	}
	defer p.g.s.wake()
	p.g.mu.Lock()
	defer p.g.mu.Unlock()
	p.g.stats.Resumes++
	x := p.g.sessions[d.Session]
	switch {
	case p.g.mode.CloseAtOnce != 0:
		return p.g.mode.CloseAtOnce
	case x == nil || p.g.mode.NoResume:
		p.sayLocked(opInvalid, false)
		return 0
	case d.Seq > x.seq || d.Seq < 0:
		return CloseInvalidSeq
	}
	p.g.replay(p, x, d.Seq)
	return 0
}

// replay gives a session's client what it has missed. The caller holds mu.
func (g *gateway) replay(p *peer, x *session, seen int) {
	if x.peer != nil && x.peer != p {
		x.peer.shutLocked(CloseUnknown)
	}
	x.peer, p.session = p, x
	for _, e := range x.replay {
		if e.seq > seen {
			p.event(e)
		}
	}
	g.emit(x, "RESUMED", []byte(`{"_trace":["[\"gateway-fake\",{\"micros\":0.0}]"]}`))
}
