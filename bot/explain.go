package bot

import (
	"strings"
	"time"

	"smtptest/bot/command"
	"smtptest/bot/results"
	"smtptest/formatting"
	"smtptest/probe/explain"
)

// about answers what somebody asks about a message of the channel.
func (h *Handler) about(inv Invocation) (Answer, Record) {
	text := strings.TrimSpace(inv.About.Text)
	switch {
	case inv.About.Test:
		return h.found(inv, text)
	case text == "":
		return refuse(KindExplain, formatting.MessageEmpty)
	}
	inv.About, inv.Text = nil, string(command.VerbExplain)+" "+text
	return h.begin(inv)
}

// found tests the server of a message; of several, one is chosen.
func (h *Handler) found(inv Invocation, text string) (Answer, Record) {
	all, err := command.Find(text, h.Speaks(inv.Place.Platform))
	switch {
	case err != nil:
		return h.unread(inv, err)
	case len(all) == 0:
		return refuse(KindUsage, formatting.MessageNoServer)
	case len(all) == 1:
		return h.test(inv, asked{command: all[0]})
	}
	usage := &command.UsageError{ID: formatting.UsageSeveral}
	for _, c := range all {
		usage.Targets = append(usage.Targets, c.Request.Target.String())
	}
	return h.unread(inv, usage)
}

// explain answers a person alone, who may show the others what was understood.
func (h *Handler) explain(inv Invocation, text string) (Answer, Record) {
	e := explain.Of(text)
	m := formatting.Explanation(e, inv.Place.Platform)
	if len(e.Items) > 0 {
		r := results.Result{
			ID: results.NewID(), Place: inv.Place, Person: inv.Person.ID, Private: true,
			Command: command.Command{Verb: command.VerbExplain, Topic: text}, Ended: time.Now().UTC(),
		}
		h.Store.Put(r)
		label := formatting.Say(formatting.LabelShareText).What
		m.Actions = []formatting.Action{{Verb: pressShare, Run: r.ID, Label: label}}
	}
	return private(m), Record{Kind: KindExplain}
}

// textForm opens a form for a text that is too long for a command.
func (h *Handler) textForm(inv Invocation) (Answer, Record) {
	f := formatting.TextForm(results.NewID())
	h.Store.Open(results.Form{
		ID: f.ID, Place: inv.Place, Person: inv.Person.ID, Command: command.Command{Verb: command.VerbExplain},
		Expires: time.Now().UTC().Add(results.FormLife),
	})
	return Answer{Form: &f, Reopen: reopen(f.ID, formatting.LabelReopen), Private: true}, Record{Kind: KindExplain}
}

// pasted explains what came in that form.
func (h *Handler) pasted(inv Invocation, f results.Form) (Answer, Record) {
	if !h.Store.Consume(f.ID) {
		return refuse(KindForm, formatting.FormGone)
	}
	text := inv.Form.Values[formatting.FieldText]
	inv.Form, inv.Place, inv.About = nil, f.Place, &About{Text: text}
	a, rec := h.about(inv)
	a.Channel = f.Place.Channel
	return a, rec
}
