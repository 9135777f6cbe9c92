package plain

import (
	"slices"
	"strings"
	"testing"
)

func TestFold(t *testing.T) {
	long := strings.Repeat("x", 30)
	for _, c := range []struct {
		name, first, rest, text string
		want                    []string
	}{
		{"empty", "  ", "  ", "", nil},
		{"spaces alone", "  ", "  ", "  ", nil},
		{"one line", "> ", "  ", "a b", []string{"> a b"}},
		{"fits exactly", "", "", "aaaa bbbb cccc ddddd", []string{"aaaa bbbb cccc ddddd"}},
		{"one too many", "", "", "aaaa bbbb cccc dddddd", []string{"aaaa bbbb cccc", "dddddd"}},
		{"hanging", "Try: ", "     ", "restart the server now", []string{"Try: restart the", "     server now"}},
		{"long word", "", "  ", "a " + long + " b", []string{"a", "  " + long, "  b"}},
		{"long word first", "> ", "  ", long, []string{"> " + long}},
		{"items stay whole", "", "", "TLS 1.3 · valid 59 days · 577 ms", []string{"TLS 1.3 ·", "valid 59 days ·", "577 ms"}},
		{"long items are prose", "", "", "an item that fits nowhere whole · 5 ms",
			[]string{"an item that fits", "nowhere whole · 5 ms"}},
		{"letters, not octets", "", "", "äöüäöüäöü äöüäöüäöü", []string{"äöüäöüäöü äöüäöüäöü"}},
		{"empty items", "", "", "a ·  · b · ", []string{"a · b ·"}},
	} {
		if got := fold(c.first, c.rest, c.text, 20); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// FuzzFold: no word is lost, added or moved, and a line is too long only
// where a word is.
func FuzzFold(f *testing.F) {
	for _, s := range []string{"", "a b", "TLS 1.3 · valid 59 days · 577 ms", "an item that fits nowhere whole · 5 ms",
		strings.Repeat("x", 99) + " b", "äöü · ", "·", "a\u00a0b"} {
		f.Add(s, 20)
	}
	f.Fuzz(func(t *testing.T, text string, columns int) {
		columns = min(max(columns, minColumns), maxColumns)
		lines := fold("> ", "  ", text, columns)
		var words []string
		for i, line := range lines {
			line = strings.TrimPrefix(strings.TrimPrefix(line, "> "), "  ")
			if width(line)+2 > columns && len(strings.Fields(line)) > 1 && !strings.HasSuffix(line, bullet) {
				t.Errorf("line %d has %d columns of %d: %q", i, width(line)+2, columns, line)
			}
			words = append(words, strings.Fields(line)...)
		}
		want := slices.DeleteFunc(strings.Fields(text), func(w string) bool { return w == "·" })
		got := slices.DeleteFunc(words, func(w string) bool { return w == "·" })
		if !slices.Equal(got, want) {
			t.Errorf("%q became %q", want, got)
		}
	})
}
