package slack

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"smtptest/bot/playground/wire"
)

const (
	maxSockets      = 10               // of an app (docs.slack.dev/apis/events-api/using-socket-mode)
	maxAck          = 20 << 10         // octets; Slack drops larger answers without a word (slack-go, socketmode)
	ticketLife      = 30 * time.Second // of a Socket Mode URL
	maxTickets      = 1000             // ours: the oldest are forgotten
	disconnectGrace = time.Second      // between a disconnect envelope and the end; Slack warns some 10 s before
	missedPings     = 3                // after which a client that answers none is taken for gone
)

// socket is one WebSocket. The server's mutex guards its fields.
type socket struct {
	*wire.Socket
	leaving bool // gets no more envelopes
	broken  bool // the fake ended it without a word
}

// connectionsOpen hands out a URL that serves once (reference/methods/apps.connections.open).
func (s *Server) connectionsOpen(*call) object {
	ticket := s.secret()
	s.tickets.Put(ticket, time.Now())
	url := "ws" + strings.TrimPrefix(s.Root(), "http") + "/link/?ticket=" + ticket + "&app_id=" + AppID
	return object{"url": url}
}

// link is the handshake, and then the life of a socket.
func (s *Server) link(w http.ResponseWriter, r *http.Request) {
	if !s.admits(r.URL.Query().Get("ticket")) {
		s.Violation("link: a ticket that is unknown, used or too old")
		http.Error(w, "invalid ticket", http.StatusForbidden)
		return
	}
	if r.URL.Query().Has("debug_reconnects") {
		s.Violation("link: debug_reconnects: the library's debug mode is on, and it writes down what people type")
	}
	s.Serve(w, r, s.attend)
}

func (s *Server) admits(ticket string) bool {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	made, ok := s.tickets.Get(ticket)
	s.tickets.Put(ticket, time.Time{}) // used
	return ok && time.Since(made) <= ticketLife
}

// attend greets, pings, and reads until the socket ends.
func (s *Server) attend(bare *wire.Socket) {
	k, n := s.join(bare)
	defer s.part(k)
	if n > maxSockets {
		s.Violation("link: more than %d sockets", maxSockets)
		k.Send(disconnect("too_many_websockets"))
		return
	}
	k.Send(encode(object{
		"type": "hello", "num_connections": n, "connection_info": object{"app_id": AppID},
		"debug_info": object{"host": "applink-1", "build_number": 1, "approximate_connection_time": 18060},
	}))
	var pings sync.WaitGroup
	pings.Go(func() { k.Ping(s.options.PingEvery) })
	_ = k.Listen(missedPings*s.options.PingEvery, func(kind int, data []byte) bool {
		if kind == websocket.TextMessage {
			s.acknowledged(data)
		} else {
			s.Violation("%s: a frame that is no text", k.Name)
		}
		return true
	})
	k.End()
	pings.Wait()
}

// join adds a socket; n is how many there are.
func (s *Server) join(bare *wire.Socket) (k *socket, n int) {
	s.Locked(func() {
		k, n = &socket{Socket: bare, leaving: len(s.sockets) >= maxSockets}, len(s.sockets)+1
		s.sockets = append(s.sockets, k)
	})
	return k, n
}

func (s *Server) part(k *socket) {
	s.Locked(func() { s.sockets = slices.DeleteFunc(s.sockets, func(o *socket) bool { return o == k }) })
}

func disconnect(reason string) []byte {
	return encode(object{"type": "disconnect", "reason": reason, "debug_info": object{"host": "applink-1"}})
}

// Sockets is how many connections take envelopes.
func (s *Server) Sockets() int { return len(wire.Ask(s.Frame, s.open)) }

// open are the sockets that take envelopes. s.Mu is held.
func (s *Server) open() []*socket {
	return slices.DeleteFunc(slices.Clone(s.sockets), func(k *socket) bool { return k.leaving })
}

// Disconnect tells all sockets to go: "warning", "refresh_requested" or
// "link_disabled". They get nothing more, and are closed a second later.
func (s *Server) Disconnect(reason string) {
	for _, k := range wire.Ask(s.Frame, s.open) {
		s.dismiss(k, reason)
	}
}

// dismiss tells one socket to go, and ends it after a while.
func (s *Server) dismiss(k *socket, reason string) {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	k.leaving = true
	if s.Closed() {
		return
	}
	s.Running.Go(func() {
		k.Send(disconnect(reason))
		s.Sleep(disconnectGrace)
		k.End()
	})
}

// DropSockets ends all connections without a word.
func (s *Server) DropSockets() {
	s.Locked(func() {
		for _, k := range s.sockets {
			k.leaving, k.broken = true, true
			k.End()
		}
	})
}

// drop ends one socket behind what was written.
func (s *Server) drop(k *socket) {
	s.Locked(func() { k.leaving, k.broken = true, true })
	k.Linger()
}

// pick chooses a socket by chance; nil: there is none.
func (s *Server) pick() *socket {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	all := s.open()
	if len(all) == 0 {
		return nil
	}
	return all[s.Random.IntN(len(all))]
}
