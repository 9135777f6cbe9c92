package blockkit

import (
	"strings"

	"github.com/slack-go/slack"

	"smtptest/formatting"
)

// LoginCallback is the callback_id of the modal that asks for a login.
const LoginCallback = callbackID

// StatusModal is a modal that only says something: the head of a message in place of
// a form that was sent.
func StatusModal(m formatting.Message) slack.ModalViewRequest {
	lines := []string{strings.TrimSpace(m.Tone.Symbol() + " " + m.Verdict + "  " + m.Target), m.Fact}
	lines = append(lines, strings.Join(formatting.Quoted(m.Quote), " "))
	for _, p := range []struct{ words, text string }{{formatting.TryWords, m.Try}, {formatting.WhoWords, m.Owner}} {
		if !blank(p.text) {
			lines = append(lines, p.words+" "+p.text)
		}
	}
	lines = append(lines, m.Notes...)
	var blocks []slack.Block
	for _, l := range lines {
		if !blank(l) {
			blocks = append(blocks, slack.NewSectionBlock(object(l, maxSectionRunes), nil, nil))
		}
	}
	return slack.ModalViewRequest{
		Type: slack.VTModal, Title: object(formatting.Say(formatting.FormTestTitle).What, maxViewTextRunes),
		Close:  object(formatting.Say(formatting.FormClose).What, maxViewTextRunes),
		Blocks: slack.Blocks{BlockSet: blocks},
	}
}
