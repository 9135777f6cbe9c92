package fakeslack_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"smtptest/bot/bottest/fakeslack"
)

// line is rich text that the real client encodes.
func line(text string) slack.Block {
	return slack.NewRichTextBlock("", slack.NewRichTextSection(slack.NewRichTextSectionTextElement(text, nil)),
		&slack.RichTextPreformatted{Type: slack.RTEPreformatted,
			Elements: []slack.RichTextSectionElement{slack.NewRichTextSectionTextElement("S: 220 hi", nil)}},
		slack.NewRichTextList(slack.RTEListBullet, 0, slack.NewRichTextSection(slack.NewRichTextSectionTextElement("a fact",
			nil))))
}

func button() slack.Block {
	b := slack.NewButtonBlockElement("again:1", "run", slack.NewTextBlockObject(slack.PlainTextType, "Run again", false,
		false))
	b.AccessibilityLabel = "Run the test again"
	o := slack.NewOverflowBlockElement("more:1", slack.NewOptionBlockObject("json",
		slack.NewTextBlockObject(slack.PlainTextType, "As JSON", false, false), nil))
	return slack.NewActionBlock("", b, o)
}

func TestMessagesOfTheRealClient(t *testing.T) {
	t.Parallel()
	s := start(t, fakeslack.Options{})
	api, ctx := real(s), patience(t)
	who, err := api.AuthTestContext(ctx)
	if err != nil || who.UserID != fakeslack.BotUI || !strings.Contains(who.Header.Get("X-OAuth-Scopes"),
		"chat:write.public") {
		t.Fatalf("auth.test: %+v, %v", who, err)
	}
	channel, ts, err := api.PostMessageContext(ctx, fakeslack.InMember, slack.MsgOptionText("Testing", false),
		slack.MsgOptionBlocks(line("Testing")),
		slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl(), slack.MsgOptionParse(false),
		slack.MsgOptionLinkNames(false))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, _, err = api.UpdateMessageContext(ctx, channel, ts, slack.MsgOptionText("Working", false),
		slack.MsgOptionBlocks(line("Working"), button())); err != nil {
		t.Fatal(err)
	}
	if _, _, err = api.PostMessageContext(ctx, channel, slack.MsgOptionText("Details", false),
		slack.MsgOptionBlocks(line("Details")), slack.MsgOptionTS(ts)); err != nil {
		t.Fatal(err)
	}
	if _, err = api.PostEphemeralContext(ctx, channel, fakeslack.Ada, slack.MsgOptionText("Only you", false)); err != nil {
		t.Fatal(err)
	}
	link, err := api.GetPermalinkContext(ctx, &slack.PermalinkParameters{Channel: channel, Ts: ts})
	if err != nil || !strings.HasSuffix(link, "/p"+strings.ReplaceAll(ts, ".", "")) {
		t.Fatalf("permalink %q, %v", link, err)
	}
	root, thread := s.Messages(channel)[0], s.Thread(channel, ts)
	if root.Text != "Working" || len(root.Before) != 1 || root.Before[0].Text != "Testing" || len(thread) != 1 ||
		len(s.Ephemerals(fakeslack.Ada)) != 1 {
		t.Errorf("root %+v, thread %+v", root, thread)
	}
	if _, _, err = api.DeleteMessageContext(ctx, channel, ts); err != nil || !s.Messages(channel)[0].Deleted {
		t.Errorf("delete: %v", err)
	}
	clean(t, s)
}

func TestFileOfTheRealClient(t *testing.T) {
	t.Parallel()
	s := start(t, fakeslack.Options{})
	ts := posted(t, s, args("channel", fakeslack.InMember, "text", "root"))
	text := strings.Repeat("S: 220 ready\n", 1000)
	f, err := real(s).UploadFileContext(patience(t), slack.UploadFileParameters{
		Content: text, FileSize: len(text), Filename: "transcript.txt", Title: "Transcript", Channel: fakeslack.InMember,
		ThreadTimestamp: ts,
	})
	if err != nil {
		t.Fatal(err)
	}
	all, thread := s.Files(), s.Thread(fakeslack.InMember, ts)
	if len(all) != 1 || string(all[0].Data) != text || all[0].Title != "Transcript" || len(thread) != 1 ||
		thread[0].Files[0] != f.ID || all[0].TS != thread[0].TS {
		t.Errorf("files %+v, thread %+v", all, thread)
	}
	clean(t, s)
}

