package fakeslack

import (
	"encoding/json"
	"errors"
	"maps"
	"mime"
	"net/url"
	"slices"
	"strings"
	"time"

	"smtptest/bot/bottest/wire"
)

// method is one method of the Web API.
type method struct {
	app       bool   // takes the app-level token, all others the bot's
	scope     string // that the bot token must have; empty: none
	perMinute int    // calls; 0: counted otherwise, or not at all (docs.slack.dev/apis/web-api/rate-limits)
	needs     []string
	takes     []string // besides needs
	do        func(*Server, *call) (object, error)
}

// posting are the arguments of all that posts.
func posting(more ...string) []string {
	return append(more, "text", "blocks", "thread_ts", "parse", "link_names", "unfurl_links", "unfurl_media", "mrkdwn")
}

// methods are those that a bot like ours needs, with the arguments and scopes
// of docs.slack.dev/reference/methods. Tiers: 3 is 50 a minute, 4 is 100.
func methods() map[string]method {
	return map[string]method{
		"auth.test":             {do: (*Server).authTest},
		"apps.connections.open": {app: true, do: (*Server).connectionsOpen},

		"chat.postMessage": {scope: "chat:write", needs: []string{"channel"}, takes: posting(), do: (*Server).postMessage},
		"chat.postEphemeral": {scope: "chat:write", perMinute: 100, needs: []string{"channel", "user"}, takes: posting(),
			do: (*Server).postEphemeral},
		"chat.update": {scope: "chat:write", perMinute: 50, needs: []string{"channel", "ts"}, takes: posting(),
			do: (*Server).update},
		"chat.delete":       {scope: "chat:write", perMinute: 50, needs: []string{"channel", "ts"}, do: (*Server).remove},
		"chat.getPermalink": {needs: []string{"channel", "message_ts"}, do: (*Server).permalink},

		"views.open": {perMinute: 100, needs: []string{"trigger_id", "view"}, do: (*Server).viewsOpen},
		"views.update": {perMinute: 100, needs: []string{"view"}, takes: []string{"view_id", "external_id", "hash"},
			do: (*Server).viewsUpdate},

		"files.getUploadURLExternal": {scope: "files:write", perMinute: 100, needs: []string{"filename", "length"},
			takes: []string{"alt_txt"}, do: (*Server).uploadURL},
		"files.completeUploadExternal": {scope: "files:write", perMinute: 100, needs: []string{"files"},
			takes: []string{"channel_id", "channels", "thread_ts", "initial_comment", "blocks"}, do: (*Server).completeUpload},
	}
}

// call is one call of a method.
type call struct {
	name  string
	token string
	args  map[string]string // as text; what came as JSON of another type, as JSON
	json  bool              // the body was JSON without a charset
	cut   bool
}

// refusal is an error that Slack answers.
type refusal struct {
	code     string
	messages []string
	needed   string // the scope
	blame    string // why a bot must never do that; empty: it may have to try
	wait     int    // seconds until it may be tried again, with 429; 0: it was not too often
}

// Error is Slack's code.
func (r *refusal) Error() string { return r.code }

// blame is why a bot must never do what was refused; empty: it may.
func blame(err error) string {
	if r, ok := errors.AsType[*refusal](err); ok {
		return r.blame
	}
	return ""
}

// denied refuses what a bot can only find out by trying.
func denied(code string) error { return &refusal{code: code} }

// wrong refuses what a bot must never do.
func wrong(code string, messages ...string) error {
	return &refusal{code: code, messages: messages, blame: code + ": " + strings.Join(messages, "; ")}
}

func (s *Server) api(q *wire.Request) wire.Reply {
	name := strings.TrimPrefix(q.URL.Path, "/api/")
	c, err := s.read(q, name)
	var out object
	if err == nil {
		out, err = s.call(c)
	}
	if err != nil {
		return s.refuse(name, err)
	}
	s.Count(name)
	if out == nil {
		out = object{}
	}
	out["ok"] = true
	if c.json {
		out["warning"] = "missing_charset" // docs.slack.dev/apis/web-api: JSON has to name its charset
	}
	a := encoded(out)
	a.Header["X-OAuth-Scopes"] = strings.Join(s.options.Scopes, ",")
	if s.methods[name].app {
		a.Header["X-OAuth-Scopes"] = "connections:write"
	}
	return a
}

