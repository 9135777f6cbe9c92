package fakediscord

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Types of interactions and of the answers to them (Discord, Receiving and
// Responding).
const (
	kindCommand   = 2
	kindComponent = 3
	kindModal     = 5

	answerMessage     = 4
	answerDefer       = 5
	answerDeferUpdate = 6
	answerUpdate      = 7
	answerModal       = 9
	mostFirstFlags    = flagSuppressEmbeds | flagEphemeral | flagSilent
)

// Interaction is something that a person did, and what the bot made of it.
type Interaction struct {
	ID, Token string

	s       *Server
	kind    int
	user    User
	channel string
	began   time.Time // when it was sent
	payload []byte    // as sent
	owners  map[string]any
	source  string // the message with the button; empty: none
	sent    int    // how often it reached a gateway client

	first     *Response
	original  string // id of the first answer's message; empty: none
	followups []string
	invited   int // follow-ups that count for the limit of user-installed applications
}

// Response is the first answer to an interaction.
type Response struct {
	Type      int           // 4 message, 5 deferred, 6 deferred update, 7 update, 9 modal
	Delay     time.Duration // between the event and the request
	Ephemeral bool
	Modal     *Modal // of type 9; nil: another type
	Message   string // id of the message that it made or changed; empty: none
}

// Modal is a form that the bot has opened.
type Modal struct {
	CustomID, Title string
	Fields          []ModalField
	Interaction     string // that it answered

	channel, source string
	person          string // who sees it
	parts           []any  // as they came
	submitted       bool
}

// ModalField is a part of a Modal that takes a value.
type ModalField struct {
	CustomID, Label, Description string
	Type                         int // 4 text, 3 select, …
	Value, Placeholder           string
	Optional                     bool
	MinLength, MaxLength         int      // of a text; 0: none
	Options                      []string // values of a select or radio group
}

// Response waits for the first answer. An error is that of ctx.
func (i *Interaction) Response(ctx context.Context) (Response, error) {
	err := i.s.Until(ctx, func() bool { _, ok := i.Answered(); return ok })
	r, _ := i.Answered()
	return r, err
}

// Answered is the first answer; false: there is none yet.
func (i *Interaction) Answered() (Response, bool) {
	i.s.Mu.Lock()
	defer i.s.Mu.Unlock()
	if i.first == nil {
		return Response{}, false
	}
	return *i.first, true
}

// Sent is how often the interaction reached a client of the gateway. 0: none
// was connected; it waits for one that resumes.
func (i *Interaction) Sent() int {
	i.s.Mu.Lock()
	defer i.s.Mu.Unlock()
	return i.sent
}

// Payload is the event's data as it was sent.
func (i *Interaction) Payload() []byte { return i.payload }

// Original is the message of the first answer; false: there is none.
func (i *Interaction) Original() (Message, bool) {
	i.s.Mu.Lock()
	id := i.original
	i.s.Mu.Unlock()
	return i.s.Message(id)
}

// Followups are the messages that came after the first, by the same token.
func (i *Interaction) Followups() []Message {
	i.s.Mu.Lock()
	defer i.s.Mu.Unlock()
	var all []Message
	for _, id := range i.followups {
		if m, ok := i.s.messages.Get(id); ok {
			all = append(all, *m)
		}
	}
	return all
}

// Modals lists the forms that the bot has opened and that are remembered,
// oldest first.
func (s *Server) Modals() []Modal {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	var all []Modal
	for _, m := range s.modals {
		all = append(all, *m)
	}
	return all
}

// respond is Create Interaction Response.
func respond(s *Server, c *call) (any, *refusal) {
	i, ok := s.interactions.Get(c.r.PathValue("interaction"))
	switch {
	case !ok || i.Token != c.r.PathValue("token"):
		return nil, refuse(codeUnknownInteraction)
	case i.first != nil:
		return nil, refuse(codeAcknowledged)
	case c.began.Sub(i.began) > s.options.FirstResponse:
		return nil, refuse(codeUnknownInteraction)
	}
	f, first := &faults{}, &Response{Type: number(object(c.body)["type"]), Delay: c.began.Sub(i.began)}
	if !slices.Contains(i.answers(), first.Type) {
		f.fail("type", "BASE_TYPE_CHOICES", fmt.Sprint("Value must be one of ", i.answers()))
		return nil, f.refused()
	}
	if refused := s.first(i, c, first, object(c.body)["data"]); refused != nil {
		return nil, refused
	}
	i.first = first
	if c.r.URL.Query().Get("with_response") == "true" {
		return s.callback(i), nil
	}
	return nil, nil
}

// answers are the types that an interaction may be answered with: a message
// must be there to be updated, and no modal opens from a modal.
func (i *Interaction) answers() []int {
	set := []int{answerMessage, answerDefer}
	if i.source != "" {
		set = append(set, answerDeferUpdate, answerUpdate)
	}
	if i.kind != kindModal {
		set = append(set, answerModal)
	}
	return set
}

// first carries out the first answer.
func (s *Server) first(i *Interaction, c *call, r *Response, data any) *refusal {
	switch r.Type {
	case answerMessage:
		return s.firstMessage(i, c, r, data)
	case answerDefer:
		f := &faults{}
		if data != nil && !f.shape("data", bodyFirst, data) {
			return f.refused()
		}
		// Only EPHEMERAL is honoured, and it is fixed for good.
		r.Ephemeral = number(object(data)["flags"])&flagEphemeral != 0
		m := i.message(r.Ephemeral)
		m.Loading, m.Flags = true, m.Flags|flagLoading
		i.original = s.add(m, c.began).ID
		r.Message = i.original
	case answerDeferUpdate:
		i.original, r.Message = i.source, i.source
	case answerUpdate:
		i.original, r.Message = i.source, i.source
		m, ok := s.messages.Get(i.source)
		if !ok || m.Deleted {
			return refuse(codeUnknownMessage)
		}
		return s.change(m, c, form{place: "data", body: bodyUpdate}, data)
	case answerModal:
		return s.firstModal(i, c, r, data)
	}
	return nil
}

// message is an empty message that an interaction's token makes.
func (i *Interaction) message(ephemeral bool) Message {
	m := Message{ChannelID: i.channel, Interaction: i.ID, Ephemeral: ephemeral}
	if ephemeral {
		m.Person, m.Flags = i.user.ID, flagEphemeral
	}
	return m
}

func (s *Server) firstMessage(i *Interaction, c *call, r *Response, data any) *refusal {
	f := &faults{}
	f.checkMessage(data, form{"data", bodyFirst, mostFirstFlags, len(c.files)})
	if refused := s.faulty(c, f); refused != nil {
		return refused
	}
	o := object(data)
	r.Ephemeral = number(o["flags"])&flagEphemeral != 0
	m := i.message(r.Ephemeral)
	s.fill(&m, c, o)
	if hollow(&m) {
		return refuse(codeEmptyMessage)
	}
	if ch, ok := s.channels.Get(m.ChannelID); ok && ch.blocked(m.Words()) {
		return refuse(codeAutoMod)
	}
	s.mentions(c, o)
	i.original = s.add(m, c.began).ID
	r.Message = i.original
	return nil
}

// change edits a message by token: no permission of the channel is asked for.
func (s *Server) change(m *Message, c *call, as form, data any) *refusal {
	f := &faults{}
	as.flags, as.files = mostFirstFlags|flagLoading|flagHasThread, len(c.files)
	f.checkMessage(data, as)
	if refused := s.faulty(c, f); refused != nil {
		return refused
	}
	o := object(data)
	trial := *m
	if s.fill(&trial, c, o); hollow(&trial) {
		return refuse(codeEmptyMessage)
	}
	if ch, ok := s.channels.Get(m.ChannelID); ok && ch.blocked(trial.Words()) {
		return refuse(codeAutoMod)
	}
	s.mentions(c, o)
	s.edit(m, c, o)
	return nil
}

func (s *Server) firstModal(i *Interaction, c *call, r *Response, data any) *refusal {
	f := &faults{}
	f.checkModal("data", data)
	if refused := s.faulty(c, f); refused != nil {
		return refused
	}
	o := object(data)
	m := &Modal{CustomID: text(o["custom_id"]), Title: text(o["title"]), Interaction: i.ID, channel: i.channel,
		source: i.source, person: i.user.ID}
	m.parts = numbered(list(o["components"]))
	for _, part := range m.parts {
		m.Fields = append(m.Fields, fieldsOf(object(part))...)
	}
	s.modals = append(s.modals, m)
	if len(s.modals) > s.options.Remember {
		s.modals = s.modals[1:]
	}
	r.Modal = m
	return nil
}

// fieldsOf are the fields in one part of a modal.
func fieldsOf(part map[string]any) []ModalField {
	o := object(part["component"])
	if o == nil { // a text
		return nil
	}
	return []ModalField{{
		CustomID: text(o["custom_id"]), Label: text(part["label"]), Description: text(part["description"]),
		Type: number(o["type"]), Value: text(o["value"]), Placeholder: text(o["placeholder"]),
		Optional:  o["required"] == false,
		MinLength: number(o["min_length"]), MaxLength: number(o["max_length"]), Options: buttonOf(o).Options,
	}}
}

// callback is the Interaction Callback Response object.
func (s *Server) callback(i *Interaction) any {
	about := map[string]any{"id": i.ID, "type": i.kind, "response_message_ephemeral": i.first.Ephemeral,
		"response_message_loading": i.first.Type == answerDefer}
	resource := map[string]any{"type": i.first.Type}
	if m, ok := s.messages.Get(i.original); ok {
		about["response_message_id"] = m.ID
		resource["message"] = s.messageObject(m)
	}
	return map[string]any{"interaction": about, "resource": resource}
}
