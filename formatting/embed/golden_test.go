package embed_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"strings"
	"testing"

	"smtptest/formatting"
	"smtptest/formatting/embed"
	"smtptest/formatting/formattest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestCases renders every case and holds it to the rules. The first case of
// each verdict, and the first of each leading finding, is compared with what
// a person has read: testdata/CASE.json.
func TestCases(t *testing.T) {
	goldens := formattest.Goldens{Package: "./formatting/embed", Files: "testdata/*.json", Update: *update}
	seen := map[string]bool{}
	for _, c := range formattest.Cases(t) {
		m := formattest.Message(t, c)
		key := formattest.First(m)
		if seen[m.Verdict] && seen[key] {
			t.Run(c.Name, func(t *testing.T) { checkMessage(t, m) })
			continue
		}
		seen[m.Verdict], seen[key] = true, true
		goldens.Hold(t, c.Name, func(t *testing.T) string {
			checkMessage(t, m)
			return view(t, m)
		})
	}
	goldens.LeftOver(t)
}

// view is the root and the thread as they go over the wire, with content
// line by line. The seam is made visible, and a file is only named.
func view(t *testing.T, m formatting.Message) string {
	t.Helper()
	var all []map[string]any
	for _, p := range append([]embed.Post{embed.Root(m)}, embed.Thread(m, embed.Style{})...) {
		v := map[string]any{"content": constant(p.Content)}
		for _, e := range p.Embeds {
			v["embed"] = map[string]any{"description": constant(e.Description), "footer": e.Footer, "color": e.Color}
		}
		for _, f := range p.Files {
			v["file "+f.Name] = strings.Count(f.Text, "\n")
		}
		all = append(all, v)
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(all); err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(b.String(), "\u200b", `\u200b`)
}

func constant(md string) []string {
	return strings.Split(formattest.Constant(md), "\n")
}
