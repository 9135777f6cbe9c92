package embed_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"smtptest/formatting"
	"smtptest/formatting/embed"
	"smtptest/formatting/formattest"
)

// TestGolden compares what people have read with what Discord is sent now:
// testdata/NAME.json, for each shape. What the cases say besides is in the
// golden files of package plain.
func TestGolden(t *testing.T) {
	goldens := formattest.Goldens{Files: "testdata/*.json"}
	var all strings.Builder
	for _, s := range formattest.Shapes(t, formatting.Discord) {
		goldens.Compare(t, s.Name, func(t *testing.T) string {
			text := rendered(t, s)
			all.WriteString(text)
			return text
		})
	}
	goldens.LeftOver(t)
	for _, part := range []string{
		"### ", "-# ", "```text", "↳", "lines shown", "**Try:**", "Asked by ", "<t:", "\"custom_id\"", "\"options\"",
		"\"footer\"", "smtptest-transcript.txt",
	} {
		if !strings.Contains(all.String(), part) {
			t.Errorf("no shape shows %s", part)
		}
	}
}

// TestCases renders every case, with -short some of them, and checks it
// against the rules.
func TestCases(t *testing.T) {
	for _, c := range formattest.Some(formattest.Cases(t), 0, 1) {
		t.Run(c.Name, func(t *testing.T) { checkMessage(t, formattest.Message(t, c, formatting.Discord)) })
	}
}

func rendered(t *testing.T, s formattest.Shape) string {
	t.Helper()
	switch {
	case s.Form != nil:
		return written(t, embed.Modal(*s.Form))
	case s.Private:
		return written(t, sent(embed.Whole(s.Message)))
	}
	return written(t, sent(append([]embed.Post{embed.Root(s.Message)}, embed.Thread(s.Message, embed.Style{})...)))
}

// sent are posts as they go over the wire, with content line by line. A file
// is only named.
func sent(posts []embed.Post) []map[string]any {
	var all []map[string]any
	for _, p := range posts {
		v := map[string]any{"content": constant(p.Content)}
		for _, e := range p.Embeds {
			v["embed"] = map[string]any{"description": constant(e.Description), "footer": e.Footer, "color": e.Color}
		}
		if len(p.Components) > 0 {
			v["components"] = p.Components
		}
		for _, f := range p.Files {
			v["file "+f.Name] = strings.Count(f.Text, "\n")
		}
		all = append(all, v)
	}
	return all
}

// written is a payload as JSON, in which the zero-width separator is made
// visible.
func written(t *testing.T, payload any) string {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(payload); err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(b.String(), "\u200b", `\u200b`)
}

func constant(md string) []string {
	return strings.Split(formattest.Constant(md), "\n")
}
