package discord

import (
	"cmp"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"
)

// Option is an option of a command that a person has filled in.
type Option struct {
	Name  string
	Value any // a string or a bool
}

// errClient says that a real client would not let a person do something.
var errClient = errors.New("the client does not let the person do that")

// interactionToken looks like a real one: it begins alike and is about as long.
func interactionToken(id string) string {
	return base64.RawURLEncoding.EncodeToString([]byte("interaction:" + id + ":" + secretText(90)))
}

// Command lets a person send a command that the bot has registered, in a
// channel, with options as the command takes them. An error says that a real
// client would not have let them.
func (s *Server) Command(user User, channel, name string, options ...Option) (*Interaction, error) {
	return s.act(func() (*Interaction, error) {
		ch, ok := s.channels.Get(channel)
		if !ok || ch.Kind == Forum {
			return nil, fmt.Errorf("%w: type in channel %s", errClient, channel)
		}
		command, data, err := s.named(ch, typeChat, name)
		if err != nil {
			return nil, err
		}
		if data["options"], err = fillOptions(command, options); err != nil {
			return nil, err
		}
		i := s.newInteraction(kindCommand, user, channel)
		s.payload(i, ch, data)
		return i, nil
	})
}

// named is a command, and what a payload says of it.
func (s *Server) named(ch *Channel, kind int, name string) (command, data map[string]any, err error) {
	if command = s.command(ch, kind, name); command == nil {
		return nil, nil, fmt.Errorf("%w: no command %s is registered there", errClient, name)
	}
	data = map[string]any{"id": command["id"], "name": name, "type": kind}
	if g := text(command["guild_id"]); g != "" {
		data["guild_id"] = g
	}
	return command, data, nil
}

// Suggest lets a person type into an option of a command, for which the bot
// proposes values. An error says that a real client would ask for none.
func (s *Server) Suggest(user User, channel, name string, typed Option) (*Interaction, error) {
	return s.act(func() (*Interaction, error) {
		ch, ok := s.channels.Get(channel)
		if !ok || ch.Kind == Forum {
			return nil, fmt.Errorf("%w: type in channel %s", errClient, channel)
		}
		command, data, err := s.named(ch, typeChat, name)
		if err != nil {
			return nil, err
		}
		at := slices.IndexFunc(list(command["options"]), func(o any) bool { return object(o)["name"] == typed.Name })
		if at < 0 || object(list(command["options"])[at])["autocomplete"] != true {
			return nil, fmt.Errorf("%w: nothing is proposed for %s", errClient, typed.Name)
		}
		o := map[string]any{"name": typed.Name, "type": optionString, "value": typed.Value, "focused": true}
		data["options"] = []any{o}
		i := s.newInteraction(kindSuggest, user, channel)
		s.payload(i, ch, data)
		return i, nil
	})
}

// Say lets a person post a message: its content and embeds are kept.
func (s *Server) Say(user User, channel string, m Message) (Message, error) {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	ch, ok := s.channels.Get(channel)
	if !ok || ch.Kind == Forum || utf8.RuneCountInString(m.Content) > mostContent {
		return Message{}, fmt.Errorf("%w: write in channel %s", errClient, channel)
	}
	return *s.add(Message{ChannelID: channel, Content: m.Content, Embeds: m.Embeds, Author: user}, time.Now()), nil
}

// Apply lets a person choose a command from the menu of a message. The message
// comes with it, though the bot may not read others.
func (s *Server) Apply(user User, message, name string) (*Interaction, error) {
	return s.act(func() (*Interaction, error) {
		m, ok := s.messages.Get(message)
		if !ok || m.Deleted || m.Ephemeral {
			return nil, fmt.Errorf("%w: choose from the menu of a message that is not there", errClient)
		}
		ch, ok := s.channels.Get(m.ChannelID)
		if !ok {
			return nil, fmt.Errorf("%w: choose in channel %s", errClient, m.ChannelID)
		}
		_, data, err := s.named(ch, typeOfMessages, name)
		if err != nil {
			return nil, err
		}
		data["target_id"] = message
		data["resolved"] = map[string]any{"messages": map[string]any{message: s.messageObject(m)}}
		i := s.newInteraction(kindCommand, user, m.ChannelID)
		s.payload(i, ch, data)
		return i, nil
	})
}

// act lets a person do something, and sends what it was.
func (s *Server) act(do func() (*Interaction, error)) (*Interaction, error) {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	i, err := do()
	if err == nil {
		s.send(i)
	}
	return i, err
}

// command finds a registered command, the guild's before the global one; nil:
// none is shown where a channel is. A guild's command has no contexts; a global
// one without any is shown everywhere that its integration_types reach.
func (s *Server) command(ch *Channel, kind int, name string) map[string]any {
	owners, context := installed("", ch)
	has := func(v any, n int) bool {
		return slices.ContainsFunc(list(v), func(x any) bool { return number(x) == n })
	}
	for _, c := range slices.Concat(s.commands[cmp.Or(ch.Guild, "none")], s.commands[""]) {
		person := map[bool]int{true: 1}[owners["0"] == nil]
		if c["name"] == name && number(c["type"]) == kind && has(c["integration_types"], person) &&
			(empty(c["contexts"]) || has(c["contexts"], context)) {
			return c
		}
	}
	return nil
}

