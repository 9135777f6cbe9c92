package explain

import (
	"strings"
	"testing"

	"smtptest/probe/registry"
)

func TestTables(t *testing.T) {
	for _, tp := range facts().topics {
		sentence(t, tp.meaning)
		sentence(t, tp.try)
		references(t, tp.references)
	}
}

// sentence wants a capital letter, a full stop and a length that a chat can
// show.
func sentence(t *testing.T, s string) {
	t.Helper()
	if first := s[:1]; first != strings.ToUpper(first) && !strings.HasPrefix(s, "auto") &&
		!strings.HasPrefix(s, "class") || !strings.HasSuffix(s, ".") || len(s) > 320 {
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
	for _, tp := range allTopics() {
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
	for _, a := range allAdvice() {
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

func TestReadersRefuse(t *testing.T) {
	if _, err := readAdvice([]string{"535", "nobody", "Do it."}); err == nil ||
		err.Error() != `"nobody" is not a side` {
		t.Error(err)
	}
}
