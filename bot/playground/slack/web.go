package slack

import (
	"encoding/json"
	"net/http"
	"strings"

	"smtptest/bot/playground/wire"
)

// object is any JSON object.
type object = map[string]any

// Route implements wire.Site.
func (s *Server) Route(r *http.Request) wire.Endpoint {
	name, do := r.URL.Path, s.nothing
	switch first, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/"); first {
	case "api":
		name, do = rest, s.api
	case "link":
		return wire.Endpoint{Name: "link", Faults: faultsOf("link"), Upgrade: s.link}
	case "commands", "actions":
		name, do = "response_url", s.respond
	case "upload":
		name, do = "upload", s.upload
	}
	return wire.Endpoint{Name: name, Faults: faultsOf(name), Do: do}
}

func (s *Server) nothing(q *wire.Request) wire.Reply {
	s.Violation("%s %s: there is nothing", q.Method, q.URL.Path)
	return plain(http.StatusNotFound, "not found")
}

func plain(status int, text string) wire.Reply {
	header := map[string]string{"Content-Type": "text/plain; charset=utf-8"}
	return wire.Reply{Status: status, Header: header, Body: []byte(text)}
}

func encoded(o object) wire.Reply {
	return wire.Reply{Header: map[string]string{"Content-Type": "application/json; charset=utf-8"}, Body: encode(o)}
}

func encode(v any) []byte {
	raw, err := json.Marshal(v)
	if err != nil {
		return []byte("null") // only an unreadable RawMessage can do that, and all were read
	}
	return raw
}
