package slack

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"time"
)

// CommandName is the command that people type.
const CommandName = "/smtptest"

// know adds a person. s.Mu is held.
func (s *Server) know(user string) User {
	u, ok := s.users[user]
	if !ok {
		u = User{ID: user, Name: user}
		s.users[user] = u
	}
	if u.Team == "" {
		u.Team = Team
	}
	return u
}

// place is a channel as a person sees it: the bot need not know it. s.Mu is
// held.
func (s *Server) place(id string) Channel {
	if c, ok := s.channels[id]; ok {
		return c
	}
	return Channel{ID: id, Kind: Others}
}

// name is what Slack tells an app of a channel that it is not in.
func (c Channel) name() string {
	if !c.seen() && c.Kind != Others {
		return "privategroup"
	}
	return c.Name
}

// trigger is a trigger_id.
type trigger struct {
	made time.Time
	used bool
	user string
}

// trigger makes a trigger_id. s.Mu is held.
func (s *Server) trigger(user string) string {
	id := strconv.FormatInt(time.Now().UnixMicro(), 10) + "." + strconv.Itoa(s.triggers.Len()) + "." + s.secret()
	s.triggers.Put(id, &trigger{made: time.Now(), user: user})
	return id
}

// Command makes a person type the command in a channel. Slack has no slash
// commands in threads.
func (s *Server) Command(user, channel, text string) *Delivery {
	if !slices.Contains(s.options.Scopes, "commands") {
		return failed(ErrScope)
	}
	return s.act(func() *Delivery {
		u, c := s.know(user), s.place(channel)
		h := &hook{user: u.ID, channel: c.ID}
		d := s.deliver(slashCommands, object{
			"token": "fake-verification-token", "team_id": u.Team, "team_domain": Domain, "channel_id": c.ID,
			"channel_name": c.name(), "user_id": u.ID, "user_name": u.Name, "command": CommandName, "text": text,
			"api_app_id": AppID, "is_enterprise_install": "false",
		})
		d.hook = h
		return d.with(s.trigger(u.ID), s.hook("commands", h))
	})
}

// act makes a person do something, and sends what the bot is told of it.
func (s *Server) act(do func() *Delivery) *Delivery {
	var d *Delivery
	s.Locked(func() { d = do() })
	s.dispatch(d)
	return d
}

// with adds what an answer needs; an empty address is not sent.
func (d *Delivery) with(trigger, url string) *Delivery {
	payload := d.envelope["payload"].(object)
	d.Trigger, payload["trigger_id"] = trigger, trigger
	if d.ResponseURL = url; url != "" {
		payload["response_url"] = url
	}
	return d
}

// Mention makes a person post a message that mentions the bot: text is what
// Slack makes of it, with <@…> for BotUI where the bot is named. An empty
// thread posts at the top level. Where the bot is no member, Slack tells it
// nothing: ErrDispatch.
func (s *Server) Mention(user, channel, thread, text string) *Delivery {
	if !slices.Contains(s.options.Scopes, "app_mentions:read") {
		return failed(ErrScope)
	}
	return s.act(func() *Delivery { return s.mentioned(user, channel, thread, text) })
}

func (s *Server) mentioned(user, channel, thread, text string) *Delivery {
	u, c := s.know(user), s.place(channel)
	m := s.say(u.ID, c.ID, thread, text)
	if !c.joined() {
		return failed(ErrDispatch)
	}
	return s.event(u, m, object{"type": "app_mention"}, c.Shared)
}

// event tells the bot of a message. s.Mu is held.
func (s *Server) event(u User, m *Message, event object, shared bool) *Delivery {
	all := object{"user": u.ID, "text": m.Text, "ts": m.TS, "channel": m.Channel, "event_ts": m.TS, "team": u.Team}
	if m.Thread != "" {
		all["thread_ts"] = m.Thread
	}
	if u.Team != Team {
		all["user_team"], all["source_team"] = u.Team, u.Team
	}
	maps.Copy(all, event)
	return s.callback(all, shared)
}

func (s *Server) callback(event object, shared bool) *Delivery {
	return s.deliver(eventsAPI, object{
		"token": "fake-verification-token", "team_id": Team, "api_app_id": AppID, "type": "event_callback", "event": event,
		"event_id": s.id("Ev"), "event_time": time.Now().Unix(), "is_ext_shared_channel": shared,
		"authorizations": []object{{"team_id": Team, "user_id": BotUI, "is_bot": true}},
	})
}

// Write makes a person write to the bot in the conversation with it, with more
// fields of the event, such as a subtype.
func (s *Server) Write(user, thread, text string, more map[string]any) *Delivery {
	if !slices.Contains(s.options.Scopes, "im:history") {
		return failed(ErrScope)
	}
	return s.act(func() *Delivery {
		u := s.know(user)
		event := object{"type": "message", "channel_type": "im"}
		maps.Copy(event, more)
		return s.event(u, s.say(u.ID, s.direct(u).ID, thread, text), event, false)
	})
}

// echo tells the bot of its own message in a conversation with it, as Slack
// does: a bot that answers those talks to itself for ever. s.Mu is held.
func (s *Server) echo(m *Message) {
	if s.channels[m.Channel].Kind != Direct || !slices.Contains(s.options.Scopes, "im:history") {
		return
	}
	d := s.event(s.know(BotUI), m, object{"type": "message", "channel_type": "im", "bot_id": BotID}, false)
	s.Running.Go(func() { s.dispatch(d) })
}

