package slack

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"smtptest/bot/playground/wire"
)

// What a response_url is good for: 5 uses within Options.ResponseURLLife
// (docs.slack.dev/interactivity/handling-user-interaction).
const hookUses = 5

// hook is one response_url.
type hook struct {
	path     string
	made     time.Time
	uses     int
	user     string
	channel  string
	thread   string // in which it was pressed
	original *Message
}

// hook makes a response_url. original is the message that was pressed; nil:
// none was. s.Mu is held.
func (s *Server) hook(first string, h *hook) string {
	h.path = "/" + first + "/" + Team + "/" + s.id("") + "/" + s.secret()
	h.made = time.Now()
	s.hooks.Put(h.path, h)
	return s.Root() + h.path
}

// hooked is what a response_url takes.
type hooked struct {
	Text    string          `json:"text"`
	Blocks  json.RawMessage `json:"blocks"`
	Below   json.RawMessage `json:"attachments"`
	Type    string          `json:"response_type"`
	Replace bool            `json:"replace_original"`
	Delete  bool            `json:"delete_original"`
	Thread  string          `json:"thread_ts"`
}

// respond takes a message for a response_url. Wrong ones are answered with
// 400, 404 or 500 and the bare code.
func (s *Server) respond(q *wire.Request) wire.Reply {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	defer s.Touch()
	h, ok := s.hooks.Get(q.URL.Path)
	status := http.StatusNotFound
	r := attempt(func() {
		wrong(!ok || q.Method != http.MethodPost, "no_service", q.Method)
		wrong(time.Since(h.made) > s.options.ResponseURLLife, "expired_url")
		wrong(h.uses >= hookUses, "used_url")
		h.uses++
		status = http.StatusBadRequest
		s.respondTo(h, q.Body, Message{Via: "response_url", Cut: q.Cut})
	})
	if r != nil {
		s.Count("response_url: " + r.code)
		s.Violation("response_url: %s %s", r.code, r.blame)
		return plain(status, r.code)
	}
	s.Count("response_url")
	return plain(http.StatusOK, "ok")
}

// respondTo carries out what a response_url or an acknowledgement says. The
// sum of the blocks is not limited on this way (slackapi/bolt-js issue 2509).
// s.Mu is held.
func (s *Server) respondTo(h *hook, body []byte, as Message) {
	var all map[string]json.RawMessage
	var m hooked
	refuse(json.Unmarshal(body, &all) != nil || json.Unmarshal(body, &m) != nil, "invalid_payload")
	known := []string{"text", "blocks", "attachments", "response_type", "replace_original", "delete_original",
		"thread_ts", "metadata", "unfurl_links", "unfurl_media", "mrkdwn", "parse", "link_names"}
	for name := range all {
		if !slices.Contains(known, name) {
			s.Violation("response_url: unknown field %s", name)
		}
	}
	stands := h.original != nil && !h.original.Deleted
	if m.Delete {
		wrong(!stands, "no_original", "there is nothing to delete")
		h.original.Deleted = true
		return
	}
	if m.Thread != "" {
		s.Violation("%s: thread_ts, which it cannot place", as.Via) // slackapi/bolt-js issue 963
	}
	bare := func(raw json.RawMessage) string { return strings.TrimPrefix(string(raw), "null") }
	what := s.content(given{m.Text, bare(m.Blocks), bare(m.Below)}, maxText, false)
	wrong(what.empty(), "no_text")
	if m.Replace && !stands { // it posts anew: slackapi/bolt-python issue 1268, slackapi/bolt-js issue 2287
		s.Violation("%s: replace_original, where nothing was pressed that could be replaced", as.Via)
	}
	if m.Replace && stands {
		h.original.change(Content{what.text, what.blocks, what.attachments})
		return
	}
	wrong(m.Type != "" && m.Type != "ephemeral" && m.Type != "in_channel", "invalid_arguments", "response_type "+m.Type)
	if m.Type != "in_channel" {
		as.To = h.user
	}
	as.Channel, as.Thread = h.channel, h.thread
	s.post(as, what)
}
