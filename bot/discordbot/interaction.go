package discordbot

import (
	"cmp"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"smtptest/bot"
	"smtptest/bot/chat"
	"smtptest/bot/command"
	"smtptest/formatting"
	"smtptest/formatting/embed"
	"smtptest/probe/secret"
)

// Types of interactions (Discord, Receiving and Responding).
const (
	typeCommand   = 2
	typeComponent = 3
	typeTyping    = 4 // into an option that has suggestions
	typeModal     = 5
)

// interaction is what we read of INTERACTION_CREATE. Whatever else Discord
// puts in is passed over, now and in years to come.
type interaction struct {
	ID          string      `json:"id"`
	Application string      `json:"application_id"`
	Token       string      `json:"token"`
	Type        int         `json:"type"`
	Guild       string      `json:"guild_id"` // empty: a direct message
	ChannelID   string      `json:"channel_id"`
	Channel     channel     `json:"channel"`
	Permissions json.Number `json:"app_permissions"` // what the bot may do there
	Member      *struct {
		User  user     `json:"user"`
		Roles []string `json:"roles"`
		Nick  string   `json:"nick"`
	} `json:"member"` // nil: a direct message
	User   user                       `json:"user"` // in a direct message
	Owners map[string]json.RawMessage `json:"authorizing_integration_owners"`
	Data   data                       `json:"data"`
}

type channel struct {
	Kind   int    `json:"type"`
	Parent string `json:"parent_id"`
}

type user struct {
	ID       string `json:"id"`
	Shown    string `json:"global_name"`
	Username string `json:"username"`
}

type data struct {
	Kind     int    `json:"type"` // of a command
	Name     string `json:"name"`
	Target   string `json:"target_id"` // of a command in the menu of a message: that message
	Resolved struct {
		Messages map[string]said `json:"messages"`
	} `json:"resolved"`
	Options []struct {
		Name    string          `json:"name"`
		Value   json.RawMessage `json:"value"`
		Focused bool            `json:"focused"` // it is being typed
	} `json:"options"`
	CustomID string   `json:"custom_id"`
	Values   []string `json:"values"`
	Parts    []part   `json:"components"`
}

// part is a component of a form that was sent, of whatever type: a label holds
// one component, a row several, and some hold a value.
type part struct {
	CustomID string          `json:"custom_id"`
	Value    json.RawMessage `json:"value"` // of a type that we do not know it need not be a text
	Values   []string        `json:"values"`
	Inner    *part           `json:"component"`
	Parts    []part          `json:"components"`
}

// source is where an interaction came from: all that is needed to answer it.
type source struct {
	id, token, application string
	kind                   int
	guild, channel         string
	parent                 string // of the channel; empty: none
	channelKind            int
	user                   string
	name                   string // as the person is called there
	roles                  []string
	may                    uint64 // permissions of the bot
	field, typed           string // an option that is being typed, and how far
	member                 bool   // the bot is one of the guild's, not installed by a person alone
}

// read makes an invocation of an event, and its source. ok is false for what
// cannot be answered.
func read(raw []byte) (inv bot.Invocation, s source, ok bool) {
	var i interaction
	_ = json.Unmarshal(raw, &i) // a member of another type than today's is left out, and the rest is read
	if i.ID == "" || i.Token == "" {
		return bot.Invocation{}, source{}, false
	}
	s = i.source()
	inv = bot.Invocation{
		ID: i.ID, Began: time.Now(), Person: formatting.Person{ID: s.user, Name: s.name}, Groups: s.roles,
		Traits: bot.Traits{Name: "Discord", ShowsSecrets: true, OpensTexts: true},
		Place:  bot.Place{Platform: formatting.Discord, Workspace: s.guild, Channel: s.channel},
	}
	switch i.Type {
	case typeCommand:
		ok = i.Data.command(&inv)
	case typeTyping:
		s.field, s.typed, ok = i.Data.typing()
	case typeComponent:
		ok = i.Data.press(&inv)
	case typeModal:
		ok = i.Data.form(&inv)
	}
	return inv, s, ok
}

func (i *interaction) source() source {
	s := source{
		id: i.ID, token: i.Token, application: i.Application, kind: i.Type, guild: i.Guild, channel: i.ChannelID,
		parent: i.Channel.Parent, channelKind: i.Channel.Kind, user: i.User.ID,
		name: cmp.Or(i.User.Shown, i.User.Username),
	}
	if m := i.Member; m != nil {
		s.user, s.roles, s.name = m.User.ID, m.Roles, cmp.Or(m.Nick, m.User.Shown, m.User.Username)
	}
	s.may, _ = strconv.ParseUint(i.Permissions.String(), 10, 64) // 0, where Discord says nothing: no thread is tried
	_, s.member = i.Owners[installedInGuild]
	return s
}

// installedInGuild is the key of those who have the application in their
// guild (Discord, Interaction Object, Authorizing Integration Owners).
const installedInGuild = "0"

func (d *data) command(inv *bot.Invocation) bool {
	if d.Kind == ofMessages {
		inv.About = &bot.About{Text: d.Resolved.Messages[d.Target].words(), Test: d.Name == label(formatting.LabelFind)}
		return inv.About.Test || d.Name == label(formatting.LabelExplain)
	}
	for _, o := range d.Options {
		if o.Name == optionTarget {
			inv.Text = text(o.Value)
			continue
		}
		inv.Options = append(inv.Options, command.NamedValue{Name: o.Name, Value: text(o.Value)})
	}
	return d.Name == commandName
}

// typing is the option that is being typed.
func (d *data) typing() (field, typed string, ok bool) {
	for _, o := range d.Options {
		if o.Focused {
			return o.Name, text(o.Value), true
		}
	}
	return "", "", false
}

// text is a value as a person would have typed it.
func text(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	return string(raw)
}

func (d *data) press(inv *bot.Invocation) bool {
	verb, run, choice, ok := embed.Pressed(d.CustomID, d.Values)
	inv.Press = &bot.Press{Verb: verb, Run: run, Choice: choice, Request: embed.Request(d.CustomID)}
	return ok
}

// form takes what was typed out of a form. Go keeps copies of the password
// until they are collected.
func (d *data) form(inv *bot.Invocation) bool {
	_, id, _, ok := embed.Pressed(d.CustomID, nil)
	inv.Form = &bot.Submission{Form: id, Values: map[string]string{}}
	for _, p := range d.Parts {
		p.into(inv.Form)
	}
	return ok
}

func (p part) into(s *bot.Submission) {
	value := text(p.Value) + strings.Join(p.Values, "")
	switch {
	case p.CustomID == formatting.FieldSecret:
		s.Secret = secret.New(value)
	case p.CustomID != "":
		s.Values[p.CustomID] = value
	}
	if p.Inner != nil {
		p.Inner.into(s)
	}
	for _, inner := range p.Parts {
		inner.into(s)
	}
}

// refused says why somebody may not use the bot; empty: they may. Threads
// belong to their channel.
func (c Config) refused(s source) formatting.TextID {
	list := chat.AllowList{Workspaces: c.Guilds, Channels: c.Channels, People: c.Users, Groups: c.Roles}
	return list.Refuses(chat.Origin{
		Workspaces: []string{s.guild}, Channels: []string{s.channel, s.parent}, Person: s.user, Groups: s.roles,
	})
}
