package embed_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/bwmarrin/discordgo"

	"smtptest/formatting"
	"smtptest/formatting/embed"
)

// parts lists what can be pressed, row by row, read from the wire form.
func parts(t *testing.T, p embed.Post) (rows [][]map[string]any) {
	t.Helper()
	all, _ := payload(t, p)["components"].([]any)
	for _, r := range all {
		var row []map[string]any
		for _, c := range r.(map[string]any)["components"].([]any) {
			row = append(row, c.(map[string]any))
		}
		rows = append(rows, row)
	}
	return rows
}

func TestPressedReadsWhatRootWrote(t *testing.T) {
	m := formatting.Message{Verdict: "Failed at TLS", Actions: []formatting.Action{
		{Verb: "again", Run: "0123456789abcdef0123456789abcdef", Label: "Run again", Main: true},
		{Verb: "more", Run: "r", Label: "More…", Choices: []formatting.Choice{{Value: "json", Label: "Result as JSON"},
			{Value: "ticket", Label: "Text"}}},
		{Verb: "login", Run: "r", Label: "Test a login…"},
	}}
	rows := parts(t, embed.Root(m))
	if len(rows) != 2 || len(rows[0]) != 2 || len(rows[1]) != 1 {
		t.Fatalf("the rows are %v", rows)
	}
	if a, b := rows[0][0], rows[0][1]; a["style"] != 1.0 || b["style"] != 2.0 || a["label"] != "Run again" {
		t.Errorf("the buttons are %v and %v", a, b)
	}
	for _, c := range []struct {
		part   map[string]any
		values []string
		want   string
	}{
		{rows[0][0], nil, "again 0123456789abcdef0123456789abcdef  true"},
		{rows[0][1], nil, "login r  true"},
		{rows[1][0], []string{"json"}, "more r json true"},
		{rows[1][0], []string{"json", "ticket"}, "   false"},
	} {
		verb, run, choice, ok := embed.Pressed(c.part["custom_id"].(string), c.values)
		if got := fmt.Sprintln(verb, run, choice, ok); got != c.want+"\n" {
			t.Errorf("%v with %q is %q, want %q", c.part["custom_id"], c.values, got, c.want)
		}
	}
}

// TestRequestsThatFit come back; one that does not is left out.
func TestRequestsThatFit(t *testing.T) {
	room := strings.Repeat("x", 100-len("st1:again:r:"))
	for request, want := range map[string]string{"AQ-_": "AQ-_", room: room, room + "x": "", "": ""} {
		again := formatting.Action{Verb: "again", Run: "r", Label: "y", Request: request}
		m := formatting.Message{Verdict: "x", Actions: []formatting.Action{again}}
		id := parts(t, embed.Root(m))[0][0]["custom_id"].(string)
		verb, run, _, ok := embed.Pressed(id, nil)
		if got := embed.Request(id); got != want || verb != "again" || run != "r" || !ok {
			t.Errorf("%s carries %q, want %q", id, got, want)
		}
	}
}

// What others sent, or an older program of ours, is not ours.
func TestPressedRefuses(t *testing.T) {
	for _, id := range []string{
		"", "st1", "st1:", "st1::", "st1:again", "st1:again:", "st1::r", "st0:again:r", "ST1:again:r", "st1:a b:r",
		"st1:again2:r",
		"st1:abcdefghijklm:r", "st1:again:" + strings.Repeat("r", 33), "st1:again:a\nb", "st1:again:a\u200bb",
	} {
		if verb, run, choice, ok := embed.Pressed(id, nil); ok || verb+run+choice != "" {
			t.Errorf("%q is taken for %q of %q", id, verb, run)
		}
	}
	if _, _, _, ok := embed.Pressed("st1:more:r", []string{strings.Repeat("x", 101)}); ok {
		t.Error("a value that no menu can hold is taken")
	}
}

// Discord refuses a whole message for one component that is wrong.
func TestComponentsThatCannotBe(t *testing.T) {
	m := formatting.Message{Verdict: "x"}
	for i := range 80 {
		m.Actions = append(m.Actions, formatting.Action{Verb: "again", Run: fmt.Sprint(i / 2),
			Label: strings.Repeat("y", 60+i)})
	}
	m.Actions = append(m.Actions, []formatting.Action{{Verb: "", Run: "r", Label: "x"}, {Verb: "x", Label: "x"},
		{Verb: "x", Run: "r"}, {Verb: "x", Run: "r", Label: "\t"}}...)
	rows := parts(t, embed.Root(m))
	if len(rows) != 5 || len(rows[4]) != 5 {
		t.Errorf("the rows are %v", rows)
	}
	checkPost(t, embed.Root(m))
	if p := embed.Root(formatting.Message{Verdict: "x"}); p.Components == nil || p.Embeds == nil {
		t.Error("an edit would leave old buttons and embeds standing")
	}
	choices := []formatting.Choice{{Value: "", Label: "a"}, {Value: "b", Label: ""}, {Value: "c", Label: "c"},
		{Value: "c", Label: "d"}}
	for i := range 40 {
		choices = append(choices, formatting.Choice{Value: fmt.Sprint(i), Label: strings.Repeat("z", 90+i)})
	}
	m.Actions = []formatting.Action{{Verb: "more", Run: "r", Label: "More", Choices: choices}}
	checkPost(t, embed.Root(m))
}

func TestNoMentions(t *testing.T) {
	a := embed.NoMentions()
	if v := decoded(t, a); fmt.Sprint(v["parse"]) != "[]" || v["replied_user"] != false {
		t.Errorf("it allows %v", v)
	}
	a.Parse = append(a.Parse, discordgo.AllowedMentionTypeEveryone)
	if len(embed.NoMentions().Parse) != 0 {
		t.Error("one caller can change it for the others")
	}
}
