package slackbot

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"smtptest/bot"
	"smtptest/bot/bottest"
	"smtptest/bot/chat"
	fakeslack "smtptest/bot/playground/slack"
	"smtptest/probe/probetest/long"
	"smtptest/probe/secret"
)

// TestMain: Slack's pace, and what is slow on purpose, are waited for.
func TestMain(m *testing.M) { long.AtOnce(m, "24") }

// fixture is the bot at work before a fake Slack.
type fixture struct {
	*bottest.Harness
	slack *fakeslack.Server
	door  *Bot
}

// newFixture is connected. Slack's pace is not kept: TestACommandBecomesAThread
// and package chat prove that it is.
func newFixture(t testing.TB, o fakeslack.Options, change ...func(*Config, *bottest.Fixture)) *fixture {
	t.Helper()
	o.NoRates = true
	return started(t, o, change...)
}

func started(t testing.TB, o fakeslack.Options, change ...func(*Config, *bottest.Fixture)) *fixture {
	t.Helper()
	w := unstarted(t, o, change...)
	if _, err := w.door.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.start()
	return w
}

// unstarted is a fixture whose bot has not begun.
func unstarted(t testing.TB, o fakeslack.Options, change ...func(*Config, *bottest.Fixture)) *fixture {
	t.Helper()
	s := fakeslack.New(o)
	w := &fixture{Harness: bottest.NewHarness(t, s), slack: s}
	c := Config{
		BotToken: secret.New(fakeslack.BotToken), AppToken: secret.New(fakeslack.AppToken),
		APIURL: strings.TrimSuffix(s.URL(), "/api/"), Log: w.Logger(),
	}
	for _, f := range change {
		f(&c, w.Fixture)
	}
	w.door = New(c, &bot.Dispatcher{Handler: w.Handler})
	if o.NoRates {
		w.door.api.caller.Pacer.Every = 0
	}
	w.door.reconnect = chat.Backoff{First: 20 * time.Millisecond, Most: time.Second}
	w.door.api.caller.Backoff = w.door.reconnect
	return w
}

// start connects.
func (w *fixture) start() {
	w.Start(w.door.dispatcher, w.door)
	w.Until("the sockets", func() bool { return w.slack.Sockets() == connections })
}

// acked waits for the acknowledgement and gives its payload.
func (w *fixture) acked(d *fakeslack.Delivery) string {
	w.T.Helper()
	ack, err := d.Wait(w.Soon())
	if err != nil {
		w.T.Fatalf("not acknowledged: %v; log:\n%s", err, w.Log)
	}
	return words(ack.Payload)
}

// root is the newest message of the bot in a channel that stands in no thread.
func (w *fixture) root(channel string) fakeslack.Message {
	all := w.slack.Messages(channel)
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].Bot && all[i].Thread == "" && !all[i].Deleted {
			return all[i]
		}
	}
	return fakeslack.Message{}
}

// finished waits until a root shows a verdict and its thread the transcript.
func (w *fixture) finished(channel, verdict string) fakeslack.Message {
	w.T.Helper()
	w.Until(verdict+" with its thread in "+channel, func() bool {
		m := w.root(channel)
		return strings.Contains(words(m.All()), verdict) && strings.Contains(w.thread(m), "Transcript")
	})
	return w.root(channel)
}

func (w *fixture) thread(m fakeslack.Message) string {
	var all strings.Builder
	for _, r := range w.slack.Thread(m.Channel, m.TS) {
		all.WriteString(words(r.All()) + "\n")
	}
	return all.String()
}

// ephemeral waits for something that one person alone sees.
func (w *fixture) ephemeral(user, part string) string {
	w.T.Helper()
	found := ""
	w.Until("the private words “"+part+"”", func() bool {
		for _, m := range w.slack.Ephemerals(user) {
			if text := words(m.All()); strings.Contains(text, part) {
				found = text
				return true
			}
		}
		return false
	})
	return found
}

// button finds the action_id of a button by the verb in it.
func (w *fixture) button(m fakeslack.Message, verb string) string {
	w.T.Helper()
	for _, part := range strings.Split(string(m.All()), `"action_id":"`)[1:] {
		id, _, _ := strings.Cut(part, `"`)
		if strings.HasPrefix(id, "smtptest:"+verb+":") {
			return id
		}
	}
	w.T.Fatalf("there is no button %s in %s", verb, m.All())
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
			for _, key := range []string{"text", "blocks", "elements", "element", "fields", "view", "title", "submit", "label",
				"hint", "errors", "options", "attachments", "child_blocks"} {
				walk(v[key])
			}
			if v["type"] == "rich_text_section" || v["type"] == "rich_text_quote" {
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
