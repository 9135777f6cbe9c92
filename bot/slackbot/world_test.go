package slackbot

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"smtptest/bot"
	"smtptest/bot/bottest"
	"smtptest/bot/bottest/fakeslack"
	"smtptest/bot/chat"
	"smtptest/probe/secret"
)

// world is the bot at work: scripted servers on one side, a fake Slack on the
// other.
type world struct {
	*bottest.World
	t     testing.TB
	slack *fakeslack.Server
	door  *Bot
	log   *bottest.Buffer
	stop  func() error

	cancel func()        // of Run
	over   chan struct{} // closed when Run has ended
}

// newWorld is connected. Slack's pace is not kept: TestACommandBecomesAThread
// and package chat prove that it is.
func newWorld(t testing.TB, o fakeslack.Options, change ...func(*Config, *bottest.World)) *world {
	t.Helper()
	o.NoRates = true
	return started(t, o, change...)
}

func started(t testing.TB, o fakeslack.Options, change ...func(*Config, *bottest.World)) *world {
	t.Helper()
	w := unstarted(t, o, change...)
	if _, err := w.door.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.start()
	return w
}

// unstarted is a world whose bot has not begun.
func unstarted(t testing.TB, o fakeslack.Options, change ...func(*Config, *bottest.World)) *world {
	t.Helper()
	inner, err := bottest.NewWorld()
	if err != nil {
		t.Fatal(err)
	}
	w := &world{World: inner, t: t, slack: fakeslack.New(o), log: &bottest.Buffer{}}
	t.Cleanup(w.slack.Close)
	c := Config{
		BotToken: secret.New(fakeslack.BotToken), AppToken: secret.New(fakeslack.AppToken),
		APIURL: strings.TrimSuffix(w.slack.URL(), "/api/"), Log: slog.New(bot.RedactingHandler(slog.NewTextHandler(w.log, nil))),
	}
	for _, f := range change {
		f(&c, inner)
	}
	w.door = New(c, &bot.Dispatcher{Handler: inner.Handler})
	if o.NoRates {
		w.door.api.caller.Pacer.Every = 0
	}
	w.door.reconnect = chat.Backoff{First: 20 * time.Millisecond, Most: time.Second}
	w.door.api.caller.Backoff = w.door.reconnect
	return w
}

// start connects; stop ends it as the program does, and gives Run's error.
func (w *world) start() {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	w.cancel, w.over = cancel, make(chan struct{})
	go func() {
		defer close(w.over)
		ended <- w.door.Run(ctx)
	}()
	var once sync.Once
	var err error
	w.stop = func() error {
		once.Do(func() {
			grace, done := context.WithTimeout(context.Background(), 20*time.Second)
			defer done()
			w.door.dispatcher.Stop(grace)
			cancel()
			err = <-ended
		})
		return err
	}
	w.t.Cleanup(func() { _ = w.stop() })
	w.until("the sockets", func() bool { return w.slack.Sockets() == connections })
}

func (w *world) until(what string, holds func() bool) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if w.slack.Until(ctx, holds) != nil {
		w.t.Fatalf("%s did not come; log:\n%s\nviolations: %v", what, w.log, w.slack.Violations())
	}
}

// acked waits for the acknowledgement and gives its payload.
func (w *world) acked(d *fakeslack.Delivery) string {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	ack, err := d.Wait(ctx)
	if err != nil {
		w.t.Fatalf("not acknowledged: %v; log:\n%s", err, w.log)
	}
	return words(ack.Payload)
}

// root is the newest message of the bot in a channel that stands in no thread.
func (w *world) root(channel string) fakeslack.Message {
	all := w.slack.Messages(channel)
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].Bot && all[i].Thread == "" && !all[i].Deleted {
			return all[i]
		}
	}
	return fakeslack.Message{}
}

// finished waits until a root shows a verdict and its thread the transcript.
func (w *world) finished(channel, verdict string) fakeslack.Message {
	w.t.Helper()
	w.until(verdict+" with its thread in "+channel, func() bool {
		m := w.root(channel)
		return strings.Contains(words(m.Blocks), verdict) && strings.Contains(w.thread(m), "Transcript")
	})
	return w.root(channel)
}

func (w *world) thread(m fakeslack.Message) string {
	var all strings.Builder
	for _, r := range w.slack.Thread(m.Channel, m.TS) {
		all.WriteString(words(r.Blocks) + "\n")
	}
	return all.String()
}

// whispered waits for something that one person alone sees.
func (w *world) whispered(user, part string) string {
	w.t.Helper()
	found := ""
	w.until("the private words “"+part+"”", func() bool {
		for _, m := range w.slack.Ephemerals(user) {
			if text := words(m.Blocks); strings.Contains(text, part) {
				found = text
				return true
			}
		}
		return false
	})
	return found
}

// button finds the action_id of a button by the verb in it.
func (w *world) button(m fakeslack.Message, verb string) string {
	w.t.Helper()
	for _, part := range strings.Split(string(m.Blocks), `"action_id":"`)[1:] {
		id, _, _ := strings.Cut(part, `"`)
		if strings.HasPrefix(id, "smtptest:"+verb+":") {
			return id
		}
	}
	w.t.Fatalf("there is no button %s in %s", verb, m.Blocks)
	return ""
}

// words are all texts in a piece of JSON, in order.
func words(raw json.RawMessage) string {
	var all strings.Builder
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			if text, ok := v["text"].(string); ok {
				all.WriteString(text)
			}
			if user, ok := v["user_id"].(string); ok {
				all.WriteString("@" + user)
			}
			for _, key := range []string{"text", "blocks", "elements", "element", "fields", "view", "title", "submit", "label", "hint", "errors", "options"} {
				walk(v[key])
			}
			if v["type"] == "rich_text_section" {
				all.WriteString("\n")
			}
		case []any:
			for _, x := range v {
				walk(x)
			}
		}
	}
	var v any
	if json.Unmarshal(raw, &v) == nil {
		walk(v)
	}
	return all.String()
}
