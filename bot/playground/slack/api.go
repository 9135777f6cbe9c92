package slack

import (
	"encoding/json"
	"fmt"
	"mime"
	"net/url"
	"slices"
	"strings"
	"time"

	"smtptest/bot/playground/wire"
)

// method is one method of the Web API.
type method struct {
	app       bool   // takes the app-level token, all others the bot's
	open      bool   // takes no token
	scope     string // that the bot token must have; empty: none
	perMinute int    // calls; 0: counted otherwise, or not at all (docs.slack.dev/apis/web-api/rate-limits)
	needs     []string
	takes     []string // besides needs
	do        func(*Server, *call) object
}

// posting are the arguments of all that posts.
func posting(more ...string) []string {
	return append(more, "text", "blocks", "attachments", "thread_ts", "parse", "link_names", "unfurl_links",
		"unfurl_media", "mrkdwn")
}

// methods are those that a bot like ours needs, with the arguments and scopes
// of docs.slack.dev/reference/methods. Tiers: 3 is 50 a minute, 4 is 100.
func methods() map[string]method {
	return map[string]method{
		"auth.test":             {do: (*Server).authTest},
		"apps.connections.open": {app: true, do: (*Server).connectionsOpen},
		"blocks.validate":       {open: true, takes: []string{"blocks", "message", "view"}, do: (*Server).validate},

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
		"views.publish": {perMinute: 100, needs: []string{"user_id", "view"}, takes: []string{"hash"},
			do: (*Server).viewsPublish},

		"files.getUploadURLExternal": {scope: "files:write", perMinute: 100, needs: []string{"filename", "length"},
			takes: []string{"alt_txt"}, do: (*Server).uploadURL},
		"files.completeUploadExternal": {scope: "files:write", perMinute: 100, needs: []string{"files"},
			takes: []string{"channel_id", "thread_ts", "blocks"}, do: (*Server).completeUpload},
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
	errors   []object
	needed   string // the scope
	blame    string // why a bot must never do that; empty: it may have to try
	wait     int    // seconds until it may be tried again, with 429; 0: it was not too often
}

// refuse ends what is done for a request, if something is so, with Slack's
// code: a bot can only find that out by trying.
func refuse(so bool, code string) {
	if so {
		panic(&refusal{code: code})
	}
}

// wrong is refuse for what a bot must never do.
func wrong(so bool, code string, messages ...string) {
	if so {
		panic(&refusal{code: code, messages: messages, blame: code + ": " + strings.Join(messages, "; ")})
	}
}

// attempt returns the refusal that ended something; nil: none did.
func attempt(do func()) (r *refusal) {
	defer func() {
		v := recover()
		ended, ok := v.(*refusal)
		if r = ended; v != nil && !ok {
			panic(v)
		}
	}()
	do()
	return nil
}

func (s *Server) api(q *wire.Request) wire.Reply {
	c := &call{name: strings.TrimPrefix(q.URL.Path, "/api/"), cut: q.Cut, args: map[string]string{}}
	var out object
	if r := attempt(func() { c.read(q); out = s.call(c) }); r != nil {
		return s.refused(c.name, r)
	}
	s.Count(c.name)
	out["ok"] = true
	if c.json {
		out["warning"] = "missing_charset" // docs.slack.dev/apis/web-api: JSON has to name its charset
	}
	a := encoded(out)
	a.Header["X-OAuth-Scopes"] = strings.Join(s.options.Scopes, ",")
	if s.methods[c.name].app {
		a.Header["X-OAuth-Scopes"] = "connections:write"
	}
	return a
}

// refused makes an answer of a refusal.
func (s *Server) refused(name string, r *refusal) wire.Reply {
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
	if len(r.errors) > 0 {
		out["errors"] = r.errors
	}
	if len(r.messages) > 0 {
		out["response_metadata"] = object{"messages": r.messages}
	}
	return encoded(out)
}

// read takes the arguments from the body, or from the query of a GET, and the
// token from the header or from among the arguments.
func (c *call) read(q *wire.Request) {
	kind, params, _ := mime.ParseMediaType(q.Header.Get("Content-Type"))
	switch {
	case q.Method == "GET":
		values := q.URL.Query()
		wrong(values.Has("token"), "not_authed", "a token in the query, where proxies write it down")
		c.take(values)
	case q.Method != "POST":
		wrong(true, "invalid_arguments", "the HTTP method "+q.Method)
	case kind == "application/json":
		c.json = params["charset"] == ""
		c.takeJSON(q.Body)
	case kind == "application/x-www-form-urlencoded":
		values, err := url.ParseQuery(string(q.Body))
		wrong(err != nil, "invalid_form_data", fmt.Sprint(err))
		c.take(values)
	default:
		wrong(len(q.Body) > 0, "invalid_post_type", "Content-Type "+kind)
	}
	c.token = c.args["token"]
	delete(c.args, "token")
	if bearer, ok := strings.CutPrefix(q.Header.Get("Authorization"), "Bearer "); ok {
		c.token = bearer
	}
}

func (c *call) take(values url.Values) {
	for name, all := range values {
		c.args[name] = all[len(all)-1]
	}
}

func (c *call) takeJSON(body []byte) {
	var args map[string]json.RawMessage
	// slack-go sends nothing to apps.connections.open
	wrong(len(body) > 0 && json.Unmarshal(body, &args) != nil, "json_not_object", "the body is no JSON object")
	for name, raw := range args {
		var text string
		if json.Unmarshal(raw, &text) != nil {
			text = string(raw)
		}
		c.args[name] = text
	}
}

// call holds a call to the rules for all methods, then carries it out.
func (s *Server) call(c *call) object {
	m, ok := s.methods[c.name]
	wrong(!ok, "unknown_method")
	want, other := BotToken, AppToken
	switch {
	case m.app:
		want, other = other, want
	case m.open:
		want, other = "", BotToken
	}
	wrong(c.token == "" && !m.open, "not_authed", "no token")
	wrong(c.token == other, "not_allowed_token_type", "the other token is asked for")
	wrong(c.token != want, "invalid_auth", "an unknown token")
	if m.scope != "" && !slices.Contains(s.options.Scopes, m.scope) {
		panic(&refusal{code: "missing_scope", needed: m.scope})
	}
	m.check(c)
	s.Mu.Lock()
	defer s.Mu.Unlock()
	if m.perMinute > 0 {
		s.rate(c.name, m.perMinute, time.Minute/time.Duration(m.perMinute))
	}
	defer s.Touch()
	return m.do(s, c)
}

// check asks for the arguments. Slack passes over those that it does not know;
// a bot that sends one has mistyped it, or counts on what is not there.
func (m method) check(c *call) {
	for _, name := range m.needs {
		code := map[bool]string{true: "channel_not_found", false: "invalid_arguments"}[name == "channel"]
		wrong(c.args[name] == "", code, "[ERROR] missing required field: "+name)
	}
	for name, value := range c.args {
		known := slices.Contains(m.needs, name) || slices.Contains(m.takes, name)
		wrong(!known, "invalid_arguments", "unknown argument "+name)
		words, limited := switches()[name]
		wrong(limited && value != "" && !slices.Contains(words, value), "invalid_arguments", name+" "+value)
	}
}

// switches are the arguments that take known words only.
func switches() map[string][]string {
	boolean := []string{"true", "false", "0", "1"}
	return map[string][]string{"link_names": boolean, "unfurl_links": boolean, "unfurl_media": boolean,
		"mrkdwn": boolean, "parse": {"none", "full", "client"}}
}

func (s *Server) authTest(*call) object {
	return object{
		"url": "https://" + Domain + ".example/", "team": "Fake Slack", "user": "smtptest",
		"team_id": Team, "user_id": BotUI, "bot_id": BotID, "is_enterprise_install": false,
	}
}
