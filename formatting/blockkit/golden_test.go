package blockkit_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"slices"
	"strings"
	"testing"

	"github.com/slack-go/slack"

	"smtptest/formatting"
	"smtptest/formatting/blockkit"
	"smtptest/formatting/formattest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestGolden compares what people have read with what Slack is sent now:
// testdata/CASE.json, for the first case of each finding and each verdict.
// The other cases differ in words, which package plain's files hold.
func TestGolden(t *testing.T) {
	goldens := formattest.Goldens{Package: "./formatting/blockkit", Files: "testdata/*.json", Update: *update}
	told := map[string]bool{}
	for _, c := range formattest.Cases(t) {
		m := formattest.Message(t, c)
		key := formattest.First(m)
		if told[key] && told[m.Verdict] {
			continue
		}
		told[key], told[m.Verdict] = true, true
		goldens.Hold(t, c.Name, func(t *testing.T) string {
			return written(t, append([]blockkit.Post{blockkit.Root(m)}, blockkit.Thread(m)...))
		})
	}
	goldens.LeftOver(t)
}

// written is the root and its thread as JSON, an object in one line where the
// line stays short.
func written(t *testing.T, posts []blockkit.Post) string {
	t.Helper()
	type post struct {
		Text   string           `json:"text"`
		Blocks slack.Blocks     `json:"blocks"`
		File   *formatting.File `json:"file,omitempty"`
	}
	var all []post
	for _, p := range posts {
		all = append(all, post{p.Text, slack.Blocks{BlockSet: p.Blocks}, p.File})
	}
	encoded, err := json.Marshal(all)
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
