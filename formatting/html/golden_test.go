package html_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	page "golang.org/x/net/html"

	"smtptest/formatting/html"
)

// goldens are the payloads that people have read: of each file the objects in
// it, messages or a modal.
func goldens(t *testing.T, pattern string) map[string][]map[string]any {
	t.Helper()
	names, err := filepath.Glob(pattern)
	if err != nil || len(names) < 25 {
		t.Fatalf("%d golden files, %v", len(names), err)
	}
	all := map[string][]map[string]any{}
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		raw = bytes.ReplaceAll(raw, []byte(`\u200b`), []byte("\u200b"))
		var many []map[string]any
		if json.Unmarshal(raw, &many) != nil {
			var one map[string]any
			if err := json.Unmarshal(raw, &one); err != nil {
				t.Fatal(name, err)
			}
			many = append(many, one)
		}
		all[name] = many
	}
	return all
}

// TestSlackShowsAllWords: the page has the words of the payload, all of them
// and in order, and nothing else.
func TestSlackShowsAllWords(t *testing.T) {
	for name, all := range goldens(t, "../blockkit/testdata/*.json") {
		for i, o := range all {
			raw, _ := json.Marshal(o)
			var shown string
			if o["type"] == "modal" {
				shown = string(html.View{}.Modal(raw))
			} else {
				delete(o, "text") // what is said in place of the blocks
				delete(o, "file")
				blocks, _ := json.Marshal(o["blocks"])
				attachments, _ := json.Marshal(o["attachments"])
				shown = string(html.View{}.Blocks(blocks) + html.View{}.Attachments(attachments))
			}
			compare(t, name, i, squeeze(strings.Join(words(o), " ")), shown)
		}
	}
}

// TestDiscordShowsAllWords is the same; the marks of Markdown are gone.
func TestDiscordShowsAllWords(t *testing.T) {
	for name, all := range goldens(t, "../embed/testdata/*.json") {
		for i, o := range all {
			parts, _ := o["components"].([]any)
			if title, ok := o["title"].(string); ok {
				compare(t, name, i, unmarked(strings.Join(words(o), "\n")), string(html.View{}.DiscordModal(title, parts)))
				continue
			}
			shown := html.View{}.Markdown(lines(o["content"]))
			if e, ok := o["embed"].(map[string]any); ok {
				e["description"] = lines(e["description"])
				shown += html.View{}.Embeds([]any{e})
			}
			shown += html.View{}.Components(parts)
			compare(t, name, i, unmarked(localTime.ReplaceAllString(strings.Join(words(o), "\n"), "")), string(shown))
		}
	}
}

func compare(t *testing.T, name string, i int, want, shown string) {
	t.Helper()
	if strings.Contains(shown, `class="unknown"`) {
		t.Errorf("%s, %d: something is unknown: %s", name, i, shown)
	}
	got := localTime.ReplaceAllString(text(t, shown), "")
	if strings.Contains(name, "embed") {
		got = unmarked(got)
	}
	if got = squeeze(got); got == want {
		return
	}
	at := 0
	for at < min(len(got), len(want)) && got[at] == want[at] {
		at++
	}
	t.Errorf("%s, %d: the page says\n…%s\nand the payload\n…%s", name, i, part(got, at), part(want, at))
}

func part(s string, at int) string { return s[max(0, at-60):min(len(s), at+100)] }

// words are the texts of a payload in the order in which people read them.
func words(v any) []string {
	var out []string
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		for _, x := range v {
			out = append(out, words(x)...)
		}
	case map[string]any:
		if id, ok := v["user_id"].(string); ok {
			return []string{"@" + id}
		}
		if text, ok := v["text"].(string); ok && v["type"] == "mrkdwn" {
			return []string{unescaped.Replace(strings.ReplaceAll(localTime.ReplaceAllString(text, ""), "```", ""))}
		}
		if v["type"] == "plain_text" || v["type"] == "text" || v["type"] == "link" || v["type"] == "raw_text" {
			return words(v["text"])
		}
		for _, key := range []string{
			"content", "title", "caption", "rows", "text", "label", "description", "embed", "blocks", "attachments", "fields",
			"elements",
			"child_blocks", "components", "component", "placeholder", "element", "accessory", "options", "initial_value", "hint",
			"footer",
			"submit", "close", // the first button is the one that Enter presses
		} {
			out = append(out, words(v[key])...)
		}
		if v["type"] == 4.0 { // a text input of Discord
			out = append(out, words(v["value"])...)
		}
	}
	return out
}

// localTime is a time in a payload, and as the page shows it.
var (
	localTime = regexp.MustCompile(`<!date[^>]*>|<t:-?\d+:f>|<t:-?\d+:T> ·|\b\d\d:\d\d:\d\d ·|` +
		`\d+ Jan \d+ at [:0-9]+|\d+ January \d{4} \d\d:\d\d`)
	unescaped = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")
)

func lines(v any) string { return strings.Join(words(v), "\n") }

// squeeze leaves out blanks: those between blocks are nobody's words.
func squeeze(s string) string { return strings.Join(strings.Fields(s), "") }

var languages = regexp.MustCompile("(?m)^```[a-z]+$")

// unmarked leaves out all that could be a mark, on both sides alike.
func unmarked(s string) string {
	return squeeze(strings.Map(func(r rune) rune {
		if strings.ContainsRune("*`#<>-\u200b", r) {
			return -1
		}
		return r
	}, languages.ReplaceAllString(s, "")))
}

// text is what a browser shows of HTML: its texts, and what stands in inputs.
func text(t *testing.T, shown string) string {
	t.Helper()
	root, err := page.Parse(strings.NewReader(shown))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for n := range root.Descendants() {
		switch {
		case n.Type == page.TextNode:
			b.WriteString(n.Data)
		case n.Type == page.ElementNode && n.Data == "input" && attribute(n, "type") == "text":
			b.WriteString(attribute(n, "value"))
		}
	}
	return b.String()
}

func attribute(n *page.Node, name string) string {
	i := slices.IndexFunc(n.Attr, func(a page.Attribute) bool { return a.Key == name })
	if i < 0 {
		return ""
	}
	return n.Attr[i].Val
}
