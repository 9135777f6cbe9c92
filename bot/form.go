package bot

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"smtptest/bot/command"
	"smtptest/bot/results"
	"smtptest/formatting"
	"smtptest/probe"
	"smtptest/probe/sasl"
	"smtptest/probe/secret"
	"smtptest/probe/smtp"
)

// form opens the form for a login at the server of a command.
func (h *Handler) form(inv Invocation, c command.Command) (Answer, Record) {
	target := c.Request.Target
	c.Verb, c.Private = command.VerbLogin, true
	if id, values, ok := h.admit(c); !ok {
		return refuse(KindLogin, id, values...)
	}
	switch {
	case h.Logins.off(inv.Place.Platform):
		return refuse(KindLogin, formatting.RefusedLogin)
	case !h.Logins.allows(target.Host):
		return refuse(KindLogin, formatting.RefusedLoginHost, targetValue(target.Host))
	case c.Request.Security == probe.SecurityNone:
		return refuse(KindLogin, formatting.RefusedLoginClear)
	case c.Request.At.IsValid(): // a button under a test with --at; a command is refused where it is read
		return h.unread(inv, &command.UsageError{ID: formatting.UsageAtLogin, Option: "--at"})
	}
	f := formatting.LoginForm(h.formID(inv), target, shownBy(inv.Traits))
	h.Store.Open(results.Form{
		ID: f.ID, Place: inv.Place, Person: inv.Person.ID, Command: c, Expires: time.Now().UTC().Add(results.FormLife),
	})
	if !h.Envelope {
		f.Fields = f.Fields[:len(f.Fields)-2] // from, to
	}
	if name := c.Vantage; name != "" {
		f.Notice = formatting.SentFrom(name, f.Notice)
	}
	f = f.WithProfiles(h.usable(inv.who(), target))
	return Answer{Form: &f, Reopen: reopen(f.ID, formatting.LabelLogin), Private: true}, Record{Kind: KindLogin}
}

