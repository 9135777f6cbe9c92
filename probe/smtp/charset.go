package smtp

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// Legible is a line of text in UTF-8, whatever old character set its octets
// decide for; octets that decide for none are written as escapes.
func Legible(line []byte) string { return legible(line, false) }

// legible is the text of a line whose octets are not UTF-8, the only character
// set beyond ASCII that a reply may have (RFC 6531 §3.7.4.2): decoded where they
// decide for one of those that old servers write, else with every octet beyond
// ASCII escaped, for pairs of them can look like UTF-8 by accident.
func legible(body []byte, cut bool) string {
	if utf8.Valid(body) || cut && utf8.Valid(wholeRunes(body)) {
		return Printable(body)
	}
	if set := charset(body); set != nil {
		if text, err := set.NewDecoder().Bytes(body); err == nil && !bytes.ContainsRune(text, utf8.RuneError) {
			return Printable(text)
		}
	}
	var b strings.Builder
	for _, c := range body {
		if c < utf8.RuneSelf {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, `\x%02x`, c)
		}
	}
	return Printable([]byte(b.String()))
}

// wholeRunes leaves out a character that was cut at the end.
func wholeRunes(body []byte) []byte {
	for i := len(body) - 1; i >= max(len(body)-utf8.UTFMax, 0); i-- {
		if utf8.RuneStart(body[i]) {
			return body[:i]
		}
	}
	return body
}

// charset is what the octets decide for; nil: nothing. Latin-1 writes letters
// beyond ASCII mostly one by one. GB 2312 writes pairs, and Chinese has ideographs whose
// first octet no Korean syllable has in EUC-KR. Japanese has kana.
func charset(body []byte) encoding.Encoding {
	n, ok := count(body)
	switch {
	case !ok:
		return nil
	case n.alone > 0 && n.alone >= n.pairs && n.low == 0:
		return charmap.ISO8859_1
	case n.low > 1 && kanaIn(body) > 1:
		return japanese.ShiftJIS
	case n.alone+n.low > 0:
		return nil
	case n.kana > 1 && 2*n.kana > n.pairs:
		return japanese.EUCJP
	case n.pairs > 1 && n.han > 0 && n.kana == 0:
		return simplifiedchinese.GBK
	}
	return nil
}

// octets counts what a line has beyond ASCII: letters of Latin-1 that stand
// alone, pairs of two octets, among them kana and ideographs, and octets that
// only Shift JIS has.
type octets struct{ alone, pairs, kana, han, low int }

func count(body []byte) (n octets, ok bool) {
	for i := 0; i < len(body); i++ {
		switch c := body[i]; {
		case c < 0x80:
		case c < 0xa0:
			n.low++
			i++ // the second octet of Shift JIS may be any
		case i+1 < len(body) && body[i+1] >= 0xa1:
			n.pair(c)
			i++
		case c >= 0xc0:
			n.alone++
		default:
			return n, false
		}
	}
	return n, true
}

func (n *octets) pair(first byte) {
	n.pairs++
	switch {
	case first == 0xa4 || first == 0xa5:
		n.kana++
	case first >= 0xc9 && first <= 0xd7:
		n.han++
	}
}

// kanaIn counts the kana of a line that may be Shift JIS.
func kanaIn(body []byte) int {
	n := 0
	for i := 0; i+1 < len(body); i++ {
		if c := body[i]; c == 0x82 && body[i+1] >= 0x9f || c == 0x83 && body[i+1] >= 0x40 {
			n++
			i++
		}
	}
	return n
}
