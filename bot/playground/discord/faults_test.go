package discord_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"runtime"
	"testing"
	"time"

	fakediscord "smtptest/bot/playground/discord"
)

func TestFaults(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{})
	for _, c := range []struct {
		fault  fakediscord.Fault
		status int // 0: no answer
		done   bool
		slower time.Duration
	}{
		{fakediscord.Fault{Kind: fakediscord.Limited, After: 1500 * time.Millisecond}, 429, false, 0},
		{fakediscord.Fault{Kind: fakediscord.LimitedGlobal}, 429, false, 0},
		{fakediscord.Fault{Kind: fakediscord.ServerError, Status: 503}, 503, false, 0},
		{fakediscord.Fault{Kind: fakediscord.ErrorAfter}, 502, true, 0},
		{fakediscord.Fault{Kind: fakediscord.CutBefore}, 0, false, 0},
		{fakediscord.Fault{Kind: fakediscord.CutAfter}, 0, true, 0},
		{fakediscord.Fault{Kind: fakediscord.Slow, After: 50 * time.Millisecond}, 200, true, 50 * time.Millisecond},
		{fakediscord.Fault{Kind: fakediscord.SlowBefore, After: 50 * time.Millisecond}, 200, true, 50 * time.Millisecond},
		{fakediscord.Fault{Kind: fakediscord.Unauthorized}, 401, false, 0},
	} {
		before := len(w.s.Messages(w.text))
		c.fault.Where = "POST /channels/{channel}/messages"
		w.s.Fail(c.fault)
		if status, _ := w.bot("GET", "/gateway/bot", ""); status != 200 {
			t.Error("a fault hit another route: ", status)
		}
		began := time.Now()
		status, body := w.bot("POST", "/channels/"+w.text+"/messages", `{"content":"a"}`)
		if status != c.status || time.Since(began) < c.slower || (len(w.s.Messages(w.text)) > before) != c.done {
			t.Errorf("%+v: %d after %v, done: %v", c.fault, status, time.Since(began), !c.done)
		}
		if after := c.fault.After.Seconds(); status == 429 && after > 0 && body["retry_after"] != after {
			t.Error("retry_after: ", body)
		}
	}
	if status, _ := w.bot("POST", "/channels/"+w.text+"/messages", `{"content":"a"}`); status != 200 {
		t.Error("faults last longer than they were asked for")
	}
	w.s.Fail(fakediscord.Fault{Kind: fakediscord.ServerError, Times: -1})
	for i, want := range []int{502, 502} {
		if status, _ := w.bot("GET", "/applications/@me", ""); status != want {
			t.Error(i, status)
		}
	}
	w.s.Chaos(nil)
	if status, _ := w.bot("GET", "/applications/@me", ""); status != 200 {
		t.Error("not healed: ", status)
	}
}

func TestRates(t *testing.T) { // by the clock
	w := newFixture(t, fakediscord.Options{Rates: fakediscord.Rates{PerRoute: 2, Window: 800 * time.Millisecond,
		Global: 5}})
	post := func(channel string) (int, map[string]any) {
		return w.bot("POST", "/channels/"+channel+"/messages", `{"content":"a"}`)
	}
	other := w.s.AddChannel(fakediscord.Channel{})
	post(w.text)
	post(w.text)
	status, body := post(w.text)
	if after, _ := body["retry_after"].(float64); status != 429 || body["global"] != false || after <= 0 || after > 0.8 {
		t.Error("third of two: ", status, body)
	}
	if status, _ = post(other); status != 200 {
		t.Error("another channel: ", status)
	}
	status, body = post(other)
	if status != 429 || body["global"] != true {
		t.Error("sixth of five: ", status, body) // one was the registration of the command
	}
	i := w.ask(w.text)
	if status, body := w.respond(i, says); status != 204 {
		t.Error("an interaction counts for the global limit: ", status, body)
	}
	time.Sleep(820 * time.Millisecond)
	if status, body := post(w.text); status == 429 && body["global"] == false {
		t.Error("the window does not end: ", body)
	}
}

