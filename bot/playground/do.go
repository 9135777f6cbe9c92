package playground

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"smtptest/bot/playground/discord"
	"smtptest/bot/playground/slack"
	"smtptest/bot/playground/wire"
)

// actTime bounds how long is waited to hear what came of something: longer
// than either platform waits for the bot.
const actTime = 5 * time.Second

// do carries out a form. A browser without a script gets the page again.
func (s *site) do(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, "the form cannot be read, or is too long", http.StatusBadRequest)
		return
	}
	if !s.Act(r.PostForm) {
		http.Error(w, "this page has no such form", http.StatusBadRequest)
		return
	}
	seat := s.seat(r.PostForm)
	if r.Header.Get("X-Script") != "" {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	http.Redirect(w, r, seat.base+"?"+seat.query("", "").Encode(), http.StatusSeeOther)
}

// Act carries out what a form of the page sends; false: there is no such form.
func (p *Playground) Act(form url.Values) bool {
	act := p.acts()[form.Get("kind")]
	if act != nil {
		act(p.seat(form), form)
	}
	return act != nil
}

// acts are what a form may ask for, by its kind.
func (p *Playground) acts() map[string]func(seat, url.Values) {
	return map[string]func(seat, url.Values){
		"slack.say": p.slackSay, "slack.press": p.slackPress, "slack.apply": p.slackApply, "slack.modal": p.slackSubmit,
		"discord.command": p.discordAsk, "discord.press": p.discordPress, "discord.modal": p.discordSubmit,
		"discord.say": p.discordSay, "discord.apply": p.discordApply,
		"both": p.both, "panel": p.pull,
	}
}

// slackSay is what happens to a line that somebody types: a command, a mention
// of the bot, or words that nobody hears.
func (p *Playground) slackSay(s seat, v url.Values) {
	text, thread := strings.TrimSpace(v.Get("text")), v.Get("thread")
	rest, command := strings.CutPrefix(text, slack.CommandName)
	mention := strings.Contains(text, "@smtptest")
	switch {
	case text == "":
	case s.Slack.ID == home:
		p.note(s.who.Name, home, "Nobody can write here. The direct message is beside it.")
	case command && thread != "":
		p.note(s.who.Name, s.Slack.ID, slack.CommandName+" does not work in a thread. Write @smtptest in its place.")
	case command && (rest == "" || rest[0] == ' '):
		p.slackWait(s, slack.CommandName, p.Slack.Command(s.who.slack, s.Slack.ID, strings.TrimSpace(rest)))
	case strings.HasPrefix(text, "/"):
		p.note(s.who.Name, s.Slack.ID, "Slack knows no such command.")
	case mention:
		text = strings.ReplaceAll(text, "@smtptest", "<@"+slack.BotUI+">")
		p.slackWait(s, "", p.Slack.Mention(s.who.slack, s.Slack.ID, thread, text))
	case s.Slack.ID == s.who.direct:
		p.slackWait(s, "", p.Slack.Write(s.who.slack, thread, text, nil))
	default:
		p.Slack.Say(s.who.slack, s.Slack.ID, thread, text)
	}
}

// slackWait waits until the bot has acknowledged something. If it does not, the
// person reads what Slack's client says.
func (p *Playground) slackWait(s seat, what string, d *slack.Delivery) {
	p.busy.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), actTime)
		defer cancel()
		_, err := d.Wait(ctx)
		switch {
		case err == nil, what == "": // of a mention nobody is told
		case err == slack.ErrNothing:
			p.note(s.who.Name, s.Slack.ID, "That is not there any more, or not all of it is filled in.")
		default:
			p.note(s.who.Name, s.Slack.ID, what+" failed with the error “"+err.Error()+"”.")
		}
	})
}

func (p *Playground) slackPress(s seat, v url.Values) {
	if m, ok := p.slackMessage(s, v.Get("message")); ok {
		s.Slack.ID = m.Channel
		id, choice := pressed(v)
		p.slackWait(s, "The button", p.Slack.Press(s.who.slack, m, id, choice))
	}
}

// slackApply chooses the app's shortcut from the menu of a message.
func (p *Playground) slackApply(s seat, v url.Values) {
	if m, ok := p.slackMessage(s, v.Get("message")); ok {
		p.slackWait(s, "The shortcut", p.Slack.Shortcut(s.who.slack, m, ShortcutCallback))
	}
}

