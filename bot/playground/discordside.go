package playground

import (
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
	Boolean           bool
	Choices           []string
	Most              string // runes; empty: Discord's own limit
}

// discordCommand is what the bot has registered; nil: nothing yet.
func (p *Playground) discordCommand() *commandForm {
	var all []struct {
		Type        int
		Name        string
		Description string
		Options     []struct {
			Type        int
			Name        string
			Description string
			Required    bool
			MaxLength   json.Number `json:"max_length"`
			Choices     []struct{ Value string }
		}
	}
	raw, err := json.Marshal(p.Discord.Commands(""))
	if err != nil || json.Unmarshal(raw, &all) != nil {
		return nil
	}
	for _, c := range all {
		if c.Type != 1 { // CHAT_INPUT
			continue
		}
		out := &commandForm{Name: c.Name, Description: c.Description}
		for _, o := range c.Options {
			field := commandOption{Name: o.Name, Description: o.Description, Boolean: o.Type == 5, Most: o.MaxLength.String()}
			for _, choice := range o.Choices {
				field.Choices = append(field.Choices, choice.Value)
			}
			if o.Required {
				out.Required = append(out.Required, field)
			} else {
				out.Others = append(out.Others, field)
			}
		}
		return out
	}
	return nil
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
