package replies

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"smtptest/probe/registry"
	"smtptest/probe/smtp"
)

// storeOf is a store with these rows and no others. Every id has a meaning.
func storeOf(rows ...row) *store {
	return &store{
		rows: rows, index: newIndex(rows), byID: map[ID]*Meaning{}, lexicon: newLexicon(), formIndex: newIndex(nil),
	}
}

// layers are one row of each layer for the same reply, the least telling first.
func layers() []row {
	return []row{
		{id: "by.class", numbers: numbers{class: 5}},
		{id: "by.code", numbers: numbers{codes: []int{550}}},
		{id: "by.enhanced", numbers: numbers{enhanced: []string{"x.7.1"}}},
		{id: "by.text", words: []string{"go away"}},
	}
}

func mustParse(t *testing.T, text string) *smtp.Reply {
	t.Helper()
	r, ok := Parse(text)
	if !ok {
		t.Fatalf("%q is not a reply", text)
	}
	return r
}

// TestOrderOfLayers takes the most telling row away, one after the other: the
// next must answer, wherever it stands in the list.
func TestOrderOfLayers(t *testing.T) {
	reply := mustParse(t, "550-5.7.1 Please\n550 5.7.1 Go Away")
	want := []Answer{
		{ID: "by.text", Layer: LayerText}, {ID: "by.enhanced", Layer: LayerEnhanced},
		{ID: "by.code", Layer: LayerCode}, {ID: "by.class", Layer: LayerClass}, {},
	}
	for i, answer := range want {
		if got := storeOf(layers()[:4-i]...).classify(Reply(Greeting, reply)); got != answer {
			t.Errorf("without the %d best rows: got %v, want %v", i, got, answer)
		}
	}
}

