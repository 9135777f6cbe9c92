package discord_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	fakediscord "smtptest/bot/playground/discord"
)

const says = `{"type":4,"data":{"content":"a",` + quiet + `}}`

func TestFirstResponse(t *testing.T) { // by the clock
	w := newFixture(t, fakediscord.Options{FirstResponse: 800 * time.Millisecond})
	i := w.ask(w.text)
	status, body := w.token("POST", "/interactions/"+i.ID+"/wrong/callback", says)
	w.want("another token", status, body, 404, 10062)
	status, body = w.token("PATCH", w.hook(i)+"/messages/@original", `{"content":"a"}`)
	w.want("edit before the answer", status, body, 404, 10015)
	status, body = w.respond(i, `{"type":4,"data":{"content":""}}`)
	w.want("empty", status, body, 400, 50006)
	status, body = w.respond(i, says)
	w.want("in time", status, body, 204, 0)
	status, body = w.respond(i, says)
	w.want("twice", status, body, 400, 40060)
	r, err := i.Response(soon(t))
	if err != nil || r.Type != 4 || r.Ephemeral || r.Delay <= 0 || r.Delay > 800*time.Millisecond {
		t.Error("response: ", r, err)
	}
	late := w.ask(w.text)
	time.Sleep(820 * time.Millisecond)
	status, body = w.respond(late, says)
	w.want("too late", status, body, 404, 10062)
	if _, ok := late.Answered(); ok {
		t.Error("a late answer counts")
	}
}

func TestTokenLife(t *testing.T) { // by the clock
	w := newFixture(t, fakediscord.Options{TokenLife: 800 * time.Millisecond})
	i := w.ask(w.text)
	w.respond(i, says)
	original := w.hook(i) + "/messages/@original"
	status, body := w.token("PATCH", original, `{"content":"b",`+quiet+`}`)
	w.want("in time", status, body, 200, 0)
	status, body = w.token("PATCH", "/webhooks/"+w.s.ApplicationID+"/wrong/messages/@original", `{"content":"b"}`)
	w.want("another token", status, body, 401, 50027)
	time.Sleep(820 * time.Millisecond)
	status, body = w.token("PATCH", original, `{"content":"c"}`)
	w.want("edit after the token's life", status, body, 401, 50027)
	status, body = w.token("POST", w.hook(i), `{"content":"c"}`)
	w.want("follow-up after the token's life", status, body, 401, 50027)
	m, _ := i.Original()
	status, body = w.bot("PATCH", "/channels/"+w.text+"/messages/"+m.ID, `{"content":"d",`+quiet+`}`)
	w.want("edit by the bot's token", status, body, 200, 0)
}

func TestTypesOfAnswers(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{})
	opened := w.ask(w.text)
	status, body := w.respond(opened, modal)
	w.want("modal to a command", status, body, 204, 0)
	status, body = w.token("POST", w.hook(opened), `{"content":"a"}`)
	w.want("follow-up to a modal", status, body, 404, 10015)
	r, _ := opened.Answered()
	if _, err := w.s.Submit(w.alice, r.Modal, map[string]string{"i0": "x"}); err == nil {
		t.Error("a field that is not there was sent")
	}
	sent, err := w.s.Submit(w.alice, r.Modal, map[string]string{"i1": "x"})
	if err != nil {
		t.Fatal(err)
	}
	status, body = w.respond(sent, modal)
	w.want("modal to a modal", status, body, 400, 50035)
	status, body = w.respond(sent, `{"type":7,"data":{"content":"a"}}`)
	w.want("update without a message", status, body, 400, 50035)
	status, body = w.respond(sent, `{"type":5,"data":{"flags":64}}`)
	w.want("defer", status, body, 204, 0)
	if _, err := w.s.Submit(w.alice, r.Modal, map[string]string{"i1": "x"}); err == nil {
		t.Error("a form was sent twice")
	}
	i := w.ask(w.text)
	for _, kind := range []int{0, 1, 6, 7, 8, 10, 99} {
		status, body = w.respond(i, fmt.Sprintf(`{"type":%d}`, kind))
		w.want(fmt.Sprint("type ", kind), status, body, 400, 50035)
	}
}

func TestDeferFixesPrivacy(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{})
	for _, private := range []bool{true, false} {
		i := w.ask(w.text)
		flags, other := 0, 64
		if private {
			flags, other = 64, 0
		}
		w.respond(i, fmt.Sprintf(`{"type":5,"data":{"flags":%d}}`, flags))
		status, body := w.token("PATCH", w.hook(i)+"/messages/@original", fmt.Sprintf(`{"content":"a","flags":%d,%s}`, other,
			quiet))
		w.want("edit", status, body, 200, 0)
		m, _ := i.Original()
		if m.Ephemeral != private || m.Loading || m.Content != "a" || (m.Person == w.alice.ID) != private {
			t.Errorf("deferred with %d, edited with %d: %+v", flags, other, m)
		}
	}
}

