package embed

import (
	"fmt"
	"strings"

	"smtptest/formatting"
)

// pager fills posts. What belongs together stays together where one post has
// room for it.
type pager struct {
	style       Style
	parts       int // of a transcript that are shown; of more one is shown, of more than none none
	posts       []Post
	page        string
	files       []formatting.File // of the page
	transcripts int               // that became files
}

// block adds lines that belong together.
func (p *pager) block(lines []string) {
	lines = full(lines)
	text := strings.Join(lines, "\n")
	switch {
	case text == "":
	case size(text) <= pageRunes:
		p.add(text, "\n\n")
	default:
		between := "\n\n"
		for _, line := range lines {
			p.add(line, between)
			between = "\n"
		}
	}
}

func (p *pager) add(text, between string) {
	if p.page != "" && size(p.page)+size(between)+size(text) > pageRunes {
		p.turn()
	}
	if p.page != "" {
		p.page += between
	}
	p.page += text
}

// attach adds a file to the page that speaks of it.
func (p *pager) attach(f formatting.File) {
	if len(p.files) == maxMessageFiles {
		p.turn()
	}
	p.files = append(p.files, limited(f))
}

// turn ends a page.
func (p *pager) turn() {
	if p.page != "" || len(p.files) > 0 {
		p.posts = append(p.posts, Post{Content: p.page, Files: p.files})
	}
	p.page, p.files = "", nil
}

// transcriptName numbers files, so that none hides another where people save
// them.
func (p *pager) transcriptName() string {
	p.transcripts++
	if p.transcripts == 1 {
		return "smtptest-transcript.txt"
	}
	return fmt.Sprintf("smtptest-transcript-%d.txt", p.transcripts)
}