// formID names a form. Where each process gets each event, all give it the same
// name, so that it is one form whoever opens it.
func (h *Handler) formID(inv Invocation) string {
	if _, shared := h.Store.(results.Sharer); !shared || inv.ID == "" || len(h.Key) == 0 {
		return results.NewID()
	}
	mac := hmac.New(sha256.New, h.Key)
	_, _ = fmt.Fprintf(mac, "smtptest form 1\x00%s\x00%s", inv.Place.Platform, inv.ID)
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

// reopen is a button that opens a form anew.
func reopen(form string, label formatting.TextID) *formatting.Action {
	return &formatting.Action{Verb: pressReopen, Run: form, Label: formatting.Say(label).What, Main: true}
}

// testForm opens the form for a test.
func (h *Handler) testForm(inv Invocation) (Answer, Record) {
	f := formatting.TestForm(h.formID(inv))
	h.Store.Open(results.Form{
		ID: f.ID, Place: inv.Place, Person: inv.Person.ID, Command: command.Command{Verb: command.VerbTest},
		Expires: time.Now().UTC().Add(results.FormLife),
	})
	return Answer{Form: &f, Reopen: reopen(f.ID, formatting.LabelReopen), Private: true}, Record{Kind: KindForm}
}

// filled runs what the form for a test asks for: whatever the command takes.
func (h *Handler) filled(inv Invocation, f results.Form) (Answer, Record) {
	inv.Place, inv.Text, inv.Traits.OpensTests = f.Place, inv.Form.Values[formatting.FieldTarget], false
	if tls := inv.Form.Values[formatting.FieldSecurity]; tls != "" && tls != string(probe.SecurityAuto) {
		inv.Options = []command.NamedValue{{Name: "tls", Value: tls}}
	}
	if _, err := h.parse(inv); err != nil {
		usage, ok := errors.AsType[*command.UsageError](err)
		if !ok {
			return h.unread(inv, err)
		}
		errs := map[string]string{formatting.FieldTarget: usage.Words().String()}
		return Answer{Errors: errs, Private: true}, Record{Kind: KindForm, Refused: usage.ID}
	}
	if !h.Store.Consume(f.ID) {
		return refuse(KindForm, formatting.FormGone)
	}
	inv.Form = nil
	a, rec := h.begin(inv)
	a.Channel = f.Place.Channel
	return consumed(a, f.ID), rec
}

// shownBy is who shows a secret while it is typed; empty: nobody does.
func shownBy(t Traits) string {
	if t.ShowsSecrets {
		return t.Name
	}
	return ""
}

// submitted tries the login that a form asks for, once. What cannot be used
// is said beside its field, and the form stays open.
func (h *Handler) submitted(inv Invocation) (Answer, Record) {
	s := inv.Form
	p, ok := h.opened(s.Form, inv)
	if !ok {
		return refuse(KindForm, h.absent(formatting.FormGone))
	}
	if p.Command.Verb == command.VerbTest {
		return h.filled(inv, p)
	}
	c := p.Command
	if c.Verb == command.VerbExplain {
		return h.pasted(inv, p)
	}
	inv.Place = p.Place
	if e := c.Request.Envelope; e != nil {
		own := *e // the command is kept for another try
		c.Request.Envelope = &own
	}
	if errs := checkForm(s, &c); len(errs) > 0 {
		again := reopen(s.Form, formatting.LabelReopen)
		return Answer{Errors: errs, Reopen: again, Private: true}, Record{Kind: KindForm, Refused: formatting.FormFields}
	}
	if !h.Store.Consume(s.Form) {
		return refuse(KindForm, formatting.FormGone)
	}
	if name := s.profile(); name != "" {
		c.Profile = name
		a, rec := h.profiled(inv, c, nil)
		return consumed(a, s.Form), rec
	}
	a, rec := h.test(inv, asked{command: c, login: loginOf(s, c)})
	return consumed(a, s.Form), rec
}

// consumed is an answer to a form, of which there may be one.
func consumed(a Answer, form string) Answer {
	if a.Job != nil {
		a.Job.once = append(a.Job.once, results.Mark{Kind: results.MarkForm, Key: form})
	}
	return a
}

// reopened opens a form anew that could not be used as it was sent. What was
// typed is gone: nobody has kept it. The old form can be reopened again, because
// this one may be closed without a word.
func (h *Handler) reopened(inv Invocation) (Answer, Record) {
	p, ok := h.opened(inv.Press.Run, inv)
	if !ok {
		return refuse(KindPress, h.absent(formatting.FormGone))
	}
	switch p.Command.Verb {
	case command.VerbTest:
		return h.testForm(inv)
	case command.VerbExplain:
		return h.textForm(inv)
	}
	return h.form(inv, p.Command)
}

// opened returns a form of this person. A form that was sent does not say in
// which channel it was opened, so that is not asked of it.
func (h *Handler) opened(id string, inv Invocation) (results.Form, bool) {
	f, ok := h.Store.Form(id)
	sameTenant := f.Place.Platform == inv.Place.Platform && f.Place.Workspace == inv.Place.Workspace
	return f, ok && sameTenant && f.Person == inv.Person.ID
}

// profile is the one that was chosen in place of a login; empty: none was.
func (s *Submission) profile() string {
	if name := s.Values[formatting.FieldProfile]; name != formatting.ProfileNone {
		return name
	}
	return ""
}

// checkForm says by field what cannot be used, and adds sender and recipient
// to the command.
func checkForm(s *Submission, c *command.Command) map[string]string {
	errs := map[string]string{}
	check := func(field string, id formatting.TextID, bad bool) {
		if bad {
			errs[field] = formatting.Say(id).String()
		}
	}
	typed := s.profile() == ""
	check(formatting.FieldUser, formatting.FormUser, typed && strings.TrimSpace(s.Values[formatting.FieldUser]) == "")
	check(formatting.FieldSecret, formatting.FormPassword, typed && s.Secret.IsZero())
	_, known := mechanismOf(s.Values[formatting.FieldMechanism])
	check(formatting.FieldMechanism, formatting.FormMechanism, !known)
	for _, f := range formatting.LoginFields() {
		text := s.Values[f.ID]
		if f.Secret {
			text = s.Secret.Reveal()
		}
		if f.MaxRunes > 0 && utf8.RuneCountInString(text) > f.MaxRunes {
			limit := formatting.Value{Name: "limit", Text: strconv.Itoa(f.MaxRunes)}
			errs[f.ID] = formatting.Say(formatting.FormLong, limit).String()
		}
	}
	for _, field := range []string{formatting.FieldFrom, formatting.FieldTo} {
		text := strings.TrimSpace(s.Values[field])
		if text == "" {
			continue
		}
		m, err := smtp.ParseMailbox(text)
		check(field, formatting.FormMailbox, err != nil)
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
	target, user := c.Request.Target, strings.TrimSpace(s.Values[formatting.FieldUser])
	l := &probe.Login{
		Mechanism: mechanism, Credential: sasl.Credential{User: user, Host: target.Host, Port: target.Port},
	}
	value := s.Secret.Reveal()
	if mechanism == "XOAUTH2" || mechanism == "OAUTHBEARER" {
		l.Credential.Token = secret.New(strings.TrimSpace(value))
	} else {
		l.Credential.Password = secret.New(value)
	}
	return l
}
