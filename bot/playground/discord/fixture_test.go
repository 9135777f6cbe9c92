package discord_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	fakediscord "smtptest/bot/playground/discord"
)

// fixture is a server with a client that speaks to it by hand.
type fixture struct {
	*testing.T
	s       *fakediscord.Server
	text    string // a channel in which everything is allowed
	alice   fakediscord.User
	command string
}

const quiet = `"allowed_mentions":{"parse":[]}`

func newFixture(t *testing.T, o fakediscord.Options) *fixture {
	t.Helper()
	s := fakediscord.New(o)
	t.Cleanup(s.Close)
	w := &fixture{T: t, s: s, text: s.AddChannel(fakediscord.Channel{Name: "incident"}), command: "smtptest"}
	w.alice = fakediscord.User{ID: "400000000000000001", Name: "alice"}
	status, _ := w.bot("PUT", "/applications/"+s.ApplicationID+"/commands",
		`[{"name":"smtptest","description":"Test","options":[{"type":3,"name":"target","description":"Host",`+
			`"required":true,"max_length":300}],"contexts":[0,1,2],"integration_types":[0,1]}]`)
	if status != 200 {
		t.Fatal("registering the command: ", status)
	}
	return w
}

// send makes a request with the headers of a bot and returns status and body.
func (w *fixture) send(method, path, body string, edit func(*http.Request)) (int, map[string]any) {
	w.Helper()
	var r io.Reader
	if body != "" {
		r = strings.NewReader(body)
	}
	req, err := http.NewRequest(method, w.s.URL()+"/api/v10"+path, r)
	if err != nil {
		w.Fatal(err)
	}
	req.Header.Set("User-Agent", "DiscordBot (https://example.org, 1)")
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if edit != nil {
		edit(req)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil
	}
	defer res.Body.Close()
	octets, _ := io.ReadAll(res.Body)
	var out map[string]any
	_ = json.Unmarshal(octets, &out)
	return res.StatusCode, out
}

// bot sends with the bot's token, token without.
func (w *fixture) bot(method, path, body string) (int, map[string]any) {
	w.Helper()
	return w.send(method, path, body, func(r *http.Request) { r.Header.Set("Authorization", "Bot "+w.s.Token) })
}

func (w *fixture) token(method, path, body string) (int, map[string]any) {
	w.Helper()
	return w.send(method, path, body, nil)
}

// ask types the command.
func (w *fixture) ask(channel string) *fakediscord.Interaction {
	w.Helper()
	i, err := w.s.Command(w.alice, channel, w.command, fakediscord.Option{Name: "target", Value: "mail.example.com:587"})
	if err != nil {
		w.Fatal(err)
	}
	return i
}

func (w *fixture) respond(i *fakediscord.Interaction, body string) (int, map[string]any) {
	w.Helper()
	return w.token("POST", "/interactions/"+i.ID+"/"+i.Token+"/callback", body)
}

// hook is the path of an interaction's webhook.
func (w *fixture) hook(i *fakediscord.Interaction) string {
	return "/webhooks/" + w.s.ApplicationID + "/" + i.Token
}

// want holds an answer against a status and a JSON error code; 0: none.
func (w *fixture) want(what string, status int, body map[string]any, wantStatus, wantCode int) {
	w.Helper()
	code, _ := body["code"].(float64)
	if status != wantStatus || int(code) != wantCode {
		w.Errorf("%s: got %d with code %d, want %d with %d: %v", what, status, int(code), wantStatus, wantCode, body)
	}
}

// place reports whether the tree of errors names a place, "a.0.b".
func place(body map[string]any, path string) bool {
	at, _ := body["errors"].(map[string]any)
	for _, name := range strings.Split(path, ".") {
		at, _ = at[name].(map[string]any)
	}
	return at["_errors"] != nil
}

// post makes a public message and returns its id.
func (w *fixture) post(channel string) string {
	w.Helper()
	status, m := w.bot("POST", "/channels/"+channel+"/messages", `{"content":"hello",`+quiet+`}`)
	if status != 200 {
		w.Fatal("posting: ", status, m)
	}
	return m["id"].(string)
}

// upload posts files.
func (w *fixture) upload(channel string, octets, files int) (int, map[string]any) {
	w.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	_ = m.WriteField("payload_json", `{"attachments":[{"id":0,"filename":"a.txt"}],`+quiet+`}`)
	for i := range files {
		part, _ := m.CreateFormFile(fmt.Sprintf("files[%d]", i), "a.txt")
		_, _ = part.Write(bytes.Repeat([]byte("a"), octets))
	}
	m.Close()
	return w.send("POST", "/channels/"+channel+"/messages", b.String(), func(r *http.Request) {
		r.Header.Set("Authorization", "Bot "+w.s.Token)
		r.Header.Set("Content-Type", m.FormDataContentType())
	})
}

// soon is a context for things that come at once.
func soon(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// client is a gateway client that does only what a test tells it.
type client struct {
	*testing.T
	ws *websocket.Conn
}

func (w *fixture) dial(query string) *client {
	w.Helper()
	url := "ws" + strings.TrimPrefix(w.s.URL(), "http") + "/gateway/" + query
	ws, _, err := websocket.DefaultDialer.Dial(url, nil)
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() { ws.Close() })
	return &client{w.T, ws}
}

func (c *client) say(frame string) {
	c.Helper()
	if err := c.ws.WriteMessage(websocket.TextMessage, []byte(frame)); err != nil {
		c.Fatal(err)
	}
}

type received struct {
	Op int             `json:"op"`
	T  string          `json:"t"`
	S  int             `json:"s"`
	D  json.RawMessage `json:"d"`
}

// next reads one frame, or the code with which the server closes.
func (c *client) next() (received, int) {
	c.Helper()
	return c.within(5 * time.Second)
}

func (c *client) within(d time.Duration) (received, int) {
	c.Helper()
	_ = c.ws.SetReadDeadline(time.Now().Add(d))
	_, octets, err := c.ws.ReadMessage()
	if closed, ok := err.(*websocket.CloseError); ok {
		return received{Op: -1}, closed.Code
	}
	if err != nil {
		return received{Op: -1}, -1
	}
	var r received
	if err := json.NewDecoder(bytes.NewReader(octets)).Decode(&r); err != nil {
		c.Fatal(err)
	}
	return r, 0
}

func (w *fixture) identify() string {
	return `{"op":2,"d":{"token":"` + w.s.Token + `","intents":0,"properties":{"os":"linux","browser":"x","device":"x"}}}`
}

// ready is a client that has identified; its session's id.
func (w *fixture) ready() (*client, string) {
	w.Helper()
	c := w.dial("?v=10&encoding=json")
	if r, _ := c.next(); r.Op != 10 {
		w.Fatal("no hello: ", r)
	}
	c.say(w.identify())
	r, code := c.next()
	if r.T != "READY" {
		w.Fatal("no READY: ", r, code)
	}
	var d struct {
		Session string `json:"session_id"`
	}
	if err := json.Unmarshal(r.D, &d); err != nil {
		w.Fatal(err)
	}
	return c, d.Session
}
