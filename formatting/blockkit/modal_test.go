package blockkit_test

import (
	"encoding/json"
	"strings"
	"testing"

	"smtptest/formatting"
	"smtptest/formatting/blockkit"
)

func login() formatting.Form {
	return formatting.Form{
		ID: "0123456789abcdef0123456789abcdef", Title: "Test a login", Submit: "Test login", Cancel: "Cancel",
		Target: "mx.example.test:587",
		Notice: "Slack shows what you type. It is used once, over TLS, and not kept.",
		Fields: []formatting.Field{
			{ID: "user", Label: "User name", MaxRunes: 320},
			{ID: "secret", Label: "Password or token", Hint: "An app password is best.", Secret: true, MaxRunes: 512},
			{ID: "method", Label: "Method", Optional: true, Initial: "auto",
				Choices: []formatting.Choice{{Value: "auto", Label: "Automatic"}, {Value: "plain", Label: "PLAIN"}}},
		},
	}
}

// TestModal: what Slack is sent for a form stands in testdata/form.json.
func TestModal(t *testing.T) { checkModal(t, login()) }

// TestModalKeepsLimits: a form is ours, but its target was typed.
func TestModalKeepsLimits(t *testing.T) {
	for _, text := range []string{"", strings.Repeat("<", 5000), "\u202e\n\x00", "*bold* <!channel>"} {
		f := login()
		f.Title, f.Submit, f.Cancel, f.Target, f.Notice = text, text, text, text, text
		for i := range f.Fields {
			f.Fields[i].Label, f.Fields[i].Hint, f.Fields[i].Initial = text, text, text
		}
		checkModal(t, f)
	}
}

func checkModal(t *testing.T, f formatting.Form) {
	t.Helper()
	encoded, err := json.Marshal(blockkit.Modal(f))
	if err != nil {
		t.Fatal(err)
	}
	var view object
	if err := json.Unmarshal(encoded, &view); err != nil {
		t.Fatal(err)
	}
	c := checker{t: t}
	c.only(view, "type", "title", "submit", "close", "blocks", "private_metadata", "callback_id", "clear_on_close",
		"notify_on_close")
	for _, name := range []string{"title", "submit", "close"} {
		c.plain(c.object(view, name), 24)
	}
	c.text(view, "callback_id", 255)
	c.text(view, "private_metadata", 3000)
	blocks, err := json.Marshal(view["blocks"])
	if err != nil {
		t.Fatal(err)
	}
	c.blocks(blocks, 100)
}

// checkStatus holds a modal that only says something to what Slack takes.
func checkStatus(t *testing.T, m formatting.Message) {
	t.Helper()
	encoded, err := json.Marshal(blockkit.StatusModal(m))
	if err != nil {
		t.Fatal(err)
	}
	var view object
	if err := json.Unmarshal(encoded, &view); err != nil {
		t.Fatal(err)
	}
	c := checker{t: t}
	c.only(view, "type", "title", "close", "blocks")
	c.plain(c.object(view, "title"), 24)
	c.plain(c.object(view, "close"), 24)
	blocks, err := json.Marshal(view["blocks"])
	if err != nil {
		t.Fatal(err)
	}
	c.blocks(blocks, 100)
}