// refuse makes an answer of an error.
func (s *Server) refuse(name string, err error) wire.Reply {
	r, ok := errors.AsType[*refusal](err)
	if !ok {
		r = &refusal{code: "fatal_error", blame: err.Error()}
	}
	s.Count(name + ": " + r.code)
	if r.blame != "" {
		s.Violation("%s: %s", name, r.blame)
	}
	if r.wait > 0 {
		return limited(r.wait)
	}
	out := object{"ok": false, "error": r.code}
	if r.needed != "" {
		out["needed"], out["provided"] = r.needed, strings.Join(s.options.Scopes, ",")
	}
	if len(r.messages) > 0 {
		out["response_metadata"] = object{"messages": r.messages}
	}
	return encoded(out)
}

// read takes the arguments from the body, or from the query of a GET.
func (s *Server) read(q *wire.Request, name string) (*call, error) {
	c := &call{name: name, cut: q.Cut, args: map[string]string{}}
	kind, params, _ := mime.ParseMediaType(q.Header.Get("Content-Type"))
	switch {
	case q.Method == "GET":
		values := q.URL.Query()
		if values.Has("token") {
			return nil, wrong("not_authed", "a token in the query, where proxies write it down")
		}
		c.take(values)
	case q.Method != "POST":
		return nil, wrong("invalid_arguments", "the HTTP method "+q.Method)
	case kind == "application/json":
		c.json = params["charset"] == ""
		if err := c.takeJSON(q.Body); err != nil {
			return nil, err
		}
	case kind == "application/x-www-form-urlencoded":
		values, err := url.ParseQuery(string(q.Body))
		if err != nil {
			return nil, wrong("invalid_form_data", err.Error())
		}
		c.take(values)
	case len(q.Body) > 0:
		return nil, wrong("invalid_post_type", "Content-Type "+kind)
	}
	return c, c.authorise(q.Header.Get("Authorization"))
}

func (c *call) take(values url.Values) {
	for name, all := range values {
		c.args[name] = all[len(all)-1]
	}
}

func (c *call) takeJSON(body []byte) error {
	var args map[string]json.RawMessage
	if len(body) == 0 {
		return nil // slack-go sends nothing to apps.connections.open
	}
	if json.Unmarshal(body, &args) != nil {
		return wrong("json_not_object", "the body is no JSON object")
	}
	for name, raw := range args {
		var text string
		if json.Unmarshal(raw, &text) != nil {
			text = string(raw)
		}
		c.args[name] = text
	}
	return nil
}

// authorise finds the token, in the header or among the arguments.
func (c *call) authorise(header string) error {
	c.token = c.args["token"]
	delete(c.args, "token")
	if bearer, ok := strings.CutPrefix(header, "Bearer "); ok {
		c.token = bearer
	}
	if c.token == "" {
		return wrong("not_authed", "no token")
	}
	return nil
}

// call holds a call to the rules for all methods, then carries it out.
func (s *Server) call(c *call) (object, error) {
	m, ok := s.methods[c.name]
	if !ok {
		return nil, wrong("unknown_method", "")
	}
	want, other := BotToken, AppToken
	if m.app {
		want, other = other, want
	}
	switch {
	case c.token == other:
		return nil, wrong("not_allowed_token_type", "the other token is asked for")
	case c.token != want:
		return nil, wrong("invalid_auth", "an unknown token")
	case m.scope != "" && !slices.Contains(s.options.Scopes, m.scope):
		return nil, &refusal{code: "missing_scope", needed: m.scope}
	}
	if err := m.check(c); err != nil {
		return nil, err
	}
	s.Mu.Lock()
	defer s.Mu.Unlock()
	if m.perMinute > 0 {
		if err := s.rate(c.name, m.perMinute, time.Minute/time.Duration(m.perMinute)); err != nil {
			return nil, err
		}
	}
	return m.do(s, c)
}

// check asks for the arguments. Slack passes over those that it does not know;
// a bot that sends one has mistyped it, or counts on what is not there.
func (m method) check(c *call) error {
	for _, name := range m.needs {
		if c.args[name] == "" {
			code := "invalid_arguments"
			if name == "channel" {
				code = "channel_not_found"
			}
			return wrong(code, "[ERROR] missing required field: "+name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.args)) {
		if !slices.Contains(m.needs, name) && !slices.Contains(m.takes, name) {
			return wrong("invalid_arguments", "unknown argument "+name)
		}
	}
	return nil
}

func (s *Server) authTest(*call) (object, error) {
	return object{
		"url": "https://" + Domain + ".example/", "team": "Fake Slack", "user": "smtptest",
		"team_id": Team, "user_id": BotUI, "bot_id": BotID, "is_enterprise_install": false,
	}, nil
}
