package console_test

import (
	"regexp"
	"strings"
	"testing"

	"smtptest/bot/console"
	"smtptest/formatting/formattest"
	"smtptest/formatting/plain"
)

var hebrewOrArabic = regexp.MustCompile(`[\x{590}-\x{6ff}]`)

// TestRightToLeft: in all that stands in our sentences, on every platform, in the
// terminal and in a ticket, letters from right to left are isolated. Transcripts
// show the lines of the server as they came.
func TestRightToLeft(t *testing.T) {
	isolates := 0
	check := func(where, text string) {
		isolates += strings.Count(text, "\u2068")
		if rest := formattest.WithoutIsolates(text); strings.ContainsAny(rest, "\u2068\u2069") {
			t.Errorf("%s: an isolate is open: %q", where, text)
		}
		for _, inside := range regexp.MustCompile("\u2068[^\u2069]*\u2069").FindAllString(text, -1) {
			text = strings.Replace(text, inside, "", 1)
		}
		if at := hebrewOrArabic.FindStringIndex(text); at != nil {
			t.Errorf("%s: a letter is not isolated: …%q", where, text[max(at[0]-60, 0):at[1]])
		}
	}
	lines := []string{"right-to-left.test:25 --from alice@sender.example.test --to bob@example.test", "5"}
	for name, shape := range map[string]console.Renderer{"Slack": console.Slack(), "Discord": console.Discord()} {
		_, payloads := calls(t, session(t, shape, lines...))
		for _, p := range payloads {
			sentences(p, func(text string) { check(name, text) })
		}
	}
	shown := session(t, console.Plain(plain.Style{}), lines...)
	transcript := regexp.MustCompile(`(?m)^ *\d+(\.\d{3})? .*$`)
	check("terminal", transcript.ReplaceAllString(shown, ""))
	if isolates < 10 {
		t.Errorf("%d isolates in all", isolates)
	}
}

// sentences are all texts of a payload that are no transcript.
func sentences(x any, do func(string)) {
	switch x := x.(type) {
	case string:
		do(regexp.MustCompile("(?s)```.*?```").ReplaceAllString(x, ""))
	case []any:
		for _, y := range x {
			sentences(y, do)
		}
	case map[string]any:
		if x["type"] != "rich_text_preformatted" {
			for _, y := range x {
				sentences(y, do)
			}
		}
	}
}
