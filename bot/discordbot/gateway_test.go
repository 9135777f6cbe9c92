package discordbot

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"smtptest/bot/chat"
	fakediscord "smtptest/bot/playground/discord"
	"smtptest/probe/probetest/long"
	"smtptest/probe/secret"
)

// TestMain: the library's second at the end of each connection above all is
// waited for.
func TestMain(m *testing.M) { long.AtOnce(m, "16") }

// TestComesBack: whatever happens to the connection, commands are answered
// again within five seconds of Discord's being there. At the end the session is
// closed for good.
func TestComesBack(t *testing.T) {
	t.Parallel()
	for name, upset := range map[string]func(*fakediscord.Server){
		"cut":                func(s *fakediscord.Server) { s.UpsetGateway(fakediscord.Drop) },
		"asked to reconnect": func(s *fakediscord.Server) { s.UpsetGateway(fakediscord.Reconnect) },
		"invalid session":    func(s *fakediscord.Server) { s.UpsetGateway(fakediscord.InvalidSession) },
		"resumable session":  func(s *fakediscord.Server) { s.UpsetGateway(fakediscord.ResumableSession) },
		"closed with 4000":   func(s *fakediscord.Server) { s.CloseGateway(fakediscord.CloseUnknown) },
		"closed with 4009":   func(s *fakediscord.Server) { s.CloseGateway(fakediscord.CloseSessionTimedOut) },
		"restarted": func(s *fakediscord.Server) {
			s.ForgetSessions()
			s.UpsetGateway(fakediscord.Drop)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := idleFixture(t, fakediscord.Options{Heartbeat: 400 * time.Millisecond})
			w.door.identifyEvery = time.Second
			w.start()
			w.Until("the connection", func() bool { return w.discord.Connected() == 1 })
			w.Until("the command", func() bool { return len(w.discord.Commands("")) == 3 })
			before := w.discord.GatewayStats()
			began := time.Now()
			upset(w.discord)
			w.Until("a new connection", func() bool {
				s := w.discord.GatewayStats()
				return s.Connections > before.Connections && w.discord.Connected() == 1
			})
			_, _ = w.ask(ada(), w.channel, "help")
			if took := time.Since(began); took > 15*time.Second { // three times the goal of 5 s: a slow machine
				t.Errorf("it took %v", took)
			}
			if n := w.discord.GatewayStats().Identifies; n > 2 {
				t.Errorf("%d identifies", n)
			}
			if err := w.Stop(); err != nil {
				t.Error(err)
			}
			w.Until("the close code", func() bool {
				closes := w.discord.GatewayStats().Closes
				return len(closes) > 0 && closes[len(closes)-1] == websocket.CloseNormalClosure
			})
		})
	}
}

// TestMissedCommands: what was typed while the connection was gone is answered
// when the session is resumed.
func TestMissedCommands(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{})
	w.discord.SetGateway(fakediscord.GatewayMode{Refuse: true})
	w.discord.UpsetGateway(fakediscord.Drop)
	w.Until("the end", func() bool { return w.discord.Connected() == 0 })
	i, err := w.discord.Command(ada(), w.channel, "smtptest", fakediscord.Option{Name: "target", Value: "good.test"})
	if err != nil || i.Sent() > 0 {
		t.Fatal(err, i.Sent())
	}
	w.discord.SetGateway(fakediscord.GatewayMode{})
	w.shows(i, "Works: TLS tested")
	if s := w.discord.GatewayStats(); s.Resumes != 1 || s.Identifies != 1 {
		t.Errorf("%+v", s)
	}
}

// TestSilence: a connection on which nothing is acknowledged ends after one
// and a half intervals, and one that never says anything ends too.
func TestSilence(t *testing.T) {
	t.Parallel()
	const every = time.Second
	w := newFixture(t, fakediscord.Options{Heartbeat: every})
	w.discord.SetGateway(fakediscord.GatewayMode{NoAcks: true})
	began := time.Now()
	w.Until("the end", func() bool { return len(w.discord.GatewayStats().Closes) > 0 })
	if took := time.Since(began); took > 4*every {
		t.Errorf("it took %v", took)
	}
	w.discord.SetGateway(fakediscord.GatewayMode{})
	w.Until("a new connection", func() bool { return w.discord.GatewayStats().Resumes > 0 })
	w.ask(ada(), w.channel, "help")
	for _, code := range w.discord.GatewayStats().Closes {
		if code == websocket.CloseNormalClosure {
			t.Error("a session was ended that could be resumed")
		}
	}
}

