package discord

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"smtptest/bot/playground/wire"
)

// Opcodes of the gateway (Discord, Opcodes and Status Codes).
const (
	opDispatch     = 0
	opHeartbeat    = 1
	opIdentify     = 2
	opResume       = 6
	opReconnect    = 7
	opInvalid      = 9
	opHello        = 10
	opHeartbeatAck = 11
)

// Close codes of the gateway (Discord, Opcodes and Status Codes).
const (
	CloseUnknown           = 4000
	CloseUnknownOpcode     = 4001
	CloseDecode            = 4002
	CloseAuthentication    = 4004 // final
	CloseAlreadyIdentified = 4005
	CloseInvalidSeq        = 4007
	CloseRateLimited       = 4008
	CloseSessionTimedOut   = 4009
	CloseInvalidShard      = 4010 // final
	CloseShardingRequired  = 4011 // final
	CloseInvalidVersion    = 4012 // final
	CloseInvalidIntents    = 4013 // final
	CloseDisallowedIntents = 4014 // final

	closedAbnormally = 1006 // without a close frame (RFC 6455 §7.4.1)
)

// Intents (Discord, Gateway, List of Intents).
const (
	knownIntents      = 1<<26 - 1 - (1<<17 | 1<<18 | 1<<19 | 1<<22 | 1<<23)
	privilegedIntents = 1<<1 | 1<<8 | 1<<15
)

// peer is one client of the gateway. The server's Mu guards it, and is held
// in all of its methods but hello, take and leave.
type peer struct {
	*wire.Socket
	s       *Server
	version string
	session *session // nil: not identified yet
	sends   []time.Time
	byUs    int  // the code with which the server closed; 0: it did not
	muted   bool // it gets nothing any more
}

// shut closes with a code.
func (p *peer) shut(code int) {
	if p.byUs != 0 {
		return
	}
	p.byUs = code
	p.Shut(code, map[int]string{
		CloseAuthentication: "Authentication failed.", CloseInvalidIntents: "Invalid intent(s).",
		CloseDisallowedIntents: "Disallowed intent(s).",
		CloseRateLimited:       "Rate limited.", CloseSessionTimedOut: "Session timed out.",
	}[code])
}

// put sends a frame.
func (p *peer) put(f frame) {
	if !p.s.gateway.mode.Silent && !p.muted && p.byUs == 0 {
		octets, _ := json.Marshal(f) // of numbers, strings and what was JSON before
		p.Send(octets)
	}
}

// say sends a frame that is no event.
func (p *peer) say(op int, data any) {
	octets, _ := json.Marshal(data)
	p.put(frame{Op: op, Data: octets})
}

// hello greets a client, and gives it time for its first heartbeat.
func (p *peer) hello(encoding string) {
	p.s.Mu.Lock()
	defer p.s.Mu.Unlock()
	p.s.gateway.peers[p] = true
	p.s.gateway.stats.Connections++
	p.s.Touch()
	switch {
	case p.version != "9" && p.version != "10":
		p.shut(CloseInvalidVersion)
	case encoding != "" && encoding != "json":
		p.shut(CloseDecode)
	default:
		p.say(opHello, map[string]any{"heartbeat_interval": p.s.options.Heartbeat.Milliseconds(),
			"_trace": []string{"[\"gateway-fake\",{\"micros\":0.0}]"}})
		p.alive()
	}
}

// alive gives the client time until its next heartbeat. A silent gateway
// says nothing when that is over, either.
func (p *peer) alive() {
	if p.s.gateway.mode.Silent {
		p.Alive(0)
		return
	}
	p.Alive(time.Duration(heartbeatsGrace * float64(p.s.options.Heartbeat)))
}

// take carries out one frame. A connection that the server has closed is read
// to its end.
func (p *peer) take(octets []byte) bool {
	p.s.Mu.Lock()
	defer p.s.Mu.Unlock()
	if p.byUs == 0 {
		if code := p.obey(octets); code != 0 {
			p.shut(code)
		}
	}
	p.s.Touch()
	return true
}

// obey returns the code that ends the connection; 0: it goes on.
func (p *peer) obey(octets []byte) int {
	var f frame
	if len(octets) > mostFrame || json.Unmarshal(octets, &f) != nil {
		return CloseDecode
	}
	now := time.Now()
	for len(p.sends) > 0 && now.Sub(p.sends[0]) > sendWindow {
		p.sends = p.sends[1:]
	}
	if p.sends = append(p.sends, now); len(p.sends) > mostSends {
		return CloseRateLimited
	}
	switch f.Op {
	case opHeartbeat:
		p.alive()
		p.s.gateway.stats.Heartbeats++
		if !p.s.gateway.mode.NoAcks {
			p.say(opHeartbeatAck, nil)
		}
		return 0
	case opIdentify:
		return p.start(f.Data, p.identify)
	case opResume:
		return p.start(f.Data, p.resume)
	}
	return CloseUnknownOpcode
}

