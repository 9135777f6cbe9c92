package diagnosis

import (
	"smtptest/probe"
	"smtptest/probe/provider"
)

// NameForm notes in a login what its user name and password look like, by
// their form alone. The note keeps nothing of either, and may stand in a
// report. Without a login it does nothing.
func NameForm(l *probe.Login) {
	if l == nil {
		return
	}
	l.Form = &probe.LoginForm{User: provider.SharedUser(l.Credential.User)}
	if shape, ok := provider.ShapeOf(l.Credential.Password.Reveal()); ok {
		l.Form.Secret = shape.ID
	}
}

// LoginNotes are sentences about what a provider does not take in this form,
// as user name or as password. Empty: nothing is known against them, or
// nobody looked at their form.
func LoginNotes(host string, form *probe.LoginForm) []string {
	p, ok := provider.Of(host)
	if !ok || form == nil {
		return nil
	}
	var notes []string
	if note, ok := p.UserAdvice(form.User); ok {
		notes = append(notes, note)
	}
	if shape, ok := provider.ShapeNamed(form.Secret); ok {
		if note, ok := p.CredentialAdvice(provider.AsPassword, shape); ok {
			notes = append(notes, note)
		}
	}
	return notes
}
