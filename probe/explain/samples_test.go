package explain

import (
	"os"
	"slices"
	"strings"
	"testing"

	"smtptest/probe/replies"
)

// sample is a text as it is pasted, with what it has to be taken for.
type sample struct {
	library string
	id      replies.ID
	text    string
}

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
		out = append(out, sample{cells[0], replies.ID(cells[1]), strings.ReplaceAll(cells[2], `\n`, "\n")})
	}
	return out
}

func allSamples(t testing.TB) []sample {
	return append(samples(t, "testdata/errors.txt"), samples(t, "testdata/replies.txt")...)
}

func TestSamples(t *testing.T) {
	for _, s := range allSamples(t) {
		checkSample(t, s)
	}
}

// checkSample wants the best match of a text to be of a library and to mean
// what it must, and to be explained. Only the reason that a quoted reply gives
// may come before what a library says to have failed.
func checkSample(t *testing.T, s sample) {
	t.Helper()
	found := matches(s.text)
	own := slices.IndexFunc(found, func(m replies.Match) bool { return m.Library == s.library && alike(m.ID, s.id) })
	if own < 0 || own > 0 && (own > 1 || s.library == "" || found[0].Library != "") {
		t.Errorf("%s\nwant %s %s, got %s", s.text, s.library, s.id, names(found))
		return
	}
	meaning, _ := replies.Of(found[own].ID)
	if !holdsItem(Of(s.text).Items, messageItem(found[own], meaning)) {
		t.Errorf("%s\n%s is not explained", s.text, s.id)
	}
}

func matches(text string) []replies.Match {
	in := read(text)
	return replies.Find(in.asText(in.number()))
}

// alike reports ids that mean the same to a reader.
func alike(a, b replies.ID) bool {
	m, _ := replies.Of(a)
	return slices.Contains(m.IDs, b)
}

func names(found []replies.Match) string {
	var out []string
	for _, m := range found {
		out = append(out, m.Library+" "+string(m.ID))
	}
	return strings.Join(out, ", ")
}

func holdsItem(items []Item, want Item) bool {
	return slices.ContainsFunc(items, func(i Item) bool {
		return i.Kind == want.Kind && i.Title == want.Title && i.Try[0] == want.Try[0]
	})
}

// Every text of a library, and every one that is known only when it is
// pasted, has a sample that is more than its words.
func TestEveryMessageHasASample(t *testing.T) {
	all := allSamples(t)
	for _, e := range replies.Entries() {
		if len(e.At) > 0 {
			continue // diagnosis checks it against the replies of servers
		}
		if !slices.ContainsFunc(all, func(s sample) bool { return s.library == e.Library && shows(s.text, e) }) {
			t.Errorf("no sample for %s %s: %q", e.Library, e.ID, e.Words)
		}
	}
}

// shows reports a text that holds the words of an entry, and more.
func shows(text string, e replies.Entry) bool {
	folded := replies.Fold(read(text).text)
	for _, w := range e.Words {
		if !strings.Contains(folded, w) {
			return false
		}
	}
	return folded != strings.Join(e.Words, " ")
}

func TestEnoughLibraryErrors(t *testing.T) {
	count := map[string]int{}
	for _, e := range replies.Entries() {
		count[e.Library]++
	}
	total := 0
	for _, l := range replies.Libraries() {
		if total += count[l]; count[l] < 8 {
			t.Errorf("%d texts of %s", count[l], l)
		}
	}
	if total < 60 {
		t.Errorf("%d texts of libraries", total)
	}
}
