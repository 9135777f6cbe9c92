package formatting

// FieldText is the field of a form for a text.
const FieldText = "text"

// maxPastedRunes is what one field takes (Discord, Text Input: 4,000); a form of
// Slack's has room for 3,000.
const maxPastedRunes = 3000

// TextForm is the form for a text that is to be explained: a bounce, a stack
// trace, too long for a command and with lines that a command has not.
func TextForm(id string) Form {
	return Form{
		ID: id, Title: say(FormText), Submit: say(FormTextSubmit), Cancel: say(FormCancel), Notice: say(FormTextNotice),
		Fields: []Field{{
			ID: FieldText, Label: "Bounce, Received lines, log or stack trace", Hint: "Without passwords", Lines: true,
			MaxRunes: maxPastedRunes,
		}},
	}
}
