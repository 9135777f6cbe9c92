package formatting

import "strings"

// terminalTopics are the subjects of help that exist at a terminal alone.
var terminalTopics = []Topic{
	{Name: "topics", Title: "Topics of help"}, // HelpTopics
	{Name: "test", Title: "Testing a server", Terminal: []string{
		"Write smtptest HOST:PORT. Without a port, 587 is tested. What you have at hand is understood too, such as " +
			"smtps://HOST, HOST PORT or [2001:db8::1]:25.",
		"The answer has the verdict, what to try, the facts, and the whole conversation. --json is for programs, --ticket " +
			"for the people who run the server.",
		"A name like an option's stands behind two hyphens: smtptest -- HOST.",
	}},
	{Name: "explain", Title: "Explaining a text", Terminal: []string{
		"Write smtptest explain and a reply code, a whole reply, a word such as STARTTLS, a port, or an error text of a " +
			"program. Put quotes around what has blanks or signs in it.",
		"smtptest explain FILE reads a file, and smtptest explain - standard input: a log or a stack trace of up to " +
			"16 KiB, a bounce, or the header of a message. Of these two it says which server refused the message and what " +
			"that means, and where on its way the time went; --json writes it for programs. No address in it is shown again.",
	}},
	{Name: "egress", Title: "Which mail ports are let out", Terminal: []string{
		"Write smtptest egress. It connects to well-known mail servers on the ports of mail and says which of them this " +
			"network lets out. Nothing is said on these connections.",
	}},
	{Name: "sandbox", Title: "The sandbox", Terminal: []string{
		"smtptest sandbox starts servers on this machine, healthy ones and faulty ones, each with a name. At its prompt, " +
			"type a name with any options, such as good --to a@b.example; list shows all names.",
		"smtptest sandbox NAME [options] tests one and ends; smtptest sandbox list shows all names.",
	}},
	{Name: "console", Title: "The console", Terminal: []string{
		"smtptest console is the bot itself, with this terminal in the place of a chat: the same commands, buttons as " +
			"numbers, forms as questions. The sandbox's servers can be tested there by their names.",
		"smtptest console --as slack, or discord, prints what would be posted there.",
	}},
	{Name: "playground", Title: "The playground", Terminal: []string{
		"smtptest playground opens a page with Slack and Discord in your browser, with the bot on both and the sandbox's " +
			"servers to test. Both are copies on this machine: no account and no token is needed.",
		"-no-browser only prints the address, -port 8080 chooses its port, -containers shows Slack's newer blocks " +
			"(SLACK_CONTAINERS), -shots FOLDER takes the pictures of the documentation, which needs Chromium.",
	}},
	{Name: "completion", Title: "Completion in a shell", Terminal: []string{
		"source <(smtptest completion bash) lets bash complete commands, options, their values and the sandbox's servers; " +
			"in zsh it is the same with zsh. In fish: smtptest completion fish | source.",
	}},
	{Name: "version", Title: "The version", Terminal: []string{
		"smtptest version prints the version of this program and that of Go.",
	}},
	{Name: "mcp", Title: "Tools for an assistant", Terminal: []string{
		"Name the command smtptest mcp in the configuration of an assistant that speaks the Model Context Protocol. Its " +
			"tools are test, domain and explain; there is no login.",
		"It may test public addresses on the mail ports, ten times a minute. smtptest mcp --open lets it test whatever " +
			"this machine reaches: an assistant reads texts of strangers, and can be led to ask for more than you meant.",
		"What servers say is marked as untrusted data, apart from the words of this program.",
	}},
	{Name: "exit", Title: "Exit codes"}, // ExitCodes
	{Name: "expect"},                    // HelpExpect
}

// TerminalTopics are the subjects of help that exist at a terminal alone, in
// order.
func TerminalTopics() []Topic { return append([]Topic(nil), terminalTopics...) }

// terminalCommands are what one can type at a terminal, without the name of
// the program.
var terminalCommands = []Fact{
	{Name: "HOST[:PORT]", Value: "test a server; without a port, 587"},
	{Name: "HOST --login USER", Value: "test a login; the password is asked for"},
	{Name: "explain TEXT", Value: "what a code, a reply, an error or a bounce means; or FILE, or - for standard input"},
	{Name: "domain NAME", Value: "a whole mail domain: every server, DNSSEC, DANE, MTA-STS, what each sender would do"},
	{Name: "compare HOST HOST", Value: "in what two servers differ; HOST IP IP: two addresses of one"},
	{Name: "egress", Value: "which mail ports this network lets out"},
	{Name: "sandbox [NAME]", Value: "servers on this machine to try it on, healthy and faulty"},
	{Name: "console", Value: "the bot itself, with this terminal in the place of a chat"},
	{Name: "playground", Value: "Slack and Discord in your browser, with the bot on both"},
	{Name: "mcp", Value: "tools for an assistant: test, domain, explain, over the Model Context Protocol"},
	{Name: "completion SHELL", Value: "what completes words in bash, zsh or fish: source <(smtptest completion bash)"},
	{Name: "version", Value: "the version of this program"},
	{Name: "help [TOPIC]", Value: "this, or one of the topics below, or an option"},
}

// ExitCodes are those of the program for a terminal.
func ExitCodes() Facts {
	return Facts{Title: "Exit codes", Rows: []Fact{
		{Name: "0", Value: "the server works, also with warnings"},
		{Name: "1", Value: "it failed; with --expect: something does not hold"},
		{Name: "2", Value: "inconclusive: nothing can be said from here; with --expect: too little was seen"},
		{Name: "3", Value: "not tested"},
		{Name: "64", Value: "the command could not be read"},
		{Name: "70", Value: "a fault in this program"},
		{Name: "74", Value: "the answer could not be written"},
	}}
}

// HelpTopics lists what help knows besides the options.
func HelpTopics(topics []string) Prose {
	all := strings.Join(topics, ", ") + ", and the name of each option"
	return Prose{Title: "Topics of help", Paragraphs: []string{all}}
}

// HelpAtTerminal is the whole help of a terminal. name is that of the program.
func HelpAtTerminal(name string, options []Fact, topics []string) Message {
	return Message{Sections: []Section{
		Prose{Title: HelpHead()},
		Facts{Title: "What to type behind " + name, Rows: terminalCommands},
		Facts{Title: "Options of a test", Rows: options},
		HelpTopics(topics),
		ExitCodes(),
		Prose{Paragraphs: []string{HelpTail()}},
	}}
}
