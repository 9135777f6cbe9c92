package discordbot

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"runtime"
	"sync"
	"time"

	"github.com/bwmarrin/discordgo"
	"github.com/gorilla/websocket"
)

// Opcodes of the gateway (Discord, Opcodes and Status Codes).
const (
	opEvent     = 0
	opHeartbeat = 1
	opIdentify  = 2
	opResume    = 6
	opReconnect = 7
	opInvalid   = 9
	opHello     = 10
	opAck       = 11
)

// Limits of a connection.
const (
	dialTimeout   = 10 * time.Second
	greetTimeout  = 10 * time.Second // for HELLO, and again for what answers us
	writeTimeout  = 5 * time.Second
	maxFrame      = 4 << 20
	maxInterval   = 5 * time.Minute // between heartbeats; Discord asks for 41 s
	leaveToResume = 4000            // a close code with which the session can be resumed; 1000 and 1001 end it
)

// frame is a payload of the gateway (Discord, Gateway Events).
type frame struct {
	Op   int             `json:"op"`
	Data json.RawMessage `json:"d"`
	Seq  *int64          `json:"s"`
	Type string          `json:"t"`
}

// session is what a connection can go on with after another one was lost. The
// zero value is none.
type session struct {
	id  string
	url string // of the gateway that has it
	seq int64  // of the last event that came
}

// ended is why a connection is over.
type ended struct {
	code    int  // with which Discord closed it; 0: it did not
	ready   bool // it stood before
	invalid bool // Discord has no such session any more, or wants none yet
}

// Error implements error.
func (e *ended) Error() string { return "the connection ended" }

// wire is one connection. One goroutine reads, two may write.
type wire struct {
	ws      *websocket.Conn
	events  func(kind string, data []byte) // blocks on nothing
	session *session                       // changed as events come; nobody else has it meanwhile

	mu sync.Mutex // of what is written, and of session while the connection stands
}

// dial opens a connection and reads the greeting: how often Discord wants to
// hear from us.
func (w *wire) dial(ctx context.Context, url string) (every time.Duration, err error) {
	dialer := *websocket.DefaultDialer
	dialer.HandshakeTimeout = dialTimeout
	w.ws, _, err = dialer.DialContext(ctx, url+"/?v=10&encoding=json", nil)
	if err != nil {
		return 0, unsent(err)
	}
	w.ws.SetReadLimit(maxFrame)
	w.patience(greetTimeout)
	f, err := w.next()
	if err != nil {
		return 0, err
	}
	var hello struct {
		Every int64 `json:"heartbeat_interval"` // milliseconds
	}
	if f.Op != opHello || json.Unmarshal(f.Data, &hello) != nil || hello.Every <= 0 {
		return 0, &ended{}
	}
	return min(time.Duration(hello.Every)*time.Millisecond, maxInterval), nil
}

// patience is how long may pass until something comes.
func (w *wire) patience(d time.Duration) { _ = w.ws.SetReadDeadline(time.Now().Add(d)) }

// next reads a frame.
func (w *wire) next() (frame, error) {
	_, octets, err := w.ws.ReadMessage()
	if err != nil {
		if closed, ok := errors.AsType[*websocket.CloseError](err); ok {
			return frame{}, &ended{code: closed.Code}
		}
		return frame{}, &ended{}
	}
	var f frame
	err = json.NewDecoder(bytes.NewReader(octets)).Decode(&f)
	clear(octets) // what was typed into a form may be in it
	if err != nil {
		return frame{}, &ended{}
	}
	return f, nil
}

// send writes a frame.
func (w *wire) send(op int, data any) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	_ = w.ws.SetWriteDeadline(time.Now().Add(writeTimeout))
	if err := w.ws.WriteJSON(map[string]any{"op": op, "d": data}); err != nil {
		return &ended{}
	}
	return nil
}

func (w *wire) heartbeat() error {
	if seq := w.seq(); seq != 0 {
		return w.send(opHeartbeat, seq)
	}
	return w.send(opHeartbeat, nil)
}

func (w *wire) seq() int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.session.seq
}

// forget gives the session up; heartbeats may still be under way.
func (w *wire) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	*w.session = session{}
}

// beat sends heartbeats, the first after a part of the interval, so that not
// all clients send theirs at once when Discord comes back.
func (w *wire) beat(ctx context.Context, every time.Duration) {
	for wait := rand.N(every); sleep(ctx, wait); wait = every {
		if w.heartbeat() != nil {
			return // the reader hears of it too
		}
	}
}

// greet resumes the session, or begins a new one.
func (w *wire) greet(token string) error {
	if w.session.id != "" {
		return w.send(opResume, map[string]any{"token": token, "session_id": w.session.id, "seq": w.session.seq})
	}
	return w.send(opIdentify, discordgo.Identify{
		Token: token, Intents: discordgo.IntentsNone, // interactions need none
		Properties: discordgo.IdentifyProperties{OS: runtime.GOOS, Browser: "smtptest", Device: "smtptest"},
	})
}

// listen reads until the connection is over. Its watchdog is the read
// deadline: only acknowledged heartbeats move it, so that a connection on
// which Discord has gone silent ends after one and a half intervals.
func (w *wire) listen(every time.Duration, ready func()) *ended {
	silence := every + every/2
	stands := false
	w.patience(max(greetTimeout, silence))
	for {
		f, err := w.next()
		if err == nil {
			err = w.take(f)
		}
		if over, ok := errors.AsType[*ended](err); ok {
			over.ready = stands
			return over
		}
		switch {
		case f.Op == opEvent && (f.Type == "READY" || f.Type == "RESUMED"):
			stands = true
			ready()
			w.patience(silence)
		case f.Op == opAck && stands:
			w.patience(silence)
		}
	}
}

// take acts on one frame.
func (w *wire) take(f frame) error {
	switch f.Op {
	case opEvent:
		w.event(f)
	case opHeartbeat:
		return w.heartbeat()
	case opReconnect:
		return &ended{}
	case opInvalid:
		var resumable bool
		if _ = json.Unmarshal(f.Data, &resumable); !resumable {
			w.forget()
		}
		return &ended{invalid: true}
	}
	return nil
}

func (w *wire) event(f frame) {
	w.mu.Lock()
	if f.Seq != nil {
		w.session.seq = *f.Seq
	}
	w.mu.Unlock()
	if f.Type == "READY" {
		var r struct {
			ID  string `json:"session_id"`
			URL string `json:"resume_gateway_url"`
		}
		_ = json.Unmarshal(f.Data, &r)
		w.session.id, w.session.url = r.ID, r.URL
		return
	}
	w.events(f.Type, f.Data)
}

// leave closes the connection.
func (w *wire) leave(code int) {
	_ = w.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, ""), time.Now().Add(time.Second))
	_ = w.ws.Close()
}
