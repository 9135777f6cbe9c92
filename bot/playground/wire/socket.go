package wire

import (
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

const (
	maxMessage = 1 << 20     // octets of anything that a client sends; ours
	writeTime  = time.Second // in which a client must take what it is sent
	lingerTime = time.Second // in which a client's last words are still read
)

// Socket is one WebSocket.
type Socket struct {
	Name string // "socket 3", in the journal
	conn *websocket.Conn
	f    *Frame
	mu   sync.Mutex // of writing
	once sync.Once
	over chan struct{} // closed by End
}

// Serve upgrades a request and calls serve, at the end of which the socket
// ends. A closed Frame takes none.
func (f *Frame) Serve(w http.ResponseWriter, r *http.Request, serve func(*Socket)) {
	up := websocket.Upgrader{WriteBufferSize: 32 << 10, CheckOrigin: func(*http.Request) bool { return true }}
	conn, err := up.Upgrade(w, r, nil)
	if err != nil {
		f.Violation("%s: %v", r.URL.Path, err)
		return
	}
	k := f.join(conn)
	if k == nil {
		_ = conn.Close()
		return
	}
	defer f.Running.Done()
	conn.SetReadLimit(maxMessage)
	serve(k)
	k.End()
	f.Mu.Lock()
	delete(f.sockets, k)
	f.Touch()
	f.Mu.Unlock()
}

func (f *Frame) join(conn *websocket.Conn) *Socket {
	f.Mu.Lock()
	defer f.Mu.Unlock()
	if f.Closed() {
		return nil
	}
	f.Running.Add(1)
	f.named++
	k := &Socket{Name: "socket " + strconv.Itoa(f.named), conn: conn, f: f, over: make(chan struct{})}
	f.sockets[k] = true
	return k
}

// Send writes one message and reports whether it could. A client that does
// not read loses the connection.
func (k *Socket) Send(data []byte) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	_ = k.conn.SetWriteDeadline(time.Now().Add(writeTime))
	if k.conn.WriteMessage(websocket.TextMessage, data) != nil {
		k.End()
		return false
	}
	k.f.Out(k.Name, data)
	return true
}

// Ping sends a ping each interval, at first at once, until the socket ends.
func (k *Socket) Ping(every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for k.conn.WriteControl(websocket.PingMessage, []byte("Ping from "+k.Name), time.Now().Add(writeTime)) == nil {
		select {
		case <-tick.C:
		case <-k.over:
			return
		}
	}
}

// Listen reads until the socket ends or take returns false, and returns why.
// A client that sends nothing for so long, not even a pong, is taken for gone;
// 0: Alive alone says how long it may be silent.
func (k *Socket) Listen(idle time.Duration, take func(kind int, data []byte) bool) error {
	heard := func(data string) {
		k.f.In(k.Name, []byte(data))
		if idle > 0 {
			k.Alive(idle)
		}
	}
	k.conn.SetPongHandler(func(data string) error { heard(data); return nil })
	k.conn.SetPingHandler(func(data string) error {
		heard(data)
		return k.conn.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(writeTime))
	})
	if idle > 0 {
		k.Alive(idle)
	}
	for {
		kind, data, err := k.conn.ReadMessage()
		if err != nil {
			k.f.In(k.Name, []byte(err.Error())) // a close frame says why
			return err
		}
		heard(string(data))
		if !take(kind, data) {
			return nil
		}
	}
}

// Alive gives the client time until its next message; 0: any.
func (k *Socket) Alive(idle time.Duration) {
	var until time.Time
	if idle > 0 {
		until = time.Now().Add(idle)
	}
	_ = k.conn.SetReadDeadline(until)
}

// Shut ends a socket with a close frame. What the client still sends is read.
func (k *Socket) Shut(code int, reason string) {
	message := websocket.FormatCloseMessage(code, reason)
	_ = k.conn.WriteControl(websocket.CloseMessage, message, time.Now().Add(writeTime))
	k.Linger()
}

// Linger ends a socket behind what was written: nothing that the client has
// not yet read is lost, as it would be if both directions ended at once.
func (k *Socket) Linger() {
	tcp, ok := k.conn.NetConn().(*net.TCPConn)
	if !ok || tcp.CloseWrite() != nil {
		k.End()
		return
	}
	_ = tcp.SetReadDeadline(time.Now().Add(lingerTime))
}

// End ends a socket without a word.
func (k *Socket) End() {
	k.once.Do(func() { close(k.over) })
	_ = k.conn.Close()
}
