package fakediscord

import (
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

// Errors of what people do: a real client would not let them.
var (
	ErrNoChannel = errors.New("there is no such channel, or no command can be typed in it")
	ErrNoCommand = errors.New("no command of that name is registered where the person is")
	ErrOption    = errors.New("the client does not let the person send that")
	ErrNoButton  = errors.New("the person sees no such button that can be pressed")
	ErrModal     = errors.New("the form does not let itself be sent")
)

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
			return nil, ErrNoChannel
		}
		command := s.command(ch, name)
		filled, err := fillOptions(command, options)
		if err != nil {
			return nil, err
		}
		i := s.newInteraction(kindCommand, user, channel)
		data := map[string]any{"id": command["id"], "name": name, "type": 1, "options": filled}
		if g := text(command["guild_id"]); g != "" {
			data["guild_id"] = g
		}
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

// command finds a registered command, the guild's before the global one.
func (s *Server) command(ch *Channel, name string) map[string]any {
	scopes := []string{""}
	if ch.Guild != "" {
		scopes = []string{ch.Guild, ""}
	}
	for _, scope := range scopes {
		for _, c := range s.commands[scope] {
			if c["name"] == name && number(c["type"]) == 1 && offered(c, ch) {
				return c
			}
		}
	}
	return nil
}

// offered reports whether a command is shown where a channel is. A guild's
// command has no contexts; a global one without any is shown everywhere that
// its integration_types reach.
func offered(c map[string]any, ch *Channel) bool {
	has := func(l []any, n int) bool {
		return slices.ContainsFunc(l, func(v any) bool { return number(v) == n })
	}
	installed := 0
	if ch.UserInstall {
		installed = 1
	}
	contexts := list(c["contexts"])
	return has(list(c["integration_types"]), installed) && (len(contexts) == 0 || has(contexts, contextOf(ch)))
}

// fillOptions builds the options of a payload as a client would.
func fillOptions(command map[string]any, given []Option) ([]any, error) {
	if command == nil {
		return nil, ErrNoCommand
	}
	filled, named := []any{}, map[string]bool{}
	for _, o := range given {
		at := slices.IndexFunc(list(command["options"]), func(v any) bool { return object(v)["name"] == o.Name })
		if at < 0 {
			return nil, fmt.Errorf("%w: the command has no option %q", ErrOption, o.Name)
		}
		known := object(list(command["options"])[at])
		if err := checkFilled(known, o.Value); err != nil {
			return nil, fmt.Errorf("%w: option %q: %w", ErrOption, o.Name, err)
		}
		named[o.Name] = true
		filled = append(filled, map[string]any{"name": o.Name, "type": number(known["type"]), "value": o.Value})
	}
	for _, v := range list(command["options"]) {
		if known := object(v); known["required"] == true && !named[text(known["name"])] {
			return nil, fmt.Errorf("%w: option %q is required", ErrOption, text(known["name"]))
		}
	}
	return filled, nil
}

var (
	errOptionType   = errors.New("the value has another type")
	errOptionLength = errors.New("the text is too short or too long")
	errOptionChoice = errors.New("the value is not among the choices")
)

func checkFilled(known map[string]any, value any) error {
	kind := number(known["type"])
	s, isText := value.(string)
	_, isBool := value.(bool)
	switch {
	case kind == optionBoolean && !isBool, kind == optionString && !isText:
		return errOptionType
	case kind != optionString:
		return nil
	}
	n := utf8.RuneCountInString(s)
	if n < number(known["min_length"]) || n > or(number(known["max_length"]), mostStringLength) {
		return errOptionLength
	}
	choices := list(known["choices"])
	if len(choices) > 0 && !slices.ContainsFunc(choices, func(c any) bool { return object(c)["value"] == s }) {
		return errOptionChoice
	}
	return nil
}

// Press lets a person press a button, or choose values of a select, under a
// message as it looks now.
func (s *Server) Press(user User, message, customID string, values ...string) (*Interaction, error) {
	return s.act(func() (*Interaction, error) {
		m, ok := s.messages.Get(message)
		if !ok || m.Deleted || (m.Ephemeral && m.Person != user.ID) {
			return nil, ErrNoButton
		}
		at := slices.IndexFunc(m.Buttons(), func(b Button) bool {
			return b.CustomID == customID && !b.Disabled &&
				customID != ""
		})
		ch, known := s.channels.Get(m.ChannelID)
		if at < 0 || !known || !chosen(m.Buttons()[at], values) {
			return nil, ErrNoButton
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
			return nil, ErrModal
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
	for name := range values {
		if !slices.ContainsFunc(m.Fields, func(f ModalField) bool { return f.CustomID == name }) {
			return fmt.Errorf("%w: it has no field %q", ErrModal, name)
		}
	}
	for _, f := range m.Fields {
		v, given := values[f.CustomID]
		n := utf8.RuneCountInString(v)
		switch {
		case n == 0 && !f.Optional && f.Value == "":
			return fmt.Errorf("%w: field %q is required", ErrModal, f.CustomID)
		case given && f.Type == typeTextInput && n > 0 && (n < f.MinLength || n > or(f.MaxLength, mostInput)):
			return fmt.Errorf("%w: field %q: %w", ErrModal, f.CustomID, errOptionLength)
		case given && len(f.Options) > 0 && !slices.Contains(f.Options, v):
			return fmt.Errorf("%w: field %q: %w", ErrModal, f.CustomID, errOptionChoice)
		}
	}
	return nil
}

// submittedPart is a part of a modal in the payload of its submission.
func submittedPart(part map[string]any, values map[string]string) map[string]any {
	out := map[string]any{"type": part["type"], "id": part["id"]}
	if inner := object(part["component"]); inner != nil {
		out["component"] = submittedValue(inner, values)
	}
	return out
}

func submittedValue(inner map[string]any, values map[string]string) map[string]any {
	out := map[string]any{"type": inner["type"], "id": inner["id"], "custom_id": inner["custom_id"]}
	v, given := values[text(inner["custom_id"])]
	switch number(inner["type"]) {
	case typeTextInput:
		if !given {
			v = text(inner["value"])
		}
		out["value"] = v
	case typeRadioGroup:
		out["value"] = orNull(v)
	default:
		chosen := []string{}
		if given {
			chosen = append(chosen, v)
		}
		out["values"] = chosen
	}
	return out
}

// Repeat sends an interaction again, as Discord does when it is not sure
// that the first was received.
func (i *Interaction) Repeat() {
	i.s.Mu.Lock()
	defer i.s.Mu.Unlock()
	i.s.dispatch(i)
}

// send sends an interaction, as often as chance wants. Mu is held.
func (s *Server) send(i *Interaction) {
	i.began = time.Now()
	s.dispatch(i)
	if s.options.Chaos.Repeats > s.Random.Float64() {
		s.dispatch(i)
	}
	s.disturb()
}