// TestStays: a connection on which heartbeats are acknowledged stays.
func TestStays(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{Heartbeat: 1500 * time.Millisecond})
	w.Until("heartbeats", func() bool { return w.discord.GatewayStats().Heartbeats >= 3 })
	w.ask(ada(), w.channel, "help")
	if s := w.discord.GatewayStats(); s.Connections != 1 || len(s.Closes) > 0 {
		t.Errorf("%+v; log:\n%s", s, w.Log)
	}
}

// TestFatal: after these close codes no attempt makes sense.
func TestFatal(t *testing.T) {
	t.Parallel()
	for code, says := range map[int]string{
		fakediscord.CloseAuthentication:    "check DISCORD_BOT_TOKEN",
		fakediscord.CloseInvalidShard:      "too many servers",
		fakediscord.CloseShardingRequired:  "too many servers",
		fakediscord.CloseInvalidVersion:    "too old",
		fakediscord.CloseInvalidIntents:    "the intents",
		fakediscord.CloseDisallowedIntents: "the intents",
	} {
		for _, at := range []string{"at once", "later"} {
			if at == "later" && code != closeToken && !long.Requested() {
				continue // they differ in the code alone, and the library takes a second to leave
			}
			t.Run(strconv.Itoa(code)+" "+at, func(t *testing.T) {
				t.Parallel()
				w := idleFixture(t, fakediscord.Options{})
				if at == "at once" {
					w.discord.SetGateway(fakediscord.GatewayMode{CloseAtOnce: code})
				}
				w.start()
				if at == "later" {
					w.Until("the connection", func() bool { return w.discord.Connected() == 1 })
					w.discord.CloseGateway(code)
				}
				<-w.Over
				fatal, ok := errors.AsType[*chat.Fatal](w.Stop())
				if !ok || fatal.Code != strconv.Itoa(code) {
					t.Fatal(fatal)
				}
				if line := fatal.Error(); !strings.Contains(line, says) || strings.Contains(line, "\n") {
					t.Errorf("%q", line)
				}
				if n := w.discord.GatewayStats().Connections; n != 1 {
					t.Errorf("%d connections", n)
				}
			})
		}
	}
}

// TestRation: however Discord behaves, the bot identifies far less than a
// thousand times in a day.
func TestRation(t *testing.T) {
	t.Parallel()
	r := ration{every: identifyEvery}
	now := time.Unix(0, 0)
	end := now.Add(24 * time.Hour)
	n := 0
	for ; now.Before(end); n++ {
		wait := r.wait(now)
		if n > 0 && wait < identifyEvery-time.Second {
			t.Fatalf("number %d waits %v", n, wait)
		}
		now = now.Add(wait + time.Second)
	}
	if n < 500 || n > 600 {
		t.Errorf("%d identifies in a day", n)
	}
	if r = (ration{every: identifyEvery}); r.wait(now) != 0 || r.wait(now.Add(time.Hour)) != 0 {
		t.Error("one in an hour waits")
	}
}

// TestIdentifyIsRefused: a gateway that answers each identify with “invalid
// session” is not identified to in a loop.
func TestIdentifyIsRefused(t *testing.T) {
	t.Parallel()
	w := idleFixture(t, fakediscord.Options{IdentifyEvery: time.Hour})
	w.door.identifyEvery = time.Second
	w.start()
	w.Until("the connection", func() bool { return w.discord.Connected() == 1 })
	w.discord.ForgetSessions()
	w.discord.UpsetGateway(fakediscord.InvalidSession)
	w.Until("the second identify", func() bool { return identifies(w.discord) == 2 })
	time.Sleep(900 * time.Millisecond)
	if n := identifies(w.discord); n != 2 {
		t.Errorf("%d identifies in two seconds", n)
	}
}

// TestOpenEnds: whatever answers an identify, the bot comes back, and takes
// commands when the gateway behaves.
func TestOpenEnds(t *testing.T) {
	t.Parallel()
	modes := map[string]fakediscord.GatewayMode{
		"asked to reconnect": {Answer: `{"op":7,"d":null}`}, "null": {Answer: "null"}, "no JSON": {Answer: "{"},
		"an acknowledgement": {Answer: `{"op":11}`},
	}
	if long.Requested() {
		modes["silent"] = fakediscord.GatewayMode{Silent: true}
	}
	for name, mode := range modes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := idleFixture(t, fakediscord.Options{Heartbeat: 400 * time.Millisecond})
			w.door.identifyEvery = 100 * time.Millisecond
			w.discord.SetGateway(mode)
			w.start()
			w.Until("a connection", func() bool { return w.discord.GatewayStats().Connections > 0 })
			w.discord.SetGateway(fakediscord.GatewayMode{})
			w.Until("a good connection", func() bool { return w.discord.Connected() == 1 })
			w.Until("the command", func() bool { return len(w.discord.Commands("")) == 3 })
			w.ask(ada(), w.channel, "help")
		})
	}
}