// slackMessage finds a message that a person sees.
func (p *Playground) slackMessage(s seat, ts string) (slack.Message, bool) {
	for _, m := range append(p.Slack.Messages(""), p.Slack.Ephemerals(s.who.slack)...) {
		if m.TS == ts {
			return m, true
		}
	}
	return slack.Message{}, false
}

// pressed is what was pressed, and what was chosen: by a button, by one of a
// menu's buttons, or in a list.
func pressed(v url.Values) (id, choice string) {
	if both := v.Get("choose"); both != "" {
		id, choice, _ = strings.Cut(both, " ")
		return id, choice
	}
	if id = v.Get("pick"); id != "" {
		return id, v.Get("option:" + id)
	}
	return v.Get("press"), ""
}

// fields are what a modal was filled in with. What a client cannot leave out
// and was left empty is left to the fake to refuse.
func fields(v url.Values) map[string]string {
	out := map[string]string{}
	for key := range v {
		if id, ok := strings.CutPrefix(key, "field:"); ok && v.Get(key) != "" {
			out[id] = v.Get(key)
		}
	}
	return out
}

func (p *Playground) slackSubmit(s seat, v url.Values) {
	if v.Get("do") == "close" {
		p.Slack.Dismiss(s.who.slack, v.Get("view"))
		return
	}
	p.slackWait(s, "The form", p.Slack.Submit(s.who.slack, slack.View{ID: v.Get("view")}, fields(v)))
}

func (s seat) user() discord.User { return discord.User{ID: s.who.discord, Name: s.who.Name} }

func (p *Playground) discordAsk(s seat, v url.Values) {
	c, _ := p.discordCommands()
	if c == nil {
		p.note(s.who.Name, s.Discord.ID, "The bot has registered no command yet.")
		return
	}
	var options []discord.Option
	for _, o := range append(c.Required, c.Others...) {
		text := v.Get("option:" + o.Name)
		switch {
		case text == "":
		case o.Boolean:
			options = append(options, discord.Option{Name: o.Name, Value: text == "true"})
		default:
			options = append(options, discord.Option{Name: o.Name, Value: text})
		}
	}
	i, err := p.Discord.Command(s.user(), s.Discord.ID, c.Name, options...)
	p.discordWait(s, i, err)
}

// discordWait waits for the first response. If there is none, the person
// reads what Discord's client says.
func (p *Playground) discordWait(s seat, i *discord.Interaction, err error) {
	if err != nil {
		p.note(s.who.Name, s.Discord.ID, "Discord does not let you do that here, or not all of it is filled in.")
		return
	}
	p.busy.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), actTime)
		defer cancel()
		if _, err := i.Response(ctx); err != nil && err != wire.ErrClosed {
			p.note(s.who.Name, s.Discord.ID, "The application did not respond.")
		}
	})
}

func (p *Playground) discordPress(s seat, v url.Values) {
	id, choice := pressed(v)
	if m, ok := p.Discord.Message(v.Get("message")); ok {
		s.Discord.ID = m.ChannelID
	}
	var values []string
	if choice != "" {
		values = []string{choice}
	}
	i, err := p.Discord.Press(s.user(), v.Get("message"), id, values...)
	p.discordWait(s, i, err)
}

func (p *Playground) discordSubmit(s seat, v url.Values) {
	m, ok := p.Discord.OpenModal(s.who.discord)
	if !ok || m.CustomID != v.Get("modal") {
		return
	}
	if v.Get("do") == "close" {
		p.Discord.Dismiss(m)
		return
	}
	i, err := p.Discord.Submit(s.user(), m, fields(v))
	p.discordWait(s, i, err)
}

// discordSay is what somebody writes: the bot does not hear it.
func (p *Playground) discordSay(s seat, v url.Values) {
	if text := strings.TrimSpace(v.Get("text")); text != "" {
		if _, err := p.Discord.Say(s.user(), s.Discord.ID, discord.Message{Content: text}); err != nil {
			p.note(s.who.Name, s.Discord.ID, "Discord does not take this message.")
		}
	}
}

// discordApply chooses a command from the menu of a message.
func (p *Playground) discordApply(s seat, v url.Values) {
	i, err := p.Discord.Apply(s.user(), v.Get("message"), v.Get("command"))
	p.discordWait(s, i, err)
}

// both tests a server on both platforms, to be compared.
func (p *Playground) both(s seat, v url.Values) {
	if s.Slack.ID == home {
		s.Slack = slackChannels(s.who)[0]
	}
	p.slackSay(s, url.Values{"text": {slack.CommandName + " " + v.Get("server")}})
	p.discordAsk(s, url.Values{"option:target": {v.Get("server")}})
}
