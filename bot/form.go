package bot

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"smtptest/bot/command"
	"smtptest/formatting"
	"smtptest/probe"
	"smtptest/probe/sasl"
	"smtptest/probe/secret"
	"smtptest/probe/smtp"
)

// Limits of what a form takes, in runes. A path of RFC 5321 §4.5.3.1.3 has 256
// octets; some providers' user names are longer tokens.
const (
	maxUserRunes    = 320
	maxSecretRunes  = 3000 // Slack's limit for an input; the longest OAuth tokens have some 2,500
	maxMailboxRunes = 256
)

// form opens the form for a login at the server of a command.
func (h *Handler) form(inv Invocation, c command.Command) (Answer, Record) {
	const kind = "login"
	target := c.Request.Target
	if id, values, ok := h.admit(c); !ok {
		return refuse(kind, id, values...)
	}
	switch {
	case h.Logins.off(inv.Place.Platform):
		return refuse(kind, formatting.RefusedLogin)
	case !h.Logins.allows(target.Host):
		return refuse(kind, formatting.RefusedLoginHost, formatting.Value{Name: "target", Text: target.Host})
	case c.Request.Security == probe.SecurityNone:
		return refuse(kind, formatting.RefusedLoginClear)
	}
	c.Verb, c.Private = command.VerbLogin, true
	f := formatting.LoginForm(h.Runs.open(inv, c), target, platformName(inv.Place.Platform))
	if !h.Envelope {
		f.Fields = f.Fields[:len(f.Fields)-2] // from, to
	}
	return Answer{Form: &f, Private: true}, Record{Kind: kind}
}

// platformName is what people call a platform whose forms show a secret while
// it is typed; empty: its forms do not.
func platformName(platform string) string {
	switch platform {
	case "slack":
		return "Slack"
	case "discord":
		return "Discord"
	}
	return ""
}

// submitted tries the login that a form asks for, once. What cannot be used
// is said beside its field, and the form stays open.
func (h *Handler) submitted(inv Invocation) (Answer, Record) {
	s := inv.Form
	p, ok := h.Runs.pending(s.Form, inv)
	if !ok {
		return refuse("form", formatting.FormGone)
	}
	c := p.command
	inv.Place = p.place
	if e := c.Request.Envelope; e != nil {
		own := *e // the command is kept for another try
		c.Request.Envelope = &own
	}
	if errs := checkForm(s, &c); len(errs) > 0 {
		again := formatting.Action{Verb: pressReopen, Run: s.Form, Label: formatting.Say(formatting.LabelReopen).What, Main: true}
		return Answer{Errors: errs, Reopen: &again, Private: true}, Record{Kind: "form", Refused: "form.fields"}
	}
	if !h.Runs.consume(s.Form) {
		return refuse("form", formatting.FormGone)
	}
	return h.test(inv, asked{command: c, login: loginOf(s, c)})
}

// reopened opens a form anew that could not be used as it was sent. What was
// typed is gone: nobody has kept it. The old form can be reopened again, because
// this one may be closed without a word.
func (h *Handler) reopened(inv Invocation) (Answer, Record) {
	p, ok := h.Runs.pending(inv.Press.Run, inv)
	if !ok {
		return refuse("press", formatting.FormGone)
	}
	return h.form(inv, p.command)
}

// checkForm says by field what cannot be used, and adds sender and recipient
// to the command.
func checkForm(s *Submission, c *command.Command) map[string]string {
	errs := map[string]string{}
	check := func(field string, id formatting.TextID, bad bool, most int) {
		if bad {
			errs[field] = formatting.Say(id, formatting.Value{Name: "limit", Text: strconv.Itoa(most)}).String()
		}
	}
	user := s.Values[formatting.FieldUser]
	check(formatting.FieldUser, formatting.FormUser, strings.TrimSpace(user) == "", 0)
	check(formatting.FieldUser, formatting.FormLong, utf8.RuneCountInString(user) > maxUserRunes, maxUserRunes)
	check(formatting.FieldSecret, formatting.FormPassword, s.Secret.IsZero(), 0)
	check(formatting.FieldSecret, formatting.FormLong, utf8.RuneCountInString(s.Secret.Reveal()) > maxSecretRunes, maxSecretRunes)
	_, known := mechanismOf(s.Values[formatting.FieldMechanism])
	check(formatting.FieldMechanism, formatting.FormMechanism, !known, 0)
	for _, field := range []string{formatting.FieldFrom, formatting.FieldTo} {
		text := strings.TrimSpace(s.Values[field])
		if text == "" {
			continue
		}
		m, err := smtp.ParseMailbox(text)
		check(field, formatting.FormMailbox, err != nil || utf8.RuneCountInString(text) > maxMailboxRunes, 0)
		if c.Request.Envelope == nil {
			c.Request.Envelope = &probe.Envelope{}
		}
		if field == formatting.FieldFrom {
			c.Request.Envelope.From = m
		} else {
			c.Request.Envelope.To = &m
		}
	}
	return errs
}

// mechanismOf reads the choice of a form; empty means the best one offered.
func mechanismOf(choice string) (mechanism string, known bool) {
	for _, c := range formatting.Mechanisms() {
		if c.Value == choice {
			return strings.TrimPrefix(choice, formatting.MechanismAutomatic), true
		}
	}
	return "", choice == ""
}

func loginOf(s *Submission, c command.Command) *probe.Login {
	mechanism, _ := mechanismOf(s.Values[formatting.FieldMechanism])
	target := c.Request.Target
	l := &probe.Login{
		Mechanism:  mechanism,
		Credential: sasl.Credential{User: strings.TrimSpace(s.Values[formatting.FieldUser]), Host: target.Host, Port: target.Port},
	}
	value := s.Secret.Reveal()
	if mechanism == "XOAUTH2" || mechanism == "OAUTHBEARER" {
		l.Credential.Token = secret.New(strings.TrimSpace(value))
	} else {
		l.Credential.Password = secret.New(value)
	}
	return l
}
