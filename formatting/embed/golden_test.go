package embed_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
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
	seen := map[string]bool{}
	var golden []string
	for _, c := range formattest.Cases(t) {
		t.Run(c.Name, func(t *testing.T) {
			m := formattest.Message(t, c)
			checkMessage(t, m)
			news := !seen[m.Verdict] || !seen[leading(m)]
			if seen[m.Verdict], seen[leading(m)] = true, true; news {
				golden = append(golden, file(c.Name))
				checkGolden(t, file(c.Name), view(t, m))
			}
		})
	}
	if len(seen) > 100 { // all cases, not one that somebody picked
		checkLeftOver(t, golden)
	}
}

// leading is the id of the first finding.
func leading(m formatting.Message) string {
	for _, s := range m.Sections {
		if f, ok := s.(formatting.Findings); ok {
			return f.Items[0].ID
		}
	}
	return "none"
}

func file(name string) string { return filepath.Join("testdata", name+".json") }

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

func checkGolden(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatalf("This case has no golden file yet. Run “go test ./formatting/embed -update”, then read %s as the person who will.", name)
	}
	if got != string(want) {
		t.Errorf("What people read has changed. If it is better, run “go test ./formatting/embed -update” and read the difference.\ngot:\n%s\nwant:\n%s", got, want)
	}
}

// checkLeftOver finds golden files that no case leads to.
func checkLeftOver(t *testing.T, golden []string) {
	t.Helper()
	files, err := filepath.Glob(file("*"))
	if err != nil {
		t.Fatal(err)
	}
	have := map[string]bool{}
	for _, name := range golden {
		have[name] = true
	}
	for _, name := range files {
		switch {
		case have[name]:
		case *update:
			if err := os.Remove(name); err != nil {
				t.Error(err)
			}
		default:
			t.Errorf("%s belongs to no case: take it out, or run “go test ./formatting/embed -update”.", name)
		}
	}
}
