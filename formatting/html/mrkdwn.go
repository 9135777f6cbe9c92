package html

import (
	"encoding/json"
	"html/template"
	"regexp"
	"strings"
	"sync"
)

// dateMarkup is a time as Slack's markup writes it
// (docs.slack.dev/messaging/formatting-message-text, date formatting).
var dateMarkup = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^<!date\^(-?\d+)\^([^|<>]*)\|([^|<>]*)>$`)
})

var unescaped = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")

// Mrkdwn is a text of Slack with markup: a time alone, or a fence alone, which
// is all that this program writes.
func (n node) Mrkdwn() template.HTML {
	text := n.Str("text")
	if m := dateMarkup().FindStringSubmatch(text); m != nil {
		return n.of(map[string]any{"timestamp": json.Number(m[1]), "format": m[2], "fallback": m[3]}).fill("date")
	}
	inside, begun := strings.CutPrefix(text, "```\n")
	inside, ended := strings.CutSuffix(inside, "\n```")
	if !begun || !ended || strings.ContainsAny(inside, "<>") || strings.Contains(inside, "```") {
		return n.unknown("mrkdwn")
	}
	return n.of(map[string]any{"text": unescaped.Replace(inside)}).fill("fence")
}
