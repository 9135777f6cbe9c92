package console_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"unicode"

	"smtptest/bot/console"
	"smtptest/formatting"
	"smtptest/formatting/formattest"
)

// calls reads the payloads of a session: the line that names a call, and the
// JSON below it.
func calls(t *testing.T, shown string) (names []string, payloads []map[string]any) {
	t.Helper()
	for rest := shown; ; {
		before, after, found := strings.Cut(rest, "\n{\n")
		if !found {
			return names, payloads
		}
		d := json.NewDecoder(strings.NewReader("{" + after))
		var payload map[string]any
		name := before[strings.LastIndex(before, "\n")+1:]
		if err := d.Decode(&payload); err != nil || name == "" {
			t.Fatalf("%q: %v in:\n%s", name, err, after)
		}
		names, payloads = append(names, name), append(payloads, payload)
		rest = after[d.InputOffset()-1:]
	}
}

// payloadLines press a button of each kind.
func payloadLines() []string {
	return []string{
		"help", "good.test:587", "1", "4", "smtp.example.com:22", "expired.test --private",
		"login login-plain.test:587", "ada@example.test", password, "", "", "", "2",
	}
}

func TestSlackPayloads(t *testing.T) {
	shown := session(t, console.Slack(), payloadLines()...)
	names, payloads := calls(t, shown)
	want := []string{
		"ephemeral",
		"chat.postMessage (root)", "chat.postMessage (thread)",
		"chat.postMessage (root)", "chat.postMessage (thread)",
		"chat.postMessage (thread)", "files.upload smtptest.json",
		"ephemeral", "ephemeral", "ephemeral",
		"views.open", "ephemeral", "ephemeral",
		"chat.postMessage (root)",
	}
	if got := slices.Compact(slices.Clone(names)); !slices.Equal(got, slices.Compact(want)) {
		t.Errorf("calls\n%q, want\n%q", got, slices.Compact(want))
	}
	for i, p := range payloads {
		switch names[i] {
		case "files.upload smtptest.json":
			if p["length"].(float64) < 1000 || p["title"] == "" {
				t.Errorf("a file is %v", p)
			}
		case "views.open":
			if p["type"] != "modal" {
				t.Errorf("a form is %v", p)
			}
		default:
			if len(p["blocks"].([]any)) == 0 || p["text"] == "" {
				t.Errorf("%s is %v", names[i], p)
			}
		}
	}
	checkPayloads(t, shown)
}

func TestDiscordPayloads(t *testing.T) {
	shown := session(t, console.Discord(), payloadLines()...)
	names, payloads := calls(t, shown)
	want := []string{
		"PATCH @original (ephemeral)",
		"PATCH @original", "POST thread message", "PATCH @original", "POST thread message",
		"PATCH @original (ephemeral)", "POST follow-up (ephemeral)",
		"modal", "PATCH @original (ephemeral)", "POST follow-up (ephemeral)", "PATCH @original",
	}
	if got := slices.Compact(slices.Clone(names)); !slices.Equal(got, want) {
		t.Errorf("requests\n%q, want\n%q", got, want)
	}
	for i, p := range payloads {
		if names[i] == "modal" {
			if p["title"] == "" || len(p["components"].([]any)) != 5 {
				t.Errorf("a form is %v", p)
			}
			continue
		}
		parse := p["allowed_mentions"].(map[string]any)["parse"]
		if list, ok := parse.([]any); !ok || len(list) > 0 {
			t.Errorf("%s may call somebody: %v", names[i], p)
		}
	}
	if !strings.Contains(shown, `"filename":"smtptest.json"`) {
		t.Error("the file is not announced")
	}
	checkPayloads(t, shown)
}

// checkPayloads looks for what must not be there, and for the buttons.
func checkPayloads(t *testing.T, shown string) {
	t.Helper()
	if strings.Contains(shown, "hunter2") {
		t.Error("the password is in a payload")
	}
	if strings.Contains(shown, `"schema"`) || strings.Contains(shown, `\u003c`) || strings.Contains(shown, "\u200b") {
		t.Error("a file is repeated, or a character is hidden")
	}
	wants(t, shown, "  [1] Run again\n", "[4] Result as JSON", "Share the verdict")
}

// TestPayloadsAreHarmless prints what hostile servers send: JSON of it must not
// act on the terminal that shows it, and must say what the renderer said.
func TestPayloadsAreHarmless(t *testing.T) {
	for name, show := range map[string]console.Renderer{"slack": console.Slack(), "discord": console.Discord()} {
		for seed := range uint64(60) {
			m := formattest.Random(seed, `\\u003c`, `\u0026`, "<&>")
			shown := show.Root(m) + show.Thread(m) + show.Private(m)
			for _, r := range shown {
				if r != '\n' && !unicode.IsPrint(r) {
					t.Fatalf("%s: %U in:\n%s", name, r, shown)
				}
			}
			if names, _ := calls(t, "\n"+shown); len(names) < 2 {
				t.Fatalf("%s: only %q in:\n%s", name, names, shown)
			}
		}
	}
}

// TestEscapesStayWhatTheyAre: what reads like an escape of JSON is text.
func TestEscapesStayWhatTheyAre(t *testing.T) {
	const text = `<a> & "b" \u003c \\u003e \`
	_, payloads := calls(t, "\n"+console.Discord().Root(formatting.Message{Verdict: text}))
	if got := strings.NewReplacer("`", "", "**", "").Replace(payloads[0]["content"].(string)); got != text {
		t.Errorf("%q became %q", text, got)
	}
}
