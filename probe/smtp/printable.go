package smtp

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxMarks is how many combining marks may stand on one character. Written
// languages need up to four; towers of them paint over the lines above.
const maxMarks = 4

// Printable makes bytes from the far side into text: this is the one place
// where that happens. Printable Unicode passes; everything that could act on
// a terminal or a chat client, or that a reader could not see, is written as
// an escape: C0 and C1 controls, DEL, invalid UTF-8, bidirectional controls,
// zero-width and other format characters, unusual spaces and line
// separators, letters and symbols that are blank, private-use and unassigned
// code points, and combining marks that stand on nothing or on more than
// maxMarks others. \x.. is an octet, \u{..} a code point beyond ASCII. A
// backslash that the far side sent stays a backslash: the escapes are for
// people, not for decoding. The text is at most four times as long as the
// bytes.
func Printable(data []byte) string {
	if plainASCII(data) {
		return string(data)
	}
	var b strings.Builder
	marks := maxMarks // the first character has nothing to stand on
	for len(data) > 0 {
		r, n := utf8.DecodeRune(data)
		if marks++; !unicode.Is(unicode.M, r) {
			marks = 0
		}
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, data[0])
		case visible(r) && marks <= maxMarks:
			b.WriteRune(r)
		case r == '\t':
			b.WriteString(`\t`)
		case r < utf8.RuneSelf:
			fmt.Fprintf(&b, `\x%02x`, r)
		default:
			fmt.Fprintf(&b, `\u{%x}`, r)
		}
		data = data[n:]
	}
	return strings.Clone(b.String()) // the builder's spare capacity would be kept with it
}

// visible reports whether a rune shows as itself and does nothing else.
// unicode.IsGraphic would let unusual spaces pass; unicode.IsPrint lets
// letters and symbols pass that no font paints.
func visible(r rune) bool {
	return r == ' ' || unicode.IsPrint(r) && !blank(r) &&
		!unicode.In(r, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}

// blank knows the letters, marks and symbols that are blank by their name in
// the Unicode Character Database, and are not among its default ignorables,
// as the Hangul fillers are.
func blank(r rune) bool {
	switch r {
	case '\u2800', // BRAILLE PATTERN BLANK
		'\ufffc',                   // OBJECT REPLACEMENT CHARACTER: stands for what is not there
		'\U00013441', '\U00013442', // EGYPTIAN HIEROGLYPH FULL BLANK, HALF BLANK
		'\U00016fe4', // KHITAN SMALL SCRIPT FILLER
		'\U0001d159': // MUSICAL SYMBOL NULL NOTEHEAD
		return true
	}
	return false
}

// plainASCII reports whether every byte is a printable ASCII character.
func plainASCII(data []byte) bool {
	for _, c := range data {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return true
}

// OneLine joins the lines of a printable text with slashes. Line ends that
// were not those of a reply have been made visible by Printable.
func OneLine(printable string) string {
	lines := strings.TrimRight(strings.ReplaceAll(printable, `\x0d\x0a`, "\n"), "\n")
	return strings.ReplaceAll(lines, "\n", " / ")
}