func TestEveryFieldIsAsked(t *testing.T) {
	s := storeOf(layers()...)
	for _, tt := range []struct {
		name, line string
		want       ID
	}{
		{"all fields", "550 5.7.1 go away", "by.text"},
		{"other words", "550 5.7.1 no", "by.enhanced"},
		{"other enhanced code", "550 5.7.10 no", "by.code"},
		{"other class of the enhanced code", "450 4.7.1 no", "by.enhanced"},
		{"other code", "554 no", "by.class"},
		{"other class", "450 no", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := s.classify(Reply(Greeting, mustParse(t, tt.line))).ID; got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestPlaceAndOrder(t *testing.T) {
	s := storeOf(
		row{id: "pasted", pasted: true, words: []string{"go away"}},
		row{id: "at.rcpt", at: []Place{RCPT}, words: []string{"go away"}},
		row{id: "anywhere", words: []string{"away"}},
		row{id: "second", words: []string{"away"}},
	)
	reply := mustParse(t, "550 go away")
	for place, want := range map[Place]ID{RCPT: "at.rcpt", EHLO: "anywhere", Anywhere: "pasted"} {
		if got := s.classify(Reply(place, reply)).ID; got != want {
			t.Errorf("at %q: got %s, want %s", place, got, want)
		}
	}
}

// A code alone tells nothing where it is not known what it answers.
func TestCodesNeedTheirPlace(t *testing.T) {
	if got := Classify(Reply(Anywhere, mustParse(t, "550 no"))); got != (Answer{}) {
		t.Errorf("got %v", got)
	}
}

func TestFold(t *testing.T) {
	for text, want := range map[string]string{
		"One\nTWO":                               "one two",
		"<bob@pipeline.com>: User unknown":       "<@>: user unknown",
		"DMARC-reports@example.test... Relaying": "@ relaying",
		"a @ b, at@":                             "a @ b, at@",
		"@ 'x@y' (x@y@z) mail to a@b:25":         "@ '@' (@) mail to @:25",
	} {
		if got := Fold(text); got != want {
			t.Errorf("Fold(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestParse(t *testing.T) {
	r := mustParse(t, "  550-5.7.1 one\r\n550 two\nthree")
	if r.Code != 550 || r.Text() != "5.7.1 one\ntwo" || r.Enhanced.String() != "5.7.1" {
		t.Errorf("got %+v", r)
	}
	for _, text := range []string{"", "55", "99 x", "199 x", "600 x", "550_x", "550-a\n551 b", "said: 550 no"} {
		if r, ok := Parse(text); ok {
			t.Errorf("%q is %v", text, r)
		}
	}
}

func TestEveryTableNamesSourceAndDate(t *testing.T) {
	head := regexp.MustCompile(`^# source: \S.+\n# date: 20\d\d-\d\d(-\d\d)?\n`)
	for i, table := range [][]byte{meaningsTable, wireTable, librariesTable} {
		if !head.Match(table) {
			t.Errorf("table %d does not begin with source and date", i)
		}
	}
}

// TestMeanings: every meaning is told by some row or provider, has the form
// that people read, and every id stands once.
func TestMeanings(t *testing.T) {
	form := regexp.MustCompile(`^[a-z]+\.[a-z][a-z0-9-]*$`)
	told := map[ID]bool{}
	for _, e := range Entries() {
		told[e.ID] = true
	}
	seen := map[ID]bool{}
	for _, m := range Meanings() {
		area, _, _ := strings.Cut(string(m.IDs[0]), ".")
		if !slices.ContainsFunc(m.IDs, func(id ID) bool { return told[id] }) && !ofProviders(area) {
			t.Errorf("no text tells of %s", m.IDs)
		}
		for _, id := range m.IDs {
			if seen[id] || !form.MatchString(string(id)) {
				t.Errorf("%s is there twice, or has not the form area.fact", id)
			}
			seen[id] = true
		}
		for _, id := range m.at {
			if !Known(id) {
				t.Errorf("%s is called %s somewhere, which has no meaning", m.IDs[0], id)
			}
		}
		checkWords(t, m)
	}
}

// ofProviders reports areas of which providers alone tell: package provider
// proves that each of its texts is met.
func ofProviders(area string) bool {
	return slices.Contains([]string{"account", "delivery", "data", "tls"}, area)
}

// checkWords wants sentences that a chat can show.
func checkWords(t *testing.T, m Meaning) {
	t.Helper()
	for _, s := range []string{m.Wire, m.Try} {
		first := s[:min(1, len(s))]
		if first == "" || first != strings.ToUpper(first) || !strings.HasSuffix(s, ".") || len(s) > 320 {
			t.Errorf("%s: %q is no sentence of at most 320 octets", m.IDs[0], s)
		}
	}
	if strings.ContainsAny(m.Title+m.Wire+m.Try, "!—–’“”") {
		t.Errorf("%s holds unusual punctuation", m.IDs[0])
	}
	if strings.HasSuffix(m.Title, ".") || len(m.Title) > 90 {
		t.Errorf("title %q", m.Title)
	}
	for _, r := range m.References {
		if !strings.HasPrefix(r, "RFC ") {
			t.Errorf("reference %q", r)
		}
	}
}

// TestEveryRowCanAnswer: a row behind another with the same words, places and
// codes would never be reached.
func TestEveryRowCanAnswer(t *testing.T) {
	rows := loaded().rows
	for i := range rows {
		for j := range rows[:i] {
			if hides(&rows[j], &rows[i]) {
				t.Errorf("%s %q is hidden behind %s %q", rows[i].id, rows[i].words, rows[j].id, rows[j].words)
			}
		}
	}
}

// hides reports a row that answers wherever a later one would.
func hides(a, b *row) bool {
	sameCodes := a.class == b.class && slices.Equal(a.codes, b.codes) && slices.Equal(a.enhanced, b.enhanced)
	return a.library == b.library && a.pasted == b.pasted && slices.Equal(a.words, b.words) && sameCodes &&
		within(a.concepts, b.concepts) && within(a.without, b.without) && (a.concepts == nil) == (b.concepts == nil) &&
		!slices.ContainsFunc(b.at, func(p Place) bool { return len(a.at) > 0 && !slices.Contains(a.at, p) }) &&
		(len(b.at) > 0 || len(a.at) == 0)
}

// within reports whether all of a stand in b.
func within(a, b []int) bool {
	return !slices.ContainsFunc(a, func(n int) bool { return !slices.Contains(b, n) })
}

func TestReadersRefuse(t *testing.T) {
	s := storeOf()
	s.byID["envelope.greylisted"] = &Meaning{}
	wire := func(c []string) error { _, err := s.readWire(c); return err }
	library := func(c []string) error { _, err := s.readLibrary(c); return err }
	meaning := func(c []string) error { _, err := readMeaning(c); return err }
	const id = "envelope.greylisted"
	for _, c := range []struct {
		read  func([]string) error
		cells string
		want  string
	}{
		{wire, "x.y\t-\t-\tgrey\t-\t-", `"x.y" has no meaning`},
		{wire, id + "\t-\t-\tGrey\t-\t-", `"Grey" is not in lower case`},
		{wire, id + "\t-\t-\tab\t-\t-", `"ab" is shorter than 3 octets`},
		{wire, id + "\t-\t-\tgrey\tluck\t-", `"luck" is not a need`},
		{wire, id + "\tRSET\t-\tgrey\t-\t-", `"RSET" is not a place`},
		{wire, id + "\t-\t6yz\tgrey\t-\t-", `"6yz" is not a code`},
		{wire, id + "\t-\t5.7\tgrey\t-\t-", `"5.7" is not a code`},
		{wire, id + "\tMAIL\t-\t-\t-\t-", `"` + id + `" fits every reply`},
		{library, "Cobol\t" + id + "\tgrey\tX.", `"Cobol" is not a library`},
		{library, "Go\tx.y\tgrey\tX.", `"x.y" has no meaning`},
		{meaning, "a.b\tRSET=c.d\tyou\t-\tT\tW.\tT.", `"RSET=c.d" is not PLACE=ID`},
		{meaning, "a.b\t-\tnobody\t-\tT\tW.\tT.", `"nobody" is not a side`},
	} {
		_, err := registry.ReadTable("x.tsv", strings.Repeat("a\t", strings.Count(c.cells, "\t"))+"a\n"+c.cells,
			strings.Count(c.cells, "\t")+1, func(cells []string) (int, error) { return 0, c.read(cells) })
		if err == nil || err.Error() != "x.tsv:2: "+c.want {
			t.Errorf("%q: %v, want %s", c.cells, err, c.want)
		}
	}
}
