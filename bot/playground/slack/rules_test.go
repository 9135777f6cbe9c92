package slack_test

import (
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	fakeslack "smtptest/bot/playground/slack"
)

// hooked posts to a response_url.
func hooked(t testing.TB, to, body string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(patience(t), http.MethodPost, to, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Close = true
	r.Header.Set("Content-Type", "application/json")
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Body.Close()
	text, _ := io.ReadAll(w.Body)
	return w.StatusCode, string(text)
}

func TestTokensAndScopes(t *testing.T) {
	t.Parallel()
	s := start(t, fakeslack.Options{Scopes: []string{"chat:write", "commands"}})
	for _, w := range []struct {
		name, method string
		args         url.Values
		want         string
	}{
		{"bot", "auth.test", args(), ""},
		{"none", "auth.test", args("token", ""), "not_authed"},
		{"unknown", "auth.test", args("token", "xoxb-other"), "invalid_auth"},
		{"app, for the bot's", "auth.test", args("token", fakeslack.AppToken), "not_allowed_token_type"},
		{"app", "apps.connections.open", args("token", fakeslack.AppToken), ""},
		{"bot, for the app's", "apps.connections.open", args(), "not_allowed_token_type"},
		{"unknown method", "users.list", args(), "unknown_method"},
		{"scope", "chat.postMessage", args("channel", fakeslack.InMember, "text", "x"), ""},
		{"no scope for files", "files.getUploadURLExternal", args("filename", "x", "length", "1"), "missing_scope"},
		{"no scope for others' channels", "chat.postMessage", args("channel", fakeslack.InPublic, "text", "x"),
			"not_in_channel"},
		{"a token for the validator", "blocks.validate", args("blocks", "[]"), "not_allowed_token_type"},
		{"two payloads", "blocks.validate", args("token", "", "blocks", "[]", "view", "{}"), "invalid_arguments"},
		{"no such block", "blocks.validate", args("token", "", "blocks", `[{"type":"x"}]`), "invalid_blocks"},
		{"no channel", "chat.postMessage", args("text", "x"), "channel_not_found"},
		{"unknown argument", "chat.postMessage", args("channel", fakeslack.InMember, "text", "x", "thread", "1"),
			"invalid_arguments"},
	} {
		a := raw(t, s, w.method, w.args)
		if a.Error != w.want {
			t.Errorf("%s: %q, want %q", w.name, a.Error, w.want)
		}
		if w.want == "missing_scope" && (a.Needed != "files:write" || a.Provided != "chat:write,commands") {
			t.Errorf("%s: needed %q, provided %q", w.name, a.Needed, a.Provided)
		}
	}
	if _, err := s.Mention(fakeslack.Ada, fakeslack.InMember, "", "x").Wait(patience(t)); err != fakeslack.ErrScope {
		t.Errorf("a mention without the scope: %v", err)
	}
	blamed(t, s, "not_authed", "auth.test: invalid_auth", "auth.test: not_allowed", "open: not_allowed", "unknown_method",
		"required field: channel", "unknown argument thread", "validate: not_allowed", "exactly one of")
}

func TestTexts(t *testing.T) {
	t.Parallel()
	s := start(t, fakeslack.Options{NoRates: true})
	ts := posted(t, s, args("channel", fakeslack.InMember, "text", "x"))
	in := func(pairs ...string) url.Values { return args(append(pairs, "channel", fakeslack.InMember)...) }
	for _, w := range []struct {
		name, method string
		args         url.Values
		want         string
	}{
		{"40,000 runes", "chat.postMessage", in("text", x(40_000)), ""},
		{"40,001 runes", "chat.postMessage", in("text", x(40_001)), "msg_too_long"},
		{"4,000 in an update", "chat.update", in("ts", ts, "text", x(4_000)), ""},
		{"4,001 in an update", "chat.update", in("ts", ts, "text", x(4_001)), "msg_too_long"},
		{"nothing", "chat.postMessage", in(), "no_text"},
		{"blanks", "chat.postMessage", in("text", "  "), "no_text"},
		{"empty blocks", "chat.postMessage", in("blocks", "[]"), "no_text"},
		{"blocks alone", "chat.postMessage", in("blocks", "["+section+"]"), ""},
		{"no array", "chat.postMessage", in("blocks", section), "invalid_blocks_format"},
		{"no UTF-8", "chat.postMessage", in("text", "\xff"), "invalid_arguments"},
		{"metadata", "chat.postMessage", in("text", "x", "metadata", `{"event_type":"a","event_payload":{}}`),
			"invalid_arguments"},
		{"switch", "chat.postMessage", in("text", "x", "unfurl_links", "false"), ""},
		{"no switch", "chat.postMessage", in("text", "x", "unfurl_links", "off"), "invalid_arguments"},
		{"parse", "chat.postMessage", in("text", "x", "parse", "none"), ""},
		{"no parse", "chat.postMessage", in("text", "x", "parse", "all"), "invalid_arguments"},
	} {
		if a := raw(t, s, w.method, w.args); a.Error != w.want {
			t.Errorf("%s: %q %q, want %q", w.name, a.Error, a.Metadata.Messages, w.want)
		}
	}
}

func TestUpdates(t *testing.T) {
	t.Parallel()
	s := start(t, fakeslack.Options{NoRates: true})
	in := fakeslack.InMember
	formed := posted(t, s, args("channel", in, "text", "x", "blocks", "["+rich("x")+"]"))
	text := posted(t, s, args("channel", in, "text", "x"))
	gone := posted(t, s, args("channel", in, "text", "x"))
	s.Erase(in, gone)
	theirs := s.Say(fakeslack.Ada, in, "", "hello").TS
	private := s.Command(fakeslack.Ada, in, "")
	hooked(t, private.ResponseURL, `{"text":"for you"}`)
	for _, w := range []struct {
		name, method string
		args         url.Values
		want         string
	}{
		{"rich text to rich text", "chat.update", args("ts", formed, "text", "y", "blocks", "["+rich("y")+"]"), ""},
		{"rich text to a section", "chat.update", args("ts", formed, "text", "y", "blocks", "["+section+"]"),
			"block_mismatch"},
		{"rich text to text", "chat.update", args("ts", formed, "text", "y"), "block_mismatch"},
		{"text to rich text", "chat.update", args("ts", text, "text", "y", "blocks", "["+rich("y")+"]"), ""},
		{"unknown", "chat.update", args("ts", "1.000001", "text", "y"), "message_not_found"},
		{"deleted", "chat.update", args("ts", gone, "text", "y"), "message_not_found"},
		{"ephemeral", "chat.update", args("ts", s.Ephemerals(fakeslack.Ada)[0].TS, "text", "y"), "message_not_found"},
		{"another's", "chat.update", args("ts", theirs, "text", "y"), "cant_update_message"},
		{"delete another's", "chat.delete", args("ts", theirs), "cant_delete_message"},
		{"delete unknown", "chat.delete", args("ts", "1.000001"), "message_not_found"},
		{"link of unknown", "chat.getPermalink", args("message_ts", "1.000001"), "message_not_found"},
		{"delete", "chat.delete", args("ts", text), ""},
	} {
		w.args.Set("channel", in)
		if a := raw(t, s, w.method, w.args); a.Error != w.want {
			t.Errorf("%s: %q %q, want %q", w.name, a.Error, a.Metadata.Messages, w.want)
		}
	}
}

func TestPlaces(t *testing.T) {
	t.Parallel()
	o := fakeslack.Options{NoRates: true, Channels: append(fakeslack.Channels(),
		fakeslack.Channel{ID: "D0CLOSED1", Kind: fakeslack.Direct, With: "U0X", Refuse: "messages_tab_disabled"})}
	s := start(t, o)
	for _, w := range []struct{ channel, post, reply, file, ephemeral string }{
		{fakeslack.InMember, "", "", "", ""},
		{fakeslack.InPublic, "", "", "not_in_channel", "not_in_channel"},
		{fakeslack.InPrivate, "channel_not_found", "channel_not_found", "channel_not_found", "channel_not_found"},
		{fakeslack.InPrivateTeam, "", "", "", ""},
		{fakeslack.InOthers, "channel_not_found", "channel_not_found", "channel_not_found", "channel_not_found"},
		{fakeslack.InDirect, "", "", "", ""},
		{fakeslack.Ada, "", "", "channel_not_found", ""},
		{"C0NOWHERE", "channel_not_found", "channel_not_found", "channel_not_found", "channel_not_found"},
		{fakeslack.InArchived, "is_archived", "is_archived", "posting_to_channel_denied", "is_archived"},
		{fakeslack.InReadOnly, "restricted_action_read_only_channel", "restricted_action_read_only_channel",
			"posting_to_channel_denied", "restricted_action_read_only_channel"},
		{fakeslack.InThreadsOnly, "restricted_action_thread_only_channel", "", "posting_to_channel_denied",
			"restricted_action_thread_only_channel"},
		{fakeslack.InNoThreads, "", "restricted_action_non_threadable_channel", "", ""},
		{fakeslack.InShared, "", "", "", ""},
		{"D0CLOSED1", "messages_tab_disabled", "messages_tab_disabled", "posting_to_channel_denied", "messages_tab_disabled"},
	} {
		id := w.channel
		if id == fakeslack.Ada {
			id = fakeslack.InDirect
		}
		root := s.Say(fakeslack.Ada, id, "", "root").TS
		for _, call := range []struct {
			what, want string
			a          answer
		}{
			{"post", w.post, raw(t, s, "chat.postMessage", args("channel", w.channel, "text", "x"))},
			{"reply", w.reply, raw(t, s, "chat.postMessage", args("channel", w.channel, "text", "x", "thread_ts", root))},
			{"file", w.file, raw(t, s, "files.completeUploadExternal", args("files", ready(t, s), "channel_id", w.channel))},
			{"ephemeral", w.ephemeral, raw(t, s, "chat.postEphemeral", args("channel", w.channel, "text", "x", "user",
				fakeslack.Ada))},
		} {
			if call.a.Error != call.want {
				t.Errorf("%s in %s: %q, want %q", call.what, w.channel, call.a.Error, call.want)
			}
		}
	}
	blamed(t, s, "files.completeUploadExternal: channel_not_found: an id of a person")
}

func TestThreads(t *testing.T) {
	t.Parallel()
	s := start(t, fakeslack.Options{NoRates: true})
	root := posted(t, s, args("channel", fakeslack.InMember, "text", "root"))
	reply := posted(t, s, args("channel", fakeslack.InMember, "text", "reply", "thread_ts", root))
	locked := s.Say(fakeslack.Ada, fakeslack.InMember, "", "locked").TS
	s.LockThread(fakeslack.InMember, locked)
	for _, w := range []struct{ thread, want string }{
		{root, ""}, {reply, "cannot_reply_to_message"}, {"1.000001", "cannot_reply_to_message"}, {locked,
			"restricted_action_thread_locked"},
	} {
		if a := raw(t, s, "chat.postMessage", args("channel", fakeslack.InMember, "text", "x", "thread_ts",
			w.thread)); a.Error != w.want {
			t.Errorf("%s: %q, want %q", w.thread, a.Error, w.want)
		}
	}
}

// ready is an upload that waits to be shown, as files wants it.
func ready(t testing.TB, s *fakeslack.Server) string {
	t.Helper()
	r, err := http.NewRequestWithContext(patience(t), http.MethodPost, strings.TrimSuffix(s.URL(),
		"/api/")+"/upload/"+announced(t, s, "4"), strings.NewReader("text"))
	if err != nil {
		t.Fatal(err)
	}
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Body.Close()
	all := s.Files()
	return `[{"id":"` + all[len(all)-1].ID + `"}]`
}

func announced(t testing.TB, s *fakeslack.Server, length string) string {
	t.Helper()
	if a := raw(t, s, "files.getUploadURLExternal", args("filename", "a.txt", "length", length)); a.Error != "" {
		t.Fatal(a.Error)
	}
	all := s.Files()
	return all[len(all)-1].ID
}

func TestUploads(t *testing.T) {
	t.Parallel()
	s := start(t, fakeslack.Options{NoRates: true})
	off := start(t, fakeslack.Options{NoUploads: true})
	waiting := `[{"id":"` + announced(t, s, "4") + `"}]`
	good := ready(t, s)
	for _, w := range []struct {
		name, method string
		s            *fakeslack.Server
		args         url.Values
		want         string
	}{
		{"larger file", "files.getUploadURLExternal", s, args("filename", "a", "length", "1048577"), ""},
		{"nothing", "files.getUploadURLExternal", s, args("filename", "a", "length", "0"), "missing_argument"},
		{"switched off", "files.getUploadURLExternal", off, args("filename", "a", "length", "1"), "file_uploads_disabled"},
		{"not uploaded", "files.completeUploadExternal", s, args("files", waiting, "channel_id", fakeslack.InMember),
			"file_not_found"},
		{"unknown", "files.completeUploadExternal", s, args("files", `[{"id":"F1"}]`, "channel_id", fakeslack.InMember),
			"file_not_found"},
		{"no list", "files.completeUploadExternal", s, args("files", `F1`, "channel_id", fakeslack.InMember),
			"invalid_arguments"},
		{"uploaded", "files.completeUploadExternal", s, args("files", good, "channel_id", fakeslack.InMember), ""},
		{"twice", "files.completeUploadExternal", s, args("files", good, "channel_id", fakeslack.InMember), "file_not_found"},
	} {
		if a := raw(t, w.s, w.method, w.args); a.Error != w.want {
			t.Errorf("%s: %q, want %q", w.name, a.Error, w.want)
		}
	}
	to := strings.TrimSuffix(s.URL(), "/api/") + "/upload/"
	for _, w := range []struct {
		id     string
		status int
	}{{announced(t, s, "5"), 400}, {announced(t, s, "4"), 200}, {"F1", 404}} {
		if status, body := hooked(t, to+w.id, "text"); status != w.status {
			t.Errorf("upload to %s: %d %s", w.id, status, body)
		}
	}
}

func TestRates(t *testing.T) {
	t.Parallel()
	s := start(t, fakeslack.Options{})
	post := func(channel string) answer {
		return raw(t, s, "chat.postMessage", args("channel", channel, "text", "x"))
	}
	for i := range 3 {
		if a := post(fakeslack.InMember); a.Error != "" {
			t.Fatalf("message %d: %s", i+1, a.Error)
		}
	}
	if a := post(fakeslack.InMember); a.Status != 429 || a.Head.Get("Retry-After") != "1" || a.Error != "ratelimited" {
		t.Errorf("the fourth at once: %d %q %s", a.Status, a.Head.Get("Retry-After"), a.Error)
	}
	if a := post(fakeslack.InShared); a.Error != "" {
		t.Errorf("another channel: %s", a.Error)
	}
	ts := s.Messages(fakeslack.InMember)[0].TS
	update := func() answer {
		return raw(t, s, "chat.update", args("channel", fakeslack.InMember, "ts", ts, "text", "y"))
	}
	for i := range 50 {
		if a := update(); a.Error != "" {
			t.Fatalf("update %d: %s", i+1, a.Error)
		}
	}
	if a := update(); a.Status != 429 {
		t.Errorf("update 51 within a minute: %d", a.Status)
	}
	time.Sleep(time.Second)
	if a := post(fakeslack.InMember); a.Error != "" {
		t.Errorf("a second later: %s", a.Error)
	}
	if n := s.Counts()["chat.postMessage: ratelimited"]; n != 1 {
		t.Errorf("counted %d", n)
	}
	clean(t, s)
}

func TestTriggers(t *testing.T) {
	t.Parallel()
	const life = time.Second
	s := start(t, fakeslack.Options{TriggerLife: life})
	open := func(trigger string) string {
		return raw(t, s, "views.open", args("trigger_id", trigger, "view", view)).Error
	}
	d := s.Command(fakeslack.Ada, fakeslack.InMember, "login")
	late := s.Command(fakeslack.Ada, fakeslack.InMember, "login")
	if e := open(d.Trigger); e != "" {
		t.Error(e)
	}
	if e := open(d.Trigger); e != "exchanged_trigger_id" {
		t.Errorf("the second use: %q", e)
	}
	if e := open("1.2.x"); e != "invalid_trigger_id" {
		t.Errorf("made up: %q", e)
	}
	time.Sleep(life)
	if e := open(late.Trigger); e != "expired_trigger_id" {
		t.Errorf("too late: %q", e)
	}
	v := s.Views()[0]
	for _, w := range []struct {
		args url.Values
		want string
	}{
		{args("view_id", v.ID, "hash", v.Hash), ""}, {args("view_id", v.ID, "hash", v.Hash), "hash_conflict"},
		{args("view_id", v.ID), ""}, {args("view_id", "V1"), "not_found"}, {args(), "invalid_arguments"},
	} {
		w.args.Set("view", view)
		if a := raw(t, s, "views.update", w.args); a.Error != w.want {
			t.Errorf("%v: %q, want %q", w.args, a.Error, w.want)
		}
	}
}

func TestResponseURLs(t *testing.T) {
	t.Parallel()
	s, brief := start(t, fakeslack.Options{}), start(t, fakeslack.Options{ResponseURLLife: time.Millisecond})
	to := func() string { return s.Command(fakeslack.Ada, fakeslack.InPrivate, "").ResponseURL }
	first := to()
	old := brief.Command(fakeslack.Ada, fakeslack.InPrivate, "").ResponseURL
	for i, more := range []string{`,"replace_original":true`, "", "", "", ""} {
		if status, body := hooked(t, first, `{"text":"x"`+more+`}`); status != 200 || body != "ok" {
			t.Errorf("use %d: %d %s", i+1, status, body)
		}
	}
	bad := to()
	for _, w := range []struct {
		url, body string
		status    int
		says      string
	}{
		{first, `{"text":"x"}`, 404, "used_url"},
		{bad + "x", `{"text":"x"}`, 404, "no_service"},
		{bad, `text=x`, 400, "invalid_payload"},
		{bad, `{"text":""}`, 400, "no_text"},
		{bad, `{"text":"x","blocks":[{"type":"poem"}]}`, 400, "invalid_blocks"},
		{bad, `{"text":"x","response_type":"loud"}`, 400, "invalid_arguments"},
		{to(), `{"text":"all","response_type":"in_channel"}`, 200, "ok"},
		{to(), `{"delete_original":true}`, 400, "no_original"},
	} {
		if status, body := hooked(t, w.url, w.body); status != w.status || body != w.says {
			t.Errorf("%s: %d %s, want %d %s", w.body, status, body, w.status, w.says)
		}
	}
	blamed(t, s, "used_url", "no_service", "invalid_payload", "no_text", "invalid_blocks", "response_type loud",
		"nothing to delete", "replace_original, where nothing was pressed")
	time.Sleep(2 * time.Millisecond)
	if status, body := hooked(t, old, `{"text":"x"}`); status != 404 || body != "expired_url" {
		t.Errorf("too late: %d %s", status, body)
	}
	if all := s.Ephemerals(fakeslack.Ada); len(all) != 5 || len(all[0].Before) != 0 {
		t.Errorf("%+v", all)
	}
	if all := s.Messages(fakeslack.InPrivate); len(all) != 1 || all[0].Text != "all" {
		t.Errorf("%+v", all)
	}
}

// TestThreadOfAResponseURL: it cannot be placed, and Slack says nothing.
func TestThreadOfAResponseURL(t *testing.T) {
	t.Parallel()
	s := start(t, fakeslack.Options{})
	root := s.Say(fakeslack.Ada, fakeslack.InMember, "", "root").TS
	d := s.Command(fakeslack.Ada, fakeslack.InMember, "")
	hooked(t, d.ResponseURL, `{"text":"x","response_type":"in_channel","thread_ts":"`+root+`","colour":"red"}`)
	if n := len(s.Thread(fakeslack.InMember, root)); n != 0 {
		t.Errorf("%d replies", n)
	}
	blamed(t, s, "thread_ts, which it cannot place", "unknown field colour")
}

// TestPressedOriginal: the response_url of a button changes the message that
// it stands under.
func TestPressedOriginal(t *testing.T) {
	t.Parallel()
	s := start(t, fakeslack.Options{})
	posted(t, s, args("channel", fakeslack.InMember, "text", "x", "blocks", "["+pressed+"]"))
	root := s.Messages(fakeslack.InMember)[0]
	d := s.Press(fakeslack.Ada, root, "a", "")
	hooked(t, d.ResponseURL, `{"text":"y","replace_original":true}`)
	if got := s.Messages(fakeslack.InMember); len(got) != 1 || got[0].Text != "y" {
		t.Errorf("%+v", got)
	}
	hooked(t, d.ResponseURL, `{"delete_original":true}`)
	if !s.Messages(fakeslack.InMember)[0].Deleted {
		t.Error("it is not deleted")
	}
	clean(t, s)
}

func TestReceived(t *testing.T) {
	t.Parallel()
	s := start(t, fakeslack.Options{})
	h := connect(t, s)
	s.Command(fakeslack.Ada, fakeslack.InMember, "help")
	h.ack(t, h.next(t), map[string]string{"text": "c4nary-ack"})
	posted(t, s, args("channel", fakeslack.InMember, "text", "c4nary-body"))
	d := s.Command(fakeslack.Ada, fakeslack.InMember, "help")
	h.ack(t, h.next(t))
	hooked(t, d.ResponseURL, `{"text":"c4nary-hook"}`)
	in, whole := s.Received()
	if !whole {
		t.Error("not all is there")
	}
	for _, needle := range []string{"c4nary-ack", "c4nary-body", "c4nary-hook", "Bearer " + fakeslack.BotToken,
		"Bearer " + fakeslack.AppToken} {
		if !slices.ContainsFunc(in, func(o fakeslack.Octets) bool { return strings.Contains(string(o.Data), needle) }) {
			t.Errorf("%q was not kept", needle)
		}
	}
	out, _ := s.Sent()
	if !slices.ContainsFunc(out, func(o fakeslack.Octets) bool {
		return strings.Contains(string(o.Data),
			`"text":"help"`)
	}) {
		t.Error("the command was not kept")
	}
	small := start(t, fakeslack.Options{KeepOctets: 10})
	raw(t, small, "auth.test", args())
	if in, whole := small.Received(); whole || len(in) > 0 {
		t.Error("more is kept than there may be")
	}
}
