package slack

import (
	"encoding/json"
	"time"

	"smtptest/bot/playground/wire"
)

// Message is something that stands in a channel, or before the eyes of one
// person.
type Message struct {
	Channel string
	TS      string          // its name within the channel
	Thread  string          // the TS of the message that it answers; empty: none
	Bot     bool            // posted by the bot; false: by a person
	By      string          // the person, where Bot is false
	To      string          // the only person who sees it; empty: all
	Text    string          // as posted
	Blocks  json.RawMessage // as posted, each with a block_id; nil: none
	// Attachments stand below the blocks; nil: none.
	Attachments json.RawMessage
	Files       []string  // ids
	Via         string    // the method that made it, "response_url" or "ack"
	Before      []Content // what it was before it was edited, oldest first
	Deleted     bool
	Cut         bool      // the bot was not told that it was posted: the connection ended first
	Posted      time.Time // when it was posted first
}

// Content is what an edit changes.
type Content struct {
	Text        string
	Blocks      json.RawMessage
	Attachments json.RawMessage
}

// All is what a person sees of a message, from top to bottom: its blocks, and
// those of its attachments.
func (m Message) All() json.RawMessage { return all(m.Blocks, m.Attachments) }

// All is that of a Message.
func (c Content) All() json.RawMessage { return all(c.Blocks, c.Attachments) }

func all(blocks, attachments json.RawMessage) json.RawMessage {
	var list []json.RawMessage
	_ = json.Unmarshal(blocks, &list)
	var below []struct {
		Blocks []json.RawMessage `json:"blocks"`
	}
	_ = json.Unmarshal(attachments, &below)
	for _, b := range below {
		list = append(list, b.Blocks...)
	}
	return encode(list)
}

// Ephemeral reports whether only one person sees it.
func (m Message) Ephemeral() bool { return m.To != "" }

// key names a message among all.
func key(channel, ts string) string { return channel + " " + ts }

// add keeps a message. s.Mu is held.
func (s *Server) add(m *Message) {
	m.Posted = time.Now()
	s.messages.Put(key(m.Channel, m.TS), m)
}

// change edits a message and keeps what it was. The list of earlier contents
// is bounded: a message that is edited all the time loses its oldest.
func (m *Message) change(c Content) {
	const most = 50
	m.Before = append(m.Before, Content{m.Text, m.Blocks, m.Attachments})
	if len(m.Before) > most {
		m.Before = m.Before[1:]
	}
	m.Text, m.Blocks, m.Attachments = c.Text, c.Blocks, c.Attachments
}

// Messages are those of a channel that all see, oldest first, replies and
// deleted ones among them. An empty channel: those of all channels.
func (s *Server) Messages(channel string) []Message {
	return s.list(func(m *Message) bool { return !m.Ephemeral() && (channel == "" || m.Channel == channel) })
}

// Thread are the replies to a message, oldest first.
func (s *Server) Thread(channel, ts string) []Message {
	return s.list(func(m *Message) bool {
		return !m.Ephemeral() && m.Channel == channel && m.Thread == ts && m.TS != ts
	})
}

// Ephemerals are the messages that only one person sees, oldest first.
func (s *Server) Ephemerals(user string) []Message {
	return s.list(func(m *Message) bool { return m.Ephemeral() && m.To == user })
}

func (s *Server) list(wanted func(*Message) bool) []Message {
	return wire.Copies(s.Frame, &s.messages, wanted)
}

// object is a message as Slack gives it back.
func (m *Message) object() object {
	o := object{"type": "message", "text": m.Text, "ts": m.TS}
	if m.Bot {
		o["user"], o["bot_id"], o["app_id"], o["team"] = BotUI, BotID, AppID, Team
	} else {
		o["user"] = m.By
	}
	if m.Thread != "" {
		o["thread_ts"] = m.Thread
	}
	if m.Blocks != nil {
		o["blocks"] = m.Blocks
	}
	if m.Attachments != nil {
		o["attachments"] = m.Attachments
	}
	return o
}
