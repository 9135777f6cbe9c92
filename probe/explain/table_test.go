package explain

import (
	"strings"
	"testing"

	"smtptest/probe/registry"
)

func TestTables(t *testing.T) {
	l := facts()
	used := map[string]bool{}
	for _, m := range l.messages {
		used[m.event.id] = true
		if len(m.fragments) == 0 || (m.library != "") != (m.fix != "") {
			t.Errorf("%+v", m)
		}
		if m.fix != "" {
			sentence(t, m.fix)
		}
	}
	for id, e := range l.events {
		if !used[id] {
			t.Errorf("no text tells of %s", id)
		}
		if e.side == "" {
			t.Errorf("%s is on nobody's side", id)
		}
		sentence(t, e.wire)
		sentence(t, e.try)
		if strings.HasSuffix(e.title, ".") || len(e.title) > 90 {
			t.Errorf("title %q", e.title)
		}
		references(t, e.references)
	}
	for _, tp := range l.topics {
		sentence(t, tp.meaning)
		sentence(t, tp.try)
		references(t, tp.references)
	}
}

// sentence wants a capital letter, a full stop and a length that a chat can
// show.
func sentence(t *testing.T, s string) {
	t.Helper()
	if first := s[:1]; first != strings.ToUpper(first) && !strings.HasPrefix(s, "auto") && !strings.HasPrefix(s, "class") || !strings.HasSuffix(s, ".") || len(s) > 320 {
		t.Errorf("%q is no sentence of at most 320 octets", s)
	}
	if strings.ContainsAny(s, "!—–’“”") {
		t.Errorf("%q holds unusual punctuation", s)
	}
}

func references(t *testing.T, all []string) {
	t.Helper()
	for _, r := range all {
		if !strings.HasPrefix(r, "RFC ") {
			t.Errorf("reference %q", r)
		}
	}
}

// A word that stands for two topics would lose one of them.
func TestTopicsAreAskedForByTheirOwnWords(t *testing.T) {
	seen := map[string]string{}
	for _, tp := range load("topics.tsv", 5, readTopic) {
		for _, w := range tp.words {
			if other, twice := seen[w]; twice {
				t.Errorf("%q stands for %s and %s", w, other, tp.title)
			}
			seen[w] = tp.title
			if e := Of(w); !strings.Contains(titles(e), "topic: "+tp.title) {
				t.Errorf("Of(%q) is %s", w, titles(e))
			}
		}
	}
	if len(seen) < 100 {
		t.Errorf("%d words", len(seen))
	}
}

func TestAdviceIsAboutKnownCodes(t *testing.T) {
	for _, a := range load("advice.tsv", 3, readAdvice) {
		sentence(t, a.try)
		code, kind := a.code, "Reply code "
		if rest, ok := strings.CutPrefix(code, "X"); ok {
			code, kind = "5"+rest, "Enhanced code "
		} else if strings.Contains(code, ".") {
			kind = "Enhanced code "
		}
		items := Of(code).Items
		item := items[len(items)-1]
		if item.Title != kind+code || item.Confidence != Defined || len(item.Try) != 1 || item.Try[0] != a.try {
			t.Errorf("%s: %+v", a.code, item)
		}
	}
}

func TestEveryCodePortAndAlertIsExplained(t *testing.T) {
	for n := range 65536 {
		_, code := registry.CodeOf(n)
		_, port := registry.PortOf(uint16(n))
		if n > 600 && n%1000 != 1 && !port {
			continue
		}
		text := digitsOf(n)
		got := titles(Of(text))
		if code != strings.Contains(got, "Reply code "+text) && !(n >= 200 && n < 600 && !port) {
			t.Errorf("Of(%s) is %s", text, got)
		}
		if port != strings.Contains(got, "Port "+text) {
			t.Errorf("Of(%s) is %s", text, got)
		}
	}
	for n := range maxAlert + 1 {
		a, ok := registry.AlertOf(n)
		if got := titles(Of("alert " + digitsOf(n))); ok != strings.Contains(got, "TLS alert: ") {
			t.Errorf("alert %d %s is %s", n, a.Name, got)
		}
	}
}

func digitsOf(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return digitsOf(n/10) + digitsOf(n%10)
}

func TestParseErrorsNameFileAndLine(t *testing.T) {
	l := facts()
	for _, c := range []struct {
		text    string
		columns int
		read    func([]string) error
		want    string
	}{
		{"a\tb", 3, nil, "x.tsv:1: 2 columns, not 3"},
		{"a\tb\n\tb", 2, nil, "x.tsv:2: column 1 is empty or padded"},
		{"a\tb\n#\nc\td ", 2, nil, "x.tsv:3: column 2 is empty or padded"},
		{"a\tb\tc\nx\tnobody\ty", 3, func(c []string) error { _, err := readAdvice(c); return err }, `x.tsv:2: "nobody" is not a side`},
		{"a\tb\tc\nx\ty\t-", 3, func(c []string) error { _, err := l.readReply(c); return err }, `x.tsv:2: "x" is not an event`},
		{"a\tb\tc\ngreylisted\tGrey\t-", 3, func(c []string) error { _, err := l.readReply(c); return err }, `x.tsv:2: "Grey" is not in lower case`},
		{"a\tb\tc\ngreylisted\tgrey\tluck", 3, func(c []string) error { _, err := l.readReply(c); return err }, `x.tsv:2: "luck" is not a need`},
		{"a\tb\tc\td\nRuby\tgreylisted\tgrey\tX.", 4, func(c []string) error { _, err := l.readError(c); return err }, `x.tsv:2: "Ruby" is not a library`},
	} {
		_, err := parse("x.tsv", c.text, c.columns, func(cells []string) (int, error) {
			if c.read == nil {
				return 0, nil
			}
			return 0, c.read(cells)
		})
		if err == nil || err.Error() != c.want {
			t.Errorf("%q: %v, want %s", c.text, err, c.want)
		}
	}
}
