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
		ID: "0123456789abcdef0123456789abcdef", Title: "Test a login", Submit: "Test login", Cancel: "Cancel", Target: "mx.example.test:587",
		Notice: "Slack shows what you type. It is used once, over TLS, and not kept.",
		Fields: []formatting.Field{
			{ID: "user", Label: "User name", MaxRunes: 320},
			{ID: "secret", Label: "Password or token", Hint: "An app password is best.", Secret: true, MaxRunes: 512},
			{ID: "method", Label: "Method", Optional: true, Initial: "auto", Choices: []formatting.Choice{{Value: "auto", Label: "Automatic"}, {Value: "plain", Label: "PLAIN"}}},
		},
	}
}

func TestModal(t *testing.T) {
	encoded, err := json.Marshal(blockkit.Modal(login()))
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"type":"modal","title":{"type":"plain_text","text":"Test a login","emoji":false},"blocks":[` +
		`{"type":"section","text":{"type":"plain_text","text":"mx.example.test:587","emoji":false}},` +
		`{"type":"context","elements":[{"type":"plain_text","text":"Slack shows what you type. It is used once, over TLS, and not kept.","emoji":false}]},` +
		`{"type":"input","block_id":"user","label":{"type":"plain_text","text":"User name","emoji":false},"element":{"type":"plain_text_input","action_id":"value","max_length":320}},` +
		`{"type":"input","block_id":"secret","label":{"type":"plain_text","text":"Password or token","emoji":false},"element":{"type":"plain_text_input","action_id":"value","max_length":512},"hint":{"type":"plain_text","text":"An app password is best.","emoji":false}},` +
		`{"type":"input","block_id":"method","label":{"type":"plain_text","text":"Method","emoji":false},"element":{"type":"static_select","action_id":"value","options":[` +
		`{"text":{"type":"plain_text","text":"Automatic","emoji":false},"value":"auto"},{"text":{"type":"plain_text","text":"PLAIN","emoji":false},"value":"plain"}],` +
		`"initial_option":{"text":{"type":"plain_text","text":"Automatic","emoji":false},"value":"auto"}},"optional":true}],` +
		`"close":{"type":"plain_text","text":"Cancel","emoji":false},"submit":{"type":"plain_text","text":"Test login","emoji":false},` +
		`"private_metadata":"0123456789abcdef0123456789abcdef","callback_id":"smtptest_login","clear_on_close":true,"notify_on_close":true}`
	if string(encoded) != want {
		t.Errorf("got %s\nwant %s", encoded, want)
	}
	checkModal(t, login())
}

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
	c.only(view, "type", "title", "submit", "close", "blocks", "private_metadata", "callback_id", "clear_on_close", "notify_on_close")
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

// checkTold holds a modal that only says something to what Slack takes.
func checkTold(t *testing.T, m formatting.Message) {
	t.Helper()
	encoded, err := json.Marshal(blockkit.Told(m))
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
