package discord_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	fakediscord "smtptest/bot/playground/discord"
)

func TestIdentify(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{})
	frame := func(token, intents string) string {
		return fmt.Sprintf(`{"op":2,"d":{"token":%q,"intents":%s,"properties":{}}}`, token, intents)
	}
	good := w.s.Token
	for _, c := range []struct {
		name, query, frame string
		code               int // 0: READY
	}{
		{"no intents", "?v=9&encoding=json", frame(good, "0"), 0},
		{"with Bot", "?v=10&encoding=json", frame("Bot "+good, "1"), 0},
		{"wrong token", "?v=10", frame("x", "0"), 4004},
		{"unknown intents", "?v=10", frame(good, "1073741824"), 4013},
		{"intents are a word", "?v=10", frame(good, `"all"`), 4013},
		{"intents are missing", "?v=10", `{"op":2,"d":{"token":"` + good + `"}}`, 4013},
		{"privileged intents", "?v=10", frame(good, "32768"), 4014},
		{"shard", "?v=10", `{"op":2,"d":{"token":"` + good + `","intents":0,"shard":[1,1]}}`, 4010},
		{"old version", "?v=6", frame(good, "0"), 4012},
		{"no JSON", "?v=10", `{`, 4002},
		{"too long", "?v=10", frame(x(3000), "0"), 4002},
		{"unknown opcode", "?v=10", `{"op":77}`, 4001},
		{"opcode of presence", "?v=10", `{"op":3,"d":{}}`, 4001},
	} {
		client := w.dial(c.query)
		client.say(c.frame)
		r, code := client.next()
		if r.Op == 10 {
			r, code = client.next()
		}
		if code != c.code || (c.code == 0 && r.T != "READY") {
			t.Errorf("%s: got %s %d, want %d", c.name, r.T, code, c.code)
		}
	}
	client, _ := w.ready()
	client.say(w.identify())
	if _, code := client.next(); code != 4005 {
		t.Error("second identify: ", code)
	}
}

func TestIdentifyLimit(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{IdentifyLimit: 2})
	w.ready()
	w.ready()
	_, body := w.bot("GET", "/gateway/bot", "")
	if left := body["session_start_limit"].(map[string]any)["remaining"]; left != 0.0 {
		t.Error("remaining: ", left)
	}
	c := w.dial("?v=10")
	c.next()
	c.say(w.identify())
	if _, code := c.next(); code != 4004 {
		t.Error("third of two identifies: ", code)
	}
}

func TestIdentifyTooSoon(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{IdentifyEvery: time.Second})
	w.ready()
	c := w.dial("?v=10")
	c.next()
	c.say(w.identify())
	if r, _ := c.next(); r.Op != 9 {
		t.Error("too soon: ", r)
	}
	time.Sleep(time.Second)
	c.say(w.identify())
	if r, _ := c.next(); r.T != "READY" {
		t.Error("later: ", r)
	}
}

func TestHeartbeats(t *testing.T) { // by the clock
	w := newFixture(t, fakediscord.Options{Heartbeat: 500 * time.Millisecond})
	c, _ := w.ready()
	for range 3 {
		time.Sleep(300 * time.Millisecond)
		c.say(`{"op":1,"d":1}`)
		if r, code := c.next(); r.Op != 11 {
			t.Fatal("no acknowledgement: ", r, code)
		}
	}
	began := time.Now()
	if _, code := c.next(); code != 4009 || time.Since(began) > 3*time.Second {
		t.Error("without heartbeats: ", code, time.Since(began))
	}
	w.s.SetGateway(fakediscord.GatewayMode{NoAcks: true})
	c, _ = w.ready()
	c.say(`{"op":1,"d":1}`)
	if r, code := c.next(); r.Op != -1 || code != 4009 {
		t.Error("acknowledged against the mode: ", r, code)
	}
	w.s.SetGateway(fakediscord.GatewayMode{Silent: true})
	c = w.dial("?v=10")
	_ = c.ws.SetReadDeadline(time.Now().Add(700 * time.Millisecond))
	if _, octets, err := c.ws.ReadMessage(); len(octets) > 0 || err == nil {
		t.Error("a silent gateway has spoken: ", octets)
	}
}

func TestSends(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{})
	c, _ := w.ready()
	for i := range 119 { // identify is the first
		c.say(`{"op":1,"d":1}`)
		if r, code := c.next(); r.Op != 11 {
			t.Fatal(i, r, code)
		}
	}
	c.say(`{"op":1,"d":1}`)
	if _, code := c.next(); code != 4008 {
		t.Error("the 121st frame: ", code)
	}
}

func resume(token, session string, seq int) string {
	return fmt.Sprintf(`{"op":6,"d":{"token":%q,"session_id":%q,"seq":%d}}`, token, session, seq)
}

