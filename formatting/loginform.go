package formatting

import (
	"smtptest/probe"
)

// The fields of the login form.
const (
	FieldProfile   = "profile"
	FieldUser      = "user"
	FieldSecret    = "secret"
	FieldMechanism = "mechanism"
	FieldFrom      = "from"
	FieldTo        = "to"
)

// MechanismAutomatic is the choice that leaves the mechanism to the bot.
const MechanismAutomatic = "automatic"

// Mechanisms are the choices of the login form. The first takes the best that
// the server offers.
func Mechanisms() []Choice {
	all := []Choice{{MechanismAutomatic, "The best that the server offers"}}
	for _, m := range []string{"PLAIN", "LOGIN", "SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "DIGEST-MD5"} {
		all = append(all, Choice{m, m})
	}
	return append(all, Choice{"XOAUTH2", "XOAUTH2, with a token"}, Choice{"OAUTHBEARER", "OAUTHBEARER, with a token"})
}

// ProfileNone is the choice of no profile.
const ProfileNone = "none:" // no profile is called so: names have no colon

// maxFormProfiles fit into a list with ProfileNone: Discord's has 25 options.
const maxFormProfiles = 24

// WithProfiles offers logins that are set up, above all that is typed: whoever
// chooses one types none.
func (f Form) WithProfiles(names []string) Form {
	if len(names) == 0 {
		return f
	}
	pick := Field{
		ID: FieldProfile, Label: "Login that is set up here", Hint: "With one, leave user and password empty",
		Initial: ProfileNone, Choices: []Choice{{ProfileNone, "None: user and password below"}},
	}
	for _, name := range names[:min(len(names), maxFormProfiles)] {
		pick.Choices = append(pick.Choices, Choice{name, name})
	}
	fields := []Field{pick}
	for _, x := range f.Fields {
		x.Optional = x.Optional || x.ID == FieldUser || x.ID == FieldSecret
		fields = append(fields, x)
	}
	f.Fields = fields
	return f
}

// LoginForm is the form for one login. platform is who shows what is typed,
// even the secret; empty: nobody does. Sender and recipient are the last two
// fields.
func LoginForm(id string, target probe.Target, platform string) Form {
	notice := say(FormNotice, Value{"platform", platform})
	if platform == "" {
		notice = say(FormHidden)
	}
	return Form{
		ID: id, Title: say(FormTitle), Submit: say(FormSubmit), Cancel: say(FormCancel), Target: target.String(),
		Notice: notice,
		Fields: LoginFields(),
	}
}

// Limits of what the login form takes, in runes. A path of RFC 5321
// §4.5.3.1.3 has 256 octets; some providers' user names are longer tokens.
const (
	maxUserRunes    = 320
	maxSecretRunes  = 3000 // Slack's limit for an input; the longest OAuth tokens have some 2,500
	maxMailboxRunes = 256
)

// LoginFields are the fields of the login form, in order.
func LoginFields() []Field {
	return []Field{
		{
			ID: FieldUser, Label: "User name", Hint: "As the server knows it, often the whole mail address",
			MaxRunes: maxUserRunes,
		},
		{
			ID: FieldSecret, Label: "Password or token", Hint: "Many providers want an app password here",
			Secret: true, MaxRunes: maxSecretRunes,
		},
		{ID: FieldMechanism, Label: "Mechanism", Initial: MechanismAutomatic, Choices: Mechanisms()},
		{ID: FieldFrom, Label: "Sender to ask about", Hint: "For example " + exampleMailbox, Optional: true,
			MaxRunes: maxMailboxRunes},
		{ID: FieldTo, Label: "Recipient to ask about", Hint: "No message is sent", Optional: true, MaxRunes: maxMailboxRunes},
	}
}

const exampleMailbox = "alice@example.com"

// TranscriptFile is the conversation of all sessions as a text file.
func TranscriptFile(r *probe.Report) File {
	return File{
		Name: transcriptName, Title: "The whole conversation of " + r.Request.Target.String(),
		Text: Text(Message{Sections: transcripts(r)}),
	}
}
