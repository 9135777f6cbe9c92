package blockkit

import (
	"strings"

	"github.com/slack-go/slack"

	"smtptest/formatting"
)

// size is what Slack counts in a message.
type size struct{ blocks, runes, octets int }

func (s size) plus(t size) size {
	return size{s.blocks + t.blocks, s.runes + t.runes, s.octets + t.octets}
}

func (s size) minus(t size) size {
	return size{s.blocks - t.blocks, s.runes - t.runes, s.octets - t.octets}
}

func (s size) within(room size) bool {
	return s.blocks <= room.blocks && s.runes <= room.runes && s.octets <= room.octets
}

// message is all the room of one.
func message() size {
	return size{maxBlocksPerMessage, maxMessageRunes, maxMessageOctets - len("[]") - belowOctets}
}

// What pieces stand in, as slack-go writes it.
const (
	richOctets    = len(`{"type":"rich_text","elements":[]},`)
	sectionOctets = len(`{"type":"rich_text_section","elements":[]},`)
	quoteOctets   = len(`{"type":"rich_text_quote","elements":[]},`)
	listOctets    = len(`{"type":"rich_text_list","elements":[],"style":"bullet","indent":0,"border":0,"offset":0},`)
	belowOctets   = len(`[{"color":"#000000","blocks":[]}]`)
	codeOctets    = len(`{"type":"rich_text_preformatted","elements":[{"type":"text","text":""}],"border":0},`)
)

// meter counts a message while it grows, or tries whether it could.
type meter struct {
	size
	open kind // of the last piece, if the next of its kind can join it
}

func (m meter) after(pieces ...piece) meter {
	for _, p := range pieces {
		m.size = m.plus(p.size)
		if p.kind == small {
			m.open = none
			continue
		}
		if m.open == none {
			m.size = m.plus(size{blocks: 1, octets: richOctets})
		}
		m.octets += standsIn(p.kind, m.open)
		m.open = p.kind
	}
	return m
}

// standsIn is what must be opened for a piece, in octets.
func standsIn(k, open kind) int {
	switch {
	case k == item && open == item:
		return sectionOctets
	case k == item:
		return listOctets + sectionOctets
	case k == open:
		return 0
	case k == code:
		return codeOctets
	case k == quoted:
		return quoteOctets
	}
	return sectionOctets
}

// group is what is better read in one post: a section, or a part of one.
type group struct {
	formatting.Group[piece]
	fallback string            // the text in place of the blocks; empty: nothing
	minor    bool              // nobody is told of it where a page has more to say
	title    string            // of a container
	folds    bool              // where containers are used: it is read on demand
	whole    []piece           // what a container holds; nil: the lines
	table    *formatting.Table // that the lines show; nil: none
	file     *formatting.File  // to be uploaded with a post of its own; nil: none
	shown    string            // how much of the file is shown besides; empty: nothing is said of it
}

// lines counts what ends in some groups.
func lines(all []group) int {
	n := 0
	for _, g := range all {
		for _, p := range g.Lines {
			n += p.lines
		}
	}
	return n
}

// page is a post while it grows.
type page struct {
	meter
	room      size
	blocks    []slack.Block
	rich      *slack.RichTextBlock
	inside    *[]slack.RichTextSectionElement // of the last section or quotation
	list      *slack.RichTextList
	code      *slack.RichTextSectionTextElement
	lines     []string // that stand in code
	fallbacks []string // of its groups
	minors    []string // of those that are minor
	ended     int      // lines
	groups    int      // that began on it
	parts     []part   // of groups
	file      *formatting.File
	shown     string
}

// Fits implements formatting.Page.
func (p *page) Fits(pieces ...piece) bool { return p.after(pieces...).within(p.room) }

// Empty implements formatting.Page.
func (p *page) Empty() bool { return len(p.blocks) == 0 }

// Put places what fits. The first piece of a page is never small: a post
// without rich text could not become one with it (chat.update:
// block_mismatch).
func (p *page) Put(pieces ...piece) {
	for _, x := range pieces {
		if x.kind == small && p.rich == nil {
			x = x.large()
		}
		p.ended += x.lines
		if n := len(p.parts); n > 0 {
			p.parts[n-1].pieces = append(p.parts[n-1].pieces, x)
		}
		p.place(x)
		p.meter = p.after(x)
	}
}

func (p *page) place(x piece) {
	if x.kind == small {
		p.blocks = append(p.blocks, x.context())
		return
	}
	if p.open == none {
		p.rich = slack.NewRichTextBlock("")
		p.blocks = append(p.blocks, p.rich)
	}
	switch x.kind {
	case item:
		if p.open != item {
			p.list = slack.NewRichTextList(slack.RTEListBullet, 0)
			p.rich.Elements = append(p.rich.Elements, p.list)
		}
		p.list.Elements = append(p.list.Elements, slack.NewRichTextSection(x.elements()...))
	case code:
		p.placeCode(x.text)
	default:
		p.placeParagraph(x)
	}
}

func (p *page) placeCode(text string) {
	if p.open == code {
		p.lines = append(p.lines, text)
		return
	}
	p.closeCode()
	p.code, p.lines = slack.NewRichTextSectionTextElement("", nil), []string{text}
	p.rich.Elements = append(p.rich.Elements, &slack.RichTextPreformatted{
		Type: slack.RTEPreformatted, Elements: []slack.RichTextSectionElement{p.code},
	})
}

// closeCode gives the code its lines, all at once: to add them one by one
// would copy each of them as often as there are lines.
func (p *page) closeCode() {
	if p.code != nil {
		p.code.Text = strings.Join(p.lines, "\n")
	}
}

// placeParagraph puts a line end between paragraphs: whether two sections
// stand in two lines is left to the client, and clients differ. So it does
// between the lines of a quotation.
func (p *page) placeParagraph(x piece) {
	if p.open == x.kind {
		*p.inside = append(append(*p.inside, slack.NewRichTextSectionTextElement("\n", nil)), x.elements()...)
		return
	}
	if x.kind == quoted {
		q := &slack.RichTextQuote{Type: slack.RTEQuote, Elements: x.elements()}
		p.rich.Elements, p.inside = append(p.rich.Elements, q), &q.Elements
		return
	}
	s := slack.NewRichTextSection(x.elements()...)
	p.rich.Elements, p.inside = append(p.rich.Elements, s), &s.Elements
}

// pack fills pages of so much room in order.
func pack(groups []group, room size) []*page {
	var pages []*page
	var now group
	p := formatting.Pager[piece, *page]{
		New:   func() *page { return &page{room: room} },
		Began: func(x *page, again bool) { x.begin(now, again) },
		Turn: func(x *page) {
			x.closeCode()
			pages = append(pages, x)
		},
		Now: &page{room: room},
	}
	for _, g := range groups {
		now = g
		p.Now.open = none
		if g.file != nil {
			p.Break()
			p.Now.file, p.Now.shown = g.file, g.shown
		}
		p.Add(g.Group)
		if g.file != nil {
			p.Break()
		}
	}
	p.Break()
	return pages
}
