package blockkit

import (
	"strings"
	"unicode/utf8"

	"github.com/slack-go/slack"

	"smtptest/formatting"
)

// part is what stands of a group on one page.
type part struct {
	group  group
	pieces []piece
}

// folded are the blocks of a page with a header above each section, with
// tables, and with containers for what is read on demand; nil: there is none,
// or the page has no room for it. No container holds rich_text: Slack's
// documents list it, its validator does not.
func (p *page) folded() []slack.Block {
	if blocks := p.newer(dataTable); blocks != nil {
		return blocks
	}
	return p.newer(func(formatting.Table) (slack.Block, int) { return nil, 0 })
}

// newer is folded with tables as they are made there; where none can be made,
// they are lines.
func (p *page) newer(table func(formatting.Table) (slack.Block, int)) []slack.Block {
	q := &page{room: message()}
	for _, x := range p.parts {
		q.open = none
		block, runes := slack.Block(nil), 0
		switch {
		case x.group.table != nil:
			block, runes = table(*x.group.table)
		case x.group.folds:
			if block, runes = container(x); block == nil {
				return nil
			}
		}
		if block != nil {
			q.blocks, q.runes = append(q.blocks, block), q.runes+runes
			continue
		}
		q.headed(x.pieces)
	}
	q.closeCode()
	all := octets(slack.Blocks{BlockSet: q.blocks})
	if len(q.blocks) > maxBlocksPerMessage || all > maxMessageOctets || q.runes > maxMessageRunes {
		return nil
	}
	return q.blocks
}

// headed places pieces, the heading among them as a header.
func (p *page) headed(pieces []piece) {
	for _, x := range pieces {
		if x.heading {
			p.blocks, p.open, p.runes = append(p.blocks, header(x.text)), none, p.runes+x.size.runes
			continue
		}
		p.Put(x)
	}
}

// headerLevel is that of sections: screen readers jump from one to the next.
const headerLevel = 3

func header(title string) slack.Block {
	return slack.NewHeaderBlock(object(title, maxHeaderRunes), slack.HeaderBlockOptionLevel(headerLevel))
}

// container is a part that is folded at first; nil: it has no room in one.
func container(x part) (block slack.Block, runes int) {
	pieces := x.pieces
	if x.group.whole != nil {
		pieces = x.group.whole
	}
	title := object(x.group.title, maxHeaderRunes)
	runes = utf8.RuneCountInString(title.Text)
	var children []slack.Block
	for _, text := range sectionTexts(pieces) {
		n := utf8.RuneCountInString(text.Text)
		if n > maxSectionRunes {
			return nil, 0
		}
		children, runes = append(children, slack.NewSectionBlock(text, nil, nil)), runes+n
	}
	if len(children) == 0 || len(children) > maxContainerBlocks {
		return nil, 0
	}
	return slack.NewContainerBlock(children...).WithTitle(title).WithWidth(slack.ContainerWidthFull).
		WithCollapsible(true, true), runes
}

// sectionTexts are the lines of pieces, in texts that a section takes. Those
// of a transcript stand in a fence, where nothing but < > and & means anything
// to Slack; these are escaped.
func sectionTexts(pieces []piece) []*slack.TextBlockObject {
	var out []*slack.TextBlockObject
	var lines []string
	room, now := maxSectionRunes-len(fence)*2-len("\n\n"), none
	flush := func() {
		if len(lines) == 0 {
			return
		}
		text := strings.Join(lines, "\n")
		if now == code {
			text = fence + "\n" + text + "\n" + fence
			out = append(out, &slack.TextBlockObject{Type: slack.MarkdownType, Text: text, Verbatim: true})
		} else {
			out = append(out, slack.NewTextBlockObject(slack.PlainTextType, text, false, false))
		}
		lines = nil
	}
	left := room
	for _, p := range pieces {
		if p.heading {
			continue
		}
		text := sectionLine(p)
		n := utf8.RuneCountInString(text) + 1
		if (p.kind == code) != (now == code) || n > left {
			flush()
			left = room
		}
		lines, now, left = append(lines, text), p.kind, left-n
	}
	flush()
	return out
}

// fence begins and ends what Slack shows as it is.
const fence = "```"

// sectionLine is a piece as a line of a section.
func sectionLine(p piece) string {
	switch p.kind {
	case code:
		return markup.Replace(strings.ReplaceAll(p.text, "``", "`\u200b`\u200b"))
	case item:
		return "• " + p.text
	}
	return p.text
}

// begin notes that a group begins on a page, or goes on.
func (p *page) begin(g group, again bool) {
	if again {
		g.title = formatting.Again(g.title)
	} else {
		p.groups++
	}
	if g.minor {
		p.minors = append(p.minors, g.fallback)
	} else {
		p.fallbacks = append(p.fallbacks, g.fallback)
	}
	p.parts = append(p.parts, part{group: g})
}
