package discord_test

import (
	"encoding/json"
	"strings"
	"testing"

	fakediscord "smtptest/bot/playground/discord"
)

const offered = `[{"name":"test","description":"d","options":[
	{"type":3,"name":"target","description":"d","autocomplete":true},
	{"type":3,"name":"tls","description":"d"}]},{"name":"Explain this","type":3}]`

// TestSuggest: what is typed is answered with suggestions, and with nothing
// else.
func TestSuggest(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{})
	status, body := w.bot("PUT", "/applications/"+w.s.ApplicationID+"/commands", offered)
	w.want("commands", status, body, 200, 0)
	typed := func() *fakediscord.Interaction {
		i, err := w.s.Suggest(w.alice, w.text, "test", fakediscord.Option{Name: "target", Value: "mx"})
		if err != nil {
			t.Fatal(err)
		}
		return i
	}
	if _, err := w.s.Suggest(w.alice, w.text, "test", fakediscord.Option{Name: "tls", Value: "s"}); err == nil {
		t.Error("values were asked for where none are proposed")
	}
	i := typed()
	if p := string(i.Payload()); !strings.Contains(p, `"type":4`) || !strings.Contains(p, `"focused":true`) {
		t.Error(p)
	}
	long := strings.Repeat(`{"name":"a","value":"b"},`, 26)
	for _, bad := range []string{
		`{"type":4,"data":{"content":"a"}}`, `{"type":5}`, `{"type":8,"data":{"choices":[{"name":"","value":"b"}]}}`,
		`{"type":8,"data":{"choices":[{"name":"a","value":""}]}}`,
		`{"type":8,"data":{"choices":[` + long[:len(long)-1] + `]}}`,
	} {
		status, body := w.respond(i, bad)
		w.want(bad, status, body, 400, 50035)
	}
	status, body = w.respond(i, `{"type":8,"data":{"choices":[{"name":"a","value":"b"}]}}`)
	w.want("suggestions", status, body, 204, 0)
	want := fakediscord.Suggestion{Name: "a", Value: "b"}
	if r, ok := i.Answered(); !ok || len(r.Choices) != 1 || r.Choices[0] != want {
		t.Errorf("%+v", r)
	}
	status, body = w.respond(command(w), `{"type":8,"data":{"choices":[]}}`)
	w.want("suggestions for a command", status, body, 400, 50035)
}

// TestApply: the message comes with the command in its menu.
func TestApply(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{})
	status, body := w.bot("PUT", "/applications/"+w.s.ApplicationID+"/commands", offered)
	w.want("commands", status, body, 200, 0)
	m, err := w.s.Say(w.alice, w.text, fakediscord.Message{Content: "535 5.7.8 no"})
	if err != nil {
		t.Fatal(err)
	}
	i, err := w.s.Apply(w.alice, m.ID, "Explain this")
	if err != nil {
		t.Fatal(err)
	}
	var p struct {
		Data struct {
			Type     int
			TargetID string `json:"target_id"`
			Resolved struct {
				Messages map[string]struct {
					Content string
					Author  struct{ ID string }
				}
			}
		}
	}
	if err := json.Unmarshal(i.Payload(), &p); err != nil || p.Data.Type != 3 || p.Data.TargetID != m.ID ||
		p.Data.Resolved.Messages[m.ID].Content != "535 5.7.8 no" || p.Data.Resolved.Messages[m.ID].Author.ID != w.alice.ID {
		t.Errorf("%v %+v", err, p)
	}
	for _, name := range []string{"test", "Explain that"} {
		if _, err := w.s.Apply(w.alice, m.ID, name); err == nil {
			t.Errorf("%s is in the menu", name)
		}
	}
	status, body = w.bot("PATCH", "/channels/"+w.text+"/messages/"+m.ID, `{"content":"a"}`)
	w.want("edit a person's message", status, body, 403, 50005)
}

// command sends the command that suggestions are offered for.
func command(w *fixture) *fakediscord.Interaction {
	w.Helper()
	i, err := w.s.Command(w.alice, w.text, "test")
	if err != nil {
		w.Fatal(err)
	}
	return i
}
