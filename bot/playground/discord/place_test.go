package discord_test

import (
	"fmt"
	"testing"

	fakediscord "smtptest/bot/playground/discord"
)

func TestThreads(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{})
	start := func(channel, message string) (int, map[string]any) {
		return w.bot("POST", "/channels/"+channel+"/messages/"+message+"/threads",
			`{"name":"a","auto_archive_duration":1440}`)
	}
	root := w.post(w.text)
	path := "/channels/" + w.text + "/messages/" + root + "/threads"
	for _, body := range []string{`{"name":""}`, `{"name":"` + x(101) + `"}`, `{"name":"a","auto_archive_duration":5}`} {
		status, answer := w.bot("POST", path, body)
		w.want(body[:10], status, answer, 400, 50035)
	}
	status, thread := w.bot("POST", path, `{"name":"`+x(100)+`","auto_archive_duration":60}`)
	w.want("thread", status, thread, 201, 0)
	if thread["id"] != root || thread["parent_id"] != w.text || thread["type"] != 11.0 {
		t.Error("thread: ", thread)
	}
	status, body := start(w.text, root)
	w.want("second thread", status, body, 400, 160004)
	status, body = start(root, w.post(root))
	w.want("thread in a thread", status, body, 400, 50024)
	if got := w.s.Messages(root); len(got) != 1 || got[0].Content != "hello" {
		t.Error("in the thread: ", got)
	}
	status, body = start(w.text, "1")
	w.want("no message", status, body, 404, 10008)

	i := w.ask(w.text)
	w.respond(i, `{"type":5}`)
	m, _ := i.Original()
	status, body = start(w.text, m.ID)
	w.want("deferred", status, body, 404, 10008)
	w.token("PATCH", w.hook(i)+"/messages/@original", `{"content":"a",`+quiet+`}`)
	status, body = start(w.text, m.ID)
	w.want("filled in", status, body, 201, 0)
	i = w.ask(w.text)
	w.respond(i, `{"type":4,"data":{"content":"a","flags":64}}`)
	m, _ = i.Original()
	status, body = start(w.text, m.ID)
	w.want("ephemeral", status, body, 404, 10008)

	news := w.s.AddChannel(fakediscord.Channel{Kind: fakediscord.Announcement, MostThreads: 1})
	status, body = start(news, w.post(news))
	w.want("announcement", status, body, 201, 0)
	status, body = start(news, w.post(news))
	w.want("too many", status, body, 400, 160006)
	for _, kind := range []fakediscord.Kind{fakediscord.DM, fakediscord.Voice, fakediscord.Stage} {
		ch := w.s.AddChannel(fakediscord.Channel{Kind: kind})
		status, body = start(ch, w.post(ch))
		w.want(fmt.Sprint("kind ", kind), status, body, 400, 50024)
	}
}

func TestPermissions(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{})
	for _, c := range []struct {
		name         string
		lacks        fakediscord.Permission
		thread       bool
		body         string
		status, code int
	}{
		{"nothing lacks", 0, false, `{"embeds":[{"title":"a"}]}`, 200, 0},
		{"view", fakediscord.ViewChannel, false, `{"content":"a"}`, 403, 50001},
		{"send", fakediscord.SendMessages, false, `{"content":"a"}`, 403, 50013},
		{"embeds", fakediscord.EmbedLinks, false, `{"embeds":[{"title":"a"}]}`, 403, 50013},
		{"embeds, but there are none", fakediscord.EmbedLinks, false, `{"content":"a"}`, 200, 0},
		{"send, in a thread", fakediscord.SendMessages, true, `{"content":"a"}`, 200, 0},
		{"send in threads, in a thread", fakediscord.SendMessagesInThreads, true, `{"content":"a"}`, 403, 50013},
		{"send in threads, outside", fakediscord.SendMessagesInThreads, false, `{"content":"a"}`, 200, 0},
	} {
		ch := w.s.AddChannel(fakediscord.Channel{Lacks: c.lacks})
		if c.thread {
			ch = w.s.AddChannel(fakediscord.Channel{Kind: fakediscord.PublicThread, Parent: ch})
		}
		status, body := w.bot("POST", "/channels/"+ch+"/messages", c.body)
		w.want(c.name, status, body, c.status, c.code)
	}
	for _, c := range []struct {
		lacks        fakediscord.Permission
		status, code int
	}{{fakediscord.CreatePublicThreads, 403, 50013}, {fakediscord.ViewChannel, 403, 50001}, {fakediscord.SendMessages,
		201, 0}} {
		ch := w.s.AddChannel(fakediscord.Channel{})
		m := w.post(ch)
		w.s.ChangeChannel(ch, func(c2 *fakediscord.Channel) { c2.Lacks = c.lacks })
		status, body := w.bot("POST", "/channels/"+ch+"/messages/"+m+"/threads", `{"name":"a"}`)
		w.want("thread without "+c.lacks.String(), status, body, c.status, c.code)
	}
}

