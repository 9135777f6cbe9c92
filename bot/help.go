package bot

import (
	"fmt"
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

// examples show the command in use: what to write, and what it does.
var examples = [][2]string{
	{"smtp.example.com:587", "STARTTLS if it is offered"},
	{"smtp.example.com:465", "TLS from the first octet"},
	{"smtp.example.com:587 --tls starttls", "fail if STARTTLS is not offered"},
	{"[2001:db8::25]:25", "one address, no lookup"},
	{"smtp.example.com:25 --to bob@example.com", "ask if a recipient is accepted"},
	{"explain 535 5.7.8", "what a code or a reply means"},
}

// examplesOf are the examples of one dialect.
func examplesOf(d Dialect) [][2]string {
	if d.Terminal {
		return append(slices.Clone(examples), [2]string{"sandbox", "servers to try it on"})
	}
	return append(slices.Clone(examples),
		[2]string{"smtp.example.com:587 --private", "only you see the answer"},
		[2]string{"login smtp.example.com:587", "a form asks for user and password"})
}

// Usage is the help text in at most 30 lines, examples first.
func Usage(d Dialect) string {
	var b strings.Builder
	name := strings.TrimSpace(commandName(d))
	b.WriteString(formatting.HelpHead() + "\n\n")
	for _, e := range examplesOf(d) {
		fmt.Fprintf(&b, "  %-50s %s\n", name+" "+e[0], e[1])
	}
	fmt.Fprintf(&b, "\nOptions of %s HOST[:PORT], port %d if none is given:\n", name, DefaultPort)
	for _, h := range Help("", d) {
		fmt.Fprintf(&b, "  %-34s %s\n", strings.TrimSpace("--"+h.Name+" "+h.Value), h.Meaning)
	}
	b.WriteString("\n" + formatting.HelpTail() + "\n")
	return b.String()
}