func TestResume(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{})
	c, id := w.ready()
	first := w.ask(w.text)
	if r, _ := c.next(); r.T != "INTERACTION_CREATE" || r.S != 2 || first.Sent() != 1 {
		t.Fatal("event: ", r, first.Sent())
	}
	w.s.UpsetGateway(fakediscord.Drop)
	if _, code := c.next(); code == 1000 {
		t.Fatal("dropped with ", code)
	}
	if err := w.s.Until(soon(t), func() bool { return w.s.Connected() == 0 }); err != nil {
		t.Fatal(err)
	}
	missed := w.ask(w.text)
	if missed.Sent() != 0 {
		t.Error("sent to nobody: ", missed.Sent())
	}
	c = w.dial("?v=10")
	c.next()
	c.say(resume(w.s.Token, id, 2))
	if r, _ := c.next(); r.T != "INTERACTION_CREATE" || r.S != 3 {
		t.Error("replayed: ", r)
	}
	if r, _ := c.next(); r.T != "RESUMED" {
		t.Error("resumed: ", r)
	}
	_ = c.ws.WriteControl(8, []byte{3, 232}, time.Now().Add(time.Second)) // 1000
	c.next()
	if err := w.s.Until(soon(t), func() bool { return w.s.Connected() == 0 }); err != nil {
		t.Fatal(err)
	}
	c = w.dial("?v=10")
	c.next()
	c.say(resume(w.s.Token, id, 3))
	if r, _ := c.next(); r.Op != 9 || string(r.D) != "false" {
		t.Error("resumed after 1000: ", r)
	}
	c.say(w.identify()) // on the same connection, as op 9 allows
	if r, _ := c.next(); r.T != "READY" {
		t.Error("identify after op 9: ", r)
	}
}

func TestResumeIsRefused(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{})
	_, id := w.ready()
	for _, c := range []struct {
		name, frame string
		code        int
	}{
		{"wrong token", resume("x", id, 1), 4004},
		{"from the future", resume(w.s.Token, id, 99), 4007},
	} {
		client := w.dial("?v=10")
		client.next()
		client.say(c.frame)
		if _, code := client.next(); code != c.code {
			t.Errorf("%s: %d, want %d", c.name, code, c.code)
		}
	}
}

func TestUpsets(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{})
	for _, x := range []struct {
		upset fakediscord.Upset
		op    int
		data  string
		code  int
	}{
		{fakediscord.Reconnect, 7, "null", 0}, {fakediscord.InvalidSession, 9, "false", 0}, {fakediscord.ResumableSession, 9,
			"true", 0},
		{fakediscord.RequestHeartbeat, 1, "null", 0}, {fakediscord.CloseWithoutFault, -1, "", 4000}, {fakediscord.Drop, -1,
			"", 1006},
	} {
		c, _ := w.ready()
		w.s.UpsetGateway(x.upset)
		if r, code := c.next(); r.Op != x.op || string(r.D) != x.data || code != x.code {
			t.Errorf("upset %d: %v %d", x.upset, r, code)
		}
		c.ws.Close()
		if err := w.s.Until(soon(t), func() bool { return w.s.Connected() == 0 }); err != nil {
			t.Fatal(err)
		}
	}
	c, _ := w.ready()
	w.s.CloseGateway(4011)
	if _, code := c.next(); code != 4011 {
		t.Error("close code: ", code)
	}
	w.s.SetGateway(fakediscord.GatewayMode{CloseAtOnce: 4004})
	c = w.dial("?v=10")
	c.next()
	c.say(w.identify())
	if _, code := c.next(); code != 4004 {
		t.Error("close at once: ", code)
	}
	if err := w.s.Until(soon(t), func() bool { return slices.Contains(w.s.GatewayStats().Closes, 4004) }); err != nil {
		t.Error(w.s.GatewayStats())
	}
}

func TestRepeat(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{Chaos: fakediscord.Chaos{Repeats: 1}})
	c, _ := w.ready()
	i := w.ask(w.text)
	i.Repeat()
	for range 3 {
		if r, _ := c.next(); r.T != "INTERACTION_CREATE" || string(r.D) != string(i.Payload()) {
			t.Error("repeated: ", r.T)
		}
	}
}

// TestPayload looks at what an adapter must decode by itself.
func TestPayload(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{})
	thread := w.s.AddChannel(fakediscord.Channel{Kind: fakediscord.PublicThread, Parent: w.text,
		Lacks: fakediscord.AttachFiles})
	for _, c := range []struct {
		channel string
		context float64
		kind    float64
		owner   string
	}{
		{w.text, 0, 0, "0"}, {thread, 0, 11, "0"}, {w.s.AddChannel(fakediscord.Channel{Kind: fakediscord.DM}), 1, 1, "0"},
		{w.s.AddChannel(fakediscord.Channel{Kind: fakediscord.GroupDM, UserInstall: true}), 2, 3, "1"},
	} {
		var p map[string]any
		if err := json.Unmarshal(w.ask(c.channel).Payload(), &p); err != nil {
			t.Fatal(err)
		}
		channel := p["channel"].(map[string]any)
		owners := p["authorizing_integration_owners"].(map[string]any)
		_, isText := p["app_permissions"].(string)
		if p["context"] != c.context || channel["type"] != c.kind || owners[c.owner] == nil || !isText ||
			p["attachment_size_limit"] != float64(10<<20) {
			t.Errorf("payload: %v", p)
		}
		if (p["member"] == nil) == (p["user"] == nil) {
			t.Error("member or user: ", p["member"], p["user"])
		}
	}
}
