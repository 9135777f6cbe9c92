package discordbot

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"smtptest/bot/bottest/fakediscord"
)

// TestComesBack: whatever happens to the connection, commands are answered
// again within five seconds of Discord's being there.
func TestComesBack(t *testing.T) {
	t.Parallel()
	for name, upset := range map[string]func(*fakediscord.Server){
		"cut":                func(s *fakediscord.Server) { s.UpsetGateway(fakediscord.Drop) },
		"asked to reconnect": func(s *fakediscord.Server) { s.UpsetGateway(fakediscord.Reconnect) },
		"invalid session":    func(s *fakediscord.Server) { s.UpsetGateway(fakediscord.InvalidSession) },
		"resumable session":  func(s *fakediscord.Server) { s.UpsetGateway(fakediscord.ResumableSession) },
		"closed with 4000":   func(s *fakediscord.Server) { s.CloseGateway(fakediscord.CloseUnknown) },
		"closed with 4009":   func(s *fakediscord.Server) { s.CloseGateway(fakediscord.CloseSessionTimedOut) },
		"muted":              func(s *fakediscord.Server) { s.UpsetGateway(fakediscord.Mute) },
		"restarted": func(s *fakediscord.Server) {
			s.ForgetSessions()
			s.UpsetGateway(fakediscord.Drop)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, fakediscord.Options{Heartbeat: 400 * time.Millisecond})
			before := w.discord.GatewayStats()
			began := time.Now()
			upset(w.discord)
			w.until("a new connection", func() bool {
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
			if err := w.stop(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestMissedCommands: what was typed while the connection was gone is answered
// when the session is resumed.
func TestMissedCommands(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakediscord.Options{})
	w.discord.SetGateway(fakediscord.GatewayMode{Refuse: true})
	w.discord.UpsetGateway(fakediscord.Drop)
	w.until("the end", func() bool { return w.discord.Connected() == 0 })
	i, err := w.discord.Command(ada(), w.channel, "smtptest", fakediscord.Option{Name: "target", Value: "good.test"})
	if err != nil || i.Sent() > 0 {
		t.Fatal(err, i.Sent())
	}
	w.discord.SetGateway(fakediscord.GatewayMode{})
	w.shows(i, "Working up to TLS")
	if s := w.discord.GatewayStats(); s.Resumes != 1 || s.Identifies != 1 {
		t.Errorf("%+v", s)
	}
}

// TestSilence: a connection on which nothing is acknowledged ends after one
// and a half intervals, and one that never says anything ends too.
func TestSilence(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakediscord.Options{Heartbeat: 200 * time.Millisecond})
	w.discord.SetGateway(fakediscord.GatewayMode{NoAcks: true})
	began := time.Now()
	w.until("the end", func() bool { return w.discord.GatewayStats().Resumes > 0 })
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("it took %v", took)
	}
	w.discord.SetGateway(fakediscord.GatewayMode{})
	w.ask(ada(), w.channel, "help")
	for _, code := range w.discord.GatewayStats().Closes {
		if code == websocket.CloseNormalClosure {
			t.Error("a session was ended that could be resumed")
		}
	}
}

// TestFatal: after these close codes no attempt makes sense.
func TestFatal(t *testing.T) {
	t.Parallel()
	for code, says := range map[int]string{
		fakediscord.CloseAuthentication: "check DISCORD_BOT_TOKEN", fakediscord.CloseInvalidShard: "too many servers", fakediscord.CloseShardingRequired: "too many servers",
		fakediscord.CloseInvalidVersion: "too old", fakediscord.CloseInvalidIntents: "the intents", fakediscord.CloseDisallowedIntents: "the intents",
	} {
		for _, at := range []string{"at once", "later"} {
			w := idleWorld(t, fakediscord.Options{})
			if at == "at once" {
				w.discord.SetGateway(fakediscord.GatewayMode{CloseAtOnce: code})
			}
			w.start()
			if at == "later" {
				w.until("the connection", func() bool { return w.discord.Connected() == 1 })
				w.discord.CloseGateway(code)
			}
			w.until("the end", func() bool { return len(w.discord.GatewayStats().Closes) > 0 && w.discord.Connected() == 0 })
			fatal, ok := errors.AsType[*Fatal](<-w.ended)
			if !ok || fatal.Code != code || !strings.Contains(fatal.Error(), says) || strings.Contains(fatal.Error(), "\n") {
				t.Errorf("%d %s: %v", code, at, fatal)
			}
			if n := w.discord.GatewayStats().Connections; n != 1 {
				t.Errorf("%d %s: %d connections", code, at, n)
			}
		}
	}
}

// TestRation: however Discord behaves, the bot identifies far less than a
// thousand times in a day.
func TestRation(t *testing.T) {
	t.Parallel()
	var r ration
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
	if r = (ration{}); r.wait(now) != 0 || r.wait(now.Add(time.Hour)) != 0 {
		t.Error("one in an hour waits")
	}
}

// TestIdentifyIsRefused: a gateway that answers each identify with “invalid
// session” is not identified to in a loop.
func TestIdentifyIsRefused(t *testing.T) {
	t.Parallel()
	w := idleWorld(t, fakediscord.Options{IdentifyEvery: time.Hour})
	w.start()
	w.until("the connection", func() bool { return w.discord.Connected() == 1 })
	w.discord.ForgetSessions()
	w.discord.UpsetGateway(fakediscord.InvalidSession)
	time.Sleep(3 * time.Second)
	frames, _ := w.discord.Received()
	n := 0
	for _, f := range frames {
		if strings.Contains(string(f.Data), `"intents"`) {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d identifies in three seconds", n)
	}
}

// TestLeaves: at the end the session is closed for good.
func TestLeaves(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakediscord.Options{})
	if err := w.stop(); err != nil {
		t.Error(err)
	}
	w.until("the close code", func() bool {
		closes := w.discord.GatewayStats().Closes
		return len(closes) == 1 && closes[0] == websocket.CloseNormalClosure
	})
}

// TestEncryptedGateway: the gateway is in the clear only where the API is.
func TestEncryptedGateway(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		api, gateway string
		ok           bool
	}{{"https://a", "wss://b", true}, {"http://127.0.0.1", "ws://127.0.0.1", true}, {"https://a", "ws://b", false}, {"http://127.0.0.1", "http://b", false}} {
		b := &Bot{rest: &rest{base: c.api}}
		if err := b.secure(c.gateway); (err == nil) != c.ok {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
