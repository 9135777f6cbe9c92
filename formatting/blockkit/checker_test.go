package blockkit_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/slack-go/slack"

	"smtptest/formatting/blockkit"
	"smtptest/formatting/formattest"
)

// checker walks the JSON of blocks and knows what Slack takes. It shares no
// number with the package.
type checker struct {
	t     *testing.T
	runes int
	rich  int
	ids   map[string]bool // action_ids of one block
}

type object = map[string]any

// checkPost checks one post against all limits.
func checkPost(t *testing.T, p blockkit.Post) {
	t.Helper()
	encoded, err := json.Marshal(slack.Blocks{BlockSet: p.Blocks})
	if err != nil {
		t.Fatal(err)
	}
	below, err := json.Marshal(p.Below)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(encoded) + len(below); n > 12_000 {
		t.Errorf("the blocks have %d octets", n)
	}
	c := checker{t: t}
	c.blocks(encoded, 50)
	for _, a := range p.Below {
		checkBelow(&c, a)
	}
	checkFolded(t, p)
	if c.runes > 8_000 {
		t.Errorf("the blocks have %d runes of text", c.runes)
	}
	if c.rich == 0 {
		t.Errorf("no rich_text in %s", encoded)
	}
	checkFallback(t, p.Text)
}

// checkBelow wants a colour, and so few blocks that Slack folds none.
func checkBelow(c *checker, a slack.Attachment) {
	c.t.Helper()
	encoded, err := json.Marshal(a.Blocks)
	if err != nil {
		c.t.Fatal(err)
	}
	c.blocks(encoded, 5)
	if a.Color == "" || a.Text != "" || a.Fallback != "" {
		c.t.Errorf("an attachment with the colour %q, the text %q and the fallback %q", a.Color, a.Text, a.Fallback)
	}
}

// checkFolded checks the form with containers, which holds the same words.
func checkFolded(t *testing.T, p blockkit.Post) {
	t.Helper()
	if p.Folded == nil {
		return
	}
	encoded, err := json.Marshal(slack.Blocks{BlockSet: p.Folded})
	if err != nil {
		t.Fatal(err)
	}
	c := checker{t: t}
	if c.blocks(encoded, 50); len(encoded) > 12_000 || c.runes > 8_000 {
		t.Errorf("folded, the blocks have %d octets and %d runes", len(encoded), c.runes)
	}
}

// checkFallback wants text in which nothing is markup.
func checkFallback(t *testing.T, text string) {
	t.Helper()
	if strings.TrimSpace(text) == "" || utf8.RuneCountInString(text) > 4_000 || strings.ContainsAny(text, "<>\n\r") {
		t.Errorf("top-level text: %q", text)
	}
	for rest := text; ; {
		_, after, found := strings.Cut(rest, "&")
		if !found {
			return
		}
		if !strings.HasPrefix(after, "amp;") && !strings.HasPrefix(after, "lt;") && !strings.HasPrefix(after, "gt;") {
			t.Errorf("an open & in %q", text)
		}
		rest = after
	}
}

func (c *checker) blocks(encoded []byte, most int) {
	c.t.Helper()
	var blocks []object
	if err := json.Unmarshal(encoded, &blocks); err != nil {
		c.t.Fatal(err)
	}
	if len(blocks) == 0 || len(blocks) > most {
		c.t.Errorf("%d blocks", len(blocks))
	}
	for _, b := range blocks {
		c.block(b)
	}
}

func (c *checker) block(b object) {
	switch b["type"] {
	case "rich_text":
		c.rich++
		c.only(b, "type", "elements")
		for _, e := range c.list(b, "elements", 1<<20) {
			c.richElement(e)
		}
	case "context":
		c.only(b, "type", "elements")
		for _, e := range c.list(b, "elements", 10) {
			if e["type"] == "mrkdwn" {
				c.date(e)
				continue
			}
			c.plain(e, 3000)
		}
	case "header":
		c.only(b, "type", "text", "level")
		c.plain(c.object(b, "text"), 150)
	case "container":
		c.only(b, "type", "title", "width", "is_collapsible", "default_collapsed", "child_blocks")
		c.plain(c.object(b, "title"), 150)
		for _, child := range c.list(b, "child_blocks", 10) {
			c.child(child)
		}
	case "data_table":
		c.table(b)
	case "actions":
		c.only(b, "type", "elements")
		c.ids = map[string]bool{}
		for _, e := range c.list(b, "elements", 25) {
			c.action(e)
		}
	case "section":
		c.only(b, "type", "text")
		c.plain(c.object(b, "text"), 3000)
	case "input":
		c.input(b)
	default:
		c.t.Errorf("a block of type %v", b["type"])
	}
}

