package fakediscord

// byWebhook finds the interaction of a token. Before the first answer, and
// after a modal, the token has no webhook.
func (s *Server) byWebhook(c *call) (*Interaction, *refusal) {
	i := s.byToken[c.r.PathValue("token")]
	switch {
	case c.r.PathValue("app") != s.ApplicationID:
		return nil, refuse(codeUnknownWebhook)
	case i == nil || c.began.Sub(i.began) > s.options.TokenLife:
		return nil, refuse(codeWebhookToken)
	case i.first == nil || i.first.Type == answerModal:
		return nil, refuse(codeUnknownWebhook)
	}
	return i, nil
}

// owned finds a message that the token made, or whose button was pressed.
func (s *Server) owned(c *call) (*Message, *Interaction, *refusal) {
	i, refused := s.byWebhook(c)
	if refused != nil {
		return nil, nil, refused
	}
	id := c.r.PathValue("message")
	if id == "@original" {
		id = i.original
	}
	m, ok := s.messages.Get(id)
	if !ok || m.Deleted || (m.Interaction != i.ID && m.ID != i.original) {
		return nil, nil, refuse(codeUnknownMessage)
	}
	return m, i, nil
}

func getByToken(s *Server, c *call) (any, *refusal) {
	m, _, refused := s.owned(c)
	if refused != nil {
		return nil, refused
	}
	return s.messageObject(m), nil
}

func editByToken(s *Server, c *call) (any, *refusal) {
	m, _, refused := s.owned(c)
	if refused != nil {
		return nil, refused
	}
	if c.body == nil {
		c.body = map[string]any{}
	}
	if refused := s.change(m, c, form{body: bodyTokenEdit}, c.body); refused != nil {
		return nil, refused
	}
	return s.messageObject(m), nil
}

func deleteByToken(s *Server, c *call) (any, *refusal) {
	m, _, refused := s.owned(c)
	if refused == nil {
		m.Deleted = true
	}
	return nil, refused
}

// followUp is Create Followup Message.
func followUp(s *Server, c *call) (any, *refusal) {
	i, refused := s.byWebhook(c)
	if refused != nil {
		return nil, refused
	}
	data, refused := s.checked(c, bodyFollowUp, mostFirstFlags)
	if refused != nil {
		return nil, refused
	}
	if c.r.URL.Query().Has("thread_id") {
		s.Violation("%s: thread_id has no effect on a follow-up", c.route)
	}
	if m, ok := s.messages.Get(i.original); ok && m.Loading && !m.Deleted {
		s.Violation("%s: the first follow-up after a deferred answer edits that answer, "+
			"which Discord calls deprecated: edit @original", c.route)
		if refused := s.change(m, c, form{body: bodyTokenEdit}, c.body); refused != nil {
			return nil, refused
		}
		return s.messageObject(m), nil
	}
	m := i.message(number(data["flags"])&flagEphemeral != 0)
	s.fill(&m, c, data)
	ch, known := s.channels.Get(i.channel)
	switch {
	case hollow(&m):
		return nil, refuse(codeEmptyMessage)
	case known && ch.UserInstall && i.invited >= mostInvitedFollowups:
		return nil, refuse(codeFollowups)
	case known && ch.blocked(m.Words()):
		return nil, refuse(codeAutoMod)
	}
	s.mentions(c, data)
	i.invited++
	made := s.add(m, c.began)
	i.followups = append(i.followups, made.ID)
	return s.messageObject(made), nil
}
