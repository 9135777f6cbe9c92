package blockkit_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/slack-go/slack"

	"smtptest/formatting"
	"smtptest/formatting/blockkit"
	"smtptest/formatting/formattest"
)

// TestGolden compares what people have read with what Slack is sent now:
// testdata/NAME.json, for each shape. What the cases say besides is in the
// golden files of package plain.
func TestGolden(t *testing.T) {
	goldens := formattest.Goldens{Files: "testdata/*.json"}
	var all strings.Builder
	for _, s := range formattest.Shapes(t, formatting.Slack) {
		goldens.Compare(t, s.Name, func(t *testing.T) string {
			text := rendered(t, s)
			all.WriteString(text)
			return text
		})
	}
	for _, s := range formattest.Shapes(t, formatting.Slack) {
		if !slices.Contains([]string{"accepted-one-by-one", "expired-and-wrong-name", "markup", "table"}, s.Name) {
			continue
		}
		goldens.Compare(t, s.Name+"-folded", func(t *testing.T) string {
			posts := blockkit.Thread(s.Message)
			for i, p := range posts {
				posts[i].Blocks = p.Folded
			}
			text := written(t, sent(posts))
			all.WriteString(text)
			return text
		})
	}
	goldens.LeftOver(t)
	for _, part := range []string{
		"(continued)", "(1/2)", "↳", "lines shown", "Shortened: ", `"actions"`, `"overflow"`, `"link"`,
		`"rich_text_quote"`, `"color"`,
		"<!date^", `"container"`, `"header"`, `"data_table"`,
		"rich_text_list", "rich_text_preformatted", `"context"`, `"file"`, "smtptest-transcript.txt", "static_select",
	} {
		if !strings.Contains(all.String(), part) {
			t.Errorf("no shape shows %s", part)
		}
	}
}

func rendered(t *testing.T, s formattest.Shape) string {
	t.Helper()
	switch {
	case s.Form != nil:
		return written(t, blockkit.Modal(*s.Form))
	case s.Private:
		return written(t, sent(blockkit.Private(s.Message)))
	}
	return written(t, sent(append([]blockkit.Post{blockkit.Root(s.Message)}, blockkit.Thread(s.Message)...)))
}

// post is a post as it is sent. Of a file, which may hold a thousand lines,
// the number of lines is kept.
type post struct {
	Text   string             `json:"text"`
	Blocks slack.Blocks       `json:"blocks"`
	Below  []slack.Attachment `json:"attachments,omitempty"`
	File   *file              `json:"file,omitempty"`
}

type file struct {
	Name  string `json:"name"`
	Title string `json:"title"`
	Lines int    `json:"lines"`
}

func sent(posts []blockkit.Post) []post {
	var all []post
	for _, p := range posts {
		one := post{Text: p.Text, Blocks: slack.Blocks{BlockSet: p.Blocks}, Below: p.Below}
		if p.File != nil {
			one.File = &file{p.File.Name, p.File.Title, strings.Count(p.File.Text, "\n")}
		}
		all = append(all, one)
	}
	return all
}

// written is a payload as JSON, an object in one line where the line stays
// short.
func written(t *testing.T, payload any) string {
	t.Helper()
	encoded, err := json.Marshal(payload)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	writeValue(&b, steady(encoded), 0)
	return b.String() + "\n"
}

// steady replaces, in the texts, what differs from run to run.
func steady(encoded json.RawMessage) json.RawMessage {
	var text string
	if json.Unmarshal(encoded, &text) == nil {
		lines := strings.Split(text, "\n")
		for i, l := range lines {
			lines[i] = formattest.Constant(l)
		}
		return readable(strings.Join(lines, "\n"))
	}
	out := encoded
	each(encoded, func(name string, value json.RawMessage) {
		if s := steady(value); !bytes.Equal(s, value) {
			out = bytes.Replace(out, value, s, 1)
		}
	})
	return out
}

// readable is a JSON text without the escapes for HTML.
func readable(text string) json.RawMessage {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(text); err != nil {
		return nil
	}
	return bytes.TrimSpace(b.Bytes())
}

// each visits the members of an object or array in order.
func each(encoded json.RawMessage, visit func(name string, value json.RawMessage)) {
	d := json.NewDecoder(bytes.NewReader(encoded))
	open, err := d.Token()
	if _, ok := open.(json.Delim); err != nil || !ok {
		return
	}
	for d.More() {
		name := ""
		if open == json.Delim('{') {
			token, _ := d.Token()
			name, _ = token.(string)
		}
		var value json.RawMessage
		if d.Decode(&value) != nil {
			return
		}
		visit(name, value)
	}
}

func writeValue(b *bytes.Buffer, encoded json.RawMessage, depth int) {
	if len(encoded) <= 140 || !slices.Contains([]byte("{["), encoded[0]) {
		b.Write(encoded)
		return
	}
	b.WriteByte(encoded[0])
	between := "\n"
	each(encoded, func(name string, value json.RawMessage) {
		b.WriteString(between + strings.Repeat(" ", depth+1))
		if between = ",\n"; name != "" {
			b.WriteString(`"` + name + `": `)
		}
		writeValue(b, value, depth+1)
	})
	b.WriteString("\n" + strings.Repeat(" ", depth))
	b.WriteByte(encoded[len(encoded)-1])
}