// date wants a text that Slack reads as a time, and nothing else in it.
func (c *checker) date(e object) {
	c.only(e, "type", "text", "verbatim")
	if text := c.text(e, "text", 3000); !dateText.MatchString(text) {
		c.t.Errorf("mrkdwn: %q", text)
	}
}

var dateText = regexp.MustCompile(`^<!date\^-?\d+\^\{date_short_pretty\} at \{time_secs\}\|[-0-9: ]+ UTC>$`)

// table wants as many cells in each row, and none of them empty.
func (c *checker) table(b object) {
	c.only(b, "type", "caption", "rows", "page_size")
	c.text(b, "caption", 150)
	rows, _ := b["rows"].([]any)
	if size, _ := b["page_size"].(float64); len(rows) < 2 || len(rows) > 101 || size < 1 || size > 100 {
		c.t.Errorf("%d rows, %v on a page", len(rows), size)
	}
	for _, r := range rows {
		row := r.([]any)
		if n := len(rows[0].([]any)); len(row) != n || n > 20 {
			c.t.Errorf("%d cells in a row, %d in the first", len(row), n)
		}
		for _, cell := range row {
			o := cell.(object)
			c.only(o, "type", "text")
			c.one(o, "type", "raw_text")
			if strings.TrimSpace(c.text(o, "text", 300)) == "" {
				c.t.Error("a blank cell")
			}
		}
	}
}

// child is a section, of plain text or of a fence with no markup in it.
func (c *checker) child(b object) {
	c.one(b, "type", "section")
	c.only(b, "type", "text")
	text := c.object(b, "text")
	if text["type"] == "plain_text" {
		c.plain(text, 3000)
		return
	}
	c.only(text, "type", "text", "verbatim")
	inside, fenced := strings.CutPrefix(c.text(text, "text", 3000), "```\n")
	inside, ended := strings.CutSuffix(inside, "\n```")
	if !fenced || !ended || strings.Contains(inside, "```") || strings.ContainsAny(inside, "<>") {
		c.t.Errorf("a fence of %q", inside)
	}
}

func (c *checker) richElement(e object) {
	switch e["type"] {
	case "rich_text_section", "rich_text_quote":
		c.section(e)
	case "rich_text_list":
		c.only(e, "type", "elements", "style", "indent", "border", "offset")
		c.one(e, "style", "bullet")
		for _, x := range c.list(e, "elements", 1<<20) {
			c.section(x)
		}
	case "rich_text_preformatted":
		c.only(e, "type", "elements", "border")
		for _, x := range c.list(e, "elements", 1<<20) {
			c.only(x, "type", "text")
			c.one(x, "type", "text")
			c.text(x, "text", 1<<20)
		}
	default:
		c.t.Errorf("a rich text element of type %v", e["type"])
	}
}

func (c *checker) section(e object) {
	c.only(e, "type", "elements")
	for _, x := range c.list(e, "elements", 1<<20) {
		switch x["type"] {
		case "text":
			c.only(x, "type", "text", "style")
			c.text(x, "text", 1<<20)
			if style, ok := x["style"].(object); ok {
				c.only(style, "bold", "code")
			}
		case "date":
			c.only(x, "type", "timestamp", "format", "fallback")
			c.text(x, "fallback", 40)
		case "link":
			c.only(x, "type", "url", "text")
			c.text(x, "text", 1<<20)
			if url := x["url"].(string); !strings.HasPrefix(url, "https://") && !strings.HasPrefix(url, "http://127.0.0.1") {
				c.t.Errorf("a link to %q", url)
			}
		default:
			c.t.Errorf("an element of type %v", x["type"])
		}
	}
}

