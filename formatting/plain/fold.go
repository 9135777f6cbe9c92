package plain

import (
	"strings"
	"unicode/utf8"
)

// bullet stands between the items of a list in one line.
const bullet = " ·"

// fold breaks prose at spaces into lines of at most so many columns. An item
// of a list is kept together where a line can hold it, so that a number is
// not parted from its unit. A word that is too long stays whole.
func fold(first, rest, text string, columns int) []string {
	var lines []string
	line, empty := first, true
	for _, piece := range pieces(text, columns-width(rest)) {
		if !empty && width(line)+1+width(piece) > columns {
			lines = append(lines, line)
			line, empty = rest, true
		}
		if !empty {
			line += " "
		}
		line += piece
		empty = false
	}
	if empty {
		return lines
	}
	return append(lines, line)
}

// pieces are what fold does not break: the items of a list that fit into
// room columns, the words of all else.
func pieces(text string, room int) []string {
	items := strings.Split(text, bullet+" ")
	var out []string
	for i, item := range items {
		words := strings.Fields(item)
		if i < len(items)-1 && len(words) > 0 {
			words[len(words)-1] += bullet
		}
		if whole := strings.Join(words, " "); len(items) > 1 && whole != "" && width(whole) <= room {
			words = []string{whole}
		}
		out = append(out, words...)
	}
	return out
}

// width is the number of columns that a text takes, near enough: wide and
// combining characters are rare in what servers say.
func width(text string) int { return utf8.RuneCountInString(text) }
