package playground

import (
	"html/template"
	"net/url"
	"strings"

	"smtptest/bot/playground/slack"
	"smtptest/formatting/html"
)

// slackLog are the messages that a person sees in a channel.
func (p *Playground) slackLog(s seat) []item {
	out := p.noticed(s.who.Name, s.Slack.ID)
	if s.Slack.ID == home {
		return append(out, item{ID: "s-home", At: p.since, Author: "smtptest", Bot: true, Of: "slack",
			Body: s.view(nil).Blocks(p.Slack.Home(s.who.slack))})
	}
	threads := map[string][]item{}
	all := p.Slack.Messages(s.Slack.ID)
	for _, m := range p.Slack.Ephemerals(s.who.slack) {
		if m.Channel == s.Slack.ID {
			all = append(all, m)
		}
	}
	files := p.slackFiles(s)
	for _, m := range all {
		switch {
		case m.Deleted:
		case m.Thread != "" && m.Thread != m.TS:
			threads[m.Thread] = append(threads[m.Thread], p.slackItem(s, m, files))
		default:
			out = append(out, p.slackItem(s, m, files))
		}
	}
	out = inOrder(out)
	for i := range out {
		p.slackThread(s, &out[i], threads)
	}
	return out
}

// slackThread puts a thread below a message of everybody.
func (p *Playground) slackThread(s seat, i *item, threads map[string][]item) {
	if i.Private {
		return
	}
	ts := i.ts
	hidden := s.hidden("slack.say", html.Field{Name: "thread", Value: ts})
	i.Thread = &thread{ID: element("t", i.ID), Items: inOrder(threads[ts]), Open: s.Only != "", Reply: &compose{
		ID: element("reply", i.ID), Label: "Reply in the thread", Hint: "@smtptest good", Hidden: hidden, Action: s.do(),
	}}
}

func (p *Playground) slackItem(s seat, m slack.Message, files map[string]file) item {
	out := item{
		ID: element("s", m.Channel, m.TS), ts: m.TS, At: m.Posted, Author: name(m.By), Of: "slack", Private: m.Ephemeral(),
		Edited: len(m.Before) > 0,
	}
	if m.Bot {
		out.Author, out.Bot = "smtptest", true
	}
	if !m.Ephemeral() {
		out.Menu = menu{[]string{Shortcut}, s.hidden("slack.apply", html.Field{Name: "message", Value: m.TS}), s.do()}
	}
	v := s.view(s.hidden("slack.press", html.Field{Name: "message", Value: m.TS}))
	if m.Blocks != nil {
		out.Body = v.Blocks(m.Blocks) + v.Attachments(m.Attachments)
	} else {
		out.Text = strings.ReplaceAll(m.Text, "<@"+slack.BotUI+">", "@smtptest")
	}
	for _, id := range m.Files {
		if f, ok := files[id]; ok {
			out.Files = append(out.Files, f)
		}
	}
	return out
}

func (p *Playground) slackFiles(s seat) map[string]file {
	out := map[string]file{}
	for _, f := range p.Slack.Files() {
		out[f.ID] = file{Name: f.Name, Size: len(f.Data), URL: s.at("file", "slack", f.ID), Preview: previewed(f.Data)}
	}
	return out
}

// slackModal is the modal that a person sees.
func (p *Playground) slackModal(s seat) *modal {
	view, ok := p.Slack.OpenView(s.who.slack)
	if !ok {
		return nil
	}
	v := s.view(nil)
	v.Errors = view.Errors
	v.Secret = hidden("Slack itself shows what is typed here.")
	fields := s.hidden("slack.modal", html.Field{Name: "view", Value: view.ID})
	return &modal{ID: "slack-modal", Of: "slack", Body: v.Modal(view.Content), Hidden: fields, Action: s.do(),
		Version: view.Hash + strings.Join(keys(view.Errors), " ")}
}

// hidden says of the field for a secret what its platform does, where this
// page hides what is typed.
func hidden(says string) func(string) string {
	return func(field string) string {
		if field == "secret" {
			return says
		}
		return ""
	}
}

// permalink finds the element of a message by its address on Slack.
func permalink(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	parts := strings.Split(u.Path, "/")
	if len(parts) != 4 || parts[1] != "archives" || len(parts[3]) < 8 {
		return ""
	}
	digits := strings.TrimPrefix(parts[3], "p")
	return "#" + element("s", parts[2], digits[:len(digits)-6]+"."+digits[len(digits)-6:])
}

// modal is a form before the eyes of a person.
type modal struct {
	ID, Of  string
	Body    template.HTML
	Hidden  []html.Field
	Action  string
	Version string
}
