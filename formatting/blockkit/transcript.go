package blockkit

import (
	"strings"

	"smtptest/formatting"
)

// transcript makes parts of lines, each of which has room in a post. A title
// with numbers says that there are more.
func transcript(c formatting.Code, room size) []group {
	title := shorten(c.Title, maxHeadingRunes)
	parts := make([][]piece, 1)
	legend := line(paragraph, plain(c.Legend))
	for i := range legend {
		legend[i].lines = 0 // it is none of the transcript's
	}
	top := meter{}.after(append(heading(formatting.Numbered(title, 999, 999)), legend...)...)
	m := top
	for _, l := range c.Lines {
		for _, p := range codeLine(l) {
			if !m.after(p).within(room) {
				parts, m = append(parts, nil), top
			}
			parts[len(parts)-1] = append(parts[len(parts)-1], p)
			m = m.after(p)
		}
	}
	if len(parts) == 1 {
		return folding(minor(titled(title, append(legend, parts[0]...))), title, nil)
	}
	var out []group
	for i, part := range parts {
		title := formatting.Numbered(title, i+1, len(parts))
		pieces := append(heading(title), append(legend, part...)...)
		legend = nil
		out = append(out, group{
			fallback: title, minor: true, title: title, folds: true, Group: formatting.Group[piece]{Lines: pieces},
		})
	}
	return out
}

// codeLine is a line with its time and its side, as in a terminal: nobody
// needs colours to tell the client from the server. A line that is too long
// for a piece goes on below itself.
func codeLine(l formatting.CodeLine) []piece {
	first, next := columns(l)
	var out []piece
	text := formatting.Clean(l.Text)
	for before := first; ; before = next {
		head, rest := cut(text, size{runes: maxPieceRunes, octets: maxPieceOctets})
		out = append(out, newPiece(code, []span{{text: before + head}}))
		if text = rest; text == "" {
			return ended(out)
		}
	}
}

// columns stand before a line, and before the rest of one that goes on. A
// line without a side is to be copied, so nothing stands before it but what
// keeps Slack from refusing an empty text.
func columns(l formatting.CodeLine) (first, next string) {
	const timeColumns = 9
	first = formatting.Clean(l.Columns(timeColumns))
	switch {
	case l.Side == "" && l.Text == "":
		return " ", ""
	case l.Side == "":
		return "", formatting.GoesOn
	}
	blanks := strings.Repeat(" ", timeColumns+1)
	return first, blanks + strings.TrimSpace(formatting.GoesOn) + first[len(first)-2:]
}

// shown keeps so many parts of all transcripts of a message as fill
// shownCodePosts, if all would fill more than maxCodePosts.
func shown(parts []group, room size) []group {
	pages := pack(parts, room)
	if len(pages) <= maxCodePosts {
		return parts
	}
	n := 0
	for _, p := range pages[:shownCodePosts] {
		n += p.groups
	}
	return parts[:n]
}