func TestCommandOfTheRealClient(t *testing.T) {
	t.Parallel()
	s := start(t, fakeslack.Options{})
	h := connect(t, s)
	d := s.Command("U0BOB0001", fakeslack.InPrivate, "mx.example.org:25")
	e := h.next(t)
	c, ok := e.Data.(slack.SlashCommand)
	if !ok || c.Command != fakeslack.CommandName || c.Text != "mx.example.org:25" || c.UserID != "U0BOB0001" ||
		c.ChannelID != fakeslack.InPrivate ||
		c.TeamID != fakeslack.Team || c.ResponseURL != d.ResponseURL || c.TriggerID != d.Trigger {
		t.Fatalf("%+v", e.Data)
	}
	h.ack(t, e, map[string]any{"response_type": "ephemeral", "text": "Which server?"})
	a, err := d.Wait(patience(t))
	if err != nil || !strings.Contains(string(a.Payload), "Which server?") || a.After <= 0 {
		t.Fatalf("%s, %v", a.Payload, err)
	}
	err = slack.PostWebhookContext(patience(t), c.ResponseURL, &slack.WebhookMessage{Text: "More",
		Blocks: &slack.Blocks{BlockSet: []slack.Block{line("More")}}, ReplaceOriginal: true})
	if err != nil {
		t.Fatal(err)
	}
	seen := s.Ephemerals("U0BOB0001")
	if len(seen) != 1 || seen[0].Text != "More" || seen[0].Before[0].Text != "Which server?" {
		t.Errorf("%+v", seen)
	}
	// the real sender of response_urls says metadata even where there is none
	if _, _, err := real(s).PostMessageContext(patience(t), "", slack.MsgOptionText("x", false),
		slack.MsgOptionResponseURL(c.ResponseURL, slack.ResponseTypeEphemeral)); err != nil {
		t.Error(err)
	}
	clean(t, s)
}

func TestPressOfTheRealClient(t *testing.T) {
	t.Parallel()
	s := start(t, fakeslack.Options{})
	h, api := connect(t, s), real(s)
	_, ts, err := api.PostMessageContext(patience(t), fakeslack.InMember, slack.MsgOptionText("Working", false),
		slack.MsgOptionBlocks(line("Working"), button()))
	if err != nil {
		t.Fatal(err)
	}
	root := s.Messages(fakeslack.InMember)[0]
	s.Press(fakeslack.Ada, root, "again:1", "")
	e := h.next(t)
	cb := e.Data.(slack.InteractionCallback)
	h.ack(t, e)
	b := cb.ActionCallback.BlockActions[0]
	if cb.Container.MessageTs != ts || cb.Channel.ID != fakeslack.InMember || b.ActionID != "again:1" ||
		b.Value != "run" || b.BlockID == "" || cb.User.ID != fakeslack.Ada || cb.Message.Timestamp != ts {
		t.Errorf("%+v", cb)
	}
	s.Press(fakeslack.Ada, root, "more:1", "json")
	e = h.next(t)
	h.ack(t, e)
	if cb = e.Data.(slack.InteractionCallback); cb.ActionCallback.BlockActions[0].SelectedOption.Value != "json" {
		t.Errorf("%+v", cb.ActionCallback.BlockActions[0])
	}
	for _, none := range [][2]string{{"again:2", ""}, {"more:1", "xml"}} {
		if _, err := s.Press(fakeslack.Ada, root, none[0], none[1]).Wait(patience(t)); !errors.Is(err, fakeslack.ErrNothing) {
			t.Errorf("%s: %v", none, err)
		}
	}
	clean(t, s)
}

