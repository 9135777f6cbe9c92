package embed_test

import (
	"fmt"
	"strings"
	"testing"

	"smtptest/formatting"
	"smtptest/formatting/embed"
)

func loginForm() formatting.Form {
	return formatting.Form{
		ID: "0123456789abcdef0123456789abcdef", Title: "Test a login", Submit: "Test login", Cancel: "Cancel",
		Target: "mx_1.example.test:587",
		Notice: "Used once, over TLS only, not kept. Prefer a test account.",
		Fields: []formatting.Field{
			{ID: "user", Label: "User name", MaxRunes: 320, Initial: "ada@example.test"},
			{ID: "secret", Label: "Password or token", Hint: "Discord shows what you type.", Secret: true, MaxRunes: 512,
				Initial: "never"},
			{ID: "method", Label: "Method", Optional: true, Initial: "PLAIN",
				Choices: []formatting.Choice{{Value: "auto", Label: "Automatic"}, {Value: "PLAIN", Label: "PLAIN"}}},
		},
	}
}

func TestModal(t *testing.T) {
	v := decoded(t, embed.Modal(loginForm()))
	walk(t, v, modalBounds())
	got := fmt.Sprint(v["custom_id"], v["title"], v["components"])
	want := "st1:login:0123456789abcdef0123456789abcdefTest a login[" +
		"map[content:`mx_1.example.test:587`\nUsed once, over TLS only, not kept. Prefer a test account. type:10] " +
		"map[component:map[custom_id:user max_length:320 required:true style:1 type:4 value:ada@example.test] label:User " +
		"name type:18] " +
		"map[component:map[custom_id:secret max_length:512 required:true style:1 type:4] description:Discord shows what " +
		"you type. label:Password or token type:18] " +
		"map[component:map[custom_id:method options:[map[label:Automatic value:auto] map[default:true label:PLAIN " +
		"value:PLAIN]] required:false type:21] label:Method type:18]]"
	if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	if verb, run, _, ok := embed.Pressed(v["custom_id"].(string), nil); verb != "login" || run != loginForm().ID || !ok {
		t.Error("there is no way back from the form")
	}
}

// TestModalKeepsWhatMustBe tries every form of up to eight fields with at most
// four that must be filled in, in any order.
func TestModalKeepsWhatMustBe(t *testing.T) {
	for n := range 9 {
		for mask := range 1 << n {
			f := formatting.Form{ID: "f", Title: "t", Target: "t", Notice: "n"}
			var must []string
			for i := range n {
				field := formatting.Field{ID: string(rune('a' + i)), Label: "l", MaxRunes: 1, Optional: mask>>i&1 == 1}
				if !field.Optional {
					must = append(must, field.ID)
				}
				f.Fields = append(f.Fields, field)
			}
			if len(must) <= 4 {
				checkFields(t, f, must)
			}
		}
	}
}

func checkFields(t *testing.T, f formatting.Form, must []string) {
	t.Helper()
	v := decoded(t, embed.Modal(f))
	walk(t, v, modalBounds())
	have := ""
	for _, c := range v["components"].([]any)[1:] {
		have += c.(map[string]any)["component"].(map[string]any)["custom_id"].(string)
	}
	if want := min(4, len(f.Fields)); len(have) != want {
		t.Errorf("%d of %d fields are there, want %d", len(have), len(f.Fields), want)
	}
	for _, id := range must {
		if !strings.Contains(have, id) {
			t.Errorf("%s must be filled in and is not in %q", id, have)
		}
	}
}

// Text that is too long, or that could be markup, breaks no form.
func TestModalOfAnything(t *testing.T) {
	for _, text := range append(markup(), strings.Repeat("ä", 5000), "a\x00\u202eb") {
		f := loginForm()
		f.Title, f.Target, f.Notice, f.Fields[0].Initial = text+"t", text, text, text
		f.Fields[1].Label, f.Fields[1].Hint = text+"l", text
		v := decoded(t, embed.Modal(f))
		b := modalBounds()
		walk(t, v, b)
		checkMarkdown(t, v["components"].([]any)[0].(map[string]any)["content"].(string), plainText, inCode)
	}
}
