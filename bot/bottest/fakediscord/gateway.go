package fakediscord

import (
	"encoding/json"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/gorilla/websocket"
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
	mostFrame       = 4096    // octets of a payload that a client sends
	mostRead        = 1 << 20 // what is read of one that is too long
	mostSessions    = 16      // that wait to be resumed
	mostReplay      = 1000    // events kept for a session
	mostQueue       = 4096    // frames on their way to one client
	writePatience   = 5 * time.Second
	heartbeatsGrace = 1.5 // how many intervals may pass without one
)

// gateway is the side of the server that speaks WebSocket. Its lock is taken
// after the server's, never before.
type gateway struct {
	s        *Server
	upgrader websocket.Upgrader
	running  sync.WaitGroup

	mu        sync.Mutex
	closed    bool
	mode      GatewayMode
	peers     map[*peer]bool
	sessions  map[string]*session
	order     []string // of sessions, oldest first
	identifys []time.Time
	stats     GatewayStats
}

// GatewayMode is how the gateway misbehaves until it is told otherwise. The
// zero value is good behaviour.
type GatewayMode struct {
	Refuse      bool   // connections are refused with 503
	Silent      bool   // connections are taken and nothing is ever sent, not even on those that stand
	NoAcks      bool   // heartbeats are not acknowledged
	NoResume    bool   // RESUME is answered with INVALID_SESSION
	CloseAtOnce int    // identify and resume are answered with this close code; 0: no
	Answer      string // identify and resume are answered with this frame and nothing else; empty: no
}

// GatewayStats counts what clients have done.
type GatewayStats struct {
	Connections, Identifies, Resumes, Heartbeats int
	Closes                                       []int // codes with which clients or the server closed, in order, the last 1000; 1006: without a code
}

// session is what a client identifies for and may resume.
type session struct {
	id     string
	seq    int
	replay []event
	peer   *peer // nil: nobody is connected
}

type event struct {
	seq  int
	kind string
	data json.RawMessage
}

// frame is a gateway payload (Discord, Gateway Events, Payload Structure).
type frame struct {
	Op   int             `json:"op"`
	Data json.RawMessage `json:"d"`
	Seq  *int            `json:"s"`
	Type *string         `json:"t"`
}

func newGateway(s *Server) *gateway {
	return &gateway{s: s, peers: map[*peer]bool{}, sessions: map[string]*session{}}
}

// SetGateway changes how the gateway behaves.
func (s *Server) SetGateway(m GatewayMode) {
	s.gateway.mu.Lock()
	defer s.gateway.mu.Unlock()
	s.gateway.mode = m
}

// GatewayStats says what clients of the gateway have done so far.
func (s *Server) GatewayStats() GatewayStats {
	g := s.gateway
	g.mu.Lock()
	defer g.mu.Unlock()
	stats := g.stats
	stats.Closes = slices.Clone(stats.Closes)
	return stats
}

// Connected is the number of clients that have identified or resumed.
func (s *Server) Connected() int {
	g := s.gateway
	g.mu.Lock()
	defer g.mu.Unlock()
	n := 0
	for _, x := range g.sessions {
		if x.peer != nil {
			n++
		}
	}
	return n
}

// serve takes a connection and returns when it is over.
func (g *gateway) serve(w http.ResponseWriter, r *http.Request) {
	g.s.noteHandshake(r)
	g.mu.Lock()
	refuse := g.closed || g.mode.Refuse
	if !refuse {
		g.running.Add(1)
	}
	g.mu.Unlock()
	if refuse {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	defer g.running.Done()
	ws, err := g.upgrader.Upgrade(w, r, nil)
	if err != nil {
		return // the upgrader has answered
	}
	p := &peer{g: g, ws: ws, version: r.URL.Query().Get("v"), encoding: r.URL.Query().Get("encoding"), queue: make(chan []byte, mostQueue), over: make(chan struct{})}
	if !g.admit(p) {
		_ = ws.Close()
		return
	}
	p.run()
}

// admit counts a connection in; false: the server closes.
func (g *gateway) admit(p *peer) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return false
	}
	g.peers[p] = true
	g.stats.Connections++
	return true
}

// noteHandshake records a connection as a request.
func (s *Server) noteHandshake(r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.records.request(&Request{At: time.Now(), Method: r.Method, Path: r.URL.Path, Query: r.URL.Query(), Header: r.Header.Clone(), Status: http.StatusSwitchingProtocols})
	s.touch()
}

// gone forgets a connection. The session of a client that said goodbye with
// 1000 or 1001 is over, others wait to be resumed (Discord, Gateway,
// Disconnecting).
func (g *gateway) gone(p *peer, code int, byClient bool) {
	g.mu.Lock()
	delete(g.peers, p)
	if len(g.stats.Closes) >= mostReplay {
		g.stats.Closes = g.stats.Closes[1:]
	}
	g.stats.Closes = append(g.stats.Closes, code)
	if x := p.session; x != nil && x.peer == p {
		x.peer = nil
		if byClient && (code == websocket.CloseNormalClosure || code == websocket.CloseGoingAway) {
			g.drop(x.id)
		}
	}
	g.mu.Unlock()
	g.s.mu.Lock()
	g.s.touch()
	g.s.mu.Unlock()
}

// drop ends a session. The caller holds mu.
func (g *gateway) drop(id string) {
	delete(g.sessions, id)
	g.order = slices.DeleteFunc(g.order, func(o string) bool { return o == id })
}

// begin makes a session for a client that has identified.
func (g *gateway) begin(p *peer) *session {
	g.mu.Lock()
	defer g.mu.Unlock()
	x := &session{id: secretText(16), peer: p}
	g.sessions[x.id] = x
	g.order = append(g.order, x.id)
	for i := 0; len(g.order) > mostSessions && i < len(g.order); {
		if g.sessions[g.order[i]].peer != nil {
			i++
			continue
		}
		g.drop(g.order[i])
	}
	p.session = x
	g.stats.Identifies++
	return x
}

// identified counts the identifies of the last 24 hours.
func (g *gateway) identified(now time.Time) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.identifys = slices.DeleteFunc(g.identifys, func(t time.Time) bool { return now.Sub(t) > 24*time.Hour })
	return len(g.identifys)
}

// emit gives an event to one session: to its client, and to the memory for a
// client that resumes. The caller holds mu. It reports whether somebody is
// connected.
func (g *gateway) emit(x *session, kind string, data []byte) bool {
	x.seq++
	e := event{x.seq, kind, data}
	x.replay = append(x.replay, e)
	if len(x.replay) > mostReplay {
		x.replay = x.replay[1:]
	}
	if x.peer == nil {
		return false
	}
	x.peer.event(e)
	return true
}

// dispatch sends an interaction to all sessions, as Discord does where two
// of them have the same shard.
func (g *gateway) dispatch(kind string, i *Interaction) {
	g.mu.Lock()
	sent := 0
	for _, id := range g.order {
		if g.emit(g.sessions[id], kind, i.payload) {
			sent++
		}
	}
	g.mu.Unlock()
	i.s.mu.Lock()
	i.sent += sent
	i.s.touch()
	i.s.mu.Unlock()
}

// close ends all connections and waits for them.
func (g *gateway) close() {
	g.mu.Lock()
	g.closed = true
	for p := range g.peers {
		p.stop()
	}
	g.mu.Unlock()
	g.running.Wait()
}
