package fakeslack

import (
	"encoding/json"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

const (
	maxSockets      = 10               // of an app (docs.slack.dev/apis/events-api/using-socket-mode)
	maxAck          = 20 << 10         // octets; Slack drops larger answers without a word (slack-go, socketmode)
	maxFrame        = 1 << 20          // ours: of anything that a client sends
	ticketLife      = 30 * time.Second // of a Socket Mode URL
	disconnectGrace = time.Second      // between a disconnect envelope and the end; Slack warns some 10 s before
	lingerTime      = time.Second      // in which acknowledgements are still read behind a dropped socket
	writeTime       = 5 * time.Second
)

// socket is one WebSocket.
type socket struct {
	name    string // "socket 3"
	conn    *websocket.Conn
	write   sync.Mutex
	leaving bool // gets no more envelopes; the server's mutex guards it
	broken  bool // the fake ended it without a word; guarded likewise
}

// connectionsOpen hands out a URL that serves once (reference/methods/apps.connections.open).
func (s *Server) connectionsOpen(*call) (object, error) {
	for t, made := range s.tickets {
		if time.Since(made) > ticketLife {
			delete(s.tickets, t)
		}
	}
	ticket := s.secret()
	s.tickets[ticket] = time.Now()
	return object{"url": "ws" + strings.TrimPrefix(s.web.URL, "http") + "/link/?ticket=" + ticket + "&app_id=" + AppID}, nil
}

// link is the handshake, and then the life of a socket.
func (s *Server) link(w http.ResponseWriter, r *http.Request) {
	if !s.admits(r.URL.Query().Get("ticket")) {
		s.log.violation("link: a ticket that is unknown, used or too old")
		s.write(w, "link", plain(http.StatusForbidden, "invalid ticket"))
		return
	}
	if r.URL.Query().Has("debug_reconnects") {
		s.log.violation("link: debug_reconnects: the library's debug mode is on, and it writes down what people type")
	}
	up := websocket.Upgrader{WriteBufferSize: 32 << 10, CheckOrigin: func(*http.Request) bool { return true }}
	conn, err := up.Upgrade(w, r, nil)
	if err != nil {
		s.log.violation("link: %v", err)
		return
	}
	k, n := s.join(conn)
	if k == nil {
		_ = conn.Close()
		return
	}
	defer s.running.Done()
	s.attend(k, n)
	_ = conn.Close()
	s.part(k)
}

func (s *Server) admits(ticket string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	made, ok := s.tickets[ticket]
	delete(s.tickets, ticket)
	return ok && time.Since(made) <= ticketLife
}

// join adds a socket; nil: the server is closed. n is how many there are.
func (s *Server) join(conn *websocket.Conn) (k *socket, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, 0
	}
	s.running.Add(1)
	k = &socket{name: s.id("socket "), conn: conn}
	s.sockets = append(s.sockets, k)
	if n = len(s.sockets); n > maxSockets {
		k.leaving = true
	}
	return k, n
}

func (s *Server) part(k *socket) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sockets = slices.DeleteFunc(s.sockets, func(o *socket) bool { return o == k })
	s.touch()
}

// attend greets, pings, and reads until the socket ends.
func (s *Server) attend(k *socket, n int) {
	if n > maxSockets {
		s.log.violation("link: more than %d sockets", maxSockets)
		s.send(k, disconnect("too_many_websockets"))
		return
	}
	s.send(k, encode(object{
		"type": "hello", "num_connections": n, "connection_info": object{"app_id": AppID},
		"debug_info": object{"host": "applink-1", "build_number": 1, "approximate_connection_time": 18060},
	}))
	ended := make(chan struct{})
	var pings sync.WaitGroup
	pings.Go(func() { s.ping(k, ended) })
	s.mu.Lock()
	s.touch()
	s.mu.Unlock()
	s.listen(k)
	close(ended)
	pings.Wait()
}

