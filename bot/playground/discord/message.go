package discord

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"smtptest/bot/playground/wire"
)

// Message is a message of the bot, or of a person. What people see of it is Content, Embeds,
// Components and Files.
type Message struct {
	ID, ChannelID string
	Content       string
	Embeds        []any // as they came, decoded; numbers are json.Number
	Components    []any
	Files         []File
	Author        User // zero: the bot
	Flags         int
	Nonce         string
	Ephemeral     bool
	Person        string // who alone sees it, if Ephemeral
	Loading       bool   // "is thinking…": deferred, and not filled in yet
	Deleted       bool
	Interaction   string    // by whose token it was made; empty: by the bot's
	Created       time.Time // when the request came
	Edited        time.Time // zero: never
	Before        []Message // what it was before each edit, oldest first, 50 at most
}

// mostVersions bounds the memory for one message.
const mostVersions = 50

// Button is a button or a select under a message.
type Button struct {
	Type, Style          int
	CustomID, Label, URL string
	Disabled             bool
	Options              []string // values of a string select
}

// Buttons lists the buttons and selects, from the first row to the last.
func (m Message) Buttons() []Button {
	var all []Button
	eachComponent(m.Components, func(o map[string]any) {
		if k := number(o["type"]); k == typeButton || k == typeStringSelect {
			all = append(all, buttonOf(o))
		}
	})
	return all
}

func buttonOf(o map[string]any) Button {
	b := Button{Type: number(o["type"]), Style: number(o["style"]), CustomID: text(o["custom_id"]),
		Label: text(o["label"]), URL: text(o["url"])}
	b.Disabled, _ = o["disabled"].(bool)
	for _, x := range list(o["options"]) {
		b.Options = append(b.Options, text(object(x)["value"]))
	}
	return b
}

// eachComponent visits components and those inside them.
func eachComponent(all []any, visit func(map[string]any)) {
	for _, x := range all {
		o := object(x)
		visit(o)
		eachComponent(list(o["components"]), visit)
		if o["component"] != nil {
			eachComponent([]any{o["component"]}, visit)
		}
	}
}

func object(v any) map[string]any { o, _ := v.(map[string]any); return o }
func list(v any) []any            { l, _ := v.([]any); return l }
func text(v any) string           { s, _ := v.(string); return s }
func number(v any) int {
	n, _ := v.(json.Number)
	i, _ := n.Int64()
	return int(i)
}

// Words are all words of a message: content, then of each embed title,
// description, fields, footer, then files' names.
func (m Message) Words() string {
	words := []string{m.Content}
	for _, e := range m.Embeds {
		o := object(e)
		words = append(words, text(o["title"]), text(o["description"]))
		for _, f := range list(o["fields"]) {
			words = append(words, text(object(f)["name"]), text(object(f)["value"]))
		}
		words = append(words, text(object(o["footer"])["text"]))
	}
	for _, f := range m.Files {
		words = append(words, f.Name)
	}
	return strings.Join(words, "\n")
}

// Message finds a message.
func (s *Server) Message(id string) (found Message, ok bool) {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	m, ok := s.messages.Get(id)
	if ok {
		found = *m
	}
	return found, ok
}

// Messages lists the messages of a channel or thread, oldest first, with the
// ephemeral and the deleted ones. The id of a thread is that of the message
// that it was started from.
func (s *Server) Messages(channel string) []Message {
	return wire.Copies(s.Frame, &s.messages, func(m *Message) bool { return m.ChannelID == channel })
}

// publicMessage finds a message as the bot's token sees it: ephemeral ones do
// not exist for it.
func (s *Server) publicMessage(channel, id string) *Message {
	m, ok := s.messages.Get(id)
	refuse(!ok || m.ChannelID != channel || m.Ephemeral || m.Deleted, unknownMessage)
	return m
}

// add makes a message. The caller holds mu.
func (s *Server) add(m Message, at time.Time) *Message {
	m.ID, m.Created = s.nextID(), at
	s.messages.Put(m.ID, &m)
	if c, ok := s.channels.Get(m.ChannelID); ok && !m.Ephemeral {
		c.count++
		c.last = m.ID
	}
	return &m
}

// fill writes a body into a message: what the body does not name stays as it
// is (Discord, Edit Message). edit keeps what was there before.
func (s *Server) fill(m *Message, c *call, data map[string]any) {
	if content, named := data["content"]; named {
		m.Content = text(content)
	}
	if embeds, named := data["embeds"]; named {
		m.Embeds = list(embeds)
	}
	if components, named := data["components"]; named {
		m.Components = numbered(list(components))
	}
	for _, f := range c.files {
		f.ID = s.nextID()
		m.Files = append(m.Files, f)
	}
	m.Loading = false
	m.Flags = m.Flags&^flagLoading | number(data["flags"])&(flagSuppressEmbeds|flagSilent)
}

// numbered gives each component the id that Discord gives it.
func numbered(all []any) []any {
	n := 0
	eachComponent(all, func(o map[string]any) {
		n++
		if o != nil && o["id"] == nil {
			o["id"] = json.Number(fmt.Sprint(n))
		}
	})
	return all
}

func (s *Server) edit(m *Message, c *call, data map[string]any) {
	if !m.Loading {
		if len(m.Before) == mostVersions {
			m.Before = m.Before[1:]
		}
		was := *m
		was.Before = nil
		m.Before, m.Edited = append(m.Before, was), c.began
	}
	s.fill(m, c, data)
}

// hollow reports whether nothing would be left to see: components do not
// count.
func (m *Message) hollow() bool { return m.Content == "" && len(m.Embeds) == 0 && len(m.Files) == 0 }

// mentions notes a message without an empty list of what may be mentioned.
func (s *Server) mentions(c *call, data map[string]any) {
	m, given := data["allowed_mentions"].(map[string]any)
	parse, isList := m["parse"].([]any)
	switch {
	case !given:
		s.Violation("%s: a message without allowed_mentions", c.route)
	case !isList || len(parse) > 0 || !empty(m["users"]) || !empty(m["roles"]):
		s.Violation("%s: a message whose allowed_mentions.parse is not an empty list", c.route)
	}
}

// messageObject is a message as Discord describes it. The caller holds mu.
func (s *Server) messageObject(m *Message) map[string]any {
	o := with("message", map[string]any{"id": m.ID, "channel_id": m.ChannelID, "author": s.botUser(), "flags": m.Flags,
		"content": m.Content, "timestamp": stamp(m.Created), "nonce": orNull(m.Nonce)})
	if m.Author.ID != "" {
		o["author"] = m.Author.object()
	}
	if m.Embeds != nil {
		o["embeds"] = m.Embeds
	}
	if m.Components != nil {
		o["components"] = m.Components
	}
	if !m.Edited.IsZero() {
		o["edited_timestamp"] = stamp(m.Edited)
	}
	for _, f := range m.Files {
		at := ".discordapp.example/" + f.ID + "/" + f.Name
		o["attachments"] = append(list(o["attachments"]), map[string]any{"id": f.ID, "filename": f.Name,
			"size": len(f.Content), "content_type": f.Type, "content_scan_version": 2,
			"url": "https://cdn" + at, "proxy_url": "https://media" + at})
	}
	if i, ok := s.interactions.Get(m.Interaction); ok {
		o["webhook_id"], o["application_id"] = s.ApplicationID, s.ApplicationID
		o["interaction_metadata"] = map[string]any{"id": i.ID, "type": i.kind, "user": i.user.object(),
			"authorizing_integration_owners": i.owners}
		if i.kind == kindCommand {
			o["type"] = 20
		}
	}
	return o
}
