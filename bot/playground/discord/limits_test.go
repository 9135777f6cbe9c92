package discord_test

import (
	"strings"
	"testing"

	"smtptest/bot/bottest/rows"
	fakediscord "smtptest/bot/playground/discord"
)

func x(n int) string { return strings.Repeat("é", n) }

// TestBodies holds the rows of testdata/bodies.txt against the fake.
func TestBodies(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{})
	commands := "/applications/" + w.s.ApplicationID + "/guilds/" + w.s.GuildID + "/commands"
	for _, r := range rows.Read(t, "testdata/bodies.txt") {
		send := map[string]func(string) (int, map[string]any){
			"message":  w.message,
			"callback": func(body string) (int, map[string]any) { return w.respond(w.ask(w.text), body) },
			"commands": func(body string) (int, map[string]any) { return w.bot("PUT", commands, body) },
		}[r.Part]
		if r.Good != "" {
			status, body := send(r.Good)
			w.want(r.Name+" within", status/100*100, body, 200, 0)
		}
		if r.Bad != "" {
			status, body := send(r.Bad)
			w.want(r.Name+" beyond", status, body, 400, 50035)
			if !place(body, r.Wrong) {
				t.Errorf("%s: no error at %s: %v", r.Name, r.Wrong, body)
			}
		}
	}
}

// message posts a message by the bot's token.
func (w *fixture) message(body string) (int, map[string]any) {
	return w.bot("POST", "/channels/"+w.text+"/messages", body)
}

// TestSums: what embeds and commands may have in all.
func TestSums(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{})
	for n, want := range map[int]int{2000: 200, 2001: 400} {
		status, _ := w.message(`{"embeds":[{"description":"` + x(4000) + `"},{"description":"` + x(n) + `"}]}`)
		if status != want {
			t.Errorf("%d in embeds: %d", 4000+n, status)
		}
	}
	choices := rows.Times(`«,{"name":"c","value":"`+x(99)+`"}»`, 21)
	options := rows.Times(`«,{"type":3,"name":"o#","description":"d","choices":[`+choices+`]}»`, 4)
	status, body := w.bot("PUT", "/applications/"+w.s.ApplicationID+"/commands",
		`[{"name":"a","description":"d","options":[`+options+`]}]`)
	w.want("too large a command", status, body, 400, 50035)
}

func TestEmptyAndBroken(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{})
	for _, c := range []struct {
		body string
		code int
	}{
		{`{}`, 50006}, {`{"content":"","embeds":null,"components":null}`, 50006},
		{`{"components":[{"type":1,"components":[` + button + `]}]}`, 50006},
		{`{"content":`, 50109}, {`{"content":"a"}{}`, 50109}, {`[]`, 50035},
	} {
		status, body := w.message(c.body)
		w.want(c.body, status, body, 400, c.code)
	}
}

const (
	button = `{"type":2,"style":1,"label":"a","custom_id":"b1"}`
	modal  = `{"type":9,"data":{"custom_id":"m","title":"Login","components":[{"type":18,"label":"a",` +
		`"component":{"type":4,"style":1,"custom_id":"i1"}}]}}`
)
