package discordbot

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"crypto/sha1" // RFC 6455 §4.2.2 asks for it; it protects nothing
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/bwmarrin/discordgo"
	"github.com/gorilla/websocket"

	"smtptest/probe/secret"
)

// Opcodes of the gateway (Discord, Opcodes and Status Codes).
const (
	opEvent     = 0
	opHeartbeat = 1
	opReconnect = 7
	opInvalid   = 9
	opHello     = 10
	opAck       = 11
)

// Types of events that the adapter or the library reads. The library would
// decode an interaction, keep copies of what was typed into a form, and end
// the program if it were ever to panic: it sees one under another name, and
// hands it on as it is.
const (
	eventReady       = "READY"
	eventResumed     = "RESUMED"
	eventInteraction = "INTERACTION_CREATE"
	eventUnread      = "SMTPTEST_UNREAD"
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

// ended is why a connection is over.
type ended struct {
	code    int  // with which Discord closed it; 0: it did not
	ready   bool // it stood before
	invalid bool // Discord has no such session any more, or wants none yet
	forget  bool // the session cannot be resumed
}

// Error implements error.
func (e *ended) Error() string { return "the connection ended" }

// link is one connection to the gateway, and what the library's session takes
// for its network connection. It reads along, because the library neither
// tells of close codes, missed acknowledgements and invalid sessions nor
// survives all of them (library_test.go), and hands on what the library is to
// see. What the library writes passes as it is.
type link struct {
	net.Conn // to Discord: frames are written to it whole
	ws       *websocket.Conn
	ready    func()        // hears that the connection stands
	closed   chan struct{} // closed when the library is through with it, which takes it a second
	once     sync.Once     // of closed
	shaken   bool          // the library's handshake was answered

	pending []byte        // what the library has yet to read
	silence time.Duration // after which the connection counts as dead; 0: before HELLO
	stands  bool          // changed under mu

	mu     sync.Mutex
	resume string // the address of the gateway that has the session; empty: not said
	over   *ended // nil: it is not
}

// dial opens a connection. It may use the proxy that the environment names.
func dial(ctx context.Context, url string) (*link, error) {
	dialer := websocket.Dialer{Proxy: http.ProxyFromEnvironment, HandshakeTimeout: dialTimeout}
	ws, _, err := dialer.DialContext(ctx, strings.TrimSuffix(url, "/")+"/?v=10&encoding=json", nil)
	if err != nil {
		return nil, unsent(err)
	}
	ws.SetReadLimit(maxFrame)
	return &link{Conn: ws.NetConn(), ws: ws, closed: make(chan struct{})}, nil
}

// allow sets how long may pass until something comes.
func (l *link) allow(d time.Duration) { _ = l.ws.SetReadDeadline(time.Now().Add(d)) }

// finish ends the connection for the reason given and with a close code,
// unless it has ended before.
func (l *link) finish(over *ended, code int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over != nil {
		return
	}
	over.ready = l.stands
	l.over = over
	_ = l.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, ""), time.Now().Add(time.Second))
	_ = l.ws.Close()
}

// reason is why the connection is over, and resume where its session is now.
func (l *link) reason() (over *ended, resume string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.over, l.resume
}

// Close implements net.Conn.
func (l *link) Close() error {
	l.finish(&ended{}, leaveToResume)
	l.once.Do(func() { close(l.closed) })
	return nil
}

// Write implements net.Conn. The library's handshake is answered here, since
// Discord's is over.
func (l *link) Write(p []byte) (int, error) {
	if !l.shaken {
		req, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(p)))
		if err != nil {
			return 0, err
		}
		l.shaken, l.pending = true, accept(req.Header.Get("Sec-WebSocket-Key"))
		return len(p), nil
	}
	_ = l.Conn.SetWriteDeadline(time.Now().Add(writeTimeout))
	return l.Conn.Write(p)
}

// accept answers a handshake (RFC 6455 §4.2.2).
func accept(key string) []byte {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return []byte("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Accept: " + base64.StdEncoding.EncodeToString(sum[:]) + "\r\n\r\n")
}

// Read implements net.Conn: it reads from Discord until there is something
// that the library is to see.
func (l *link) Read(p []byte) (int, error) {
	for len(l.pending) == 0 {
		e, err := l.next()
		if over, ok := errors.AsType[*ended](err); ok {
			l.finish(over, leaveToResume)
			return 0, io.EOF
		}
		if e != nil {
			l.pending = framed(e)
		}
	}
	n := copy(p, l.pending)
	clear(l.pending[:n]) // what was typed into a form may be in it
	l.pending = l.pending[n:]
	return n, nil
}

// framed is a text message as a server sends it (RFC 6455 §5.2), with a length
// of the longest form: nobody but the library reads it.
func framed(e *discordgo.Event) []byte {
	const finalText, longest = 0x81, 127
	text, _ := json.Marshal(e) // of numbers, a string and what was JSON before
	defer clear(text)
	return append(binary.BigEndian.AppendUint64([]byte{finalText, longest}, uint64(len(text))), text...)
}

