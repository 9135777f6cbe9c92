package diagnosis

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"smtptest/probe/probetest"
)

// unprovoked are the rules that no case can bring about, with the reason.
func unprovoked() map[ID]string {
	return map[ID]string{
		PasswordEnds: "the cases happen in the year 2000: see TestPasswordEnds",
		Unsendable:   "names and addresses are bounded when they are read, so no command becomes too long",
		WrongMode:    "the hosts of cases are nobody's; TestWrongMode proves it",
		WeakEnvelope: "the hosts of cases are nobody's; TestWeakEnvelope proves it",
	}
}

// TestEveryRuleHasACase compares the catalogue with the findings of the
// cases, which TestCases proves.
func TestEveryRuleHasACase(t *testing.T) {
	all, err := probetest.Cases()
	if err != nil {
		t.Fatal(err)
	}
	found := map[ID]bool{}
	for _, c := range all {
		for _, line := range strings.Split(c.Findings, "\n")[1:] {
			found[ID(line)] = true
		}
	}
	for _, r := range catalogue() {
		reason, excused := unprovoked()[r.id]
		switch {
		case !found[r.id] && !excused:
			t.Errorf("no case brings %s about", r.id)
		case found[r.id] && excused:
			t.Errorf("a case brings %s about, though %s", r.id, reason)
		}
	}
}

// TestEveryRuleIsComplete: what a rule leaves out must come with its
// match; TestCases holds the findings themselves to that.
func TestEveryRuleIsComplete(t *testing.T) {
	form := regexp.MustCompile(`^[a-z0-9]+\.[a-z0-9-]+$`)
	var known []ID
	for _, r := range catalogue() {
		if !form.MatchString(string(r.id)) {
			t.Errorf("%q does not have the form area.fact", r.id)
		}
		if slices.Contains(known, r.id) {
			t.Errorf("%s is there twice", r.id)
		}
		known = append(known, r.id)
		if r.title == "" || strings.HasSuffix(r.title, ".") || len(r.title) > 80 {
			t.Errorf("%s: the title %q is not one short line", r.id, r.title)
		}
		if r.reference == "" {
			t.Errorf("%s has no reference", r.id)
		}
		if judges := countTrue(r.explanation != "", r.match != nil, r.certificate != nil); judges != 1 {
			t.Errorf("%s is judged in %d ways, not in one", r.id, judges)
		}
		if r.explanation != "" && r.reply == "" {
			t.Errorf("%s explains a reply and names none", r.id)
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
