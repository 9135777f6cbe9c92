package embed

import (
	"fmt"
	"strings"

	"smtptest/formatting"
)

// Thread renders the sections, for a thread below the root: at most 6 posts.
// A transcript that needs more than two of them is shown in part, with a
// file that holds all of it.
func Thread(m formatting.Message, s Style) []Post {
	return bounded(m, s, maxThreadPosts)
}

// Whole is the head and the sections, where there is no thread or where one
// person alone may see them: at most 5 posts.
func Whole(m formatting.Message) []Post {
	root := head(m)
	if root.Content == "" && len(root.Embeds) == 0 {
		if posts := bounded(m, Style{}, maxWholePosts); len(posts) > 0 {
			posts[0].Components = root.Components
			return posts
		}
		root = Root(m)
	}
	return append([]Post{root}, bounded(m, Style{}, maxWholePosts-1)...)
}

// bounded tries to do with few posts: with whole transcripts, with the
// beginnings of those that are long. What has no room even
// then is in one file with everything else.
func bounded(m formatting.Message, s Style, most int) []Post {
	var posts []Post
	for _, each := range []int{maxParts, 1} {
		p := newPager(s, each)
		for _, section := range m.Sections {
			if each > 1 && len(p.posts) > most {
				break // the next try needs fewer
			}
			p.section(section)
		}
		p.Break()
		if posts = p.posts; len(posts) <= most {
			return posts
		}
	}
	return append(posts[:most-1], rest(m, posts[most-1:], len(posts)))
}

// rest is the last post of an answer that has no room: a file with all of the
// answer, and as many other files as can stand beside it.
func rest(m formatting.Message, posts []Post, all int) Post {
	whole := limited(formatting.File{Name: "smtptest-answer.txt", Text: formatting.Text(m)})
	last := Post{Files: []formatting.File{whole}}
	last.Content = fmt.Sprintf("%d of %d messages shown, all of the answer in the file %s", all-len(posts), all,
		whole.Name)
	for _, p := range posts {
		last.Files = append(last.Files, p.Files...)
	}
	last.Files = last.Files[:min(len(last.Files), maxMessageFiles)]
	return last
}

func (p *pager) section(s formatting.Section) {
	switch s := s.(type) {
	case formatting.Findings:
		for _, x := range s.Items {
			p.block(short(findingTitle(x), lineRunes/2, prose), finding(x))
		}
	case formatting.Facts:
		p.block(short(s.Title, lineRunes/2, prose), facts(s))
	case formatting.Prose:
		p.paragraphs(s)
	case formatting.Table:
		p.code(s.Code())
	case formatting.Code:
		p.code(s)
	case formatting.File:
		p.block("", append(title(s.Title), "In the file "+prose(s.Name)))
		p.attach(s)
	}
}

func title(text string) []string {
	out := pieces(text, lineRunes, prose)
	if len(out) > 0 {
		out[0] = heading + out[0]
	}
	return out
}

// Marks at the beginning of a line.
const (
	heading = "### "
	small   = "-# "
)

func findingTitle(x formatting.Finding) string {
	return formatting.Join([]string{x.Severity, x.Title}, ": ")
}

func finding(x formatting.Finding) []string {
	lines := pieces(findingTitle(x), lineRunes, strong)
	lines = append(lines, pieces(x.Explanation, lineRunes, prose)...)
	for i, advice := range pieces(x.Advice, lineRunes, prose) {
		if i == 0 {
			advice = "**" + formatting.TryWords + "** " + advice
		}
		lines = append(lines, advice)
	}
	for _, grounds := range pieces(x.Grounds(), lineRunes, prose) {
		lines = append(lines, small+grounds)
	}
	return lines
}

func facts(f formatting.Facts) []string {
	if f.Short != "" {
		return pieces(f.Title+": "+f.Short, lineRunes, func(text string) string { return titled(text, f.Title+":") })
	}
	lines := title(f.Title)
	for _, fact := range f.Rows {
		written := prose
		if fact.Literal() {
			written = code
		}
		row := append(pieces(fact.Name, lineRunes, strong), pieces(fact.Value, lineRunes, written)...)
		if one := formatting.Join(row, "  "); len(row) == 2 && size(one) <= lineRunes {
			row = []string{one}
		}
		lines = append(lines, row...)
	}
	return lines
}

// titled is a text whose first words are its title.
func titled(text, title string) string {
	rest, ok := strings.CutPrefix(text, title)
	if !ok {
		return prose(text)
	}
	return formatting.Join([]string{strong(title), prose(rest)}, " ")
}

// full leaves empty lines out.
func full(lines []string) []string {
	var out []string
	for _, line := range lines {
		if line != "" {
			out = append(out, line)
		}
	}
	return out
}

func (p *pager) paragraphs(x formatting.Prose) {
	lines := title(x.Title)
	for _, text := range x.Paragraphs {
		p.block(short(x.Title, lineRunes/2, prose), append(lines, pieces(text, lineRunes, prose)...))
		lines = nil
	}
	p.block("", lines)
}

// code shows a transcript, or its beginning beside a file that holds all of it.
func (p *pager) code(c formatting.Code) {
	const room = 260 // for the legend, the title's mark, the fence and the words about a file
	lines := codeLines(c, p.style)
	name := short(c.Title, lineRunes/2, prose)
	all := parts(lines, pageRunes-size(name)-room)
	if len(all) <= p.parts {
		for i, part := range all {
			block := []string{numbered(name, i, len(all)), part.fence(p.style)}
			if i == 0 {
				block = []string{block[0], explained(c.Legend), block[1]}
			}
			p.block("", block)
		}
		return
	}
	p.transcripts++
	file := formatting.WholeTranscripts(p.transcripts, c)
	block := []string{heading + name, explained(c.Legend)}
	whole := 0
	for _, part := range all[:min(1, p.parts)] {
		block = append(block, part.fence(p.style))
		whole = part.lines
	}
	block = append(block, formatting.InFile(whole, len(lines), file.Name))
	p.block("", block)
	p.attach(file)
}

// explained is a legend in small letters; empty for none.
func explained(legend string) string {
	if legend == "" {
		return ""
	}
	return small + prose(legend)
}

func numbered(name string, i, n int) string {
	if name = formatting.Numbered(name, i+1, n); name == "" {
		return ""
	}
	return heading + name
}