func TestMentionOfTheRealClient(t *testing.T) {
	t.Parallel()
	s := start(t, fakeslack.Options{Users: []fakeslack.User{{ID: "U0GUEST01", Name: "guest", Team: "T0OTHER01"}}})
	h := connect(t, s)
	root := s.Say(fakeslack.Ada, fakeslack.InShared, "", "mail is down")
	d := s.Mention("U0GUEST01", fakeslack.InShared, root.TS, "<@"+fakeslack.BotUI+"> mx.example.org")
	e := h.next(t)
	h.ack(t, e)
	if _, err := d.Wait(patience(t)); err != nil {
		t.Fatal(err)
	}
	var raw struct {
		Event struct {
			Type, Text string
			Thread     string `json:"thread_ts"`
			Team       string `json:"user_team"`
		}
	}
	if err := json.Unmarshal(e.Request.Payload, &raw); err != nil || e.Type != socketmode.EventTypeEventsAPI {
		t.Fatal(err, e.Type)
	}
	if v := raw.Event; v.Type != "app_mention" || v.Thread != root.TS || v.Team != "T0OTHER01" {
		t.Errorf("%s", e.Request.Payload)
	}
	if _, err := s.Mention(fakeslack.Ada, fakeslack.InPublic, "", "x").Wait(patience(t)); !errors.Is(err,
		fakeslack.ErrDispatch) {
		t.Errorf("a mention where the bot is no member: %v", err)
	}
	clean(t, s)
}

// form is a modal with a field of each sort, a secret one among them.
func form() slack.ModalViewRequest {
	words := func(s string) *slack.TextBlockObject {
		return slack.NewTextBlockObject(slack.PlainTextType, s, false, false)
	}
	user, pass := slack.NewPlainTextInputBlockElement(nil, "value"), slack.NewPlainTextInputBlockElement(nil, "value")
	user.MaxLength, pass.MaxLength = 320, 512
	list := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, nil, "value",
		slack.NewOptionBlockObject("auto", words("Automatic"), nil), slack.NewOptionBlockObject("PLAIN", words("PLAIN"), nil))
	list.InitialOption = list.Options[0]
	return slack.ModalViewRequest{
		Type: slack.VTModal, Title: words("Test a login"), Submit: words("Test login"), Close: words("Cancel"),
		CallbackID: "smtptest_login", PrivateMetadata: "run",
		ClearOnClose: true,
		Blocks: slack.Blocks{BlockSet: []slack.Block{
			slack.NewSectionBlock(words("mx.example.org:587"), nil, nil),
			slack.NewInputBlock("user", words("User name"), nil, user), slack.NewInputBlock("pass", words("Password"), nil,
				pass),
			slack.NewInputBlock("mech", words("Method"), nil, list).WithOptional(true),
		}},
	}
}

func TestViewOfTheRealClient(t *testing.T) {
	t.Parallel()
	s := start(t, fakeslack.Options{})
	h, api := connect(t, s), real(s)
	d := s.Command(fakeslack.Ada, fakeslack.InMember, "login mx.example.org")
	h.ack(t, h.next(t))
	opened, err := api.OpenViewContext(patience(t), d.Trigger, form())
	if err != nil {
		t.Fatal(err)
	}
	v, ok := s.OpenView(fakeslack.Ada)
	if !ok || v.ID != opened.ID || v.Private != "run" || v.Title != "Test a login" {
		t.Fatalf("%+v", v)
	}
	const canary = `c4nary"&‹\é`
	d = s.Submit(fakeslack.Ada, v, map[string]string{"user": "u@example.org", "pass": canary})
	e := h.next(t)
	cb := e.Data.(slack.InteractionCallback)
	if got := cb.View.State.Values; got["pass"]["value"].Value != canary ||
		got["mech"]["value"].SelectedOption.Value != "auto" || cb.View.PrivateMetadata != "run" ||
		cb.View.CallbackID != "smtptest_login" {
		t.Errorf("%+v", got)
	}
	h.ack(t, e, slack.NewErrorsViewSubmissionResponse(map[string]string{"user": "No such user"}))
	if _, err := d.Wait(patience(t)); err != nil {
		t.Fatal(err)
	}
	if v, _ = s.OpenView(fakeslack.Ada); v.Errors["user"] != "No such user" {
		t.Errorf("%+v", v)
	}
	d = s.Submit(fakeslack.Ada, v, map[string]string{"user": "u", "pass": canary, "mech": "PLAIN"})
	done := form()
	done.Blocks.BlockSet, done.Submit = done.Blocks.BlockSet[:1], nil
	h.ack(t, h.next(t), slack.NewUpdateViewSubmissionResponse(&done))
	if _, err := d.Wait(patience(t)); err != nil {
		t.Fatal(err)
	}
	if _, err := api.UpdateViewContext(patience(t), done, "", "", v.ID); err != nil {
		t.Error(err)
	}
	if v, _ = s.OpenView(fakeslack.Ada); strings.Contains(string(v.Content), "input") || v.Errors != nil {
		t.Errorf("%+v", v)
	}
	clean(t, s)
}