// start is what a client says of itself, in op 2 and 6.
type start struct {
	Token   *string          `json:"token"`
	Intents *json.RawMessage `json:"intents"`
	Shard   *[2]int          `json:"shard"`
	Session string           `json:"session_id"`
	Seq     int              `json:"seq"`
}

// start judges what identify and resume have in common.
func (p *peer) start(data []byte, then func(start) int) int {
	var d start
	g := &p.s.gateway
	switch {
	case json.Unmarshal(data, &d) != nil || d.Token == nil:
		return CloseDecode
	case p.session != nil:
		return CloseAlreadyIdentified
	case strings.TrimPrefix(*d.Token, "Bot ") != p.s.Token:
		return CloseAuthentication
	case g.mode.CloseAtOnce != 0:
		return g.mode.CloseAtOnce
	case g.mode.Answer != "":
		p.Send([]byte(g.mode.Answer))
		return 0
	}
	return then(d)
}

// identify is op 2. One too many makes Discord reset the token.
func (p *peer) identify(d start) int {
	g := &p.s.gateway
	used := g.identified()
	g.identifys = append(g.identifys, time.Now())
	switch code := judgeIntents(d.Intents); {
	case used >= p.s.options.IdentifyLimit:
		return CloseAuthentication
	case code != 0:
		return code
	case d.Shard != nil && (d.Shard[1] < 1 || d.Shard[0] < 0 || d.Shard[0] >= d.Shard[1]):
		return CloseInvalidShard
	// One client may start in five seconds where max_concurrency is 1
	// (Discord, Gateway, Rate Limiting).
	case used > 0 && time.Since(g.identifys[used-1]) < p.s.options.IdentifyEvery:
		p.say(opInvalid, false)
		return 0
	}
	p.ready(g.begin(p))
	return 0
}

// judgeIntents: intents are a number of known bits, and the privileged ones
// are granted to no bot of ours.
func judgeIntents(raw *json.RawMessage) int {
	var n int64
	switch {
	case raw == nil || json.Unmarshal(*raw, &n) != nil || n < 0 || n&^int64(knownIntents) != 0:
		return CloseInvalidIntents
	case n&privilegedIntents != 0:
		return CloseDisallowedIntents
	}
	return 0
}

func (p *peer) ready(x *session) {
	s := p.s
	data, _ := json.Marshal(with("ready", map[string]any{
		"v": json.Number(p.version), "user": s.botUser(), "session_id": x.id,
		"guilds":             []any{map[string]any{"id": s.GuildID, "unavailable": true}},
		"resume_gateway_url": s.gatewayURL(resumePath), "application": map[string]any{"id": s.ApplicationID, "flags": 0},
	}))
	x.emit("READY", data)
}

// resume is op 6: a session's client gets what it has missed.
func (p *peer) resume(d start) int {
	g := &p.s.gateway
	g.stats.Resumes++
	at := slices.IndexFunc(g.sessions, func(x *session) bool { return x.id == d.Session })
	if at < 0 {
		p.say(opInvalid, false)
		return 0
	}
	x := g.sessions[at]
	if d.Seq > x.seq || d.Seq < 0 {
		return CloseInvalidSeq
	}
	if x.peer != nil {
		x.peer.shut(CloseUnknown)
	}
	x.peer, p.session = p, x
	for _, e := range x.replay {
		if *e.Seq > d.Seq {
			p.put(e)
		}
	}
	x.emit("RESUMED", []byte(`{"_trace":["[\"gateway-fake\",{\"micros\":0.0}]"]}`))
	return 0
}

// upset does something to one client.
func (p *peer) upset(u Upset) {
	switch u {
	case Reconnect:
		p.say(opReconnect, nil)
		if !p.s.Closed() {
			p.s.Running.Go(p.leave)
		}
	case InvalidSession, ResumableSession:
		if u == InvalidSession && p.session != nil {
			p.s.gateway.drop(p.session)
		}
		p.say(opInvalid, u == ResumableSession)
		if p.session != nil {
			p.session.peer, p.session = nil, nil
		}
	case Drop:
		p.byUs = cmp.Or(p.byUs, closedAbnormally)
		p.Linger()
	case Mute:
		p.muted = true
	case RequestHeartbeat:
		p.say(opHeartbeat, nil)
	case CloseWithoutFault:
		p.shut(CloseUnknown)
	}
}

// leave closes a client that is still there after a while.
func (p *peer) leave() {
	p.s.Sleep(reconnectTime)
	p.s.Mu.Lock()
	defer p.s.Mu.Unlock()
	if p.s.gateway.peers[p] {
		p.shut(CloseUnknown)
	}
}