func TestLockedAndArchived(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{})
	for _, c := range []struct {
		locked, archived bool
		post, edit       int
	}{{false, false, 0, 0}, {false, true, 0, 50083}, {true, false, 160005, 0}, {true, true, 50083, 50083}} {
		ch := w.s.AddChannel(fakediscord.Channel{Kind: fakediscord.PublicThread, Parent: w.text})
		m := w.post(ch)
		change := func(x *fakediscord.Channel) { x.Locked, x.Archived = c.locked, c.archived }
		w.s.ChangeChannel(ch, change)
		status, body := w.bot("PATCH", "/channels/"+ch+"/messages/"+m, `{"content":"b"}`)
		w.want(fmt.Sprint("edit ", c), status, body, map[bool]int{true: 200, false: 400}[c.edit == 0], c.edit)
		status, body = w.bot("POST", "/channels/"+ch+"/messages", `{"content":"b"}`)
		w.want(fmt.Sprint("post ", c), status, body, map[bool]int{true: 200, false: 400}[c.post == 0], c.post)
	}
}

func TestPlaces(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{})
	forum := w.s.AddChannel(fakediscord.Channel{Kind: fakediscord.Forum})
	status, body := w.bot("POST", "/channels/"+forum+"/messages", `{"content":"a"}`)
	w.want("forum", status, body, 400, 50008)
	guest := w.s.AddChannel(fakediscord.Channel{UserInstall: true})
	status, body = w.bot("POST", "/channels/"+guest+"/messages", `{"content":"a"}`)
	w.want("user install", status, body, 403, 50001)
	status, body = w.bot("POST", "/channels/1/messages", `{}`)
	w.want("no channel", status, body, 404, 10003)
	strict := w.s.AddChannel(fakediscord.Channel{AutoMod: "550 5.7.1"})
	status, body = w.bot("POST", "/channels/"+strict+"/messages", `{"content":"S: 550 5.7.1 no"}`)
	w.want("AutoMod", status, body, 400, 200000)
	status, body = w.bot("POST", "/channels/"+strict+"/messages", `{"content":"S: 250 ok"}`)
	w.want("past AutoMod", status, body, 200, 0)
}

func TestNonce(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{})
	post := func(body string) any {
		_, m := w.bot("POST", "/channels/"+w.text+"/messages", body)
		return m["id"]
	}
	enforced := `{"content":"a","nonce":"n1","enforce_nonce":true}`
	if a, b := post(enforced), post(enforced); a != b {
		t.Error("an enforced nonce has made two messages: ", a, b)
	}
	if a, b := post(`{"content":"a","nonce":"n2"}`), post(`{"content":"a","nonce":"n2"}`); a == b {
		t.Error("a nonce that was not enforced has made one message: ", a)
	}
	if got := w.s.Messages(w.text); len(got) != 3 || got[0].Nonce != "n1" {
		t.Error("messages: ", len(got))
	}
}

func TestFiles(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{})
	status, body := w.upload(w.text, 10<<20, 1)
	w.want("10 MiB", status, body, 200, 0)
	if m := w.s.Messages(w.text)[0]; len(m.Files) != 1 || len(m.Files[0].Content) != 10<<20 || m.Files[0].Name != "a.txt" {
		t.Error("the file was not kept")
	}
	status, body = w.upload(w.text, 10<<20+1, 1)
	w.want("more than 10 MiB", status, body, 413, 40005)
	status, body = w.upload(w.text, 9<<20, 3)
	w.want("more than 25 MiB", status, body, 413, 40005)
	status, body = w.upload(w.text, 1, 10)
	w.want("ten files", status, body, 200, 0)
	status, body = w.upload(w.text, 1, 11)
	w.want("eleven files", status, body, 400, 50035)
	w.s.ChangeChannel(w.text, func(c *fakediscord.Channel) { c.Lacks = fakediscord.AttachFiles })
	status, body = w.upload(w.text, 1, 1)
	w.want("without permission", status, body, 403, 50013)
}

func TestCommandsKeepTheirIDs(t *testing.T) {
	t.Parallel()
	w := newFixture(t, fakediscord.Options{})
	before := w.s.Commands("")[0]["id"]
	w.bot("PUT", "/applications/"+w.s.ApplicationID+"/commands", `[{"name":"smtptest","description":"other"}]`)
	if w.s.Commands("")[0]["id"] != before || w.s.Commands("")[0]["description"] != "other" {
		t.Error("an overwritten command has another id: ", w.s.Commands(""))
	}
}
