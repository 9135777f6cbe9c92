package blockkit_test

import (
	"strings"
	"testing"

	"github.com/slack-go/slack"

	"smtptest/formatting"
	"smtptest/formatting/blockkit"
)

// pressed are all that can be pressed in a post, read back.
func pressed(t *testing.T, p blockkit.Post) []string {
	t.Helper()
	var out []string
	press := func(id, value string) {
		verb, run, choice, ok := blockkit.Pressed(id, value)
		if !ok {
			t.Errorf("%q with %q is not read back", id, value)
		}
		out = append(out, verb+" "+run+" "+choice)
	}
	for _, b := range p.Blocks {
		actions, ok := b.(*slack.ActionBlock)
		if !ok {
			continue
		}
		for _, e := range actions.Elements.ElementSet {
			switch e := e.(type) {
			case *slack.ButtonBlockElement:
				press(e.ActionID, e.Value)
			case *slack.OverflowBlockElement:
				for _, o := range e.Options {
					press(e.ActionID, o.Value)
				}
			case *slack.SelectBlockElement:
				for _, o := range e.Options {
					press(e.ActionID, o.Value)
				}
			}
		}
	}
	return out
}

func TestPressed(t *testing.T) {
	some := func(n int) []formatting.Choice {
		var out []formatting.Choice
		for i := range n {
			v := string(rune('a' + i))
			out = append(out, formatting.Choice{Value: v + ":" + v, Label: v})
		}
		return out
	}
	for _, c := range []struct {
		name   string
		action formatting.Action
		want   string
	}{
		{"button", formatting.Action{Verb: "again", Run: "0123456789abcdef0123456789abcdef", Label: "Again"},
			"again 0123456789abcdef0123456789abcdef "},
		{"no run", formatting.Action{Verb: "help", Label: "Help"}, "help  "},
		{"colons", formatting.Action{Verb: "again", Run: "a:b", Label: "Again"}, "again a:b "},
		{"one choice", formatting.Action{Verb: "more", Run: "r", Label: "More", Choices: some(1)}, "more r a:a"},
		{"two", formatting.Action{Verb: "more", Run: "r", Label: "More", Choices: some(2)}, "more r a:a,more r b:b"},
		{"six", formatting.Action{Verb: "more", Run: "r", Label: "More", Choices: some(6)},
			"more r a:a,more r b:b,more r c:c,more r d:d,more r e:e,more r f:f"},
		{"no label", formatting.Action{Verb: "again", Run: "r"}, "again r "},
		{"verb of another form", formatting.Action{Verb: "run:again", Run: "r", Label: "a"}, ""},
		{"run too long", formatting.Action{Verb: "again", Run: strings.Repeat("r", 33), Label: "a"}, ""},
		{"choice without value", formatting.Action{Verb: "more", Choices: []formatting.Choice{{Label: "a"}}}, ""},
	} {
		p := blockkit.Root(formatting.Message{Verdict: "a", Actions: []formatting.Action{c.action}})
		checkPost(t, p)
		if got := strings.Join(pressed(t, p), ","); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// Two of the same verb have two action_ids; what has no room is left out.
func TestManyActions(t *testing.T) {
	var all []formatting.Action
	for range 99 {
		all = append(all, formatting.Action{Verb: "again", Run: "r", Label: strings.Repeat("<", 90),
			Accessible: strings.Repeat("&", 90)})
	}
	p := blockkit.Root(formatting.Message{Verdict: strings.Repeat("<", 9000), Actions: all})
	checkPost(t, p)
	if n := len(pressed(t, p)); n < 4 {
		t.Errorf("%d buttons", n)
	}
}

func TestPressedRefuses(t *testing.T) {
	for _, c := range []struct{ id, value string }{
		{"", ""}, {"smtptest", ""}, {"smtptest:again", "r"}, {"smtptest:again:0", ""}, {"other:again:0:r", ""},
		{"smtptest::0:r", ""},
		{"smtptest:a b:0:r", ""}, {"smtptest:again:0:" + strings.Repeat("r", 33), ""},
		{"smtptest:again:0:r", strings.Repeat("v", 151)}, {"smtptest:again:0:r\n", ""}, {"smtptest:again:0:r", "a\x00"},
	} {
		if verb, run, choice, ok := blockkit.Pressed(c.id, c.value); ok || verb+run+choice != "" {
			t.Errorf("%q with %q is read as %q %q %q", c.id, c.value, verb, run, choice)
		}
	}
}

// FuzzPressed: what is read back would be written.
func FuzzPressed(f *testing.F) {
	f.Add("smtptest:again:0:r", "")
	f.Add("smtptest:more:3:r:s", "json")
	f.Add("smtptest:a:b", "\xff")
	f.Fuzz(func(t *testing.T, id, value string) {
		verb, run, choice, ok := blockkit.Pressed(id, value)
		if !ok {
			return
		}
		a := formatting.Action{Verb: verb, Run: run, Label: "a"}
		if choice != "" {
			a.Choices = []formatting.Choice{{Value: choice, Label: "a"}}
		}
		if got := strings.Join(pressed(t, blockkit.Root(formatting.Message{Actions: []formatting.Action{a}})),
			","); got != verb+" "+run+" "+choice {
			t.Errorf("%q with %q became %q", id, value, got)
		}
	})
}
