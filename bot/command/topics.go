package command

import (
	"strings"

	"smtptest/formatting"
)

// topicsOf are the subjects of help in one dialect.
func topicsOf(d Dialect) []formatting.Topic {
	all := formatting.Topics()
	if d.Terminal {
		all = append(formatting.TerminalTopics(), all...)
	}
	return all
}

// Topics are the subjects of help that are not options, in order.
func Topics(d Dialect) []string {
	var names []string
	for _, t := range topicsOf(d) {
		names = append(names, t.Name)
	}
	return names
}

// HelpAbout answers help with a topic: one of Topics, the name of an option,
// or nothing. limits are shown under the topic of that name, in a chat alone.
func HelpAbout(topic string, d Dialect, limits []formatting.Fact) formatting.Message {
	switch {
	case topic == "" && d.Terminal:
		return formatting.HelpAtTerminal(d.name(), optionFacts(Help("", d)), Topics(d))
	case topic == "":
		return formatting.HelpOverview(d.name(), examplesOf(d))
	}
	for _, t := range topicsOf(d) {
		if t.Name == topic {
			return formatting.Message{Sections: []formatting.Section{topicSection(t, d, limits)}}
		}
	}
	return formatting.Message{Sections: []formatting.Section{
		formatting.Facts{Title: "--" + topic, Rows: optionFacts(Help(topic, d))},
	}}
}

func topicSection(t formatting.Topic, d Dialect, limits []formatting.Fact) formatting.Section {
	if d.Terminal && len(t.Terminal) > 0 {
		return formatting.Prose{Title: t.Title, Paragraphs: t.Terminal}
	}
	switch t.Name {
	case "topics":
		return formatting.HelpTopics(Topics(d))
	case "exit":
		return formatting.ExitCodes()
	case topicOptions:
		return formatting.Facts{Title: t.Title, Rows: optionFacts(Help("", d))}
	case "examples":
		return formatting.HelpExamples(d.name(), examplesOf(d))
	case "limits":
		return formatting.Facts{Title: t.Title, Rows: limits}
	}
	return formatting.Prose{Title: t.Title, Paragraphs: t.Paragraphs}
}

func optionFacts(rows []OptionHelp) []formatting.Fact {
	var all []formatting.Fact
	for _, h := range rows {
		all = append(all, formatting.Fact{Name: strings.TrimSpace("--" + h.Name + " " + h.Value), Value: h.Meaning})
	}
	return all
}

// name is what stands before each command.
func (d Dialect) name() string {
	if d.Terminal {
		return "smtptest"
	}
	return "/smtptest"
}
