// Package blockkit renders a Message as Slack's Block Kit, and a Form as a
// modal: sections become groups of pieces, and the pieces are packed into
// posts, none of which exceeds what Slack takes.
//
// All text of a Message is put where Slack reads no markup: into rich_text
// and plain_text, never into mrkdwn. Nothing is shortened without a word on
// how much. It sends nothing.
package blockkit

import (
	"fmt"

	"github.com/slack-go/slack"

	"smtptest/formatting"
)

// Post is one message in Slack.
type Post struct {
	Text   string             // what notifications and screen readers say in place of the blocks; escaped, never empty
	Blocks []slack.Block      // at least one rich_text block is among them, so that a post can be updated with any other
	Below  []slack.Attachment // what stands below the blocks, beside a bar in a colour; never nil in a root, so that an
	// edit takes away an older one
	Folded []slack.Block    // the same with containers that can be folded, and tables; nil: there is no such form
	File   *formatting.File // to be uploaded with the post; nil: none
	Shown  string           // how much of File other posts show, where it holds more; empty: nothing is said of it
}

// Root is the head of a message, for the channel, with what can be pressed.
// Its Text holds no words of a server. Of a message with a tone, what stands
// below the verdict is beside a bar in the tone's colour: Slack has one for
// attachments alone. They are few blocks: Slack folds long attachments.
func Root(m formatting.Message) Post {
	p := bounded(head(m), m, 1)[0]
	p.Below = []slack.Attachment{}
	if colour := m.Tone.Colour(); colour != 0 && len(p.Blocks) > 1 {
		below := slack.Attachment{Color: fmt.Sprintf("#%06x", colour), Blocks: slack.Blocks{BlockSet: p.Blocks[1:]}}
		p.Blocks, p.Below = p.Blocks[:1], append(p.Below, below)
	}
	return p
}

// Private is the whole message for one person, in at most maxPrivatePosts
// posts, the text of its files included: what answers a response_url carries
// no file. The last post says how much there is, if that is more, and holds
// what can be pressed.
func Private(m formatting.Message) []Post {
	room := roomBeside(m)
	all := head(m)
	for _, s := range m.Sections {
		if f, ok := s.(formatting.File); ok {
			s = inPlace(f)
		}
		all = append(all, groups(s, room)...)
	}
	return bounded(all, m, maxPrivatePosts)
}

// advice is where a person gets all that a private answer has no room for.
const advice = " Ask in a direct message with me to get everything."

// roomBeside is what is left of a message beside its buttons and the word
// that it is shortened.
func roomBeside(m formatting.Message) size {
	room := message()
	notice := meter{}.after(shortenedNotice(1<<30, 1<<30)...)
	for _, b := range buttons(m.Actions) {
		room = room.minus(blockSize(b))
	}
	return room.minus(notice.size)
}

func shortenedNotice(n, of int) []piece {
	return line(paragraph, plain("Shortened: "+formatting.Shown(n, of)+"."+advice))
}

// bounded packs groups into at most so many posts.
func bounded(all []group, m formatting.Message, most int) []Post {
	pages := pack(all, roomBeside(m))
	if len(pages) == 0 {
		p := &page{room: message()}
		p.Put(line(paragraph, plain(otherwise(m)))...)
		pages = append(pages, p)
	}
	if len(pages) > most {
		pages = pages[:most]
		n := 0
		for _, p := range pages {
			n += p.ended
		}
		last := pages[most-1]
		last.open = none
		last.Put(shortenedNotice(n, lines(all))...)
	}
	last := pages[len(pages)-1]
	last.blocks = append(last.blocks, buttons(m.Actions)...)
	return posts(pages, m)
}

// otherwise is said for a message that has nothing to show here.
func otherwise(m formatting.Message) string {
	for _, s := range m.Sections {
		for _, g := range groups(s, message()) {
			if !blank(g.fallback) {
				return shorten(g.fallback, maxHeadingRunes)
			}
		}
	}
	return "There is nothing to show."
}

func posts(pages []*page, m formatting.Message) []Post {
	var out []Post
	for _, p := range pages {
		text := fallback(p.fallbacks)
		if text == "" {
			text = fallback(p.minors)
		}
		if text == "" {
			text = fallback([]string{otherwise(m)})
		}
		out = append(out, Post{Text: text, Blocks: p.blocks, File: p.file, Shown: p.shown})
	}
	return out
}

// Thread is the sections of a message, in at most maxThreadPosts posts. A
// section stands in one post where it fits. Transcripts that are too long are
// shown in part and uploaded whole; if all together is too long, so is all.
func Thread(m formatting.Message) []Post {
	all := threadGroups(m.Sections)
	pages := pack(all, message())
	if len(pages) > maxThreadPosts {
		pages = pages[:maxThreadPosts-1]
		n := 0
		for _, p := range pages {
			n += p.ended
		}
		pages = append(pages, pack([]group{everything(m.Sections, n, lines(all))}, message())...)
	}
	out := posts(pages, m)
	for i, p := range pages {
		out[i].Folded = p.folded()
	}
	return out
}

// threadGroups are all groups but those of transcripts that are too long.
func threadGroups(sections []formatting.Section) []group {
	var codes, out []group
	for _, s := range sections {
		if _, ok := s.(formatting.Code); ok {
			codes = append(codes, groups(s, message())...)
		}
	}
	kept := shown(codes, message())
	left := len(kept)
	for _, s := range sections {
		parts := groups(s, message())
		if _, ok := s.(formatting.Code); ok {
			n := min(left, len(parts))
			left, parts = left-n, parts[:n]
		}
		out = append(out, parts...)
	}
	if len(kept) < len(codes) {
		out = append(out, wholeTranscript(sections, lines(kept), lines(codes)))
	}
	return out
}
