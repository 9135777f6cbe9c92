package secret

import "strings"

// Mask puts [redacted] in the place of the secret in every form that a Masker
// knows. Secrets under four octets are not looked for.
//
// Use it on what was said after the secret had been sent. If the secret is a
// word that stands in the text anyway, the mask in its place reveals it.
func (s Secret) Mask(text string) string { return NewMasker(mark, s.Reveal()).Mask(text) }

// In reports whether the text holds the secret, or a run of six bytes of it, in
// any of the forms that a Masker knows. It is false for secrets under four octets.
func (s Secret) In(text string) bool { return len(find(text, s.Reveal())) > 0 }

// span is a piece of a text, in octets.
type span struct{ from, to int }

func find(text, value string) []span { return NewMasker(mark, value).find(text) }

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
