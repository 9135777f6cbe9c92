package blockkit

import (
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/slack-go/slack"

	"smtptest/formatting"
)

// span is a part of a line in one style.
type span struct {
	text  string // shown; of a date what is shown where none can be
	style style
	url   string    // of a link
	at    time.Time // of a date
}

type style int

const (
	asText style = iota
	asBold
	asCode // for names and words of a protocol; Slack makes no link of it
	asLink
	asDate // in the reader's own time
)

func plain(text string) span { return span{text: formatting.Clean(text)} }
func bold(text string) span  { return span{text: formatting.Clean(text), style: asBold} }
func mono(text string) span  { return span{text: formatting.Clean(text), style: asCode} }

// date is a time as each reader's clock has it.
func date(at time.Time) span { return span{text: formatting.When(at), style: asDate, at: at} }

// dateForm is how Slack writes a time (docs.slack.dev/messaging/formatting-message-text).
const dateForm = "{date_short_pretty} at {time_secs}"

func (s span) element() slack.RichTextSectionElement {
	switch s.style {
	case asBold:
		return slack.NewRichTextSectionTextElement(s.text, &slack.RichTextSectionTextStyle{Bold: true})
	case asCode:
		return slack.NewRichTextSectionTextElement(s.text, &slack.RichTextSectionTextStyle{Code: true})
	case asDate:
		return slack.NewRichTextSectionDateElement(s.at.Unix(), dateForm, nil, &s.text)
	case asLink:
		return slack.NewRichTextSectionLinkElement(s.url, s.text, nil)
	}
	return slack.NewRichTextSectionTextElement(s.text, nil)
}

// whole reports whether a span means nothing in parts.
func (s span) whole() bool { return s.style == asDate || s.style == asLink }

// kind is what Slack shows a piece as.
type kind int

const (
	none      kind = iota
	paragraph      // in a rich_text_section
	item           // of a rich_text_list
	quoted         // in a rich_text_quote: the server's words
	code           // in a rich_text_preformatted
	small          // a context block: for what is read last
)

// piece is what is never parted: a line, or as much of one as fits anywhere.
type piece struct {
	kind  kind
	spans []span
	text  string // of code and small
	size  size   // of itself, without what it stands in
	lines int    // that end in it: 1, or 0 where its line goes on or it is a heading

	heading bool // stands above a section
}

// line makes pieces of a line; none of a blank one.
func line(k kind, spans ...span) []piece {
	var out []piece
	for rest := visible(spans); len(rest) > 0; {
		var now []span
		now, rest = take(rest)
		if len(rest) > 0 {
			rest = append([]span{{text: formatting.GoesOn}}, rest...)
		}
		out = append(out, newPiece(k, now))
	}
	return ended(out)
}

// visible leaves out the spans that Slack would refuse, and all of them if
// nothing could be seen.
func visible(spans []span) []span {
	var out []span
	seen := false
	for _, s := range spans {
		if s.text != "" {
			out = append(out, s)
		}
		seen = seen || !blank(s.text)
	}
	if !seen {
		return nil
	}
	return out
}

// take parts a line where a piece is full.
func take(line []span) (now, rest []span) {
	room := size{runes: maxPieceRunes, octets: maxPieceOctets}
	for i, s := range line {
		head, tail := s, s
		if head.text, tail.text = cut(s.text, room); s.whole() {
			head, tail.text = s, ""
		}
		if head.text != "" {
			now = append(now, head)
		}
		if tail.text != "" {
			return now, append([]span{tail}, line[i+1:]...)
		}
		room = room.minus(size{runes: utf8.RuneCountInString(s.text), octets: quotedOctets(s.text)})
	}
	return now, nil
}

func newPiece(k kind, spans []span) piece {
	p := piece{kind: k, spans: spans}
	if k != code && k != small {
		p.spans = slices.Clone(spans)
		for i, s := range spans {
			p.spans[i].text = formatting.Isolate(s.text)
		}
	}
	for _, s := range p.spans {
		p.text += s.text
	}
	p.size.runes = utf8.RuneCountInString(p.text)
	switch k {
	case small:
		p.size.octets = octets(p.context()) + len(",")
		p.size.blocks = 1
	case code:
		p.size = p.size.plus(size{runes: 1, octets: quotedOctets(p.text) + len(`\n`)})
	case paragraph, quoted:
		p.size = p.size.plus(size{runes: 1, octets: len(`{"type":"text","text":"\n"},`)})
		fallthrough
	default:
		for _, s := range p.spans {
			p.size.octets += octets(s.element()) + len(",")
		}
	}
	return p
}

// ended marks the piece in which a line ends.
func ended(pieces []piece) []piece {
	if len(pieces) > 0 {
		pieces[len(pieces)-1].lines = 1
	}
	return pieces
}

// heading stands above a section and counts as no line; empty for a blank
// title.
func heading(title string) []piece {
	title = shorten(title, maxHeadingRunes+maxNoteRunes)
	if blank(title) {
		return nil
	}
	p := newPiece(paragraph, []span{{text: title, style: asBold}})
	p.heading = true
	return []piece{p}
}

// large is a small piece as a paragraph.
func (p piece) large() piece {
	out := newPiece(paragraph, p.spans)
	out.lines = p.lines
	return out
}

// context is the block of a small piece. A date is the one thing in all posts
// that Slack reads as markup: nothing in it is anybody's words.
func (p piece) context() *slack.ContextBlock {
	var all []slack.MixedElement
	text := ""
	flush := func() {
		if !blank(text) {
			all = append(all, object(text, maxSectionRunes))
		}
		text = ""
	}
	for _, s := range p.spans {
		if s.style != asDate {
			text += s.text
			continue
		}
		flush()
		form := fmt.Sprintf("<!date^%d^%s|%s>", s.at.Unix(), dateForm, s.text)
		all = append(all, &slack.TextBlockObject{Type: slack.MarkdownType, Text: form, Verbatim: true})
	}
	flush()
	return slack.NewContextBlock("", all...)
}

func (p piece) elements() []slack.RichTextSectionElement {
	var out []slack.RichTextSectionElement
	for _, s := range p.spans {
		out = append(out, s.element())
	}
	return out
}
