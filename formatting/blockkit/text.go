package blockkit

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/slack-go/slack"
)

// clean takes out what would be seen as something else or not at all: a line
// end in a transcript would begin a line that nobody said. The text of a
// Message has passed a stricter wall already; here it is not taken on trust.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case !unicode.IsGraphic(r):
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

func blank(text string) bool { return strings.TrimSpace(text) == "" }

// clip shortens what is ours and has a limit by itself: a label, a title.
// It says so where there is room.
func clip(text string, runes int) string {
	all := utf8.RuneCountInString(text)
	if all <= runes {
		return text
	}
	mark := "…"
	if long := fmt.Sprintf("… (shortened, %d characters)", all); len(long) < runes/2 {
		mark = long
	}
	head, _ := cut(text, size{runes: runes - utf8.RuneCountInString(mark), octets: len(text) * len(`\u003c`)})
	return head + mark
}

// short is a title: it is said again in each post where its section goes on.
func short(title string) string { return clip(clean(title), maxHeadingRunes) }

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
	text = clip(clean(text), runes)
	if blank(text) {
		text = "–"
	}
	return slack.NewTextBlockObject(slack.PlainTextType, text, false, false)
}

var markup = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// spoken is what is said in place of the blocks: in notifications, and by
// screen readers. Slack reads markup there, so it is escaped.
func spoken(parts []string) string { return markup.Replace(clip(joined(parts), maxSpokenText)) }

// joined is a list in one line, without what is blank.
func joined(parts []string) string {
	var out []string
	for _, part := range parts {
		if part = clean(part); !blank(part) {
			out = append(out, part)
		}
	}
	return strings.Join(out, " · ")
}
