package fakeslack

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"time"

	"smtptest/bot/bottest/wire"
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
	Text     string          `json:"text"`
	Blocks   json.RawMessage `json:"blocks"`
	Type     string          `json:"response_type"`
	Replace  bool            `json:"replace_original"`
	Delete   bool            `json:"delete_original"`
	Thread   string          `json:"thread_ts"`
	Metadata json.RawMessage `json:"metadata"`
}

// respond takes a message for a response_url. Wrong ones are answered with
// 400, 404 or 500 and the bare code.
func (s *Server) respond(q *wire.Request) wire.Reply {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	h, ok := s.hooks.Get(q.URL.Path)
	switch {
	case !ok || q.Method != http.MethodPost:
		return s.unhooked(http.StatusNotFound, "no_service", q.Method)
	case time.Since(h.made) > s.options.ResponseURLLife:
		return s.unhooked(http.StatusNotFound, "expired_url", "")
	case h.uses >= hookUses:
		return s.unhooked(http.StatusNotFound, "used_url", "")
	}
	h.uses++
	var m hooked
	if err := s.readHooked(q.Body, &m); err != nil {
		return s.unhooked(http.StatusBadRequest, err.Error(), "")
	}
	if err := s.answer(h, m, Message{Via: "response_url", Cut: q.Cut}); err != nil {
		return s.unhooked(http.StatusBadRequest, err.Error(), blame(err))
	}
	s.Count("response_url")
	return plain(http.StatusOK, "ok")
}

func (s *Server) unhooked(status int, code, why string) wire.Reply {
	s.Count("response_url: " + code)
	s.Violation("response_url: %s %s", code, why)
	return plain(status, code)
}

// readHooked reads a message, and knows all that may stand in it.
func (s *Server) readHooked(body []byte, into *hooked) error {
	var all map[string]json.RawMessage
	if json.Unmarshal(body, &all) != nil || json.Unmarshal(body, into) != nil {
		return denied("invalid_payload")
	}
	known := []string{"text", "blocks", "response_type", "replace_original", "delete_original", "thread_ts", "metadata",
		"unfurl_links", "unfurl_media", "mrkdwn", "parse", "link_names"}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if !slices.Contains(known, name) {
			s.Violation("response_url: unknown field %s", name)
		}
	}
	return nil
}

// answer carries out what a response_url or an acknowledgement says. The sum
// of the blocks is not limited on this way (slackapi/bolt-js issue 2509).
// s.Mu is held.
func (s *Server) answer(h *hook, m hooked, as Message) error {
	if m.Delete {
		return h.remove()
	}
	if m.Thread != "" {
		s.Violation("%s: thread_ts, which it cannot place", as.Via) // slackapi/bolt-js issue 963
	}
	c := &call{args: map[string]string{"text": m.Text}}
	if len(m.Blocks) > 0 && string(m.Blocks) != "null" {
		c.args["blocks"] = string(m.Blocks)
	}
	what, err := s.content(c, maxText)
	if err != nil && err.Error() != "msg_blocks_too_long" {
		return err
	}
	if what.empty() {
		return wrong("no_text", "")
	}
	return s.show(h, m, as, what)
}

func (h *hook) remove() error {
	if h.original == nil || h.original.Deleted {
		return wrong("no_original", "there is nothing to delete")
	}
	h.original.Deleted = true
	return nil
}

// show posts an answer, or puts it in place of what was there.
func (s *Server) show(h *hook, m hooked, as Message, what content) error {
	defer s.Touch()
	if m.Replace && h.original != nil && !h.original.Deleted {
		h.original.change(Content{what.text, what.blocks})
		return nil
	}
	switch m.Type {
	case "", "ephemeral":
		as.To = h.user
	case "in_channel":
	default:
		return wrong("invalid_arguments", "response_type "+m.Type)
	}
	as.Channel, as.Thread = h.channel, h.thread
	h.original = s.post(as, what)
	return nil
}