func (c *checker) action(e object) {
	id := c.text(e, "action_id", 255)
	if c.ids[id] {
		c.t.Errorf("action_id %q is there twice", id)
	}
	c.ids[id] = true
	if _, _, _, ok := blockkit.Pressed(id, ""); !ok {
		c.t.Errorf("action_id %q cannot be read back", id)
	}
	switch e["type"] {
	case "button":
		c.only(e, "type", "text", "action_id", "value", "style", "accessibility_label")
		c.plain(c.object(e, "text"), 75)
		if e["accessibility_label"] != nil {
			c.text(e, "accessibility_label", 75)
		}
	case "overflow":
		c.only(e, "type", "action_id", "options")
		c.options(e, 2, 5)
	case "static_select":
		c.only(e, "type", "action_id", "options", "placeholder")
		c.plain(c.object(e, "placeholder"), 150)
		c.options(e, 1, 100)
	default:
		c.t.Errorf("an action of type %v", e["type"])
	}
}

func (c *checker) options(e object, least, most int) {
	all := c.list(e, "options", most)
	if len(all) < least {
		c.t.Errorf("%d options", len(all))
	}
	values := map[string]bool{}
	for _, o := range all {
		c.only(o, "text", "value")
		c.plain(c.object(o, "text"), 75)
		value := c.text(o, "value", 150)
		if values[value] {
			c.t.Errorf("the value %q is there twice", value)
		}
		values[value] = true
	}
}

func (c *checker) input(b object) {
	c.only(b, "type", "block_id", "label", "element", "hint", "optional")
	c.text(b, "block_id", 255)
	c.plain(c.object(b, "label"), 2000)
	if b["hint"] != nil {
		c.plain(c.object(b, "hint"), 2000)
	}
	e := c.object(b, "element")
	c.one(e, "action_id", "value")
	if e["type"] == "static_select" {
		c.only(e, "type", "action_id", "options", "initial_option")
		c.options(e, 1, 100)
		return
	}
	c.one(e, "type", "plain_text_input")
	c.only(e, "type", "action_id", "initial_value", "max_length")
	if n, ok := e["max_length"].(float64); ok && (n < 1 || n > 3000) {
		c.t.Errorf("max_length %v", n)
	}
}

func (c *checker) plain(o object, most int) {
	c.only(o, "type", "text", "emoji")
	c.one(o, "type", "plain_text")
	if text := c.text(o, "text", most); strings.TrimSpace(text) == "" || o["emoji"] != false {
		c.t.Errorf("a plain_text of %v", o)
	}
}

// text wants a text that is not empty and holds nothing that is not seen.
func (c *checker) text(o object, name string, most int) string {
	text, _ := o[name].(string)
	n := utf8.RuneCountInString(text)
	if n == 0 || n > most {
		c.t.Errorf("%s of %d runes in %v", name, n, o)
	}
	for _, r := range formattest.WithoutIsolates(text) {
		if r != '\n' && r != '\u200b' && !unicode.IsGraphic(r) {
			c.t.Errorf("%U in %q", r, text)
		}
	}
	c.runes += n
	return text
}

func (c *checker) one(o object, name, want string) {
	if o[name] != want {
		c.t.Errorf("%s is %v, want %s", name, o[name], want)
	}
}

func (c *checker) only(o object, names ...string) {
	known := map[string]bool{}
	for _, n := range names {
		known[n] = true
	}
	for n := range o {
		if !known[n] {
			c.t.Errorf("%s in an object of type %v", n, o["type"])
		}
	}
}

func (c *checker) object(o object, name string) object {
	x, ok := o[name].(object)
	if !ok {
		c.t.Errorf("no %s in %v", name, o)
	}
	return x
}

func (c *checker) list(o object, name string, most int) []object {
	all, _ := o[name].([]any)
	if len(all) == 0 || len(all) > most {
		c.t.Errorf("%d %s in an object of type %v", len(all), name, o["type"])
	}
	var out []object
	for _, x := range all {
		out = append(out, x.(object))
	}
	return out
}
