package discord

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"smtptest/bot/playground/wire"
)

// Types of interactions and of the answers to them (Discord, Receiving and
// Responding).
const (
	kindCommand   = 2
	kindComponent = 3
	kindSuggest   = 4 // what a person types into an option
	kindModal     = 5

	answerMessage     = 4
	answerDefer       = 5
	answerDeferUpdate = 6
	answerUpdate      = 7
	answerSuggest     = 8
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
}

// Response is the first answer to an interaction.
type Response struct {
	Type      int           // 4 message, 5 deferred, 6 deferred update, 7 update, 8 suggestions, 9 modal
	Delay     time.Duration // between the event and the request
	Ephemeral bool
	Modal     *Modal       // of type 9; nil: another type
	Choices   []Suggestion // of type 8
	Message   string       // id of the message that it made or changed; empty: none
}

// Suggestion is a value that the bot proposes for an option.
type Suggestion struct{ Name, Value string }

// Modal is a form that the bot has opened.
type Modal struct {
	CustomID, Title string
	Fields          []map[string]any // the parts that take a value, as they came
	Interaction     string           // that it answered

	channel, source string
	person          string // who sees it
	parts           []any  // as they came
	submitted       bool
	dismissed       bool
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
func (i *Interaction) Sent() int { return wire.Ask(i.s.Frame, func() int { return i.sent }) }

// Payload is the event's data as it was sent.
func (i *Interaction) Payload() []byte { return i.payload }

// Original is the message of the first answer; false: there is none.
func (i *Interaction) Original() (Message, bool) {
	return i.s.Message(wire.Ask(i.s.Frame, func() string { return i.original }))
}

// Followups are the messages that came after the first, by the same token.
func (i *Interaction) Followups() []Message {
	return wire.Copies(i.s.Frame, &i.s.messages, func(m *Message) bool { return slices.Contains(i.followups, m.ID) })
}

// Modals lists the forms that the bot has opened and that are remembered,
// oldest first.
func (s *Server) Modals() []Modal { return wire.Copies(s.Frame, &s.modals, nil) }

// OpenModal is the form that a person sees; false: none. It is the one to
// Submit, and not a copy of it.
func (s *Server) OpenModal(person string) (m *Modal, ok bool) {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	for _, x := range s.modals.All {
		if x.person == person && !x.submitted && !x.dismissed {
			m, ok = x, true
		}
	}
	return m, ok
}

// Parts are what a form is made of, as they came.
func (m *Modal) Parts() []any { return m.parts }

// Dismiss makes a person close a form without sending it: the bot is not told.
func (s *Server) Dismiss(m *Modal) { s.Locked(func() { m.dismissed = true }) }

// Asked says who made a message come by an interaction; false: nobody did, or
// it is forgotten.
func (s *Server) Asked(m Message) (who User, ok bool) {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	i, ok := s.interactions.Get(m.Interaction)
	if !ok {
		return User{}, false
	}
	return i.user, true
}

// respond is Create Interaction Response.
func (s *Server) respond(c *call) any {
	i, ok := s.interactions.Get(c.r.PathValue("interaction"))
	refuse(!ok || i.Token != c.r.PathValue("token"), unknownInteraction)
	refuse(i.first != nil, acknowledged)
	refuse(c.began.Sub(i.began) > s.options.FirstResponse, unknownInteraction)
	r := &Response{Type: number(object(c.body)["type"]), Delay: c.began.Sub(i.began)}
	if !slices.Contains(i.answers(), r.Type) {
		c.fail("type", "BASE_TYPE_CHOICES", fmt.Sprint("Value must be one of ", i.answers()))
		s.settle(c)
	}
	s.first(i, c, r, object(c.body)["data"])
	i.first = r
	return nil
}

// answers are the types that an interaction may be answered with: a message
// must be there to be updated, no modal opens from a modal, and what is typed
// has suggestions alone.
func (i *Interaction) answers() []int {
	if i.kind == kindSuggest {
		return []int{answerSuggest}
	}
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
func (s *Server) first(i *Interaction, c *call, r *Response, data any) {
	// Of a deferred answer only EPHEMERAL is honoured, and it is fixed for good.
	r.Ephemeral = number(object(data)["flags"])&flagEphemeral != 0 && r.Type <= answerDefer
	r.Message = i.source
	switch r.Type {
	case answerMessage:
		m := i.message(r.Ephemeral)
		s.fill(&m, c, s.checked(c, form{"data", bodyFirst, mostFirstFlags, 0}, data))
		s.presentable(&m)
		s.mentions(c, object(data))
		r.Message = s.add(m, c.began).ID
	case answerDefer:
		if data != nil {
			c.shape("data", bodyFirst, data)
			s.settle(c)
		}
		m := i.message(r.Ephemeral)
		m.Loading, m.Flags = true, m.Flags|flagLoading
		r.Message = s.add(m, c.began).ID
	case answerUpdate:
		m, ok := s.messages.Get(i.source)
		refuse(!ok || m.Deleted, unknownMessage)
		s.change(m, c, form{place: "data", body: bodyUpdate, flags: mostFirstFlags}, data)
	case answerSuggest:
		c.shape("data", bodySuggest, data)
		s.settle(c)
		for _, x := range list(object(data)["choices"]) {
			r.Choices = append(r.Choices, Suggestion{text(object(x)["name"]), text(object(x)["value"])})
		}
	case answerModal:
		r.Message, r.Modal = "", s.open(i, c, data)
	}
	i.original = r.Message
}

// message is an empty message that an interaction's token makes.
func (i *Interaction) message(ephemeral bool) Message {
	m := Message{ChannelID: i.channel, Interaction: i.ID, Ephemeral: ephemeral}
	if ephemeral {
		m.Person, m.Flags = i.user.ID, flagEphemeral
	}
	return m
}

// presentable refuses a message that Discord does not show to anybody.
func (s *Server) presentable(m *Message) {
	refuse(m.hollow(), emptyMessage)
	ch, ok := s.channels.Get(m.ChannelID)
	refuse(ok && ch.AutoMod != "" && strings.Contains(m.Words(), ch.AutoMod), blocked)
}

// change edits a message. Who does it by an interaction's token needs no
// permission of the channel.
func (s *Server) change(m *Message, c *call, as form, data any) any {
	as.flags |= flagLoading | flagHasThread
	o, trial := s.checked(c, as, data), *m
	s.fill(&trial, c, o)
	s.presentable(&trial)
	s.mentions(c, o)
	s.edit(m, c, o)
	return s.messageObject(m)
}

// open shows a modal.
func (s *Server) open(i *Interaction, c *call, data any) *Modal {
	c.checkModal("data", data)
	s.settle(c)
	o := object(data)
	m := &Modal{CustomID: text(o["custom_id"]), Title: text(o["title"]), Interaction: i.ID, channel: i.channel,
		source: i.source, person: i.user.ID, parts: numbered(list(o["components"]))}
	for _, part := range m.parts {
		if o := object(part); o["component"] != nil { // no text
			m.Fields = append(m.Fields, o)
		}
	}
	s.modals.Put(i.ID, m)
	return m
}

// byToken finds the interaction of a token. Before the first answer, and
// after a modal, the token has no webhook.
func (s *Server) byToken(c *call) *Interaction {
	i, ok := s.tokens.Get(c.r.PathValue("token"))
	refuse(c.r.PathValue("app") != s.ApplicationID, unknownWebhook)
	refuse(!ok || c.began.Sub(i.began) > s.options.TokenLife, invalidToken)
	refuse(i.first == nil || i.first.Type == answerModal || i.first.Type == answerSuggest, unknownWebhook)
	return i
}

// owned finds a message that the token made, or whose button was pressed.
func (s *Server) owned(c *call) *Message {
	i, id := s.byToken(c), c.r.PathValue("message")
	if id == "@original" {
		id = i.original
	}
	m, ok := s.messages.Get(id)
	refuse(!ok || m.Deleted || (m.Interaction != i.ID && m.ID != i.original), unknownMessage)
	return m
}

func (s *Server) editByToken(c *call) any {
	return s.change(s.owned(c), c, form{body: bodyTokenEdit, flags: mostFirstFlags}, c.body)
}

func (s *Server) deleteByToken(c *call) any {
	s.owned(c).Deleted = true
	return nil
}

// followUp is Create Followup Message.
func (s *Server) followUp(c *call) any {
	i := s.byToken(c)
	if m, ok := s.messages.Get(i.original); ok && m.Loading && !m.Deleted {
		s.Violation("%s: the first follow-up after a deferred answer edits that answer, "+
			"which Discord calls deprecated: edit @original", c.route)
		return s.change(m, c, form{body: bodyTokenEdit, flags: mostFirstFlags}, c.body)
	}
	data := s.checked(c, form{body: bodyFollowUp, flags: mostFirstFlags}, c.body)
	m := i.message(number(data["flags"])&flagEphemeral != 0)
	s.fill(&m, c, data)
	ch, known := s.channels.Get(i.channel)
	refuse(known && ch.UserInstall && len(i.followups) >= mostInvitedFollowups, tooManyFollowups)
	s.presentable(&m)
	s.mentions(c, data)
	made := s.add(m, c.began)
	i.followups = append(i.followups, made.ID)
	return s.messageObject(made)
}
