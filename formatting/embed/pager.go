package embed

import (
	"fmt"
	"strings"

	"smtptest/formatting"
)

// page is a post while it grows.
type page struct {
	text   strings.Builder
	runes  int
	inside bool // a group has begun and its next line goes below the last
	files  []formatting.File
}

// Fits implements formatting.Page.
func (p *page) Fits(lines ...string) bool {
	need, inside := p.runes, p.inside
	for _, line := range lines {
		need += size(p.between(need, inside)) + size(line)
		inside = true
	}
	return need <= pageRunes
}

// Put implements formatting.Page.
func (p *page) Put(lines ...string) {
	for _, line := range lines {
		line = p.between(p.runes, p.inside) + line
		p.text.WriteString(line)
		p.runes += size(line)
		p.inside = true
	}
}

// between stands before a line: nothing on an empty page, an empty line where
// a group begins.
func (p *page) between(runes int, inside bool) string {
	switch {
	case runes == 0:
		return ""
	case inside:
		return "\n"
	}
	return "\n\n"
}

// Empty implements formatting.Page.
func (p *page) Empty() bool { return p.runes == 0 && len(p.files) == 0 }

// pager fills posts.
type pager struct {
	formatting.Pager[string, *page]
	style       Style
	parts       int // of a transcript that are shown; of more one is shown, of more than none none
	posts       []Post
	transcripts int // that became files
}

func newPager(style Style, parts int) *pager {
	p := &pager{style: style, parts: parts}
	p.New = func() *page { return &page{} }
	p.Turn = func(x *page) { p.posts = append(p.posts, Post{Content: x.text.String(), Files: x.files}) }
	p.Now = p.New()
	return p
}

// block adds lines that belong together, without empty ones; title stands
// above them where they go on in another post.
func (p *pager) block(title string, lines []string) {
	if lines = full(lines); len(lines) == 0 {
		return
	}
	var again []string
	if title != "" {
		again = []string{heading + formatting.Again(title)}
	}
	p.Now.inside = false
	p.Add(formatting.Group[string]{Lines: lines, Again: again})
}

// attach adds a file to the page that speaks of it.
func (p *pager) attach(f formatting.File) {
	if len(p.Now.files) == maxMessageFiles {
		p.Break()
	}
	p.Now.files = append(p.Now.files, limited(f))
}

// limited keeps a file within what Discord takes. Reports are bounded far
// below it.
func limited(f formatting.File) formatting.File {
	const room = 64 // for the words below
	if len(f.Text) <= maxFileBytes {
		return f
	}
	kept := f.Text[:maxFileBytes-room]
	kept = kept[:strings.LastIndexByte(kept, '\n')+1]
	f.Text = kept + fmt.Sprintln(formatting.Shown(strings.Count(kept, "\n"), strings.Count(f.Text, "\n")))
	return f
}