// next reads a message. Errors: *ended.
func (l *link) next() (*discordgo.Event, error) {
	if l.silence == 0 {
		l.allow(greetTimeout)
	}
	_, octets, err := l.ws.ReadMessage()
	if err != nil {
		if closed, ok := errors.AsType[*websocket.CloseError](err); ok {
			return nil, &ended{code: closed.Code, forget: forgets(closed.Code)}
		}
		return nil, &ended{}
	}
	var e discordgo.Event
	err = json.NewDecoder(bytes.NewReader(octets)).Decode(&e)
	clear(octets)
	if err != nil {
		return nil, &ended{}
	}
	return l.take(&e)
}

// take acts on a message, and gives what the library is to see of it; nil:
// nothing. The watchdog is the read deadline: only acknowledged heartbeats
// move it, so that a connection on which Discord has gone silent ends after
// one and a half intervals.
func (l *link) take(e *discordgo.Event) (*discordgo.Event, error) {
	switch {
	case e.Operation == opHello:
		return l.hello(e)
	case l.silence == 0 || e.Operation == opReconnect:
		return nil, &ended{}
	case e.Operation == opEvent:
		return l.event(e), nil
	case e.Operation == opHeartbeat:
		return e, nil
	case e.Operation == opAck && l.stands: // one before that would lock the library up
		l.allow(l.silence)
		return e, nil
	case e.Operation == opInvalid:
		return nil, &ended{invalid: true, forget: string(e.RawData) != "true"}
	}
	return nil, nil
}

// hello takes how often Discord wants to hear from us.
func (l *link) hello(e *discordgo.Event) (*discordgo.Event, error) {
	var hello struct {
		Every int64 `json:"heartbeat_interval"` // milliseconds
	}
	if json.Unmarshal(e.RawData, &hello) != nil || hello.Every <= 0 {
		return nil, &ended{}
	}
	every := maxInterval
	if hello.Every < maxInterval.Milliseconds() {
		every = time.Duration(hello.Every) * time.Millisecond
	}
	l.silence = every + every/2
	l.allow(max(greetTimeout, l.silence))
	e.RawData = fmt.Appendf(nil, `{"heartbeat_interval":%d}`, every.Milliseconds())
	return e, nil
}

// event takes an event. Of those that nobody needs the library sees the number
// alone: it ends the program at some that it cannot read.
func (l *link) event(e *discordgo.Event) *discordgo.Event {
	switch e.Type {
	case eventInteraction:
		e.Type = eventUnread
		return e
	case eventReady:
		var r struct {
			ID  string `json:"session_id"`
			URL string `json:"resume_gateway_url"`
		}
		_ = json.Unmarshal(e.RawData, &r)
		l.stand(r.URL)
		e.RawData, _ = json.Marshal(map[string]string{"session_id": r.ID})
		return e
	case eventResumed:
		l.stand("")
	}
	return &discordgo.Event{Sequence: e.Sequence}
}

func (l *link) stand(url string) {
	l.mu.Lock()
	l.stands, l.resume = true, cmp.Or(url, l.resume)
	l.mu.Unlock()
	l.allow(l.silence)
	l.ready()
}

// session is what a connection can go on with after another one was lost: the
// library has its id and the number of the last event.
type session struct {
	*discordgo.Session
	url string // of the gateway that has it; empty: nothing can be resumed
}

// newGateway is a session of the library that has not begun. Interactions need
// no intents. events hears each interaction and blocks on nothing.
func newGateway(token secret.Secret, events func(data []byte)) *session {
	s := newSession("Bot " + token.Reveal())
	s.Compress, s.Identify.Compress = false, false
	s.Identify.Intents = discordgo.IntentsNone
	s.Identify.Properties = discordgo.IdentifyProperties{OS: runtime.GOOS, Browser: "smtptest", Device: "smtptest"}
	s.Client = &http.Client{Transport: nowhere{}}
	s.AddHandler(func(_ *discordgo.Session, e *discordgo.Event) {
		if e.Type == eventUnread {
			events(e.RawData)
		}
	})
	return &session{Session: s}
}

// nowhere answers the library's question for the gateway's address: the
// connection is there already.
type nowhere struct{}

// RoundTrip implements http.RoundTripper.
func (nowhere) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(`{"url":"ws://gateway"}`))}, nil
}

// over opens the session over a link and returns when the library is through
// with it. At the end of ctx it returns at once, and the session ends for good.
func (s *session) over(ctx context.Context, l *link) *ended {
	s.Dialer = &websocket.Dialer{
		NetDialContext: func(context.Context, string, string) (net.Conn, error) { return l, nil },
	}
	leave := context.AfterFunc(ctx, func() { l.finish(&ended{}, websocket.CloseNormalClosure) })
	if s.Open() != nil {
		_ = l.Close()
	}
	select {
	case <-l.closed:
		leave()
	case <-ctx.Done():
		l.finish(&ended{}, websocket.CloseNormalClosure)
	}
	over, resume := l.reason()
	s.url = cmp.Or(resume, s.url)
	return over
}
