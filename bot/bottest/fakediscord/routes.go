package fakediscord

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// table lists the routes: what a bot that answers commands needs.
func table() []route {
	const webhook = "/webhooks/{app}/{token}"
	return []route{
		{"GET /gateway", true, getGateway},
		{"GET /gateway/bot", false, getGatewayBot},
		{"GET /users/@me", false, getMe},
		{"GET /applications/@me", false, getApplication},
		{"GET /oauth2/applications/@me", false, getApplication},
		{"GET /applications/{app}/commands", false, getCommands},
		{"PUT /applications/{app}/commands", false, putCommands},
		{"GET /applications/{app}/guilds/{guild}/commands", false, getCommands},
		{"PUT /applications/{app}/guilds/{guild}/commands", false, putCommands},
		{"POST /interactions/{interaction}/{token}/callback", true, respond},
		{"POST " + webhook, true, followUp},
		{"GET " + webhook + "/messages/{message}", true, getByToken},
		{"PATCH " + webhook + "/messages/{message}", true, editByToken},
		{"DELETE " + webhook + "/messages/{message}", true, deleteByToken},
		{"GET /channels/{channel}", false, getChannel},
		{"POST /channels/{channel}/messages", false, post},
		{"GET /channels/{channel}/messages/{message}", false, getMessage},
		{"PATCH /channels/{channel}/messages/{message}", false, patchMessage},
		{"DELETE /channels/{channel}/messages/{message}", false, deleteMessage},
		{"POST /channels/{channel}/messages/{message}/threads", false, startThread},
	}
}

func getGateway(s *Server, _ *call) (any, *refusal) {
	return map[string]any{"url": s.gatewayURL(gatewayPath)}, nil
}

func getGatewayBot(s *Server, _ *call) (any, *refusal) {
	used := s.gateway.identified()
	return map[string]any{"url": s.gatewayURL(gatewayPath), "shards": 1, "session_start_limit": map[string]any{
		"total": s.options.IdentifyLimit, "remaining": max(s.options.IdentifyLimit-used,
			0), "reset_after": 86_400_000, "max_concurrency": 1,
	}}, nil
}

func (s *Server) gatewayURL(path string) string {
	return "ws" + strings.TrimPrefix(s.Root(), "http") + path
}

func (s *Server) botUser() map[string]any {
	return map[string]any{
		"id": s.BotID, "username": "smtptest", "discriminator": "0000", "avatar": nil, "bot": true, "global_name": nil,
		"public_flags": 0, "flags": 0, "clan": nil, "primary_guild": nil, "collectibles": nil,
	}
}

func getMe(s *Server, _ *call) (any, *refusal) { return s.botUser(), nil }

func getApplication(s *Server, _ *call) (any, *refusal) {
	return map[string]any{
		"id": s.ApplicationID, "name": "smtptest", "icon": nil, "description": "", "bot_public": true,
		"bot_require_code_grant": false,
		"verify_key":             strings.Repeat("0", 64), "flags": 0, "interactions_endpoint_url": nil, "bot": s.botUser(),
		"integration_types_config": map[string]any{"0": map[string]any{}}, "approximate_guild_count": 1,
		"owner": person("1", "owner").object(), "team": nil, "summary": "",
	}, nil
}

// nonce is a message that was posted with enforce_nonce.
type nonce struct {
	message string
	at      time.Time
}

// post is Create Message.
func post(s *Server, c *call) (any, *refusal) {
	ch, refused := s.visible(c.r.PathValue("channel"))
	if refused != nil {
		return nil, refused
	}
	data, refused := s.checked(c, bodyMessage, flagSuppressEmbeds|flagSilent)
	if refused != nil {
		return nil, refused
	}
	m := Message{ChannelID: ch.ID, Nonce: nonceText(data["nonce"])}
	key := ch.ID + "\x00" + m.Nonce
	enforced, _ := data["enforce_nonce"].(bool)
	if before, ok := s.nonces.Get(key); ok && enforced && c.began.Sub(before.at) < mostEnforcedNonceSeconds*time.Second {
		if known, there := s.messages.Get(before.message); there {
			return s.messageObject(known), nil
		}
	}
	s.fill(&m, c, data)
	if refused := s.mayPost(ch, &m, c); refused != nil {
		return nil, refused
	}
	s.mentions(c, data)
	made := s.add(m, c.began)
	if m.Nonce != "" {
		s.nonces.Put(key, nonce{made.ID, c.began})
	}
	return s.messageObject(made), nil
}

func nonceText(v any) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

// mayPost asks for what a new or changed message needs in a channel.
func (s *Server) mayPost(ch *Channel, m *Message, c *call) *refusal {
	if hollow(m) {
		return refuse(codeEmptyMessage)
	}
	var wants Permission
	if len(m.Embeds) > 0 {
		wants |= EmbedLinks
	}
	if len(c.files) > 0 {
		wants |= AttachFiles
	}
	if refused := s.writable(ch, wants); refused != nil {
		return refused
	}
	if ch.blocked(m.Words()) {
		return refuse(codeAutoMod)
	}
	return nil
}