// ping asks whether the client is there: at once, and then at each interval.
func (s *Server) ping(k *socket, ended chan struct{}) {
	tick := time.NewTicker(s.options.PingEvery)
	defer tick.Stop()
	for {
		err := k.conn.WriteControl(websocket.PingMessage, []byte("Ping from "+k.name), time.Now().Add(writeTime))
		if err != nil {
			return
		}
		select {
		case <-ended:
			return
		case <-tick.C:
		}
	}
}

// listen reads acknowledgements. A client that answers no ping for three
// intervals is taken for gone.
func (s *Server) listen(k *socket) {
	patience := 3 * s.options.PingEvery
	alive := func() { _ = k.conn.SetReadDeadline(time.Now().Add(patience)) }
	k.conn.SetReadLimit(maxFrame)
	k.conn.SetPongHandler(func(data string) error {
		s.log.in(k.name, []byte(data))
		alive()
		return nil
	})
	k.conn.SetPingHandler(func(data string) error {
		s.log.in(k.name, []byte(data))
		return k.conn.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(writeTime))
	})
	alive()
	for {
		kind, data, err := k.conn.ReadMessage()
		if err != nil {
			s.log.in(k.name, []byte(err.Error())) // a close frame says why
			return
		}
		alive()
		s.log.in(k.name, data)
		if kind != websocket.TextMessage {
			s.log.violation("%s: a frame that is no text", k.name)
			continue
		}
		s.acknowledged(data)
	}
}

// send writes one message and reports whether it could.
func (s *Server) send(k *socket, data []byte) bool {
	k.write.Lock()
	defer k.write.Unlock()
	_ = k.conn.SetWriteDeadline(time.Now().Add(writeTime))
	if k.conn.WriteMessage(websocket.TextMessage, data) != nil {
		return false
	}
	s.log.out(k.name, data)
	return true
}

func encode(o object) []byte {
	raw, err := json.Marshal(o)
	if err != nil {
		return []byte("null") // only an unreadable RawMessage can do that, and all were read
	}
	return raw
}

func disconnect(reason string) []byte {
	return encode(object{"type": "disconnect", "reason": reason, "debug_info": object{"host": "applink-1"}})
}

// Sockets is how many connections take envelopes.
func (s *Server) Sockets() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.open())
}

// open are the sockets that take envelopes. s.mu is held.
func (s *Server) open() []*socket {
	var out []*socket
	for _, k := range s.sockets {
		if !k.leaving {
			out = append(out, k)
		}
	}
	return out
}

// Disconnect tells all sockets to go: "warning", "refresh_requested" or
// "link_disabled". They get nothing more, and are closed a second later.
func (s *Server) Disconnect(reason string) {
	s.mu.Lock()
	all := s.open()
	for _, k := range all {
		k.leaving = true
	}
	s.mu.Unlock()
	for _, k := range all {
		s.dismiss(k, reason)
	}
}

// dismiss tells one socket to go, and ends it after a while.
func (s *Server) dismiss(k *socket, reason string) {
	s.send(k, disconnect(reason))
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	s.running.Go(func() {
		s.sleep(disconnectGrace)
		_ = k.conn.Close()
	})
}

// DropSockets ends all connections without a word.
func (s *Server) DropSockets() {
	s.mu.Lock()
	all := slices.Clone(s.sockets)
	for _, k := range all {
		k.leaving, k.broken = true, true
	}
	s.mu.Unlock()
	for _, k := range all {
		_ = k.conn.Close()
	}
}

// drop ends one socket behind what was written: nothing that the client has
// not yet read is lost, as it would be if both directions ended at once.
func (s *Server) drop(k *socket) {
	s.mu.Lock()
	k.leaving, k.broken = true, true
	s.mu.Unlock()
	tcp, ok := k.conn.NetConn().(*net.TCPConn)
	if !ok || tcp.CloseWrite() != nil {
		_ = k.conn.Close()
		return
	}
	_ = tcp.SetReadDeadline(time.Now().Add(lingerTime))
}

// pick chooses a socket by chance; nil: there is none.
func (s *Server) pick() *socket {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.open()
	if len(all) == 0 {
		return nil
	}
	return all[s.random.IntN(len(all))]
}
