package command

import (
	"slices"
	"strings"

	"smtptest/formatting"
)

// topicOptions is the topic of help that lists all options.
const topicOptions = "options"

// OptionHelp is one option as help and Discord's registration show it.
type OptionHelp struct {
	Name     string   // without dashes
	Value    string   // form of its value; empty: a switch
	Meaning  string   // one line of at most 100 runes
	Choices  []string // the only values; empty: others too
	Chat     bool     // exists in a chat
	Terminal bool     // exists in a terminal
}

// Help lists the options that a topic is about: all of the dialect for "" and
// "options", one for its name, none for anything else.
func Help(topic string, d Dialect) []OptionHelp {
	var rows []OptionHelp
	for _, o := range optionsOf(d) {
		if topic != "" && topic != topicOptions && topic != o.name {
			continue
		}
		rows = append(rows, OptionHelp{
			Name: o.name, Value: o.shape, Meaning: o.meaning, Choices: slices.Clone(o.choices),
			Chat:     slices.Contains(optionNames(Dialect{}), o.name),
			Terminal: slices.Contains(optionNames(Dialect{Terminal: true}), o.name),
		})
	}
	return rows
}

// example is a command in use.
type example struct {
	formatting.Example
	needs feature
}

// examples is the table, in the order in which help lists it.
var examples = []example{
	{formatting.Example{Command: "smtp.example.com:587", Does: "STARTTLS if it is offered"}, needsNothing},
	{formatting.Example{Command: "smtp.example.com:465", Does: "TLS from the first octet"}, needsNothing},
	{formatting.Example{Command: "smtp.example.com:587 --tls starttls", Does: "fail if STARTTLS is not offered"},
		needsNothing},
	{formatting.Example{Command: "[2001:db8::25]:25", Does: "one address, no lookup"}, needsNothing},
	{formatting.Example{Command: "smtp.example.com:25 --to bob@example.com", Does: "ask if a recipient is accepted"},
		needsEnvelope},
	{formatting.Example{Command: "explain 535 5.7.8", Does: "what a code, a reply or a bounce means"}, needsNothing},
	{formatting.Example{Command: "explain bounce.eml", Does: "a bounce: who refused, and what it means"}, needsTerminal},
	{formatting.Example{Command: "domain example.com", Does: "every mail server of a domain"}, needsDomain},
	{formatting.Example{Command: "compare a.example b.example", Does: "in what two servers differ"}, needsNothing},
	{formatting.Example{Command: exampleVantage, Does: "the same from another place; or from all"}, needsVantage},
	{formatting.Example{Command: "egress", Does: "which mail ports are let out here"}, needsEgress},
	{formatting.Example{Command: "sandbox", Does: "servers to try it on"}, needsTerminal},
	{formatting.Example{Command: "smtp.example.com:587 --private", Does: "only you see the answer"}, needsChat},
	{formatting.Example{Command: exampleLogin, Does: "a form asks for user and password"}, needsForm},
	{formatting.Example{Command: "HOST:PORT --profile NAME", Does: "log in with a profile of the operator's"},
		needsProfile},
}

const (
	exampleLogin   = "login smtp.example.com:587"
	exampleVantage = "smtp.example.com:587 from NAME"
)

// examplesOf are the examples of one dialect, as they are typed there.
func examplesOf(d Dialect) []formatting.Example {
	var all []formatting.Example
	for _, e := range examples {
		if !d.has(e.needs) {
			continue
		}
		if e.Command == exampleLogin && len(d.LoginHosts) > 0 {
			e.Command = "login " + d.LoginHosts[0] + ":587"
		}
		if e.Command == exampleVantage {
			e.Command = strings.ReplaceAll(e.Command, "NAME", d.Vantages[0])
		}
		e.Command = d.Write(e.Command)
		all = append(all, e.Example)
	}
	return all
}

// name is what stands before each command.
func (d Dialect) name() string {
	switch {
	case d.Terminal:
		return "smtptest "
	case d.Platform == formatting.Discord:
		return "/smtptest target:"
	}
	return "/smtptest "
}

// Write is a command as it is typed, its name in front.
func (d Dialect) Write(text string) string { return d.name() + d.typed(text) }

// typed is a command with its options as its place has them: Discord has a
// field for each.
func (d Dialect) typed(text string) string {
	if d.Platform != formatting.Discord {
		return text
	}
	words := strings.Fields(text)
	for i, w := range words {
		name, option := strings.CutPrefix(w, "--")
		switch {
		case option && i+1 < len(words):
			words[i] = name + ":"
		case option:
			words[i] = name + ":True"
		}
	}
	return strings.ReplaceAll(strings.Join(words, " "), ": ", ":")
}

// Hint says in one line of at most 100 runes what can be typed into Discord's
// field for the target.
func Hint(d Dialect) string {
	var shapes []string
	for _, row := range commands(d)[1:] {
		if d.has(row.needs) && row.verb != VerbTest { // watch is a field of its own where there are fields
			shapes = append(shapes, strings.TrimSpace(row.words[0]+" "+row.shape))
		}
	}
	return formatting.Say(formatting.LabelTarget, formatting.Value{Name: "others", Text: strings.Join(shapes, ", ")}).What
}