// scripted is a gateway that says these frames, waits for so many answers after
// the identify, and closes with 4004. What the client says comes out of heard.
func scripted(t *testing.T, answers int, frames ...string) (address string, heard chan string) {
	t.Helper()
	heard = make(chan string, 20)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var upgrader websocket.Upgrader
		ws, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer close(heard)
		defer ws.Close()
		_ = ws.SetReadDeadline(time.Now().Add(20 * time.Second))
		_ = ws.WriteMessage(websocket.TextMessage, []byte(frames[0]))
		_, octets, _ := ws.ReadMessage() // identify
		heard <- string(octets)
		for _, f := range frames[1:] {
			_ = ws.WriteMessage(websocket.TextMessage, []byte(f))
		}
		for range answers {
			_, octets, _ := ws.ReadMessage()
			heard <- string(octets)
		}
		message := websocket.FormatCloseMessage(closeToken, "")
		_ = ws.WriteControl(websocket.CloseMessage, message, time.Now().Add(time.Second))
		_, _, _ = ws.ReadMessage() // until the client has closed too
	}))
	t.Cleanup(s.Close)
	return "ws" + strings.TrimPrefix(s.URL, "http"), heard
}

// TestLink: interactions of all lengths pass whole, of what nobody needs the
// number alone, and the heartbeat that Discord asks for has it.
func TestLink(t *testing.T) {
	t.Parallel()
	const hello, ready = `{"op":10,"d":{"heartbeat_interval":9000000000000000000}}`,
		`{"op":0,"s":1,"t":"READY","d":{"session_id":"s","resume_gateway_url":"wss://b","guilds":[null]}}`
	frames := []string{hello, ready, `{"op":0,"s":2,"t":"GUILD_CREATE","d":null}`}
	var want []string
	for i, n := range []int{1, 126, 4000, 65_500, 65_536, 200_000} {
		data := fmt.Sprintf(`{"id":"%s"}`, strings.Repeat("x", n))
		want = append(want, data)
		frames = append(frames, fmt.Sprintf(`{"op":0,"s":%d,"t":"INTERACTION_CREATE","d":%s}`, i+3, data))
	}
	frames = append(frames, `{"op":0,"s":77,"t":"OF_YEARS_TO_COME","d":[1]}`, `{"op":99}`, `{"op":1,"d":null}`)
	address, heard := scripted(t, 2, frames...)
	l, err := dial(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	stood := 0
	l.ready = func() { stood++ }
	var got []string
	s := newGateway(secret.New("T"), func(data []byte) { got = append(got, string(data)) })
	over := s.over(t.Context(), l)
	if over.code != closeToken || !over.ready || stood != 1 || s.url != "wss://b" || !slices.Equal(got, want) {
		t.Errorf("%+v, stood %d, url %q, %d events", over, stood, s.url, len(got))
	}
	if identify := <-heard; !strings.Contains(identify, `"intents":0`) || !strings.Contains(identify, `"token":"Bot T"`) {
		t.Error(identify)
	}
	said := <-heard + <-heard // its own first heartbeat may come before all events
	if !strings.Contains(said, `{"op":1,"d":77}`) {
		t.Error(said)
	}
}

// TestNoGateway: what does not greet as Discord does is left.
func TestNoGateway(t *testing.T) {
	t.Parallel()
	for _, first := range []string{
		`{"op":0,"s":1,"t":"READY","d":{}}`, `{"op":10,"d":{"heartbeat_interval":0}}`,
		`{"op":10,"d":{"heartbeat_interval":-5}}`, `{"op":10,"d":null}`, `null`, `[]`, ``,
	} {
		address, _ := scripted(t, 0, first)
		l, err := dial(t.Context(), address)
		if err != nil {
			t.Fatal(err)
		}
		l.ready = func() { t.Error("it stands") }
		if over := newGateway(secret.New("T"), nil).over(t.Context(), l); over.code != 0 || over.ready {
			t.Errorf("%s: %+v", first, over)
		}
	}
}

// TestEncryptedGateway: the gateway is in the clear only where the API is.
func TestEncryptedGateway(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		api, gateway string
		ok           bool
	}{
		{"https://a", "wss://b", true}, {"http://127.0.0.1", "ws://127.0.0.1", true},
		{"https://a", "ws://b", false}, {"http://127.0.0.1", "http://b", false},
	} {
		b := &Bot{rest: &rest{base: c.api}}
		if err := b.secure(c.gateway); (err == nil) != c.ok {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
