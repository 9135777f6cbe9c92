package fakediscord

import "time"

// Upset is something that the gateway does once to all its clients.
type Upset int

// What the gateway can do.
const (
	Reconnect         Upset = iota // op 7; a client that has not left after 5 s is closed with 4000
	InvalidSession                 // op 9, false: identify anew
	ResumableSession               // op 9, true: resume
	Drop                           // the connection ends without a close frame
	Deaf                           // these clients get nothing any more, no acknowledgements either
	RequestHeartbeat               // op 1
	CloseWithoutFault              // close code 4000
)

// reconnectPatience is how long a client may stay after op 7.
const reconnectPatience = 5 * time.Second

// UpsetGateway does something to all clients that are connected.
func (s *Server) UpsetGateway(u Upset) { s.gateway.each(func(p *peer) { p.upset(u) }) }

// CloseGateway closes all clients' connections with a code.
func (s *Server) CloseGateway(code int) { s.gateway.each(func(p *peer) { p.shutLocked(code) }) }

// ForgetSessions ends all sessions, as a restart of Discord's gateway does:
// none can be resumed.
func (s *Server) ForgetSessions() {
	g := s.gateway
	g.mu.Lock()
	defer g.mu.Unlock()
	g.sessions, g.order = map[string]*session{}, nil
}

func (g *gateway) each(do func(*peer)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for p := range g.peers {
		do(p)
	}
}

// upset does something to one client. The caller holds the gateway's mu.
func (p *peer) upset(u Upset) {
	switch u {
	case Reconnect:
		p.sayLocked(opReconnect, nil)
		p.g.running.Go(func() { p.leave(reconnectPatience) })
	case InvalidSession, ResumableSession:
		if u == InvalidSession && p.session != nil {
			p.g.drop(p.session.id)
		}
		p.sayLocked(opInvalid, u == ResumableSession)
		if p.session != nil {
			p.session.peer, p.session = nil, nil
		}
	case Drop:
		p.stop()
	case Deaf:
		p.deaf = true
	case RequestHeartbeat:
		p.sayLocked(opHeartbeat, nil)
	case CloseWithoutFault:
		p.shutLocked(CloseUnknown)
	}
}

// leave closes a client that is still there after a while.
func (p *peer) leave(patience time.Duration) {
	t := time.NewTimer(patience)
	defer t.Stop()
	select {
	case <-t.C:
		p.shut(CloseUnknown)
	case <-p.over:
	}
}

// throw lets chance upset the gateway, after an event was sent.
func (g *gateway) throw() {
	s := g.s
	s.mu.Lock()
	if s.options.Chaos.Gateway <= s.dice.Float64() {
		s.mu.Unlock()
		return
	}
	u := Upset(s.dice.IntN(int(CloseWithoutFault) + 1))
	s.mu.Unlock()
	s.UpsetGateway(u)
}
