package formatting

import (
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestTheVoice holds every text of the catalogue and of help to the rules at
// its head.
func TestTheVoice(t *testing.T) {
	for _, id := range TextIDs() {
		w := Say(id)
		if w.What == "" {
			t.Errorf("%s says nothing", id)
		}
		for _, s := range []string{w.What, w.Means, w.Try} {
			checkVoice(t, string(id), s)
		}
		if sentences := strings.HasSuffix(w.What, "."); (w.Means != "" || w.Try != "") && !sentences {
			t.Errorf("%s: %q is not a sentence", id, w.What)
		}
	}
	for _, topic := range Topics() {
		for _, p := range topic.Paragraphs {
			checkVoice(t, "help "+topic.Name, p)
		}
	}
}

// forbidden are words that blame, beg or shout, and two blanks in a row.
var forbidden = regexp.MustCompile(`(?i)!|\bplease\b|\binvalid\b|\berror\b|\bfailed to\b|\boops\b|\bsorry\b|  `)

func checkVoice(t *testing.T, id, s string) {
	t.Helper()
	if bad := forbidden.FindString(s); bad != "" {
		t.Errorf("%s says %q in %q", id, bad, s)
	}
	if strings.HasSuffix(s, " ") || strings.HasPrefix(s, " ") {
		t.Errorf("%s: %q has a blank at its edge", id, s)
	}
}

func TestRefusalIsForOnePerson(t *testing.T) {
	m := Refusal(LimitPerson, Value{"limit", "5"}, Value{"window", Window(time.Minute)},
		Value{"wait", Wait(33500 * time.Millisecond)})
	if m.Verdict != "Not now" || m.Fact != "You have run 5 tests within the last minute." || len(m.Notes) != 2 ||
		m.Notes[1] != "Try again in 34 seconds." {
		t.Errorf("got %+v", m)
	}
}

func TestWait(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "1 second", time.Millisecond: "1 second", time.Second: "1 second", 1001 * time.Millisecond: "2 seconds",
		2 * time.Minute: "120 seconds", 121 * time.Second: "3 minutes", 10 * time.Minute: "10 minutes",
		time.Hour: "60 minutes",
	} {
		if got := Wait(d); got != want {
			t.Errorf("%s: %q, want %q", d, got, want)
		}
	}
}

func TestFormFitsBothPlatforms(t *testing.T) {
	f := LoginForm("id", target(), "Discord")
	for what, text := range map[string]struct {
		text string
		most int
	}{
		"title": {f.Title, 24}, "submit": {f.Submit, 24}, "cancel": {f.Cancel, 24}, "notice": {f.Notice, 150},
	} {
		if n := len([]rune(text.text)); n == 0 || n > text.most {
			t.Errorf("%s has %d runes", what, n)
		}
	}
	mandatory := true
	for _, field := range f.Fields {
		if len([]rune(field.Label)) > 45 || len([]rune(field.Hint)) > 100 {
			t.Errorf("%s is too long", field.ID)
		}
		if !mandatory && !field.Optional {
			t.Errorf("%s stands behind what may be left out", field.ID)
		}
		mandatory = !field.Optional
	}
}
