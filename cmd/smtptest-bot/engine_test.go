package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"smtptest/bot"
	"smtptest/probe/remote/broker"
)

// TestEngineConfig: what is said of each wrong setting, without its value.
func TestEngineConfig(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	seed := file("seed", "SUAHUNTER2")
	const url, creds, nkey = "SMTPTEST_NATS_URL", "SMTPTEST_NATS_CREDS_FILE", "SMTPTEST_NATS_NKEY_FILE"
	for _, tt := range []struct {
		name  string
		pairs []string
		says  string // empty: it can be used
		clear bool
	}{
		{"none", nil, "", false},
		{"loopback", []string{url, "nats://127.0.0.1:4222, nats://[::1]:4223"}, "", true},
		{"TLS", []string{url, "tls://nats.hunter2.example:4222,wss://nats.hunter2.example"}, "", false},
		{"the scheme that may be clear is TLS elsewhere", []string{url, "nats://nats.hunter2.example"}, "", false},
		{"WebSocket in the clear", []string{url, "ws://nats.hunter2.example"}, "entry 1, ws:// outside loopback", false},
		{"a password", []string{url, "nats://hunter2:hunter2@127.0.0.1"}, "an address with a user in it", false},
		{"no scheme", []string{url, "127.0.0.1:4222"}, "is not an address such as tls://", false},
		{"two kinds", []string{url, "nats://127.0.0.1,tls://nats.hunter2.example"}, "mixes servers on this machine", true},
		{"set and empty", []string{url, ""}, "is set and lists nothing", false},
		{"credentials for nothing", []string{nkey, seed}, "SMTPTEST_NATS_URL is not", false},
		{"two logins", []string{url, "nats://127.0.0.1", nkey, seed, creds, seed}, "two ways to say the same", true},
		{"no file", []string{url, "nats://127.0.0.1", nkey, dir + "/hunter2"}, "cannot be read", true},
	} {
		with(t, append([]string{"SLACK_BOT_TOKEN", "xoxb-1", "SLACK_APP_TOKEN", "xapp-1"}, tt.pairs...)...)
		c, problems := read()
		said := fmt.Sprint(problems)
		if (len(problems) > 0) != (tt.says != "") || !strings.Contains(said, tt.says) || strings.Contains(said, "hunter2") {
			t.Errorf("%s: %s", tt.name, said)
		}
		if c.engine != nil && c.engine.Clear != tt.clear || c.engine == nil && tt.clear {
			t.Errorf("%s: %+v", tt.name, c.engine)
		}
	}
}

// TestEngineAway: nothing waits for an engine that is not there, and it is named.
func TestEngineAway(t *testing.T) {
	if e, err := connectEngine(config{}, nil, nil); e != nil || err != nil || !e.check(t.Context()) {
		t.Error("without a configuration there is something to do")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	health, log := bot.NewHealth("slack"), slog.New(slog.DiscardHandler)
	c := &broker.Connection{URLs: []string{"nats://" + l.Addr().String()}, Clear: true}
	began := time.Now()
	e, err := connectEngine(config{engine: c}, log, health)
	if err != nil {
		t.Fatal(err)
	}
	defer e.close()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	s, known := health.Engine()
	if e.check(ctx) || !known || s.Status != bot.StatusStarting || time.Since(began) > broker.DialLimit {
		t.Errorf("after %v: %+v", time.Since(began), s)
	}
	health.Note(bot.Event{Platform: "slack", Kind: bot.EventUp})
	if !health.Ready() {
		t.Error("without its engine the bot takes no commands")
	}
	c.Nkey = filepath.Join(t.TempDir(), "seed")
	if err := os.WriteFile(c.Nkey, []byte("hunter2"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := connectEngine(config{engine: c}, log, health); err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Error(err)
	}
}
