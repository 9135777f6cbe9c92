package command

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestHelpListsTheOptionsOfItsDialect(t *testing.T) {
	text := fmt.Sprint(HelpAbout("", Dialect{Terminal: true}, Here{}))
	for _, name := range optionNames(Dialect{Terminal: true}) {
		if !strings.Contains(text, "{--"+name) {
			t.Errorf("--%s is not in it", name)
		}
	}
	if strings.Contains(text, "--private") {
		t.Error("an option of chats is in it")
	}
	for _, verb := range []string{
		"explain", "egress", "sandbox", "console", "playground", "version", "help", "--login", "Exit codes",
	} {
		if !strings.Contains(text, verb) {
			t.Errorf("%s is not in it", verb)
		}
	}
}

func TestExamplesCanBeTyped(t *testing.T) {
	for _, e := range examplesOf(Dialect{NoProfiles: true}) {
		e.Command = strings.TrimPrefix(e.Command, "/smtptest ")
		if c, err := Parse(e.Command, Dialect{}); err != nil || c.Verb == VerbHelp {
			t.Errorf("%s: %v", e.Command, err)
		}
	}
}

func TestOptionTable(t *testing.T) {
	for _, d := range []Dialect{{}, {Terminal: true}} {
		seen := map[string]bool{}
		for _, o := range optionsOf(d) {
			if seen[o.name] {
				t.Errorf("%+v: --%s stands twice", d, o.name)
			}
			seen[o.name] = true
			if n := utf8.RuneCountInString(o.meaning); n == 0 || n > 100 {
				t.Errorf("--%s: meaning of %d runes", o.name, n)
			}
		}
	}
}

func TestHelpRows(t *testing.T) {
	rows := Help("timeout", Dialect{})
	if len(rows) != 1 || !rows[0].Chat || !rows[0].Terminal ||
		!strings.Contains(rows[0].Meaning, short(minTimeoutChat)+" to "+short(maxTimeoutChat)) {
		t.Errorf("%+v", rows)
	}
	rows = Help("timeout", Dialect{Terminal: true})
	if len(rows) != 1 || !strings.Contains(rows[0].Meaning, short(minTimeoutTerminal)+" to "+short(maxTimeoutTerminal)) {
		t.Errorf("%+v", rows)
	}
	if rows = Help("private", Dialect{}); len(rows) != 1 || !rows[0].Chat || rows[0].Terminal || rows[0].Value != "" {
		t.Errorf("%+v", rows)
	}
	if rows = Help("private", Dialect{Terminal: true}); len(rows) != 0 {
		t.Errorf("%+v", rows)
	}
	if all := Help("", Dialect{}); len(all) != len(Help(topicOptions, Dialect{})) || len(all) < 8 {
		t.Errorf("%d rows", len(all))
	}
}

func TestHelpRowsAreCopies(t *testing.T) {
	Help("tls", Dialect{})[0].Choices[0] = "changed"
	if got := Help("tls", Dialect{})[0].Choices[0]; got != "auto" {
		t.Errorf("the table was changed: %s", got)
	}
}
