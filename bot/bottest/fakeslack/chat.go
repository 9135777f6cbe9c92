package fakeslack

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
	text   string
	blocks json.RawMessage // with block_ids; nil: none were given
	none   bool            // blocks were given, and empty
}

// content checks text and blocks of a call. s.Mu is held.
func (s *Server) content(c *call, most int) (content, error) {
	out := content{text: c.args["text"]}
	if n := utf8.RuneCountInString(out.text); n > most {
		return out, wrong("msg_too_long", "the text is too long")
	}
	if !utf8.ValidString(out.text) {
		return out, wrong("invalid_arguments", "the text is no UTF-8")
	}
	if raw, ok := c.args["blocks"]; ok && raw != "" {
		if err := s.takeBlocks(&out, raw); err != nil {
			return out, err
		}
		if len(raw) > maxBlocksOctets {
			return out, wrong("msg_blocks_too_long", "the blocks are too long")
		}
	}
	return out, checkSwitches(c)
}

func (s *Server) takeBlocks(out *content, raw string) error {
	blocks, err := checkBlocks(raw)
	if err != nil {
		return err
	}
	if out.none = len(blocks) == 0; !out.none {
		out.blocks = s.named(blocks)
	}
	return nil
}

// empty reports whether there is nothing to show: no_text.
func (c content) empty() bool { return strings.TrimSpace(c.text) == "" && c.blocks == nil }

// checkSwitches wants booleans and known words.
func checkSwitches(c *call) error {
	for _, name := range []string{"link_names", "unfurl_links", "unfurl_media", "mrkdwn"} {
		switch c.args[name] {
		case "", "true", "false", "0", "1":
		default:
			return wrong("invalid_arguments", name+" is no boolean")
		}
	}
	switch c.args["parse"] {
	case "", "none", "full", "client":
		return nil
	}
	return wrong("invalid_arguments", "parse "+c.args["parse"])
}

func (s *Server) postMessage(c *call) (object, error) {
	thread := c.args["thread_ts"]
	room, err := s.postable(c.args["channel"], thread)
	if err != nil {
		return nil, err
	}
	what, err := s.content(c, maxText)
	switch {
	case err != nil:
		return nil, err
	case what.empty():
		return nil, wrong("no_text", "")
	}
	if err := s.rate("post "+room.ID, burst, time.Second); err != nil {
		return nil, err
	}
	m := s.post(Message{Channel: room.ID, Thread: thread, Via: c.name, Cut: c.cut}, what)
	return object{"channel": room.ID, "ts": m.TS, "message": m.object()}, nil
}

// post puts a message of the bot where it belongs. s.Mu is held.
func (s *Server) post(m Message, what content) *Message {
	m.TS, m.Bot = s.ts(), true
	m.Text, m.Blocks = what.text, what.blocks
	s.add(&m)
	s.Touch()
	return &m
}

// postEphemeral shows a message to one person in a channel. Slack wants both
// to be members (reference/methods/chat.postEphemeral).
func (s *Server) postEphemeral(c *call) (object, error) {
	room, err := s.postable(c.args["channel"], c.args["thread_ts"])
	if err != nil {
		return nil, err
	}
	if !room.joined() {
		return nil, denied("not_in_channel")
	}
	user, ok := s.users[c.args["user"]]
	if !ok {
		return nil, wrong("user_not_in_channel", c.args["user"])
	}
	what, err := s.content(c, maxText)
	switch {
	case err != nil:
		return nil, err
	case what.empty():
		return nil, wrong("no_text", "")
	}
	m := s.post(Message{Channel: room.ID, Thread: c.args["thread_ts"], To: user.ID, Via: c.name, Cut: c.cut}, what)
	return object{"channel": room.ID, "message_ts": m.TS}, nil
}

// own finds a message that the bot may change. s.Mu is held.
func (s *Server) own(c *call, denies string) (*Message, error) {
	if _, person := s.users[c.args["channel"]]; person {
		// reference/methods/chat.update, channel
		return nil, wrong("channel_not_found", "an id of a person, where that of the channel is wanted")
	}
	room, err := s.channel(c.args["channel"])
	if err != nil {
		return nil, err
	}
	m, ok := s.messages.Get(key(room.ID, c.args["ts"]))
	switch {
	case !ok || m.Ephemeral():
		return nil, wrong("message_not_found", c.args["ts"])
	case m.Deleted:
		return nil, denied("message_not_found")
	case !m.Bot:
		return nil, wrong(denies, "a message of another")
	case room.Archived:
		return nil, denied("is_archived")
	}
	return m, nil
}

// update changes a message. With text and without blocks, the blocks go;
// without text, they stay (reference/methods/chat.update).
func (s *Server) update(c *call) (object, error) {
	m, err := s.own(c, "cant_update_message")
	if err != nil {
		return nil, err
	}
	what, err := s.content(c, maxUpdateText)
	switch {
	case err != nil:
		return nil, err
	case what.empty() && (m.Blocks == nil || what.none):
		return nil, wrong("no_text", "")
	case what.blocks == nil && !what.none && what.text == "":
		what.blocks = m.Blocks
	}
	if holdsRichText(m.Blocks) && !holdsRichText(what.blocks) {
		return nil, wrong("block_mismatch", "rich_text cannot be replaced with what has none")
	}
	m.change(Content{what.text, what.blocks})
	s.Touch()
	return object{"channel": m.Channel, "ts": m.TS, "text": m.Text, "message": m.object()}, nil
}

func (s *Server) remove(c *call) (object, error) {
	m, err := s.own(c, "cant_delete_message")
	if err != nil {
		return nil, err
	}
	m.Deleted = true
	s.Touch()
	return object{"channel": m.Channel, "ts": m.TS}, nil
}

func (s *Server) permalink(c *call) (object, error) {
	room, err := s.channel(c.args["channel"])
	if err != nil {
		return nil, err
	}
	m, ok := s.messages.Get(key(room.ID, c.args["message_ts"]))
	if !ok || m.Deleted || m.Ephemeral() {
		return nil, wrong("message_not_found", c.args["message_ts"])
	}
	link := "https://" + Domain + ".example/archives/" + room.ID + "/p" + strings.ReplaceAll(m.TS, ".", "")
	if m.Thread != "" {
		link += "?thread_ts=" + m.Thread + "&cid=" + room.ID
	}
	return object{"channel": room.ID, "permalink": link}, nil
}