// fillOptions builds the options of a payload as a client would; an error
// says what it would not send.
func fillOptions(command map[string]any, given []Option) ([]any, error) {
	filled, values := []any{}, map[string]any{}
	for _, o := range given {
		values[o.Name] = o.Value
	}
	for _, x := range list(command["options"]) {
		known := object(x)
		name := text(known["name"])
		v, ok := values[name]
		if !ok && known["required"] != true {
			continue
		}
		if !accepts(known, v, mostStringLength) {
			return nil, fmt.Errorf("%w: option %q", errClient, name)
		}
		delete(values, name)
		filled = append(filled, map[string]any{"name": name, "type": number(known["type"]), "value": v})
	}
	if len(values) > 0 {
		return nil, fmt.Errorf("%w: the command has not all of %v", errClient, values)
	}
	return filled, nil
}

// accepts reports whether an option of a command, or a field of a form, takes
// a value.
func accepts(known map[string]any, value any, most int) bool {
	s, isText := value.(string)
	if number(known["type"]) == optionBoolean {
		_, isBool := value.(bool)
		return isBool
	}
	n, choices := utf8.RuneCountInString(s), append(list(known["choices"]), list(known["options"])...)
	return isText && n >= number(known["min_length"]) && n <= cmp.Or(number(known["max_length"]), most) &&
		(len(choices) == 0 || slices.ContainsFunc(choices, func(c any) bool { return object(c)["value"] == s }))
}

// Press lets a person press a button, or choose values of a select, under a
// message as it looks now.
func (s *Server) Press(user User, message, customID string, values ...string) (*Interaction, error) {
	return s.act(func() (*Interaction, error) {
		m, ok := s.messages.Get(message)
		if !ok || m.Deleted || (m.Ephemeral && m.Person != user.ID) {
			return nil, fmt.Errorf("%w: press %s", errClient, customID)
		}
		at := slices.IndexFunc(m.Buttons(), func(b Button) bool {
			return b.CustomID == customID && !b.Disabled &&
				customID != ""
		})
		ch, known := s.channels.Get(m.ChannelID)
		if at < 0 || !known || !chosen(m.Buttons()[at], values) {
			return nil, fmt.Errorf("%w: press %s", errClient, customID)
		}
		i := s.newInteraction(kindComponent, user, m.ChannelID)
		i.source = message
		data := map[string]any{"custom_id": customID, "component_type": m.Buttons()[at].Type, "id": 1}
		if len(values) > 0 {
			data["values"] = values
		}
		s.payload(i, ch, data)
		return i, nil
	})
}

// chosen reports whether values can be chosen: none of a button.
func chosen(b Button, values []string) bool {
	switch b.Type {
	case typeButton:
		return len(values) == 0
	case typeStringSelect:
		return !slices.ContainsFunc(values, func(v string) bool { return !slices.Contains(b.Options, v) })
	}
	return true
}

// Submit lets a person fill in a form and send it; values are by custom id,
// of a select the value of the option. A form can be sent once.
func (s *Server) Submit(user User, modal *Modal, values map[string]string) (*Interaction, error) {
	return s.act(func() (*Interaction, error) {
		ch, known := s.channels.Get(modal.channel)
		if !known || modal.submitted || modal.person != user.ID {
			return nil, fmt.Errorf("%w: send this form", errClient)
		}
		if err := checkValues(modal, values); err != nil {
			return nil, err
		}
		modal.submitted = true
		i := s.newInteraction(kindModal, user, modal.channel)
		i.source = modal.source
		parts := []any{}
		for _, p := range modal.parts {
			parts = append(parts, submittedPart(object(p), values))
		}
		s.payload(i, ch, map[string]any{"custom_id": modal.CustomID, "components": parts, "resolved": map[string]any{}})
		return i, nil
	})
}

func checkValues(m *Modal, values map[string]string) error {
	known := 0
	for _, part := range m.Fields {
		o := object(part["component"])
		name := text(o["custom_id"])
		v, given := values[name]
		if given {
			known++
		}
		missing := o["required"] != false && v == "" && text(o["value"]) == ""
		if missing || v != "" && !accepts(o, v, mostInput) {
			return fmt.Errorf("%w: field %q", errClient, name)
		}
	}
	if known < len(values) {
		return fmt.Errorf("%w: the form has not all of %d fields", errClient, len(values))
	}
	return nil
}

// submittedPart is a part of a modal in the payload of its submission.
func submittedPart(part map[string]any, values map[string]string) map[string]any {
	out := map[string]any{"type": part["type"], "id": part["id"]}
	inner := object(part["component"])
	if inner == nil {
		return out
	}
	v, given := values[text(inner["custom_id"])]
	sent := map[string]any{"type": inner["type"], "id": inner["id"], "custom_id": inner["custom_id"]}
	switch number(inner["type"]) {
	case typeTextInput:
		if !given {
			v = text(inner["value"])
		}
		sent["value"] = v
	case typeRadioGroup:
		sent["value"] = orNull(v)
	default:
		sent["values"] = slices.DeleteFunc([]string{v}, func(string) bool { return !given })
	}
	out["component"] = sent
	return out
}

// Repeat sends an interaction again, as Discord does when it is not sure
// that the first was received.
func (i *Interaction) Repeat() { i.s.Locked(func() { i.s.dispatch(i) }) }

// send sends an interaction, as often as chance wants. Mu is held.
func (s *Server) send(i *Interaction) {
	i.began = time.Now()
	s.dispatch(i)
	if s.options.Chaos.Repeats > s.Random.Float64() {
		s.dispatch(i)
	}
	s.disturb()
}
