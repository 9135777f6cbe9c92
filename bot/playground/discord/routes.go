package discord

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"smtptest/bot/playground/wire"
)

// route is a row of the table. Its do answers a call while the server's lock
// is held; nil is an answer without a body.
type route struct {
	pattern string // "METHOD /path" without the version
	open    bool   // needs no token of the bot
	do      func(*Server, *call) any
}

// table lists the routes: what a bot that answers commands needs.
func table() []route {
	const (
		commands, guild = "/applications/{app}/commands", "/applications/{app}/guilds/{guild}/commands"
		webhook         = "/webhooks/{app}/{token}"
		messages        = "/channels/{channel}/messages"
	)
	return []route{
		{"GET /gateway", true, (*Server).getGateway},
		{"GET /gateway/bot", false, (*Server).getGateway},
		{"GET /applications/@me", false, (*Server).getApplication},
		{"GET /users/@me/guilds", false, (*Server).getGuilds},
		{"GET " + commands, false, (*Server).getCommands},
		{"PUT " + commands, false, (*Server).putCommands},
		{"GET " + guild, false, (*Server).getCommands},
		{"PUT " + guild, false, (*Server).putCommands},
		{"POST /interactions/{interaction}/{token}/callback", true, (*Server).respond},
		{"POST " + webhook, true, (*Server).followUp},
		{"PATCH " + webhook + "/messages/{message}", true, (*Server).editByToken},
		{"DELETE " + webhook + "/messages/{message}", true, (*Server).deleteByToken},
		{"POST " + messages, false, (*Server).post},
		{"PATCH " + messages + "/{message}", false, (*Server).patchMessage},
		{"DELETE " + messages + "/{message}", false, (*Server).deleteMessage},
		{"POST " + messages + "/{message}/threads", false, (*Server).startThread},
	}
}

func (s *Server) getGateway(*call) any {
	left := max(s.options.IdentifyLimit-s.gateway.identified(), 0)
	return map[string]any{"url": s.gatewayURL(gatewayPath), "shards": 1, "session_start_limit": map[string]any{
		"total": s.options.IdentifyLimit, "remaining": left, "reset_after": 86_400_000, "max_concurrency": 1,
	}}
}

func (s *Server) gatewayURL(path string) string {
	return "ws" + strings.TrimPrefix(s.Root(), "http") + path
}

func (s *Server) botUser() map[string]any {
	return with("user", map[string]any{"id": s.BotID, "username": "smtptest", "discriminator": "0000", "bot": true})
}

func (s *Server) getApplication(*call) any {
	return with("application", map[string]any{"id": s.ApplicationID, "bot": s.botUser()})
}

func (s *Server) getGuilds(*call) any {
	return []any{map[string]any{"id": s.GuildID, "name": "fake *server*", "owner": false, "permissions": "0"}}
}

// nonce is a message that was posted with enforce_nonce.
type nonce struct {
	message string
	at      time.Time
}

// post is Create Message.
func (s *Server) post(c *call) any {
	ch := s.visible(c)
	data := s.checked(c, form{body: bodyMessage, flags: flagSuppressEmbeds | flagSilent}, c.body)
	m := Message{ChannelID: ch.ID, Nonce: text(data["nonce"])}
	key := ch.ID + "\x00" + m.Nonce
	if before, ok := s.nonces.Get(key); ok && data["enforce_nonce"] == true &&
		c.began.Sub(before.at) < mostEnforcedNonceSeconds*time.Second {
		if known, there := s.messages.Get(before.message); there {
			return s.messageObject(known)
		}
	}
	s.fill(&m, c, data)
	s.presentable(&m)
	s.writable(ch, c, &m)
	s.mentions(c, data)
	made := s.add(m, c.began)
	if m.Nonce != "" {
		s.nonces.Put(key, nonce{made.ID, c.began})
	}
	return s.messageObject(made)
}

// checked is the body of a message, or a part of it, checked against its
// schema and limits.
func (s *Server) checked(c *call, as form, data any) map[string]any {
	as.files = len(c.files)
	c.checkMessage(data, as)
	s.settle(c)
	return object(data)
}

// own finds a message that the bot's token may change or delete.
func (s *Server) own(c *call) (*Channel, *Message) {
	ch := s.visible(c)
	m := s.publicMessage(ch.ID, c.r.PathValue("message"))
	refuse(ch.Archived, archived)
	return ch, m
}

func (s *Server) patchMessage(c *call) any {
	ch, m := s.own(c)
	refuse(m.Author.ID != "", notOurs)
	refuse(len(c.files) > 0 && s.lacks(ch)&AttachFiles != 0, missingPermissions)
	return s.change(m, c, form{body: bodyEdit, flags: flagSuppressEmbeds | flagSilent}, c.body)
}

func (s *Server) deleteMessage(c *call) any {
	_, m := s.own(c)
	m.Deleted = true
	return nil
}

// scope is the guild whose commands a call is about; empty: the global ones.
func (s *Server) scope(c *call) string {
	guild := c.r.PathValue("guild")
	refuse(c.r.PathValue("app") != s.ApplicationID, unknownApplication)
	refuse(guild != "" && guild != s.GuildID, missingAccess)
	return guild
}

func (s *Server) getCommands(c *call) any {
	if all := s.commands[s.scope(c)]; all != nil {
		return all
	}
	return []any{}
}

// putCommands is Bulk Overwrite: all commands of a scope at once. Those of a
// known name keep their id.
func (s *Server) putCommands(c *call) any {
	guild, all := s.scope(c), []map[string]any{}
	c.checkCommands(c.body)
	s.settle(c)
	for _, w := range list(c.body) {
		o := with("command", object(w))
		o["id"], o["application_id"], o["version"] = s.nextID(), s.ApplicationID, s.nextID()
		for _, known := range s.commands[guild] {
			if known["name"] == o["name"] && fmt.Sprint(known["type"]) == fmt.Sprint(o["type"]) {
				o["id"] = known["id"]
			}
		}
		if guild != "" {
			o["guild_id"] = guild
		}
		all = append(all, o)
	}
	s.commands[guild] = all
	return all
}

// Commands lists what is registered for a guild, or globally for "", as
// decoded JSON.
func (s *Server) Commands(guild string) []map[string]any {
	return wire.Ask(s.Frame, func() []map[string]any { return s.commands[guild] })
}

// with is an object of Discord's that is filled in: what does not change is
// in objects.json. Null does not replace what is there.
func with(name string, changes ...map[string]any) map[string]any {
	var all map[string]json.RawMessage
	var out map[string]any
	d := func(octets []byte, into any) {
		r := json.NewDecoder(strings.NewReader(string(octets)))
		r.UseNumber()
		if err := r.Decode(into); err != nil {
			panic(err) // the file is built into the program
		}
	}
	d(objectsFile, &all)
	d(all[name], &out)
	for _, c := range changes {
		for member, v := range c {
			if v != nil {
				out[member] = v
			}
		}
	}
	return out
}
