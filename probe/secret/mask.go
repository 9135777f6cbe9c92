package secret

import (
	"encoding/hex"
	"slices"
	"strings"
)

// Mask puts [redacted] in the place of every form of the secret (see Forms),
// in base64 with the character on either side that holds a few bits of it.
// Hexadecimal is found in either case, the rest as it is spelled. Secrets
// under four octets are not looked for.
//
// Use it on what was said after the secret had been sent. If the secret is a
// word that stands in the text anyway, the mask in its place reveals it.
func (s Secret) Mask(text string) string { return s.MaskAs(text, mark) }

// MaskAs is Mask with another mark.
func (s Secret) MaskAs(text, mark string) string {
	spans := find(text, s.Reveal())
	if len(spans) == 0 {
		return text
	}
	var b strings.Builder
	from := 0
	for _, sp := range spans {
		b.WriteString(text[from:sp.from])
		b.WriteString(mark)
		from = sp.to
	}
	b.WriteString(text[from:])
	return b.String()
}

// In reports whether the text holds the secret in any of its forms. It is
// false for secrets under four octets.
func (s Secret) In(text string) bool { return len(find(text, s.Reveal())) > 0 }

// span is a piece of a text, in octets.
type span struct{ from, to int }

// find lists where forms of a value stand, in order; what overlaps or
// touches is one span.
func find(text, value string) []span {
	var all []span
	for _, form := range Forms(value) {
		all = appendSpans(all, text, form)
	}
	all = append(all, widened(text, value)...)
	if len(value) >= minOctets {
		all = appendSpans(all, lowerASCII(text), hex.EncodeToString([]byte(value)))
	}
	slices.SortFunc(all, func(a, b span) int { return a.from - b.from })
	var joined []span
	for _, sp := range all {
		if n := len(joined); n > 0 && sp.from <= joined[n-1].to {
			joined[n-1].to = max(joined[n-1].to, sp.to)
			continue
		}
		joined = append(joined, sp)
	}
	return joined
}

// widened are the places of base64 with one character more on either side:
// those hold a few bits of the value too (see Forms).
func widened(text, value string) []span {
	if len(value) < minOctets {
		return nil
	}
	var all []span
	for _, form := range base64Forms(value) {
		for _, sp := range appendSpans(nil, text, form) {
			if sp.from > 0 && inBase64(text[sp.from-1]) {
				sp.from--
			}
			if sp.to < len(text) && inBase64(text[sp.to]) {
				sp.to++
			}
			all = append(all, sp)
		}
	}
	return all
}

func inBase64(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("+/-_", c) >= 0
}

func appendSpans(spans []span, text, form string) []span {
	for from := 0; ; {
		i := strings.Index(text[from:], form)
		if i < 0 {
			return spans
		}
		from += i + len(form)
		spans = append(spans, span{from - len(form), from})
	}
}

// lowerASCII leaves every octet where it was, as strings.ToLower does not.
func lowerASCII(text string) string {
	b := []byte(text)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}