// checked is the body of a message, checked against its schema and limits.
func (s *Server) checked(c *call, body string, flags int) (map[string]any, *refusal) {
	if c.body == nil {
		c.body = map[string]any{} // of a request that is all files
	}
	f := &faults{}
	f.checkMessage(c.body, form{"", body, flags, len(c.files)})
	return object(c.body), s.faulty(c, f)
}

func getMessage(s *Server, c *call) (any, *refusal) {
	ch, refused := s.visible(c.r.PathValue("channel"))
	if refused != nil {
		return nil, refused
	}
	if s.lacks(ch)&ReadMessageHistory != 0 {
		return nil, refuse(codeMissingPermissions)
	}
	m, refused := s.publicMessage(ch.ID, c.r.PathValue("message"))
	if refused != nil {
		return nil, refused
	}
	return s.messageObject(m), nil
}

// editable finds a message that the bot's token may change or delete.
func (s *Server) editable(c *call) (*Channel, *Message, *refusal) {
	ch, refused := s.visible(c.r.PathValue("channel"))
	if refused != nil {
		return nil, nil, refused
	}
	m, refused := s.publicMessage(ch.ID, c.r.PathValue("message"))
	if refused != nil {
		return nil, nil, refused
	}
	if ch.Archived {
		return nil, nil, refuse(codeArchived)
	}
	return ch, m, nil
}

func patchMessage(s *Server, c *call) (any, *refusal) {
	ch, m, refused := s.editable(c)
	if refused != nil {
		return nil, refused
	}
	data, refused := s.checked(c, bodyEdit, flagSuppressEmbeds|flagLoading|flagHasThread|flagSilent)
	if refused != nil {
		return nil, refused
	}
	trial := *m
	s.fill(&trial, c, data)
	switch {
	case hollow(&trial):
		return nil, refuse(codeEmptyMessage)
	case ch.blocked(trial.Words()):
		return nil, refuse(codeAutoMod)
	case len(c.files) > 0 && s.lacks(ch)&AttachFiles != 0:
		return nil, refuse(codeMissingPermissions)
	}
	s.mentions(c, data)
	s.edit(m, c, data)
	return s.messageObject(m), nil
}

func deleteMessage(s *Server, c *call) (any, *refusal) {
	_, m, refused := s.editable(c)
	if refused == nil {
		m.Deleted = true
	}
	return nil, refused
}

// commands are what is registered, by guild; "" is global.
type commands struct {
	by      map[string][]map[string]any
	creates map[string]int // of today
	day     string
}

func getCommands(s *Server, c *call) (any, *refusal) {
	if c.r.PathValue("app") != s.ApplicationID {
		return nil, refuse(codeUnknownApplication)
	}
	if all := s.commands.by[c.r.PathValue("guild")]; all != nil {
		return all, nil
	}
	return []any{}, nil
}

// putCommands is Bulk Overwrite: all commands of a scope at once.
func putCommands(s *Server, c *call) (any, *refusal) {
	if c.r.PathValue("app") != s.ApplicationID {
		return nil, refuse(codeUnknownApplication)
	}
	guild := c.r.PathValue("guild")
	if guild != "" && guild != s.GuildID {
		return nil, refuse(codeMissingAccess)
	}
	f := &faults{}
	f.checkCommands(c.body)
	if refused := s.faulty(c, f); refused != nil {
		return nil, refused
	}
	all, created := s.overwrite(guild, list(c.body))
	if today := c.began.UTC().Format(time.DateOnly); s.commands.day != today {
		s.commands.day, s.commands.creates = today, map[string]int{}
	}
	if s.commands.creates[guild]+created > mostDailyCreates {
		return nil, refuse(codeDailyCreates)
	}
	s.commands.creates[guild] += created
	if s.commands.by == nil {
		s.commands.by = map[string][]map[string]any{}
	}
	s.commands.by[guild] = all
	return all, nil
}

// overwrite completes commands; those of a known name keep their id and do
// not count as created.
func (s *Server) overwrite(guild string, wanted []any) (all []map[string]any, created int) {
	all = []map[string]any{}
	for _, w := range wanted {
		o := completed(object(w))
		id := ""
		for _, known := range s.commands.by[guild] {
			if known["name"] == o["name"] && fmt.Sprint(known["type"]) == fmt.Sprint(o["type"]) {
				id = text(known["id"])
			}
		}
		if id == "" {
			created++
			id = s.nextID()
		}
		o["id"], o["application_id"], o["version"] = id, s.ApplicationID, s.nextID()
		if guild != "" {
			o["guild_id"] = guild
		}
		all = append(all, o)
	}
	return all, created
}

// completed is a command with the defaults that Discord writes.
func completed(wanted map[string]any) map[string]any {
	o := map[string]any{
		"type": json.Number("1"), "default_member_permissions": nil, "nsfw": false, "contexts": nil,
		"integration_types": []any{json.Number("0")},
		"description":       "", "dm_permission": true, "name_localizations": nil, "description_localizations": nil,
	}
	for name, v := range wanted {
		if v != nil {
			o[name] = v
		}
	}
	return o
}

// Commands lists what is registered for a guild, or globally for "", as
// decoded JSON.
func (s *Server) Commands(guild string) []map[string]any {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	return s.commands.by[guild]
}
