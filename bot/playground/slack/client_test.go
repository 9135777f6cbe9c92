package slack_test

import (
	"strings"
	"testing"

	"github.com/slack-go/slack"

	fakeslack "smtptest/bot/playground/slack"
)

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
