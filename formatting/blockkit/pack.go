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
	return size{maxBlocksPerMessage, maxMessageRunes, maxMessageOctets - len("[]")}
}

// What pieces stand in, as slack-go writes it.
const (
	richOctets    = len(`{"type":"rich_text","elements":[]},`)
	sectionOctets = len(`{"type":"rich_text_section","elements":[]},`)
	listOctets    = len(`{"type":"rich_text_list","elements":[],"style":"bullet","indent":0,"border":0,"offset":0},`)
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
	}
	return sectionOctets
}

// group is what is better read in one post: a section, or a part of one.
type group struct {
	spoken string           // in place of the blocks; empty: nothing
	again  []piece          // the heading where it goes on in another post; empty: none
	pieces []piece          // the heading too
	file   *formatting.File // to be uploaded with a post of its own; nil: none
	shown  string           // how much of the file is shown besides; empty: nothing is said of it
}

// lines counts what ends in some groups.
func lines(all []group) int {
	n := 0
	for _, g := range all {
		for _, p := range g.pieces {
			n += p.lines
		}
	}
	return n
}

// page is a post while it grows.
type page struct {
	meter
	blocks []slack.Block
	rich   *slack.RichTextBlock
	list   *slack.RichTextList
	code   *slack.RichTextSectionTextElement
	lines  []string // that stand in code
	spoken []string
	ended  int // lines
	groups int // that began on it
	file   *formatting.File
	shown  string
}

// put places what fits. The first piece of a page is never small: a post
// without rich text could not become one with it (chat.update:
// block_mismatch).
func (p *page) put(pieces ...piece) {
	for _, x := range pieces {
		if x.kind == small && p.rich == nil {
			x = x.large()
		}
		p.ended += x.lines
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
// stand in two lines is left to the client, and clients differ.
func (p *page) placeParagraph(x piece) {
	if p.open != paragraph {
		p.rich.Elements = append(p.rich.Elements, slack.NewRichTextSection(x.elements()...))
		return
	}
	section := p.rich.Elements[len(p.rich.Elements)-1].(*slack.RichTextSection)
	section.Elements = append(append(section.Elements, slack.NewRichTextSectionTextElement("\n", nil)), x.elements()...)
}

// packer fills pages in order. A group goes on a new page rather than over
// two, if one holds it.
type packer struct {
	room  size // of each page
	pages []*page
	now   *page
}

func pack(groups []group, room size) []*page {
	p := packer{room: room, now: &page{}}
	for _, g := range groups {
		if g.file != nil {
			p.turn()
			p.now.file, p.now.shown = g.file, g.shown
		}
		p.add(g)
		if g.file != nil {
			p.turn()
		}
	}
	p.turn()
	return p.pages
}

// turn begins the next page, if there is something on this one.
func (p *packer) turn() {
	p.now.closeCode()
	if len(p.now.blocks) > 0 {
		p.pages = append(p.pages, p.now)
		p.now = &page{}
	}
}

func (p *packer) fits(m meter, pieces ...piece) bool { return m.after(pieces...).within(p.room) }

func (p *packer) add(g group) {
	p.now.open = none
	first := g.pieces[:min(2, len(g.pieces))] // a heading is nothing without its first line
	whole := p.fits(meter{}, g.pieces...)
	if whole && !p.fits(p.now.meter, g.pieces...) || !p.fits(p.now.meter, first...) {
		p.turn()
	}
	p.now.groups++
	p.now.spoken = append(p.now.spoken, g.spoken)
	for i, x := range g.pieces {
		if !p.fits(p.now.meter, x) {
			p.turn()
			p.now.spoken = append(p.now.spoken, g.spoken)
			if i > 1 {
				p.now.put(g.again...)
			}
		}
		p.now.put(x)
	}
}
