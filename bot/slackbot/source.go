package slackbot

import (
	"strings"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"

	"smtptest/bot"
	"smtptest/bot/chat"
	"smtptest/formatting"
	"smtptest/formatting/blockkit"
	"smtptest/probe/secret"
)

// source is where an event came from: all that is needed to answer it.
type source struct {
	kind       kind
	ack        func(payload any)
	acked      bool
	team       string // of the person
	enterprise string // of the person, where all of it has installed the app; empty: it has not, or is not said
	channel    string // empty: a form
	between    bool   // the channel is a conversation of people, into which no bot is invited
	user       string
	name       string    // as the person is called; empty: not said
	thread     string    // timestamp of the thread that the answer belongs into; empty: none
	under      chat.Spot // the public message that was pressed on; zero: none was
	hook       hook
	view       string // the form that was sent; empty: none was
	trigger    string // opens one form within 3 s; empty: there is none
}

// kind is the kind of an event.
type kind int

const (
	kindCommand kind = iota
	kindMention
	kindDirect // a message to the bot, in the conversation with it
	kindHome   // the person looks at the home tab
	kindPress
	kindForm
)

// read makes an invocation of an event and fills in its source. ok is false
// for what is not for us.
func (b *Bot) read(e socketmode.Event, s *source) (inv bot.Invocation, ok bool) {
	switch data := e.Data.(type) {
	case slack.SlashCommand:
		inv, ok = readCommand(data, s), true
	case slackevents.EventsAPIEvent:
		inv, ok = b.readEvent(data, s)
	case slack.InteractionCallback:
		inv, ok = readInteraction(&data, s)
		clear(e.Request.Payload) // what was typed into a form is in it
	}
	inv.Began = time.Now()
	return inv, ok
}

// invocation has what all kinds have in common.
func (s *source) invocation(id string) bot.Invocation {
	return bot.Invocation{
		ID:     id,
		Traits: bot.Traits{Name: "Slack", ShowsSecrets: true},
		Place:  bot.Place{Platform: formatting.Slack, Workspace: s.team, Channel: s.channel},
		Person: formatting.Person{ID: s.user, Name: s.name},
	}
}

func readCommand(c slack.SlashCommand, s *source) bot.Invocation {
	s.kind, s.team, s.channel, s.user = kindCommand, c.TeamID, c.ChannelID, c.UserID
	s.hook.url, s.trigger, s.name = c.ResponseURL, c.TriggerID, c.UserName
	s.between = conversation(c.ChannelName)
	if c.IsEnterpriseInstall {
		s.enterprise = c.EnterpriseID
	}
	inv := s.invocation(c.TriggerID)
	inv.Text, inv.Traits.OpensTests, inv.Traits.OpensTexts = c.Text, c.TriggerID != "", c.TriggerID != ""
	return inv
}

// conversation reports the name that Slack gives a direct message of two people
// or of several.
func conversation(name string) bool {
	return name == "directmessage" || strings.HasPrefix(name, "mpdm-")
}

func readInteraction(c *slack.InteractionCallback, s *source) (bot.Invocation, bool) {
	s.team, s.user, s.name, s.trigger = c.User.TeamID, c.User.ID, c.User.Name, c.TriggerID
	if c.IsEnterpriseInstall && s.team != "" && s.team == c.Team.ID {
		s.enterprise = c.Enterprise.ID
	}
	switch c.Type {
	case slack.InteractionTypeBlockActions:
		return readPress(c, s)
	case slack.InteractionTypeViewSubmission:
		return readForm(c, s)
	case slack.InteractionTypeMessageAction:
		return readShortcut(c, s)
	}
	return bot.Invocation{}, false
}

func readPress(c *slack.InteractionCallback, s *source) (bot.Invocation, bool) {
	if len(c.ActionCallback.BlockActions) == 0 {
		return bot.Invocation{}, false
	}
	a := c.ActionCallback.BlockActions[0]
	verb, run, choice, ok := blockkit.Pressed(a.ActionID, a.SelectedOption.Value)
	if !ok {
		return bot.Invocation{}, false
	}
	s.kind, s.channel, s.hook.url = kindPress, c.Channel.ID, c.ResponseURL
	if s.channel == "" {
		s.channel = c.Container.ChannelID
	}
	s.thread, s.between = c.Container.ThreadTs, conversation(c.Channel.Name)
	if !c.Container.IsEphemeral {
		s.under = chat.Spot{Channel: s.channel, Thread: s.thread, Message: c.Container.MessageTs}
	}
	inv := s.invocation(c.TriggerID)
	inv.Press = &bot.Press{Verb: verb, Run: run, Choice: choice, Request: a.Value}
	return inv, true
}

// ExplainCallback is the callback_id of the shortcut that explains a message.
const ExplainCallback = "smtptest_explain"

// readShortcut reads what somebody wants to know of a message: what it means. It
// is for that person alone, whoever wrote it.
func readShortcut(c *slack.InteractionCallback, s *source) (bot.Invocation, bool) {
	if c.CallbackID != ExplainCallback {
		return bot.Invocation{}, false
	}
	s.kind, s.channel, s.hook.url, s.thread = kindPress, c.Channel.ID, c.ResponseURL, c.Message.ThreadTimestamp
	inv := s.invocation(c.TriggerID)
	inv.About = &bot.About{Text: readable(c.Message)}
	return inv, true
}

// readable is what one reads of a message: an alert has its words in attachments.
func readable(m slack.Message) string {
	all := []string{m.Text}
	for _, a := range m.Attachments {
		all = append(all, a.Pretext, a.Title, a.Text)
		for _, f := range a.Fields {
			all = append(all, f.Title+": "+f.Value)
		}
		all = append(all, a.Footer)
	}
	return strings.TrimSpace(strings.Join(all, "\n"))
}

// readForm takes what was typed out of a form. The password leaves the
// library's structure here; Go keeps copies until they are collected.
func readForm(c *slack.InteractionCallback, s *source) (bot.Invocation, bool) {
	if c.View.CallbackID != blockkit.LoginCallback || c.View.State == nil {
		return bot.Invocation{}, false
	}
	s.kind, s.view = kindForm, c.View.ID
	form := &bot.Submission{Form: c.View.PrivateMetadata, Values: map[string]string{}}
	for field, actions := range c.View.State.Values {
		for _, a := range actions {
			if field == formatting.FieldSecret {
				form.Secret = secret.New(a.Value)
				continue
			}
			form.Values[field] = a.Value + a.SelectedOption.Value
		}
	}
	c.View.State, c.RawState = nil, nil
	inv := s.invocation(c.TriggerID) // the view's own hash stays the same when its input is sent again
	inv.Form = form
	return inv, true
}

// refused says why somebody may not use the bot; empty: they may. If no team
// is listed, it is for those of the workspace or enterprise that has installed
// the app.
func (b *Bot) refused(s *source) formatting.TextID {
	c, me := b.config, b.me()
	list := chat.AllowList{Workspaces: c.Teams, Channels: c.Channels, People: c.Users}
	if len(list.Workspaces) == 0 {
		list.Workspaces = []string{me.team, me.enterprise}
	}
	from := chat.Origin{Workspaces: []string{s.team, s.enterprise}, Person: s.user}
	if s.channel != "" {
		from.Channels = []string{s.channel}
	}
	return list.Refuses(from)
}
