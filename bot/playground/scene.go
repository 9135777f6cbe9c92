package playground

import (
	"fmt"

	"smtptest/bot/playground/slack"
	"smtptest/formatting/html"
)

// Usage is what Slack shows of the command while one types: usage_hint in
// deploy/slack/manifest.yaml.
const Usage = "smtp.example.com:587 | login HOST:PORT | explain 535 5.7.8 | help"

// Shortcut and its callback are in the menu of a message in Slack, as the
// manifest says.
const (
	Shortcut         = "Explain this"
	ShortcutCallback = "smtptest_explain"
)

// scene is all that the page shows to one person.
type scene struct {
	seat
	Who             string
	Events          string // the address of what has changed since
	People, Themes  []link
	Columns         []column
	Servers, Others []Server
	Panel           []panelButton
	State           state
	Test            []html.Field // sent with the name of a server
	Pull            []html.Field // sent with a button of the panel
}

// link is a choice between seats.
type link struct {
	Label, To string
	Current   bool
}

// column is one platform.
type column struct {
	Of, Label string
	Channels  []link
	Log       []item
	Modal     *modal
	Say       *compose
	Command   *commandForm // Discord: a field for each option
	Hidden    []html.Field // of Command
	Action    string
}

// state is what stands below: how the bot is, and what it did wrong.
type state struct {
	Sockets, Gateway int
	Violations       []string
}

// Version changes with what it shows.
func (s state) Version() string { return fmt.Sprint(s) }

func (p *Playground) scene(s seat) scene {
	out := scene{
		seat: s, Who: s.who.Name, Events: s.at("events") + "?" + s.query("", "").Encode(),
		Panel: panel(), Test: s.hidden("both"), Pull: s.hidden("panel"),
	}
	for _, who := range people() {
		out.People = append(out.People, s.link("as", who.Name, who.Name == s.who.Name))
	}
	for _, server := range p.options.Servers {
		if server.First {
			out.Servers = append(out.Servers, server)
		} else {
			out.Others = append(out.Others, server)
		}
	}
	out.Columns = p.columns(s)
	out.State = p.state()
	return out
}

func (s seat) link(name, label string, current bool) link {
	return link{Label: label, To: s.base + "?" + s.query(name, label).Encode(), Current: current}
}

// columns are the platforms that are shown.
func (p *Playground) columns(s seat) []column {
	var out []column
	if s.Only != "discord" {
		c := column{Of: "slack", Label: "Slack", Log: p.slackLog(s), Modal: p.slackModal(s), Say: &compose{
			ID: "slack-say", Label: "Message in Slack", Hint: slack.CommandName + " good:587",
			Usage: Usage, Hidden: s.hidden("slack.say"), Action: s.do(),
		}}
		for _, ch := range slackChannels(s.who) {
			c.Channels = append(c.Channels, s.link("slack", ch.Name, ch.ID == s.Slack.ID))
		}
		out = append(out, c)
	}
	if s.Only != "slack" {
		c := column{Of: "discord", Label: "Discord", Log: p.discordLog(s), Modal: p.discordModal(s),
			Hidden: s.hidden("discord.command"), Action: s.do(), Say: &compose{ID: "discord-say",
				Label: "Message in Discord, which the bot does not hear", Hidden: s.hidden("discord.say"), Action: s.do()}}
		c.Command, _ = p.discordCommands()
		for _, ch := range p.guild {
			c.Channels = append(c.Channels, s.link("discord", ch.Name, ch.ID == s.Discord.ID))
		}
		out = append(out, c)
	}
	return out
}

func (p *Playground) state() state {
	out := state{Sockets: p.Slack.Sockets(), Gateway: p.Discord.Connected()}
	for _, v := range p.Slack.Violations() {
		out.Violations = append(out.Violations, "Slack: "+v)
	}
	for _, v := range p.Discord.Violations() {
		out.Violations = append(out.Violations, "Discord: "+v)
	}
	const most = 10
	out.Violations = out.Violations[max(0, len(out.Violations)-most):]
	return out
}
