package playground

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"smtptest/bot/playground/discord"
	"smtptest/formatting/html"
)

// discordLog are the messages that a person sees in a channel.
func (p *Playground) discordLog(s seat) []item {
	out := p.noticed(s.who.Name, s.Discord.ID)
	threads := map[string]bool{}
	for _, c := range p.Discord.Channels() {
		threads[c.ID] = c.Kind.Thread()
	}
	for _, m := range p.Discord.Messages(s.Discord.ID) {
		i, ok := p.discordItem(s, m)
		if !ok {
			continue
		}
		if threads[m.ID] {
			i.Thread = &thread{ID: element("t", i.ID), Open: s.Only != ""}
			for _, r := range p.Discord.Messages(m.ID) {
				if reply, ok := p.discordItem(s, r); ok {
					i.Thread.Items = append(i.Thread.Items, reply)
				}
			}
		}
		out = append(out, i)
	}
	return inOrder(out)
}

// discordItem is a message; false: this person does not see it.
func (p *Playground) discordItem(s seat, m discord.Message) (i item, ok bool) {
	if m.Deleted || m.Ephemeral && m.Person != s.who.discord {
		return item{}, false
	}
	v := s.view(s.hidden("discord.press", html.Field{Name: "message", Value: m.ID}))
	i = item{
		ID: element("d", m.ID), At: m.Created, Author: "smtptest", Bot: true, Of: "discord", Private: m.Ephemeral,
		Edited: !m.Edited.IsZero(), Thinking: m.Loading,
		Body: v.Markdown(m.Content) + v.Embeds(m.Embeds) + v.Components(m.Components),
	}
	if m.Author.ID != "" {
		i.Author, i.Bot, i.Body, i.Text = m.Author.Name, false, v.Embeds(m.Embeds), m.Content
	}
	if _, names := p.discordCommands(); len(names) > 0 && !m.Ephemeral {
		i.Menu = menu{names, s.hidden("discord.apply", html.Field{Name: "message", Value: m.ID}), s.do()}
	}
	if who, ok := p.Discord.Asked(m); ok {
		i.Replies = who.Name + " used smtptest"
	}
	for _, f := range m.Files {
		i.Files = append(i.Files, file{Name: f.Name, Size: len(f.Content), URL: s.at("file", "discord", f.ID),
			Preview: previewed(f.Content)})
	}
	return i, true
}

// discordModal is the form that a person sees.
func (p *Playground) discordModal(s seat) *modal {
	m, ok := p.Discord.OpenModal(s.who.discord)
	if !ok {
		return nil
	}
	v := s.view(nil)
	v.Secret = hidden("Discord itself shows what is typed here.")
	return &modal{ID: "discord-modal", Of: "discord", Body: v.DiscordModal(m.Title, m.Parts()),
		Hidden: s.hidden("discord.modal", html.Field{Name: "modal", Value: m.CustomID}), Action: s.do(), Version: m.CustomID}
}

// commandForm is a command of Discord with a field for each option.
type commandForm struct {
	Name, Description string
	Required, Others  []commandOption
}

type commandOption struct {
	Name, Description string
	Autocomplete      bool     // the bot proposes values while one types
	Boolean           bool     `json:"-"`
	Values            []string `json:"-"` // the only ones; empty: any
	Most              string   `json:"-"` // runes; empty: Discord's own limit
}

// Types of commands of Discord.
const (
	chatInput = 1
	ofMessage = 3
	boolean   = 5 // an option
)

// discordCommands is what the bot has registered: what people type, nil if there
// is nothing yet, and the names of what stands in the menu of a message.
func (p *Playground) discordCommands() (typed *commandForm, ofMessages []string) {
	var all []struct {
		Type        int
		Name        string
		Description string
		Options     []struct {
			commandOption
			Type      int
			Required  bool
			MaxLength json.Number `json:"max_length"`
			Choices   []struct{ Value string }
		}
	}
	raw, err := json.Marshal(p.Discord.Commands(""))
	if err != nil || json.Unmarshal(raw, &all) != nil {
		return nil, nil
	}
	for _, c := range all {
		switch c.Type {
		case ofMessage:
			ofMessages = append(ofMessages, c.Name)
		case chatInput:
			typed = &commandForm{Name: c.Name, Description: c.Description}
			for _, o := range c.Options {
				field := o.commandOption
				field.Boolean, field.Most = o.Type == boolean, o.MaxLength.String()
				for _, choice := range o.Choices {
					field.Values = append(field.Values, choice.Value)
				}
				if o.Required {
					typed.Required = append(typed.Required, field)
				} else {
					typed.Others = append(typed.Others, field)
				}
			}
		}
	}
	return typed, ofMessages
}

// suggested are the values that the bot proposes for what somebody types into
// an option.
func (p *Playground) suggested(ctx context.Context, s seat, name, typed string) []string {
	command, _ := p.discordCommands()
	if command == nil {
		return nil
	}
	i, err := p.Discord.Suggest(s.user(), s.Discord.ID, command.Name, discord.Option{Name: name, Value: typed})
	if err != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, actTime)
	defer cancel()
	r, _ := i.Response(ctx)
	var out []string
	for _, c := range r.Choices {
		out = append(out, c.Value)
	}
	return out
}

// jump finds the element of a message by its address on Discord: the channel
// of a thread has the id of the message that it stands below.
func jump(address string) string {
	parts := strings.Split(strings.TrimPrefix(address, "https://discord.com/channels/"), "/")
	if !strings.HasPrefix(address, "https://discord.com/channels/") || len(parts) < 2 {
		return ""
	}
	return "#" + element("d", parts[len(parts)-1])
}

func keys(m map[string]string) []string {
	var out []string
	for key := range m {
		out = append(out, key)
	}
	slices.Sort(out)
	return out
}
