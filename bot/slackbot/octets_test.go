package slackbot

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"regexp"
	"strings"
	"testing"

	fakeslack "smtptest/bot/playground/slack"
)

// typedCanary is a password that somebody types where they must not.
const typedCanary = `h"unt&er<2\é-typedCanary`

// hostile are servers that try to be read as markup, and to break what they
// stand in.
var hostile = []string{"terminal-tricks.test:25", "fake-lines.test:25", "starred-greeting.test", "eight-bit.test",
	"http.test", "long-line.test"}

// TestEveryOctet drives all ways in, and searches all that the fake received
// for what must never be there.
func TestEveryOctet(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakeslack.Options{Channels: rooms(len(hostile))})
	for i, target := range hostile {
		w.acked(w.slack.Command(fakeslack.Ada, room(i), target))
	}
	for i := range hostile {
		w.Until("the evidence of "+hostile[i], func() bool {
			return strings.Contains(w.thread(w.root(room(i))),
				"Transcript")
		})
	}
	root := w.root(room(0))
	for _, choice := range []string{"transcript", "json", "commands", "ticket"} {
		w.acked(w.slack.Press(fakeslack.Ada, root, w.button(root, "more"), choice))
	}
	w.Until("the files", func() bool { return len(w.slack.Files()) >= 3 })
	w.acked(w.slack.Command(fakeslack.Ada, fakeslack.InMember, "terminal-tricks.test:25 --private"))
	w.ephemeral(fakeslack.Ada, "Transcript")
	for _, text := range []string{"bob:" + typedCanary + "@good.test", "login good.test " + typedCanary,
		"good.test --password " + typedCanary, "password=" + typedCanary + " good.test"} {
		w.acked(w.slack.Command(fakeslack.Ada, fakeslack.InMember, text))
		w.acked(w.slack.Mention(fakeslack.Ada, fakeslack.InMember, "",
			"<@"+fakeslack.BotUI+"> "+strings.NewReplacer("&", "&amp;", "<", "&lt;").Replace(text)))
	}
	w.Until("four warnings", func() bool { return w.slack.Counts()["chat.postEphemeral"] == 4 })
	_ = w.Stop()
	w.search()
	log := w.Log.String()
	for _, bad := range []string{".test", fakeslack.Ada, "C0ROOM", "typedCanary", "hunt", fakeslack.InMember, "xoxb",
		"xapp", "hooks", "commands/"} {
		if strings.Contains(log, bad) {
			t.Errorf("the log holds %q:\n%s", bad, log)
		}
	}
	w.clean()
}

// credentials are where Slack demands a token.
var credentials = regexp.MustCompile(`(?m)^Authorization: Bearer \S+\r?$|\btoken=[\w-]+`)

// search looks at every octet that the fake received.
func (w *fixture) search() {
	w.T.Helper()
	all, complete := w.slack.Received()
	if !complete || len(all) < 30 {
		w.T.Errorf("%d messages, complete: %v", len(all), complete)
	}
	seen := 0
	for _, o := range all {
		rest := credentials.ReplaceAll(o.Data, nil)
		for _, bad := range forbidden() {
			if bytes.Contains(rest, []byte(bad)) {
				w.T.Errorf("%s holds %q", o.Where, bad)
			}
		}
		for name, raw := range payloads(o) {
			if name == "metadata" {
				w.T.Errorf("%s: other apps can read metadata: %s", o.Where, raw)
			}
			seen += w.markup(o.Where, raw)
		}
	}
	if seen == 0 {
		w.T.Error("no server has tried markup: the test has lost its teeth")
	}
}

// forbidden is what nothing may hold: tokens, and the password in each form in
// which it could have been carried.
func forbidden() []string {
	quoted, _ := json.Marshal(typedCanary)
	bad := []string{fakeslack.BotToken, fakeslack.AppToken, typedCanary, strings.Trim(string(quoted), `"`),
		url.QueryEscape(typedCanary), url.PathEscape(typedCanary), hex.EncodeToString([]byte(typedCanary)), "-typedCanary"}
	for pad := range 3 { // whichever octets stand before
		text := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", pad) + typedCanary))
		bad = append(bad, text[4:len(text)-4])
	}
	return bad
}

// payloads are the pieces of JSON and text that people would be shown.
func payloads(o fakeslack.Octets) map[string]json.RawMessage {
	_, body, found := bytes.Cut(o.Data, []byte("\r\n\r\n"))
	if !found {
		body = o.Data
	}
	out := map[string]json.RawMessage{}
	if json.Valid(body) {
		out["body"] = body
		return out
	}
	if strings.Contains(o.Where, "/upload/") {
		return nil // a file is text, to its last octet
	}
	values, _ := url.ParseQuery(string(body))
	for name, all := range values {
		out[name] = json.RawMessage(all[0])
		if !json.Valid(out[name]) {
			out[name], _ = json.Marshal(map[string]string{"text": all[0]})
		}
	}
	return out
}

// localTime is the one markup that Slack is to read: a time of ours.
var localTime = regexp.MustCompile(`^<!date\^\d+\^\{date_short_pretty\} at \{time_secs\}\|[-0-9: ]+ UTC>$`)

// markup finds words in a payload that Slack would read as markup, and counts
// those of which it reads none.
func (w *fixture) markup(where string, raw json.RawMessage) (harmless int) {
	w.T.Helper()
	var walk func(v any, safe bool)
	walk = func(v any, safe bool) {
		switch v := v.(type) {
		case map[string]any:
			kind, _ := v["type"].(string)
			if text, _ := v["text"].(string); kind == "mrkdwn" && localTime.MatchString(text) {
				return
			}
			if kind == "mrkdwn" || kind == "markdown" || kind == "user_group" || kind == "broadcast" || kind == "channel" ||
				v["metadata"] != nil {
				w.T.Errorf("%s holds %v", where, v)
			}
			for _, x := range v {
				walk(x, safe || kind == "rich_text" || kind == "plain_text")
			}
		case []any:
			for _, x := range v {
				walk(x, safe)
			}
		case string:
			if strings.ContainsAny(v, "<>") && !safe {
				w.T.Errorf("%s: Slack would read %q", where, v)
			}
			if strings.Contains(v, "<!channel>") {
				harmless++
			}
		}
	}
	var v any
	if json.Unmarshal(raw, &v) == nil {
		walk(v, false)
	}
	return harmless
}
