package diagnosis

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"smtptest/probe/probetest"
)

// unprovoked are the entries that no case can bring about,
// with the reason.
func unprovoked() map[ID]string {
	return map[ID]string{
		Unsendable:   "names and addresses are bounded when they are read, so no command becomes too long",
		WrongMode:    "the hosts of cases are nobody's; TestWrongMode proves it",
		WeakEnvelope: "the hosts of cases are nobody's; TestWeakEnvelope proves it",
	}
}

// TestEveryEntryHasACase holds the catalogue against the findings of the
// cases, which TestCases proves.
func TestEveryEntryHasACase(t *testing.T) {
	all, err := probetest.Cases()
	if err != nil {
		t.Fatal(err)
	}
	told := map[ID]bool{}
	for _, c := range all {
		for _, line := range strings.Split(c.Findings, "\n")[1:] {
			told[ID(line)] = true
		}
	}
	for _, e := range catalogue() {
		reason, excused := unprovoked()[e.id]
		switch {
		case !told[e.id] && !excused:
			t.Errorf("no case brings %s about", e.id)
		case told[e.id] && excused:
			t.Errorf("a case brings %s about, though %s", e.id, reason)
		}
	}
}

// TestEveryEntryIsComplete: what an entry leaves out must come with its
// match; TestCases holds the findings themselves to that.
func TestEveryEntryIsComplete(t *testing.T) {
	form := regexp.MustCompile(`^[a-z0-9]+\.[a-z0-9-]+$`)
	var known []ID
	for _, e := range catalogue() {
		if !form.MatchString(string(e.id)) {
			t.Errorf("%q does not have the form area.fact", e.id)
		}
		if slices.Contains(known, e.id) {
			t.Errorf("%s is there twice", e.id)
		}
		known = append(known, e.id)
		if e.title == "" || strings.HasSuffix(e.title, ".") || len(e.title) > 80 {
			t.Errorf("%s: the title %q is not one short line", e.id, e.title)
		}
		if e.reference == "" {
			t.Errorf("%s has no reference", e.id)
		}
		if judges := countTrue(e.explanation != "", e.match != nil, e.certificate != nil); judges != 1 {
			t.Errorf("%s is judged in %d ways, not in one", e.id, judges)
		}
		if e.explanation != "" && e.reply == "" {
			t.Errorf("%s explains a reply and names none", e.id)
		}
	}
}

func countTrue(values ...bool) int {
	n := 0
	for _, v := range values {
		if v {
			n++
		}
	}
	return n
}