// OpenHome makes a person look at a tab of the app: "home" or "messages".
func (s *Server) OpenHome(user, tab string) *Delivery {
	return s.act(func() *Delivery {
		u := s.know(user)
		return s.callback(object{"type": "app_home_opened", "user": u.ID, "channel": s.direct(u).ID, "tab": tab,
			"event_ts": s.ts()}, false)
	})
}

// Say makes a person post a message, and returns it. Nobody is told.
func (s *Server) Say(user, channel, thread, text string) (m Message) {
	s.Locked(func() { m = *s.say(s.know(user).ID, channel, thread, text) })
	return m
}

func (s *Server) say(user, channel, thread, text string) *Message {
	m := &Message{Channel: channel, TS: s.ts(), Thread: thread, By: user, Text: text, Via: "person"}
	s.add(m)
	return m
}

// Erase makes somebody delete a message.
func (s *Server) Erase(channel, ts string) {
	s.Locked(func() {
		if m, ok := s.messages.Get(key(channel, ts)); ok {
			m.Deleted = true
		}
	})
}

// Press makes a person press what has an action_id under a message, as it is
// now: a button, or with choice the option of that value in a list. ErrNothing
// if it is not there.
func (s *Server) Press(user string, m Message, actionID, choice string) *Delivery {
	return s.act(func() *Delivery { return s.pressed(user, m, actionID, choice) })
}

func (s *Server) pressed(user string, m Message, actionID, choice string) *Delivery {
	u, c := s.know(user), s.place(m.Channel)
	now, ok := s.messages.Get(key(m.Channel, m.TS))
	var action object
	if ok && !now.Deleted && (now.To == "" || now.To == user) {
		action = pressed(now.All(), actionID, choice)
	}
	if action == nil {
		return failed(ErrNothing)
	}
	action["action_ts"] = s.ts()
	h := &hook{user: u.ID, channel: c.ID, thread: now.Thread, original: now}
	payload := s.interaction("block_actions", u)
	payload["container"], payload["channel"] = now.container(), object{"id": c.ID, "name": c.name()}
	if pressed(now.Blocks, actionID, choice) == nil {
		payload["container"].(object)["type"] = "message_attachment"
	}
	payload["actions"], payload["state"] = []object{action}, object{"values": object{}}
	if !now.Ephemeral() { // of an ephemeral message Slack sends the place alone
		payload["message"] = now.object()
	}
	return s.deliver(interactive, payload).with(s.trigger(u.ID), s.hook("actions", h))
}

func (m *Message) container() object {
	o := object{"type": "message", "message_ts": m.TS, "channel_id": m.Channel, "is_ephemeral": m.Ephemeral()}
	if m.Thread != "" {
		o["thread_ts"] = m.Thread
	}
	return o
}

// Shortcut makes a person use a message shortcut of the app on a message.
func (s *Server) Shortcut(user string, m Message, callback string) *Delivery {
	return s.act(func() *Delivery {
		u, c := s.know(user), s.place(m.Channel)
		payload := s.interaction("message_action", u)
		maps.Copy(payload, object{"callback_id": callback, "message_ts": m.TS, "message": m.object(),
			"channel": object{"id": c.ID, "name": c.name()}})
		h := &hook{user: u.ID, channel: c.ID, thread: m.Thread}
		return s.deliver(interactive, payload).with(s.trigger(u.ID), s.hook("actions", h))
	})
}

// interaction is what all payloads of interactions hold.
func (s *Server) interaction(kind string, u User) object {
	return object{
		"type": kind, "token": "fake-verification-token", "api_app_id": AppID, "enterprise": nil,
		"is_enterprise_install": false,
		"team":                  object{"id": Team, "domain": Domain},
		"user":                  object{"id": u.ID, "username": u.Name, "name": u.Name, "team_id": u.Team},
	}
}

// pressed finds what has an action_id, and says what pressing it sends; nil:
// there is none, or no such choice.
func pressed(blocks json.RawMessage, actionID, choice string) object {
	var all []struct {
		ID        string   `json:"block_id"`
		Elements  []object `json:"elements"`
		Accessory object   `json:"accessory"`
	}
	if blocks == nil || json.Unmarshal(blocks, &all) != nil {
		return nil
	}
	for _, b := range all {
		for _, e := range append(b.Elements, b.Accessory) {
			if e == nil || e["action_id"] != actionID {
				continue
			}
			out := object{"type": e["type"], "action_id": actionID, "block_id": b.ID}
			return chosen(out, e, choice)
		}
	}
	return nil
}

// chosen adds what was pressed: the value of a button, or an option.
func chosen(out, element object, choice string) object {
	if element["type"] == "button" {
		out["text"] = element["text"]
		if v, ok := element["value"]; ok {
			out["value"] = v
		}
		return out
	}
	o := optionOf(element, choice)
	if o == nil {
		return nil
	}
	out["selected_option"] = o
	return out
}

// optionOf finds the option of a value; nil: there is none.
func optionOf(element object, value string) object {
	options, _ := element["options"].([]any)
	for _, x := range options {
		if o, ok := x.(object); ok && o["value"] == value {
			return o
		}
	}
	return nil
}
