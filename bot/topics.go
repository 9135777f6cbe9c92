package bot

import (
	"strconv"
	"strings"

	"smtptest/formatting"
)

// Topics are the subjects of help that are not options, in order.
func Topics() []string {
	var names []string
	for _, t := range formatting.Topics() {
		names = append(names, t.Name)
	}
	return names
}

// HelpAbout answers help with a topic: one of Topics, the name of an option,
// or nothing. limits says what holds here.
func HelpAbout(topic string, d Dialect, limits LimitConfig) formatting.Message {
	if topic == "" {
		return overview(d)
	}
	for _, t := range formatting.Topics() {
		if t.Name == topic {
			return formatting.Message{Sections: []formatting.Section{topicSection(t, d, limits)}}
		}
	}
	return formatting.Message{Sections: []formatting.Section{optionFacts("--"+topic, Help(topic, d))}}
}

// overview is the short help: what to type, and where there is more.
func overview(d Dialect) formatting.Message {
	more := formatting.Prose{Paragraphs: []string{
		"More: " + commandName(d) + "help and one of " + strings.Join(Topics(), ", ") + ".",
		formatting.HelpTail(),
	}}
	if !d.Terminal {
		more.Paragraphs = append(more.Paragraphs, "Where commands do not work, as in Slack's threads, mention the bot: @smtptest HOST:PORT.")
	}
	return formatting.Message{Sections: []formatting.Section{
		formatting.Prose{Title: formatting.HelpHead()}, exampleLines(d), more,
	}}
}

func topicSection(t formatting.Topic, d Dialect, limits LimitConfig) formatting.Section {
	if d.Terminal && len(t.Terminal) > 0 {
		return formatting.Prose{Title: t.Title, Paragraphs: t.Terminal}
	}
	switch t.Name {
	case topicOptions:
		return optionFacts(t.Title, Help("", d))
	case "examples":
		return exampleLines(d)
	case "limits":
		return formatting.Facts{Title: t.Title, Rows: limits.rows()}
	}
	return formatting.Prose{Title: t.Title, Paragraphs: t.Paragraphs}
}

func optionFacts(title string, rows []OptionHelp) formatting.Facts {
	f := formatting.Facts{Title: title}
	for _, h := range rows {
		f.Rows = append(f.Rows, formatting.Fact{Name: strings.TrimSpace("--" + h.Name + " " + h.Value), Value: h.Meaning})
	}
	return f
}

func exampleLines(d Dialect) formatting.Code {
	c := formatting.Code{Title: "What to type"}
	for _, e := range examplesOf(d) {
		c.Lines = append(c.Lines, formatting.CodeLine{Text: "# " + e[1]}, formatting.CodeLine{Text: commandName(d) + e[0]})
	}
	return c
}

// commandName is what stands before each command, with a blank.
func commandName(d Dialect) string {
	if d.Terminal {
		return "smtptest "
	}
	return "/smtptest "
}

// rows say what is allowed, for people.
func (c LimitConfig) rows() []formatting.Fact {
	return []formatting.Fact{
		{Name: "Tests per person", Value: c.Person.String()},
		{Name: "Tests per channel", Value: c.Channel.String()},
		{Name: "Tests at once", Value: strconv.Itoa(c.AtOnce)},
		{Name: "Connections", Value: c.Target.String() + " to one server"},
		{Name: "Logins per server", Value: c.Login.String()},
		{Name: "Logins per account", Value: c.Login.String()},
		{Name: "Recipients", Value: c.Recipients.String() + " for one person"},
	}
}
