package explain

import (
	"os"
	"strings"
	"testing"
)

// sample is a text as it is pasted, with what it has to be taken for.
type sample struct{ library, event, text string }

func samples(t testing.TB, name string) []sample {
	t.Helper()
	octets, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var out []sample
	for line := range strings.SplitSeq(strings.TrimSpace(string(octets)), "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		cells := strings.SplitN(line, "|", 3)
		if len(cells) != 3 {
			t.Fatalf("%s: %q has no three columns", name, line)
		}
		out = append(out, sample{cells[0], cells[1], strings.ReplaceAll(cells[2], `\n`, "\n")})
	}
	return out
}

func allSamples(t testing.TB) []sample {
	return append(samples(t, "testdata/errors.txt"), samples(t, "testdata/replies.txt")...)
}

func TestSamples(t *testing.T) {
	for _, s := range allSamples(t) {
		found := read(s.text).messages()
		if len(found) == 0 || found[0].library != s.library || found[0].event.id != s.event {
			t.Errorf("%s\nwant %s %s, got %s", s.text, s.library, s.event, names(found))
			continue
		}
		want := found[0].item()
		if !holdsItem(Of(s.text).Items, want) {
			t.Errorf("%s\n%s is not explained", s.text, s.event)
		}
	}
}

func names(found []message) string {
	var out []string
	for _, m := range found {
		out = append(out, m.library+" "+m.event.id)
	}
	return strings.Join(out, ", ")
}

func holdsItem(items []Item, want Item) bool {
	for _, i := range items {
		if i.Kind == want.Kind && i.Title == want.Title && i.Try[0] == want.Try[0] {
			return true
		}
	}
	return false
}

// Every row has a sample that is more than its fragments.
func TestEveryMessageHasASample(t *testing.T) {
	all := allSamples(t)
	var inputs []*input
	for _, s := range all {
		inputs = append(inputs, read(s.text))
	}
	for _, m := range facts().messages {
		found := false
		for i, s := range all {
			in := inputs[i]
			found = found || s.library == m.library && m.in(in) && in.text != strings.Join(m.fragments, " ")
		}
		if !found {
			t.Errorf("no sample for %s %s: %q", m.library, m.event.id, m.fragments)
		}
	}
}

func TestEnoughLibraryErrors(t *testing.T) {
	count := map[string]int{}
	for _, m := range facts().messages {
		count[m.library]++
	}
	total := 0
	for _, l := range libraries() {
		if total += count[l]; count[l] < 8 {
			t.Errorf("%d texts of %s", count[l], l)
		}
	}
	if total < 60 {
		t.Errorf("%d texts of libraries", total)
	}
}
