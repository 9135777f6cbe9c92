package fakediscord

import (
	"encoding/json"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// Opcodes of the gateway (Discord, Opcodes and Status Codes).
const (
	opDispatch     = 0
	opHeartbeat    = 1
	opIdentify     = 2
	opPresence     = 3
	opVoiceState   = 4
	opResume       = 6
	opReconnect    = 7
	opMembers      = 8
	opInvalid      = 9
	opHello        = 10
	opHeartbeatAck = 11
)

// Close codes of the gateway (Discord, Opcodes and Status Codes).
const (
	CloseUnknown           = 4000
	CloseUnknownOpcode     = 4001
	CloseDecode            = 4002
	CloseNotAuthenticated  = 4003
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
)

// peer is one client of the gateway.
type peer struct {
	g                 *gateway
	ws                *websocket.Conn
	version, encoding string
	queue             chan []byte
	over              chan struct{}
	once              sync.Once

	session *session // under the gateway's mu; nil: not identified yet
	sends   []time.Time
	byUs    int  // the code with which the server closed; 0: it did not; under the gateway's mu
	deaf    bool // it gets nothing any more; under the gateway's mu
}

// stop ends the connection.
func (p *peer) stop() { p.once.Do(func() { close(p.over) }) }

// run speaks with the client until either side ends it.
func (p *peer) run() {
	p.ws.SetReadLimit(mostRead)
	var writing sync.WaitGroup
	writing.Go(p.write)
	p.hello()
	code, byClient := p.read()
	p.stop()
	writing.Wait()
	p.g.mu.Lock()
	if p.byUs != 0 {
		code, byClient = p.byUs, false
	}
	p.g.mu.Unlock()
	p.g.gone(p, code, byClient)
}

// write sends what is queued; when the connection is to end, it closes it,
// and so ends read too.
func (p *peer) write() {
	defer func() { _ = p.ws.Close() }()
	for {
		select {
		case octets := <-p.queue:
			_ = p.ws.SetWriteDeadline(time.Now().Add(writePatience))
			if p.ws.WriteMessage(websocket.TextMessage, octets) != nil {
				return
			}
		case <-p.over:
			p.goodbye()
			return
		}
	}
}

// goodbye sends what is still queued and the close code, if there is one.
func (p *peer) goodbye() {
	p.g.mu.Lock()
	code := p.byUs
	p.g.mu.Unlock()
	_ = p.ws.SetWriteDeadline(time.Now().Add(time.Second))
	for len(p.queue) > 0 {
		_ = p.ws.WriteMessage(websocket.TextMessage, <-p.queue)
	}
	if code == 0 {
		return
	}
	message := websocket.FormatCloseMessage(code, closeReason(code))
	_ = p.ws.WriteControl(websocket.CloseMessage, message, time.Now().Add(time.Second))
}

func closeReason(code int) string {
	switch code {
	case CloseAuthentication:
		return "Authentication failed."
	case CloseInvalidIntents:
		return "Invalid intent(s)."
	case CloseDisallowedIntents:
		return "Disallowed intent(s)."
	case CloseRateLimited:
		return "Rate limited."
	case CloseSessionTimedOut:
		return "Session timed out."
	}
	return ""
}

// shut closes with a code.
func (p *peer) shut(code int) {
	p.g.mu.Lock()
	defer p.g.mu.Unlock()
	p.shutLocked(code)
}

func (p *peer) shutLocked(code int) {
	if p.byUs == 0 {
		p.byUs = code
	}
	p.stop()
}

// put queues a frame. The caller holds the gateway's mu. A client that does
// not read loses the connection.
func (p *peer) put(f frame) {
	if p.g.mode.Silent || p.deaf || p.byUs != 0 {
		return
	}
	octets, _ := json.Marshal(f) // of numbers, strings and what was JSON before
	select {
	case p.queue <- octets:
	default:
		p.stop()
	}
}

// say queues a frame that is no event.
func (p *peer) say(op int, data any) {
	p.g.mu.Lock()
	defer p.g.mu.Unlock()
	p.sayLocked(op, data)
}

func (p *peer) sayLocked(op int, data any) {
	octets, _ := json.Marshal(data)
	p.put(frame{Op: op, Data: octets})
}

// event queues an event. The caller holds the gateway's mu.
func (p *peer) event(e event) {
	p.put(frame{Op: opDispatch, Data: e.data, Seq: &e.seq, Type: &e.kind})
}

func (p *peer) hello() {
	switch {
	case p.version != "9" && p.version != "10":
		p.shut(CloseInvalidVersion)
	case p.encoding != "" && p.encoding != "json":
		p.shut(CloseDecode)
	}
	p.say(opHello, map[string]any{"heartbeat_interval": p.g.s.options.Heartbeat.Milliseconds(), "_trace": []string{"[\"gateway-fake\",{\"micros\":0.0}]"}})
	p.alive()
}

// alive gives the client time until its next heartbeat. A silent gateway
// says nothing when that is over, either.
func (p *peer) alive() {
	p.g.mu.Lock()
	silent := p.g.mode.Silent
	p.g.mu.Unlock()
	if silent {
		_ = p.ws.SetReadDeadline(time.Time{})
		return
	}
	_ = p.ws.SetReadDeadline(time.Now().Add(time.Duration(heartbeatsGrace * float64(p.g.s.options.Heartbeat))))
}

// read takes frames until the connection is over, and says how it ended.
func (p *peer) read() (code int, byClient bool) {
	for {
		_, octets, err := p.ws.ReadMessage()
		if err != nil {
			return p.ended(err)
		}
		p.g.s.noteFrame(octets)
		if code := p.take(octets); code != 0 {
			p.shut(code)
			return code, false
		}
	}
}

func (p *peer) ended(err error) (code int, byClient bool) {
	if closed, ok := errors.AsType[*websocket.CloseError](err); ok {
		return closed.Code, true
	}
	if slow, ok := errors.AsType[net.Error](err); ok && slow.Timeout() {
		p.shut(CloseSessionTimedOut)
		return CloseSessionTimedOut, false
	}
	return websocket.CloseAbnormalClosure, true
}

func (s *Server) noteFrame(octets []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.records.frame(octets)
	s.touch()
}

// take carries out one frame; a code other than 0 ends the connection.
func (p *peer) take(octets []byte) int {
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
		return p.heartbeat()
	case opIdentify:
		return p.identify(f.Data)
	case opResume:
		return p.resume(f.Data)
	case opPresence, opVoiceState, opMembers:
		if p.current() == nil {
			return CloseNotAuthenticated
		}
		return 0
	}
	return CloseUnknownOpcode
}

func (p *peer) current() *session {
	p.g.mu.Lock()
	defer p.g.mu.Unlock()
	return p.session
}

func (p *peer) heartbeat() int {
	p.alive()
	p.g.mu.Lock()
	defer p.g.mu.Unlock()
	p.g.stats.Heartbeats++
	if !p.g.mode.NoAcks {
		p.sayLocked(opHeartbeatAck, nil)
	}
	return 0
}
