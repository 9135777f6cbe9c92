package blockkit

import (
	"unicode/utf8"

	"github.com/slack-go/slack"

	"smtptest/formatting"
)

const (
	callbackID = "smtptest_login"
	inputID    = "value" // the action_id of each input; its block_id names the field
)

// Modal renders a form. What is typed comes back as the value of the action
// "value" in the block that has the field's id, and private_metadata is the
// form's id and nothing else: Slack keeps it. What happens to the input stands
// above the input, for Slack shows even a secret.
func Modal(f formatting.Form) slack.ModalViewRequest {
	var blocks []slack.Block
	if !blank(f.Target) {
		blocks = append(blocks, slack.NewSectionBlock(object(f.Target, maxSectionRunes), nil, nil))
	}
	if !blank(f.Notice) {
		blocks = append(blocks, slack.NewContextBlock("", object(f.Notice, maxSectionRunes)))
	}
	for _, x := range f.Fields {
		blocks = append(blocks, input(x))
	}
	return slack.ModalViewRequest{
		Type:            slack.VTModal,
		Title:           object(f.Title, maxViewTextRunes),
		Submit:          object(f.Submit, maxViewTextRunes),
		Close:           object(f.Cancel, maxViewTextRunes),
		Blocks:          slack.Blocks{BlockSet: blocks},
		CallbackID:      callbackID,
		PrivateMetadata: f.ID,
		ClearOnClose:    true,
		NotifyOnClose:   true,
	}
}

func input(x formatting.Field) slack.Block {
	var hint *slack.TextBlockObject
	if !blank(x.Hint) {
		hint = object(x.Hint, maxInputLabelRunes)
	}
	b := slack.NewInputBlock(x.ID, object(x.Label, maxInputLabelRunes), hint, typed(x))
	return b.WithOptional(x.Optional)
}

// typed is the element of a field: a list where there are choices.
func typed(x formatting.Field) slack.BlockElement {
	if options := choices(x.Choices); len(options) > 0 {
		list := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, nil, inputID, options...)
		for _, o := range options {
			if o.Value == x.Initial {
				list.InitialOption = o
			}
		}
		return list
	}
	box := slack.NewPlainTextInputBlockElement(nil, inputID)
	box.Multiline = x.Lines
	box.MaxLength = min(x.MaxRunes, maxInputRunes)
	if box.MaxLength == 0 || utf8.RuneCountInString(x.Initial) <= box.MaxLength {
		box.InitialValue = x.Initial
	}
	return box
}
