package command

import (
	"slices"

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

// examples show the command in use.
var examples = []formatting.Example{
	{Command: "smtp.example.com:587", Does: "STARTTLS if it is offered"},
	{Command: "smtp.example.com:465", Does: "TLS from the first octet"},
	{Command: "smtp.example.com:587 --tls starttls", Does: "fail if STARTTLS is not offered"},
	{Command: "[2001:db8::25]:25", Does: "one address, no lookup"},
	{Command: "smtp.example.com:25 --to bob@example.com", Does: "ask if a recipient is accepted"},
	{Command: "explain 535 5.7.8", Does: "what a code or a reply means"},
}

// examplesOf are the examples of one dialect.
func examplesOf(d Dialect) []formatting.Example {
	all := slices.Clone(examples)
	if !d.NoEgress {
		all = append(all, formatting.Example{Command: "egress", Does: "which mail ports are let out here"})
	}
	if d.Terminal {
		return append(all, formatting.Example{Command: "sandbox", Does: "servers to try it on"})
	}
	return append(all,
		formatting.Example{Command: "smtp.example.com:587 --private", Does: "only you see the answer"},
		formatting.Example{Command: "login smtp.example.com:587", Does: "a form asks for user and password"})
}