func TestViolations(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{})
	for _, c := range []struct {
		name, body string
		n          int
	}{
		{"empty list", `{"content":"a",` + quiet + `}`, 0},
		{"missing", `{"content":"a"}`, 1},
		{"null", `{"content":"a","allowed_mentions":{"parse":null}}`, 1},
		{"users", `{"content":"a","allowed_mentions":{"parse":["users"]}}`, 1},
		{"one user", `{"content":"a","allowed_mentions":{"parse":[],"users":["1"]}}`, 1},
	} {
		before := len(w.s.Violations())
		w.bot("POST", "/channels/"+w.text+"/messages", c.body)
		if n := len(w.s.Violations()) - before; n != c.n {
			t.Errorf("%s: %d violations, want %d", c.name, n, c.n)
		}
	}
}

func TestReceived(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{})
	c, _ := w.ready()
	c.say(`{"op":1,"d":"canary-frame"}`)
	c.next()
	query := func(r *http.Request) { r.Header.Set("X-Test", "canary-header") }
	w.send("GET", "/applications/@me?q=canary-query", "", query)
	w.token("POST", "/nowhere/canary-path", "canary-body")
	all, complete := w.s.Received()
	for _, canary := range []string{"canary-frame", "canary-query", "canary-header", "canary-path", "canary-body"} {
		found := false
		for _, r := range all {
			found = found || bytes.Contains(r.Data, []byte(canary))
		}
		if !found {
			t.Error("not found: ", canary)
		}
	}
	if !complete {
		t.Error("something was forgotten")
	}
}

// TestChaos: with every request hit, all answers are of a kind that
// was asked for, and nothing hangs.
func TestChaos(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{})
	status := map[int]int{}
	chaotic := fakediscord.New(fakediscord.Options{Chaos: fakediscord.Chaos{Seed: 1, Requests: 1, Slow: time.Millisecond}})
	defer chaotic.Close()
	w.s = chaotic
	for range 100 {
		s, _ := w.bot("GET", "/applications/@me", "")
		status[s]++
	}
	for _, want := range []int{0, 200, 429} {
		if status[want] == 0 {
			t.Error("never: ", want, status)
		}
	}
	if status[401] > 0 {
		t.Error("a bot does not recover from 401: ", status)
	}
}

func TestChaosOfTheGateway(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{Chaos: fakediscord.Chaos{Seed: 1, Gateway: 1}})
	upsets := map[string]bool{}
	for range 40 {
		c, _ := w.ready()
		w.ask(w.text)
		if r, _ := c.next(); r.T != "INTERACTION_CREATE" {
			t.Fatal("event: ", r)
		}
		c.say(`{"op":1,"d":1}`)
		r, code := c.within(50 * time.Millisecond)
		upsets[fmt.Sprint(r.Op, " ", code)] = true
		c.ws.Close()
	}
	for _, want := range []string{"7 0", "9 0", "1 0", "-1 4000", "-1 -1"} {
		if !upsets[want] {
			t.Error("never: ", want, upsets)
		}
	}
}

// TestClose: nothing is left of a server in the middle of everything.
func TestClose(t *testing.T) {
	http.DefaultClient.CloseIdleConnections()
	before := runtime.NumGoroutine()
	for range 3 {
		w := newFixture(t, fakediscord.Options{})
		c, _ := w.ready()
		w.s.UpsetGateway(fakediscord.Reconnect)
		w.s.Fail(fakediscord.Fault{Kind: fakediscord.Slow, After: time.Hour})
		done := make(chan struct{})
		go func() {
			defer close(done)
			w.bot("GET", "/applications/@me", "")
		}()
		if err := w.s.Until(soon(t), func() bool { return w.s.Faults()[fakediscord.Slow] == 1 }); err != nil {
			t.Fatal(err)
		}
		w.s.Close()
		<-done
		c.ws.Close()
	}
	http.DefaultClient.CloseIdleConnections()
	for range 100 {
		if runtime.NumGoroutine() <= before+1 {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	stacks := make([]byte, 1<<16)
	t.Errorf("%d goroutines before, %d after\n%s", before, runtime.NumGoroutine(), stacks[:runtime.Stack(stacks, true)])
}

func TestAwait(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := w.ask(w.text).Response(ctx); err == nil {
		t.Error("an answer that never came")
	}
	posted := make(chan struct{})
	go func() {
		defer close(posted)
		time.Sleep(10 * time.Millisecond)
		w.bot("POST", "/channels/"+w.text+"/messages", `{"content":"a"}`)
	}()
	if err := w.s.Until(soon(t), func() bool { return len(w.s.Messages(w.text)) == 1 }); err != nil {
		t.Error(err)
	}
	<-posted
}
