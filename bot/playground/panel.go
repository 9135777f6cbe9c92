package playground

import (
	"net/url"

	"smtptest/bot/playground/discord"
	"smtptest/bot/playground/slack"
)

// panelButton is something that goes wrong on request.
type panelButton struct {
	ID, Label, Explained string

	do func(*Playground)
}

// panel are the buttons of the panel.
func panel() []panelButton {
	const calls = 3 // in a row that are refused
	return []panelButton{
		{"expire", "Expire the buttons", "The bot forgets all results, as it does after an hour.",
			func(p *Playground) { p.options.Expire() }},
		{"restart", "Restart the bot", "It says what it still runs, ends, and connects anew.",
			func(p *Playground) { p.options.Restart() }},
		{"slack-429", "Slack: answer 429", "The next three calls are refused, with a second to wait.",
			func(p *Playground) { p.Slack.Fail(slack.TooMany, "", calls) }},
		{"discord-429", "Discord: answer 429", "The next three calls are refused, with a quarter of a second to wait.",
			func(p *Playground) { p.Discord.Fail(discord.Fault{Kind: discord.Limited, Times: calls}) }},
		{"slack-cut", "Slack: cut the sockets", "All connections end without a word.",
			func(p *Playground) { p.Slack.DropSockets() }},
		{"discord-cut", "Discord: cut the gateway", "The connection ends without a word.",
			func(p *Playground) { p.Discord.UpsetGateway(discord.Drop) }},
	}
}

// pull presses a button of the panel.
func (p *Playground) pull(s seat, v url.Values) {
	for _, b := range panel() {
		if b.ID == v.Get("what") {
			p.busy.Go(func() {
				b.do(p)
				p.note(s.who.Name, s.Slack.ID, b.Label+": done. "+b.Explained)
			})
			return
		}
	}
}
