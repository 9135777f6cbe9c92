package bot

import (
	"cmp"
	"strings"
	"time"

	"smtptest/bot/command"
	"smtptest/bot/results"
	"smtptest/formatting"
	"smtptest/probe"
	"smtptest/probe/bounce"
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
func (h *Handler) explain(inv Invocation, c command.Command) (Answer, Record) {
	m, server, understood := explained(c, inv.Place.Platform)
	if understood {
		r := results.Result{
			ID: results.NewID(), Place: inv.Place, Person: inv.Person.ID, Private: true,
			Command: command.Command{Verb: command.VerbExplain, Topic: c.Topic, Lines: c.Lines}, Ended: time.Now().UTC(),
		}
		h.Store.Put(r)
		if server != "" {
			target := probe.Target{Host: server, Port: relayPort}.String()
			label := formatting.Say(formatting.LabelServer, formatting.Value{Name: "target", Text: target}).What
			m.Actions = append(m.Actions, formatting.Action{
				Verb: pressServer, Run: r.ID, Label: formatting.Shorten(label, maxLabelRunes, formatting.Characters), Main: true,
			})
		}
		label := formatting.Say(formatting.LabelShareText).What
		m.Actions = append(m.Actions, formatting.Action{Verb: pressShare, Run: r.ID, Label: label})
	}
	return private(m), Record{Kind: KindExplain}
}

const (
	relayPort     = 25 // where mail servers are reached by others (RFC 5321 §4.5.4.2)
	maxLabelRunes = 75 // of a formatting.Action
)

// explained words a text: a bounce or a header, or whatever else it is. server
// is the one that refused a message; empty: none is known.
func explained(c command.Command, where formatting.Platform) (m formatting.Message, server string, understood bool) {
	if n, ok := bounce.Read(cmp.Or(c.Lines, c.Topic)); ok {
		if f := n.Server(); f != nil {
			server = f.Host()
		}
		return formatting.Bounce(n, where), server, true
	}
	e := explain.Of(c.Topic)
	m = formatting.Explanation(e, where)
	return m, "", len(e.Items) > 0
}

// shown is an explanation for the channel: its first line says what it is about.
func shown(c command.Command, where formatting.Platform) (m formatting.Message, ok bool) {
	m, _, ok = explained(c, where)
	if ok && m.Fact == "" {
		m.Fact = explain.Of(c.Topic).Items[0].Title
	}
	return m, ok
}

// refusing tests the server that a bounce names.
func (h *Handler) refusing(inv Invocation, r results.Result) (Answer, Record) {
	_, server, _ := explained(r.Command, inv.Place.Platform)
	if server == "" {
		return refuse(KindPress, formatting.RunGone)
	}
	c := command.Command{Verb: command.VerbTest, PortGiven: true}
	c.Request.Target = probe.Target{Host: server, Port: relayPort}
	return h.once(inv, func() (Answer, Record) { return h.test(inv, asked{command: c}) })
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
