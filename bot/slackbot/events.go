package slackbot

import (
	"encoding/json"
	"regexp"

	"github.com/slack-go/slack/slackevents"

	"smtptest/bot"
)

// mention is our own name, or any other, at the head of a text.
var mention = regexp.MustCompile(`^\s*<@[UW][A-Z0-9]+(\|[^>]*)?>[\s:,]*`)

// written is what somebody wrote to us.
type written struct {
	user, text, channel, stamp, thread string
	userTeam, sourceTeam               string
}

// readEvent reads what people write, and who looks at the home tab. Messages of
// bots are passed over, our own among them: two bots would talk for ever. So is
// what was edited, which was answered before, and what a thread repeats.
func (b *Bot) readEvent(e slackevents.EventsAPIEvent, s *source) (inv bot.Invocation, ok bool) {
	w, ok := b.readWords(e, s)
	if !ok {
		return inv, false
	}
	outer, _ := e.Data.(*slackevents.EventsAPICallbackEvent)
	s.team, s.channel, s.user, s.thread = author(e, outer, w), w.channel, w.user, w.thread
	// Of a guest nothing is said of the enterprise.
	if s.team == e.TeamID && outer != nil && len(outer.Authorizations) > 0 && outer.Authorizations[0].IsEnterpriseInstall {
		s.enterprise = e.EnterpriseID
	}
	id := w.channel + w.user + w.stamp
	if outer != nil && outer.EventID != "" {
		id = outer.EventID
	}
	inv = s.invocation(id)
	inv.Text, inv.Overheard, inv.Home = mention.ReplaceAllString(w.text, ""), s.kind == kindMention, s.kind == kindHome
	return inv, true
}

// readWords sorts what was written; ok is false for what is passed over.
func (b *Bot) readWords(e slackevents.EventsAPIEvent, s *source) (w written, ok bool) {
	switch m := e.InnerEvent.Data.(type) {
	case *slackevents.AppMentionEvent:
		if m.BotID != "" || m.Edited != nil || m.User == "" {
			return w, false
		}
		s.kind = kindMention
		w = written{m.User, m.Text, m.Channel, m.TimeStamp, m.ThreadTimeStamp, m.UserTeam, m.SourceTeam}
	case *slackevents.MessageEvent:
		if !m.IsIM() || m.SubType != "" || m.BotID != "" || m.User == "" || m.User == b.me().user {
			return w, false
		}
		s.kind = kindDirect
		w = written{m.User, m.Text, m.Channel, m.TimeStamp, m.ThreadTimeStamp, m.UserTeam, m.SourceTeam}
	case *slackevents.AppHomeOpenedEvent:
		if m.Tab != "home" {
			return w, false
		}
		s.kind = kindHome
		w = written{user: m.User, stamp: m.EventTimeStamp}
	default:
		return w, false
	}
	return w, true
}

// author is the workspace of who wrote a message: what any of the three fields
// names beside ours; empty where the channel is shared with other
// organisations and none of them is there.
func author(e slackevents.EventsAPIEvent, outer *slackevents.EventsAPICallbackEvent, w written) string {
	var inner struct {
		Team string `json:"team"` // the library does not read it
	}
	if outer != nil && outer.InnerEvent != nil {
		_ = json.Unmarshal(*outer.InnerEvent, &inner)
	}
	known := !e.IsExtSharedChannel
	for _, team := range []string{w.userTeam, w.sourceTeam, inner.Team} {
		if team != "" && team != e.TeamID {
			return team
		}
		known = known || team != ""
	}
	if !known {
		return ""
	}
	return e.TeamID
}
