package command

import (
	"slices"
	"strings"

	"smtptest/formatting"
)

// topicsOf are the subjects of help in one dialect.
func topicsOf(d Dialect) []formatting.Topic {
	all := formatting.Topics()
	if d.Terminal {
		all = append(formatting.TerminalTopics(), all...)
	}
	return slices.DeleteFunc(all, func(t formatting.Topic) bool {
		return t.Name == string(VerbDomain) && d.NoDomain || t.Name == "deep" && d.NoDeep ||
			t.Name == topicVantages && !d.has(needsVantage)
	})
}

// topicNames are the topics that help lists: that of logins where there are any.
func topicNames(d Dialect) []string {
	return slices.DeleteFunc(Topics(d), func(name string) bool { return name == topicLogin && !d.logsIn() })
}

// Topics are the subjects of help that are not options, in order.
func Topics(d Dialect) []string {
	var names []string
	for _, t := range topicsOf(d) {
		names = append(names, t.Name)
	}
	return names
}

const (
	topicLogin    = "login"
	topicVantages = "vantages"
)

// Here is what help says of the place where it is read, beside the dialect.
type Here struct {
	Limits   []formatting.Fact // of the topic of that name; nil: there are none
	Vantages []formatting.Fact // other places to test from, and how they stand; nil: there are none
	Ports    string            // that may be tested; empty: all
}

// HelpAbout answers help with a topic: one of Topics, the name of an option,
// or nothing.
func HelpAbout(topic string, d Dialect, here Here) formatting.Message {
	switch {
	case topic == "" && d.Terminal:
		return formatting.HelpAtTerminal(strings.TrimSpace(d.name()), optionFacts(d, ""), topicNames(d))
	case topic == "":
		return formatting.HelpOverview(examplesOf(d), d.name()+"help", topicNames(d), d.Platform == formatting.Slack)
	}
	for _, t := range topicsOf(d) {
		if t.Name != topic {
			continue
		}
		m := formatting.Message{Sections: []formatting.Section{topicSection(t, d, here)}}
		if topic == topicVantages && len(here.Vantages) > 0 {
			m.Sections = append(m.Sections, formatting.Facts{Rows: here.Vantages})
		}
		return m
	}
	return formatting.Message{Sections: []formatting.Section{
		formatting.Facts{Title: d.option(topic), Rows: optionFacts(d, topic)},
	}}
}

func topicSection(t formatting.Topic, d Dialect, here Here) formatting.Section {
	if d.Terminal && len(t.Terminal) > 0 {
		return formatting.Prose{Title: t.Title, Paragraphs: t.Terminal}
	}
	switch t.Name {
	case "topics":
		return formatting.HelpTopics(Topics(d))
	case "exit":
		return formatting.ExitCodes()
	case "expect":
		return formatting.HelpExpect()
	case topicOptions:
		return formatting.Facts{Title: t.Title, Rows: optionFacts(d, "")}
	case "examples":
		return formatting.HelpExamples(examplesOf(d))
	case "limits":
		return formatting.Facts{Title: t.Title, Rows: here.Limits}
	case topicLogin:
		t.Paragraphs = formatting.HelpLogin(d.has(needsForm), d.has(needsProfile), d.LoginHosts)
	case "ports":
		t.Paragraphs = append(t.Paragraphs, formatting.HelpPorts(here.Ports)...)
	}
	return formatting.Prose{Title: t.Title, Paragraphs: formatting.OptionsAt(t.Paragraphs, d.Platform)}
}

// optionFacts are options as the place shows them.
func optionFacts(d Dialect, topic string) []formatting.Fact {
	var all []formatting.Fact
	for _, h := range Help(topic, d) {
		all = append(all, formatting.Fact{Name: strings.TrimSpace(d.option(h.Name) + " " + h.Value), Value: h.Meaning})
	}
	return all
}

// option is the name of an option as the place shows it.
func (d Dialect) option(name string) string {
	if d.Platform == formatting.Discord {
		return name
	}
	return "--" + name
}
