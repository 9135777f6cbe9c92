package blockkit

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	"github.com/slack-go/slack"

	"smtptest/formatting"
)

func blank(text string) bool { return strings.TrimSpace(text) == "" }

// shorten makes a clean line of what is ours and has a limit by itself: a
// label, a title. A title is said again in each post where its section goes on.
func shorten(text string, runes int) string {
	return formatting.Shorten(formatting.Clean(text), runes, formatting.Characters)
}

// cut parts a text where the room ends.
func cut(text string, room size) (head, rest string) {
	for i, r := range text {
		room.runes--
		room.octets -= runeOctets(r)
		if room.runes < 0 || room.octets < 0 {
			return text[:i], text[i:]
		}
	}
	return text, ""
}

// runeOctets is what a rune takes in JSON. encoding/json escapes what HTML
// would read, and what would end a line in JavaScript.
func runeOctets(r rune) int {
	switch {
	case r == '"' || r == '\\':
		return 2
	case r < ' ' || r == '<' || r == '>' || r == '&' || r == '\u2028' || r == '\u2029':
		return len(`\u003c`)
	}
	return utf8.RuneLen(r)
}

// quotedOctets is what a text takes inside its quotation marks.
func quotedOctets(text string) int { return octets(text) - len(`""`) }

// octets measures JSON as slack-go sends it. What we measure are slack-go's
// own types and texts, which always have a form in JSON.
func octets(v any) int {
	b, err := json.Marshal(v)
	if err != nil {
		return maxMessageOctets + 1 // never fits, so it is never sent
	}
	return len(b)
}

// object is text in which Slack reads no markup and no names of emoji. Slack
// refuses an empty one.
func object(text string, runes int) *slack.TextBlockObject {
	text = isolated(text, runes)
	if blank(text) {
		text = "–"
	}
	return slack.NewTextBlockObject(slack.PlainTextType, text, false, false)
}

var markup = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// fallback is the text in place of the blocks: in notifications, and for
// screen readers. Slack reads markup there, so it is escaped.
func fallback(parts []string) string {
	return markup.Replace(isolated(formatting.Join(parts, " · "), maxFallbackRunes))
}

// inOneLine is a list in one line, without what is blank.
func inOneLine(parts []string, runes int) string {
	return shorten(formatting.Join(parts, " · "), runes)
}

// isolated is shorten, with room for the signs that keep letters from right to
// left in their place.
func isolated(text string, runes int) string {
	short := formatting.Isolate(shorten(text, runes))
	if more := utf8.RuneCountInString(short) - runes; more > 0 {
		return formatting.Isolate(shorten(text, runes-more))
	}
	return short
}
