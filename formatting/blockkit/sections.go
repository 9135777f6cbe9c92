package blockkit

import (
	"fmt"
	"regexp"
	"strings"

	"smtptest/formatting"
)

// groups renders a section, a transcript in parts that have room in a post
// each.
func groups(s formatting.Section, room size) []group {
	switch s := s.(type) {
	case formatting.Findings:
		return findings(s)
	case formatting.Prose:
		return prose(s)
	case formatting.Facts:
		return facts(s)
	case formatting.Table:
		return table(s, room)
	case formatting.Code:
		return transcript(s, room)
	case formatting.File:
		return file(s)
	}
	return nil
}

// titled is a group below a heading; none where there is nothing to read.
func titled(title string, pieces []piece) []group {
	all := append(heading(title), pieces...)
	if len(all) == 0 {
		return nil
	}
	return []group{sectionOf(shorten(title, maxHeadingRunes), title, all)}
}

// sectionOf is a group of pieces, which has a title where it goes on.
func sectionOf(fallback, title string, pieces []piece) group {
	again := heading(formatting.Again(shorten(title, maxHeadingRunes)))
	return group{fallback: fallback, Group: formatting.Group[piece]{Lines: pieces, Again: again}}
}

func findings(f formatting.Findings) []group {
	var out []group
	for _, x := range f.Items {
		title := x.Severity + ": " + x.Title
		pieces := line(paragraph, bold(title))
		for i := range pieces {
			pieces[i].heading = true
		}
		pieces = append(pieces, line(paragraph, plain(x.Explanation))...)
		if !blank(x.Advice) {
			pieces = append(pieces, line(paragraph, bold(formatting.TryWords), plain(" "+x.Advice))...)
		}
		said := []string{shorten(title, maxHeadingRunes)}
		if !blank(x.Advice) {
			said = append(said, formatting.TryWords+" "+x.Advice)
		}
		pieces = append(pieces, line(small, plain(x.Grounds()))...)
		out = append(out, sectionOf(inOneLine(said, maxFallbackRunes), title, pieces))
	}
	return out
}

// prose gives each paragraph a block of its own, which Slack sets apart. It is
// spoken too: where prose is the answer, the title says nothing.
func prose(x formatting.Prose) []group {
	var out []group
	title := x.Title
	for _, text := range x.Paragraphs {
		if pieces := line(paragraph, plain(text)); len(pieces) > 0 {
			g := titled(title, pieces)[0]
			g.fallback = inOneLine([]string{shorten(title, maxHeadingRunes), text}, maxFallbackRunes)
			out, title = append(out, g), ""
		}
	}
	if len(out) == 0 {
		return titled(title, nil)
	}
	return out
}

// facts are a list, or one line where all is well.
func facts(f formatting.Facts) []group {
	var pieces []piece
	for _, row := range f.Rows {
		pieces = append(pieces, fact(row, spelled(f.Title, row.Name))...)
	}
	if blank(f.Short) {
		return minor(titled(f.Title, pieces))
	}
	title := f.Title + ": " + f.Short
	short := line(paragraph, bold(f.Title+":"), plain(" "+f.Short))
	return folding(minor([]group{sectionOf(shorten(title, maxHeadingRunes), f.Title, short)}), title, pieces)
}

// minor are groups whose titles say nothing where something is wrong.
func minor(all []group) []group {
	for i := range all {
		all[i].minor = true
	}
	return all
}

// folding lets groups be folded where containers are used.
func folding(all []group, title string, whole []piece) []group {
	for i := range all {
		all[i].title, all[i].folds, all[i].whole = title, true, whole
	}
	return all
}

// fact is a row: the name is bold, or in code style where it is what a server
// spelled and its value is what that means.
func fact(row formatting.Fact, code bool) []piece {
	name, between := bold(row.Name), ": "
	if code {
		name, between = mono(row.Name), " "
	}
	switch {
	case blank(row.Value):
		return line(item, name)
	case blank(row.Name):
		return line(item, plain(row.Value))
	case row.Literal():
		return line(item, name, plain(between), mono(row.Value))
	}
	return line(item, name, plain(between+row.Value))
}

// keyword is how an extension's line begins (RFC 5321 §4.1.1.1), as nearly
// all servers spell it: it tells them from what is said about the list.
var keyword = regexp.MustCompile(`^[A-Z0-9][A-Z0-9-]*([ =]|$)`)

func spelled(title, name string) bool {
	return strings.HasPrefix(title, "Capabilities") && keyword.MatchString(name)
}

// file names what is uploaded.
func file(f formatting.File) []group {
	named := line(paragraph, bold(fileTitle(f)), plain("  "), mono(shorten(f.Name, maxHeadingRunes)))
	return []group{{fallback: fileWords(f), Group: formatting.Group[piece]{Lines: named}, file: &f}}
}

func fileTitle(f formatting.File) string {
	if blank(f.Title) {
		return "File"
	}
	return shorten(f.Title, maxHeadingRunes)
}

func fileWords(f formatting.File) string {
	return fmt.Sprintf("%s (%s)", fileTitle(f), shorten(f.Name, maxHeadingRunes))
}
