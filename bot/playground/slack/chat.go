package slack

import (
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"
)

// What one message may hold.
const (
	// runes; Slack truncates beyond, and the end of an answer is lost (reference/methods/chat.postMessage)
	maxText       = 40_000
	maxUpdateText = 4_000 // runes; msg_too_long (reference/methods/chat.update)

	// maxBlocksOctets is the JSON of all blocks. Slack publishes no sum, and
	// refused some 13,200 characters (slackapi/bolt-js issues 2509 and 2867).
	maxBlocksOctets = 13_000
)

// content is what a message is made of, checked.
type content struct {
	text        string
	blocks      json.RawMessage // with block_ids; nil: none were given
	none        bool            // blocks were given, and empty
	attachments json.RawMessage // with block_ids; nil: none
	given       bool            // attachments were, though perhaps none
}

// given is what a call gives of a message.
type given struct{ text, blocks, attachments string }

func (c *call) given() given { return given{c.args["text"], c.args["blocks"], c.args["attachments"]} }

// content checks what a call gives. Without sum, that of the blocks is not
// limited. s.Mu is held.
func (s *Server) content(g given, most int, sum bool) content {
	out := content{text: g.text}
	wrong(utf8.RuneCountInString(g.text) > most, "msg_too_long", "the text is too long")
	wrong(!utf8.ValidString(g.text), "invalid_arguments", "the text is no UTF-8")
	if g.blocks != "" {
		all := checkBlocks(g.blocks)
		refuse(s.options.NoTables && strings.Contains(g.blocks, `"type":"data_table"`), "invalid_blocks")
		refuse(s.options.NoContainers && strings.Contains(g.blocks, `"type":"container"`), "invalid_blocks")
		if out.none = len(all) == 0; !out.none {
			out.blocks = s.named(all)
		}
	}
	if out.given = g.attachments != ""; out.given {
		if all := checkAttachments(g.attachments); len(all) > 0 {
			out.attachments = s.namedWithin(all)
		}
	}
	wrong(sum && len(g.blocks)+len(g.attachments) > maxBlocksOctets, "msg_blocks_too_long", "the blocks are too long")
	return out
}

// empty reports whether there is nothing to show: no_text.
func (c content) empty() bool { return strings.TrimSpace(c.text) == "" && c.blocks == nil }

func (s *Server) postMessage(c *call) object {
	room := s.postable(c.args["channel"], c.args["thread_ts"])
	what := s.content(c.given(), maxText, true)
	wrong(what.empty(), "no_text")
	s.rate("post "+room.ID, burst, time.Second)
	m := s.post(Message{Channel: room.ID, Thread: c.args["thread_ts"], Via: c.name, Cut: c.cut}, what)
	s.echo(m)
	return object{"channel": room.ID, "ts": m.TS, "message": m.object()}
}

// post puts a message of the bot where it belongs. s.Mu is held.
func (s *Server) post(m Message, what content) *Message {
	m.TS, m.Bot = s.ts(), true
	m.Text, m.Blocks, m.Attachments = what.text, what.blocks, what.attachments
	s.add(&m)
	return &m
}

// postEphemeral shows a message to one person in a channel. Slack wants both
// to be members (reference/methods/chat.postEphemeral).
func (s *Server) postEphemeral(c *call) object {
	room := s.postable(c.args["channel"], c.args["thread_ts"])
	refuse(!room.joined(), "not_in_channel")
	user, ok := s.users[c.args["user"]]
	wrong(!ok, "user_not_in_channel", c.args["user"])
	what := s.content(c.given(), maxText, true)
	wrong(what.empty(), "no_text")
	m := s.post(Message{Channel: room.ID, Thread: c.args["thread_ts"], To: user.ID, Via: c.name, Cut: c.cut}, what)
	return object{"channel": room.ID, "message_ts": m.TS}
}

// own finds a message that the bot may change. s.Mu is held.
func (s *Server) own(c *call, denies string) *Message {
	room := s.channel(c.args["channel"], false) // reference/methods/chat.update, channel
	m, ok := s.messages.Get(key(room.ID, c.args["ts"]))
	wrong(!ok || m.Ephemeral(), "message_not_found", c.args["ts"])
	refuse(m.Deleted, "message_not_found")
	wrong(!m.Bot, denies, "a message of another")
	refuse(room.Refuse == Archived, Archived)
	return m
}

// update changes a message. With text and without blocks, the blocks go;
// without text, they stay; attachments stay that are not given
// (reference/methods/chat.update).
func (s *Server) update(c *call) object {
	m := s.own(c, "cant_update_message")
	what := s.content(c.given(), maxUpdateText, true)
	wrong(what.empty() && (m.Blocks == nil || what.none), "no_text")
	if what.blocks == nil && !what.none && what.text == "" {
		what.blocks = m.Blocks
	}
	wrong(holdsRichText(m.Blocks) && !holdsRichText(what.blocks), "block_mismatch",
		"rich_text cannot be replaced with what has none")
	if !what.given {
		what.attachments = m.Attachments
	}
	m.change(Content{what.text, what.blocks, what.attachments})
	return object{"channel": m.Channel, "ts": m.TS, "text": m.Text, "message": m.object()}
}

func (s *Server) remove(c *call) object {
	m := s.own(c, "cant_delete_message")
	m.Deleted = true
	return object{"channel": m.Channel, "ts": m.TS}
}

func (s *Server) permalink(c *call) object {
	room := s.channel(c.args["channel"], true)
	m, ok := s.messages.Get(key(room.ID, c.args["message_ts"]))
	wrong(!ok || m.Deleted || m.Ephemeral(), "message_not_found", c.args["message_ts"])
	link := "https://" + Domain + ".example/archives/" + room.ID + "/p" + strings.ReplaceAll(m.TS, ".", "")
	if m.Thread != "" {
		link += "?thread_ts=" + m.Thread + "&cid=" + room.ID
	}
	return object{"channel": room.ID, "permalink": link}
}
