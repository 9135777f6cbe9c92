package formatting

import "smtptest/probe"

// The fields of the form for a test.
const (
	FieldTarget   = "target"
	FieldSecurity = "security"
)

// maxTargetRunes is what a command takes, too.
const maxTargetRunes = 1000

// TestForm is the form for a test, where nothing was typed.
func TestForm(id string) Form {
	return Form{
		ID: id, Title: say(FormTestTitle), Submit: say(FormTestSubmit), Cancel: say(FormCancel),
		Fields: []Field{
			{ID: FieldTarget, Label: "Server", Hint: "HOST:PORT, or what you have: a URL, a telnet or curl line",
				MaxRunes: maxTargetRunes},
			{ID: FieldSecurity, Label: "TLS", Initial: string(probe.SecurityAuto), Choices: []Choice{
				{string(probe.SecurityAuto), "As the port and the server have it"},
				{string(probe.SecuritySTARTTLS), "STARTTLS, and fail without it"},
				{string(probe.SecurityImplicit), "TLS from the first octet"},
				{string(probe.SecurityNone), "None"},
			}},
		},
	}
}
