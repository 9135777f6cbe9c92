package formatting

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestShorten(t *testing.T) {
	for _, c := range []struct {
		text string
		most int
		unit Unit
		want string
	}{
		{"short", 5, Characters, "short"},
		{"longer than that", 6, Characters, "longe…"},
		{strings.Repeat("é", 100), 80, Characters, strings.Repeat("é", 51) + "… (shortened, 100 characters)"},
		{strings.Repeat("é", 100), 80, Bytes, strings.Repeat("é", 27) + "… (shortened, 200 bytes)"},
		{strings.Repeat("a\n", 100), 60, Bytes, strings.Repeat("a\n", 16) + "a… (shortened, 200 bytes)"},
	} {
		got := Shorten(c.text, c.most, c.unit)
		if got != c.want {
			t.Errorf("%.20q in %d %s is %q, want %q", c.text, c.most, c.unit, got, c.want)
		}
		if n := c.unit.count(got); n > c.most {
			t.Errorf("%q has %d %s", got, n, c.unit)
		}
	}
}

// three is a page of three lines.
type three struct{ lines []string }

func (p *three) Fits(lines ...string) bool { return len(p.lines)+len(lines) <= 3 }
func (p *three) Put(lines ...string)       { p.lines = append(p.lines, lines...) }
func (p *three) Empty() bool               { return len(p.lines) == 0 }

// TestPager: a group that has room on one page is not parted, one that has
// none goes on below its heading, and no heading stands alone.
func TestPager(t *testing.T) {
	group := func(lines string) Group[string] {
		all := strings.Split(lines, "")
		return Group[string]{Lines: all, Again: []string{all[0] + "!"}}
	}
	for _, c := range []struct {
		groups []string
		want   string
	}{
		{nil, ""},
		{[]string{"A1", "B"}, "A1B"},
		{[]string{"A1", "B1"}, "A1 B1"},
		{[]string{"A123"}, "A12 A!3"},
		{[]string{"x", "A1234"}, "xA1 A!23 A!4"},
		{[]string{"xy", "A1234"}, "xy A12 A!34"},
	} {
		var pages []string
		p := Pager[string, *three]{
			New:  func() *three { return &three{} },
			Turn: func(x *three) { pages = append(pages, strings.Join(x.lines, "")) },
		}
		p.Now = p.New()
		for _, lines := range c.groups {
			p.Add(group(lines))
		}
		p.Break()
		if got := strings.Join(pages, " "); got != c.want {
			t.Errorf("%q becomes %q, want %q", c.groups, got, c.want)
		}
	}
}

// TestText: a text file holds every word of a message, clean.
func TestText(t *testing.T) {
	code := Code{Title: "Transcript", Lines: []CodeLine{{At: time.Second, Side: "S", Text: "220 mx"}, {Text: "copy\nme"}}}
	got := Text(Message{
		Verdict: "V", Target: "t", Notes: []string{"N", ""}, Footer: "F",
		Sections: []Section{
			Findings{Items: []Finding{{Severity: "Error", Title: "T", Explanation: "E", Advice: "A", ID: "i"},
				{Severity: "Note", Title: "U"}}},
			Facts{Title: "Facts", Rows: []Fact{{"a", "b"}, {"c", ""}}},
			Prose{Paragraphs: []string{"p"}}, code, File{Name: "x.txt", Title: "X", Text: "file\n"},
		},
	})
	want := []string{
		"V", "t", "N", "F", "", "Error: T", "E", "Try: A", "Who can fix it:  · i", "Note: U", "Who can fix it: ", "",
		"Facts", "a: b", "c", "",
		"p", "", "Transcript", "    1.000 S  220 mx", "copy me", "", "X (x.txt)", "file", "",
	}
	if !slices.Equal(strings.Split(got, "\n"), want) {
		t.Errorf("got:\n%s", got)
	}
	if f := WholeTranscripts(2, code); f.Name != "smtptest-transcript-2.txt" || f.Title != "Transcript" ||
		f.Text != "    1.000 S  220 mx\ncopy me\n" {
		t.Errorf("got %+v", f)
	}
	if f := WholeTranscripts(1, code, code); strings.Count(f.Text, "Transcript\n") != 2 {
		t.Errorf("got %+v", f)
	}
}

func TestTitlesOfParts(t *testing.T) {
	for got, want := range map[string]string{
		Numbered("T", 1, 1): "T", Numbered("T", 2, 3): "T (2/3)", Numbered("", 1, 2): "(1/2)", Again("T"): "T (continued)",
		Shown(1, 2): "1 of 2 lines shown", InFile(1, 2, ""): "1 of 2 lines shown, all of them in the file",
		InFile(1, 2, "a.txt"):                   "1 of 2 lines shown, all of them in the file a.txt",
		Join([]string{"", "a", " ", "b"}, ", "): "a, b",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
