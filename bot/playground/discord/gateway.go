package discord

import (
	"cmp"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/gorilla/websocket"

	"smtptest/bot/playground/wire"
)

// Paths of the gateway. Clients put a slash and a query behind them.
const (
	gatewayPath = "/gateway"
	resumePath  = "/resume"
)

// Limits of the gateway (Discord, Gateway, Rate Limiting and Sending Events).
const (
	mostSends       = 120
	sendWindow      = time.Minute
	mostFrame       = 4096 // octets of a payload that a client sends
	mostSessions    = 16   // that wait to be resumed
	mostReplay      = 1000 // events kept for a session
	heartbeatsGrace = 1.5  // how many intervals may pass without one
	reconnectTime   = 5 * time.Second
)

// gateway is the side of the server that speaks WebSocket.
type gateway struct {
	mode      GatewayMode
	peers     map[*peer]bool
	sessions  []*session // oldest first
	identifys []time.Time
	stats     GatewayStats
}

// GatewayMode is how the gateway misbehaves until it is told otherwise. The
// zero value is good behaviour.
type GatewayMode struct {
	Refuse      bool   // connections are refused with 503
	Silent      bool   // connections are taken and nothing is ever sent, not even on those that stand
	NoAcks      bool   // heartbeats are not acknowledged
	CloseAtOnce int    // identify and resume are answered with this close code; 0: no
	Answer      string // identify and resume are answered with this frame and nothing else; empty: no
}

// GatewayStats counts what clients have done.
type GatewayStats struct {
	Connections, Identifies, Resumes, Heartbeats int
	// codes with which clients or the server closed, in order, the last 1000; 1006: without a code
	Closes []int
}

// session is what a client identifies for and may resume.
type session struct {
	id     string
	seq    int
	replay []frame
	peer   *peer // nil: nobody is connected
}

// frame is a gateway payload (Discord, Gateway Events, Payload Structure).
type frame struct {
	Op   int             `json:"op"`
	Data json.RawMessage `json:"d"`
	Seq  *int            `json:"s"`
	Type *string         `json:"t"`
}

// Upset is something that the gateway does once to all its clients.
type Upset int

// What the gateway can do.
const (
	Reconnect         Upset = iota // op 7; a client that has not left after 5 s is closed with 4000
	InvalidSession                 // op 9, false: identify anew
	ResumableSession               // op 9, true: resume
	Drop                           // the connection ends without a close frame
	Mute                           // these clients get nothing any more, no acknowledgements either
	RequestHeartbeat               // op 1
	CloseWithoutFault              // close code 4000
)

// SetGateway changes how the gateway behaves.
func (s *Server) SetGateway(m GatewayMode) { s.Locked(func() { s.gateway.mode = m }) }

// GatewayStats says what clients of the gateway have done so far.
func (s *Server) GatewayStats() GatewayStats {
	return wire.Ask(s.Frame, func() GatewayStats {
		stats := s.gateway.stats
		stats.Closes = slices.Clone(stats.Closes)
		return stats
	})
}

// Connected is the number of clients that have identified or resumed.
func (s *Server) Connected() int {
	return wire.Ask(s.Frame, func() (n int) {
		for _, x := range s.gateway.sessions {
			if x.peer != nil {
				n++
			}
		}
		return n
	})
}

// UpsetGateway does something to all clients that are connected.
func (s *Server) UpsetGateway(u Upset) { s.each(func(p *peer) { p.upset(u) }) }

// CloseGateway closes all clients' connections with a code.
func (s *Server) CloseGateway(code int) { s.each(func(p *peer) { p.shut(code) }) }

func (s *Server) each(do func(*peer)) {
	s.Locked(func() {
		for p := range s.gateway.peers {
			do(p)
		}
	})
}

// ForgetSessions ends all sessions, as a restart of Discord's gateway does:
// none can be resumed.
func (s *Server) ForgetSessions() { s.Locked(func() { s.gateway.sessions = nil }) }

// handshake takes a connection and returns when it is over.
func (s *Server) handshake(w http.ResponseWriter, r *http.Request) {
	if wire.Ask(s.Frame, func() bool { return s.gateway.mode.Refuse }) {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	s.Serve(w, r, func(k *wire.Socket) {
		p := &peer{Socket: k, s: s, version: r.URL.Query().Get("v")}
		p.hello(r.URL.Query().Get("encoding"))
		s.gone(p, k.Listen(0, func(_ int, octets []byte) bool { return p.take(octets) }))
	})
}

// gone forgets a connection. The session of a client that said goodbye with
// 1000 or 1001 is over, others wait to be resumed (Discord, Gateway,
// Disconnecting).
func (s *Server) gone(p *peer, err error) {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	code := websocket.CloseAbnormalClosure
	if closed, ok := errors.AsType[*websocket.CloseError](err); ok {
		code = closed.Code
	}
	if slow, ok := errors.AsType[net.Error](err); ok && slow.Timeout() {
		p.shut(CloseSessionTimedOut)
	}
	code = cmp.Or(p.byUs, code)
	g := &s.gateway
	delete(g.peers, p)
	if len(g.stats.Closes) >= mostReplay {
		g.stats.Closes = g.stats.Closes[1:]
	}
	g.stats.Closes = append(g.stats.Closes, code)
	if x := p.session; x != nil && x.peer == p {
		x.peer = nil
		if p.byUs == 0 && (code == websocket.CloseNormalClosure || code == websocket.CloseGoingAway) {
			g.drop(x)
		}
	}
	s.Touch()
}

// drop ends a session.
func (g *gateway) drop(x *session) {
	g.sessions = slices.DeleteFunc(g.sessions, func(o *session) bool { return o == x })
}

// begin makes a session for a client that has identified. The oldest of too
// many that wait to be resumed is forgotten.
func (g *gateway) begin(p *peer) *session {
	if len(g.sessions) >= mostSessions {
		if i := slices.IndexFunc(g.sessions, func(x *session) bool { return x.peer == nil }); i >= 0 {
			g.sessions = slices.Delete(g.sessions, i, i+1)
		}
	}
	x := &session{id: secretText(16), peer: p}
	g.sessions, p.session = append(g.sessions, x), x
	g.stats.Identifies++
	return x
}

// identified counts the identifies of the last 24 hours.
func (g *gateway) identified() int {
	now := time.Now()
	g.identifys = slices.DeleteFunc(g.identifys, func(t time.Time) bool { return now.Sub(t) > 24*time.Hour })
	return len(g.identifys)
}

// emit gives an event to a session: to its client, and to the memory for a
// client that resumes. It reports whether somebody is connected.
func (x *session) emit(kind string, data []byte) bool {
	x.seq++
	seq := x.seq
	e := frame{Op: opDispatch, Data: data, Seq: &seq, Type: &kind}
	x.replay = append(x.replay, e)
	if len(x.replay) > mostReplay {
		x.replay = x.replay[1:]
	}
	if x.peer == nil {
		return false
	}
	x.peer.put(e)
	return true
}

// dispatch sends an interaction to all sessions, as Discord does where two
// of them have the same shard. Mu is held.
func (s *Server) dispatch(i *Interaction) {
	for _, x := range s.gateway.sessions {
		if x.emit("INTERACTION_CREATE", i.payload) {
			i.sent++
		}
	}
	s.Touch()
}

// disturb lets chance upset the gateway, after an event was sent. Mu is held.
func (s *Server) disturb() {
	if s.options.Chaos.Gateway <= s.Random.Float64() {
		return
	}
	u := Upset(s.Random.IntN(int(CloseWithoutFault) + 1))
	for p := range s.gateway.peers {
		p.upset(u)
	}
}