func TestFollowups(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{})
	dm := w.s.AddChannel(fakediscord.Channel{Kind: fakediscord.GroupDM, UserInstall: true})
	for _, c := range []struct {
		channel string
		sixth   int
	}{{w.text, 200}, {dm, 400}} {
		i := w.ask(c.channel)
		w.respond(i, `{"type":5}`)
		status, body := w.token("POST", w.hook(i), `{"content":"edits",`+quiet+`}`)
		w.want("first follow-up after a defer", status, body, 200, 0)
		if m, _ := i.Original(); m.Content != "edits" || len(i.Followups()) != 0 {
			t.Error("the first follow-up did not edit: ", m)
		}
		for range 5 {
			status, body = w.token("POST", w.hook(i), `{"content":"more","flags":64,`+quiet+`}`)
			w.want("follow-up", status, body, 200, 0)
		}
		code := 0
		if c.sixth != 200 {
			code = 40094
		}
		status, body = w.token("POST", w.hook(i), `{"content":"more",`+quiet+`}`)
		w.want("sixth follow-up", status, body, c.sixth, code)
		if f := i.Followups(); !f[0].Ephemeral {
			t.Error("the flag of a follow-up was lost")
		}
	}
}

func TestPress(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{})
	i := w.ask(w.text)
	w.respond(i, `{"type":4,"data":{"content":"a","flags":64,"components":[{"type":1,"components":[`+
		button+`,{"type":2,"style":1,"label":"no","custom_id":"off",`+
		`"disabled":true}]}],`+quiet+`}}`)
	m, _ := i.Original()
	bob := fakediscord.User{ID: "400000000000000002"}
	if _, err := w.s.Press(bob, m.ID, "b1"); err == nil {
		t.Error("somebody else has pressed a private button")
	}
	if _, err := w.s.Press(w.alice, m.ID, "off"); err == nil {
		t.Error("a button that is switched off was pressed")
	}
	p, err := w.s.Press(w.alice, m.ID, "b1")
	if err != nil {
		t.Fatal(err)
	}
	status, body := w.respond(p, `{"type":6}`)
	w.want("deferred update", status, body, 204, 0)
	status, body = w.token("PATCH", w.hook(p)+"/messages/@original", `{"content":"b","components":[],`+quiet+`}`)
	w.want("edit of the message with the button", status, body, 200, 0)
	m, _ = i.Original()
	if m.Content != "b" || len(m.Buttons()) != 0 || len(m.Before) != 1 || m.Before[0].Content != "a" {
		t.Errorf("after the edit: %+v", m)
	}
	if _, err := w.s.Press(w.alice, m.ID, "b1"); err == nil {
		t.Error("a button that is gone was pressed")
	}
	status, body = w.token("DELETE", w.hook(p)+"/messages/@original", "")
	w.want("delete", status, body, 204, 0)
	status, body = w.token("PATCH", w.hook(p)+"/messages/@original", `{}`)
	w.want("deleted", status, body, 404, 10008)
}

func TestOptionsAreTyped(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{})
	for _, c := range []struct {
		name    string
		options []fakediscord.Option
		command string
		ok      bool
	}{
		{"in order", []fakediscord.Option{{Name: "target", Value: "a"}}, "smtptest", true},
		{"none", nil, "smtptest", false},
		{"unknown", []fakediscord.Option{{Name: "target", Value: "a"}, {Name: "x", Value: "a"}}, "smtptest", false},
		{"another type", []fakediscord.Option{{Name: "target", Value: 1}}, "smtptest", false},
		{"too long", []fakediscord.Option{{Name: "target", Value: x(301)}}, "smtptest", false},
		{"not registered", nil, "other", false},
	} {
		if _, err := w.s.Command(w.alice, w.text, c.command, c.options...); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestAuthorization(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{})
	for _, c := range []struct {
		header string
		status int
	}{{"Bot " + w.s.Token, 200}, {"Bot wrong", 401}, {w.s.Token, 401}, {"", 401}} {
		status, body := w.send("GET", "/applications/@me", "", func(r *http.Request) {
			r.Header.Set("Authorization",
				c.header)
		})
		w.want(c.header, status, body, c.status, 0)
	}
	status, body := w.send("POST", "/channels/"+w.text+"/messages", "", func(r *http.Request) {
		r.Header.Set("Authorization", "Bot "+w.s.Token)
		r.Header.Set("Content-Type", "application/json")
	})
	w.want("a type without a body", status, body, 400, 50109)
	status, body = w.bot("GET", "/nowhere", "")
	w.want("unknown route", status, body, 404, 0)
	res, err := http.Get(w.s.URL() + "/api/v8/gateway")
	if err != nil || res.StatusCode != 404 {
		t.Error("version 8: ", res, err)
	}
	res.Body.Close()
	if v := w.s.Violations(); len(v) != 3 {
		t.Error("violations: ", v)
	}
}
