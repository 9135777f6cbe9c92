package smtp

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Printable makes octets from the far side into text: this is the one wall
// where that happens. Printable Unicode passes; everything that could act on
// a terminal or a chat client, or that a reader could not see, is written as
// an escape: C0 and C1 controls, DEL, invalid UTF-8, bidirectional controls,
// zero-width and other format characters, unusual spaces and line
// separators, and private-use and unassigned code points. A backslash that
// the far side sent stays a backslash: the escapes are for people, not for
// decoding.
func Printable(octets []byte) string {
	if plainASCII(octets) {
		return string(octets)
	}
	var b strings.Builder
	for len(octets) > 0 {
		r, n := utf8.DecodeRune(octets)
		switch {
		case r == utf8.RuneError && n <= 1:
			fmt.Fprintf(&b, `\x%02x`, octets[0])
			n = 1
		case visible(r):
			b.WriteRune(r)
		case r == '\t':
			b.WriteString(`\t`)
		case r < 0x100:
			fmt.Fprintf(&b, `\x%02x`, r)
		default:
			fmt.Fprintf(&b, `\u{%x}`, r)
		}
		octets = octets[n:]
	}
	return b.String()
}

// visible reports whether a rune shows as itself and does nothing else.
// unicode.IsGraphic would let unusual spaces pass.
func visible(r rune) bool {
	return r == ' ' || (unicode.IsPrint(r) && !unicode.Is(unicode.Variation_Selector, r))
}

// plainASCII reports whether every octet is a printable ASCII character.
func plainASCII(octets []byte) bool {
	for _, c := range octets {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return true
}
