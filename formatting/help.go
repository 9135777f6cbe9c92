package formatting

import (
	"fmt"
	"strings"
)

// topics are the texts of help, in the order in which they are listed. What
// is a table elsewhere (options, examples, limits) is not repeated here.
var topics = []Topic{
	{Name: "options", Title: "All options"},
	{Name: "examples", Title: "Examples"},
	{Name: "tls", Title: "TLS and STARTTLS", Paragraphs: []string{
		"STARTTLS begins in the clear and changes to TLS when the client asks (ports 587, 25, 2525). Implicit TLS begins " +
			"with TLS at once (port 465). A client that is set to one on the port of the other waits, or says “wrong " +
			"version number”.",
		"Without --tls, 465 is tested with implicit TLS and every other port with STARTTLS if the server offers it. --tls " +
			"starttls fails when it is not offered; --tls none never asks for it.",
		"Every certificate is shown, however bad it is, and four questions are answered by themselves: name, dates, " +
			"chain, usage.",
	}},
	{Name: "domain", Title: "A whole mail domain", Paragraphs: []string{
		"Write domain EXAMPLE.COM, a mail address, or “mail for example.com”. Every mail server in its MX records is " +
			"tested on port 25 at each of its addresses, twelve at most, beside the records that senders read: DNSSEC, " +
			"DANE, MTA-STS, SPF, DMARC.",
		"The answer says what each kind of sender would do: deliver with or without encryption, wait, or bounce after " +
			"days. --selector NAME looks at a DKIM key too: nobody can list them.",
		"What DNSSEC signs is verified here, from the root's keys down.",
	}, Terminal: []string{
		"Write smtptest domain EXAMPLE.COM. Every mail server in its MX records is tested on port 25 at each of its " +
			"addresses, twelve at most, beside the records that senders read: DNSSEC, DANE, MTA-STS, SPF, DMARC.",
		"The answer says what each kind of sender would do: deliver with or without encryption, wait, or bounce after " +
			"days. --selector NAME looks at a DKIM key too: nobody can list them.",
		"What DNSSEC signs is verified here, from the root's keys down; --trust-anchors FILE names other keys.",
		"--block-list ZONE asks a DNS block list about the servers' addresses; without it none is asked.",
	}},
	{Name: "deep", Title: "A deep TLS scan", Paragraphs: []string{
		"Add --deep to see what TLS a server takes: versions, cipher suites, groups, certificates. It makes about 35 " +
			"connections within seconds, 100 and 30 seconds at most, four at once. Each ends during the handshake: nothing " +
			"is logged in or sent.",
		"The answer says what to change, most worthwhile first, and which well-known clients cannot connect and why. On " +
			"587 and 465 it goes by what mail programs need; on 25 old TLS is better than none, and no fault.",
		"One scan of an address is made in ten minutes; who asks again reads that one.",
	}, Terminal: []string{
		"Add --deep to see what TLS a server takes: versions, cipher suites, groups, certificates. It makes about 35 " +
			"connections within seconds, 100 and 30 seconds at most, four at once. Each ends during the handshake: nothing " +
			"is logged in or sent.",
		"The answer says what to change, most worthwhile first, and which well-known clients cannot connect and why. On " +
			"587 and 465 it goes by what mail programs need; on 25 old TLS is better than none, and no fault.",
		"With --json every connection is there, with what was offered and what was chosen. The exit code is 1 where " +
			"today's clients get no TLS; what else could be better is a warning.",
	}},
	{Name: "login", Title: "Testing a login", Paragraphs: []string{
		"Write login HOST:PORT, or press “Test a login…” under a result. A form asks for user and password, for you " +
			"alone; the result is shown to you alone.",
		"The password is used once, over TLS 1.2 or better with a certificate that verifies, and is neither kept nor " +
			"logged. The chat platform sees what you type into its form, so use a test account.",
		"Never type a password into a command: it is refused, and stays in your history.",
	}, Terminal: []string{
		"Write smtptest HOST:PORT --login USER. The password is asked for and not shown; --password-file reads it from a " +
			"file, and --token-file reads an OAuth 2 token.",
		"It is used once, over TLS 1.2 or better with a certificate that verifies, and is neither kept nor logged.",
		"Never type a password into a command: it is refused, and stays in your history.",
	}},
	{Name: "vantages", Title: "Testing from other places", Paragraphs: []string{
		"Write HOST:PORT from NAME, or add --from-vantage NAME: the test is made by an agent at that place, and the answer " +
			"says so. domain and egress take a place too.",
		"HOST:PORT from all asks every place that is connected, and this one. What works where says whose side it is; a " +
			"place that differs from the others is asked once more. It counts as one test.",
		"A login is sealed for the agent's own key, so that nobody on the way reads it.",
	}},
	{Name: "ports", Title: "Ports", Paragraphs: []string{
		"587: submission, for programs and people that log in, with STARTTLS. 465: the same with implicit TLS. 25: " +
			"between mail servers; many networks block it on its way out. 2525: an alternative to 587 at some providers.",
		"Without a port, 587 is tested and the answer says so.",
	}},
	{Name: "codes", Title: "Reply codes", Paragraphs: []string{
		"2 means done, 3 go on, 4 not now, 5 no. The second number tells the subject: 0 syntax, 2 connection, 5 the mail " +
			"itself; AUTH has its own in 235, 334, 530, 534, 535, 538.",
		"A finer code such as 5.7.1 may follow. Write explain with a code, the whole line, or a bounce, to read what it " +
			"means.",
	}},
	{Name: "limits", Title: "Limits", Terminal: []string{
		"A terminal has none: you may test whatever this machine can reach. In a chat, the tests of one person, in one " +
			"channel and of one server are counted.",
	}},
	{Name: "privacy", Title: "Privacy", Paragraphs: []string{
		"Nothing is stored: no host name, no result, no password, no log of them. A result lives in memory for an hour at " +
			"most, for the buttons under it, and in the thread that people see.",
		"No message is ever sent to the server under test. Its log shows a session from this bot's address that ended " +
			"without a message.",
		"With --private the answer is shown to you alone.",
	}, Terminal: []string{
		"Nothing is stored: no host name, no result, no password, no log of them.",
		"No message is ever sent to the server under test. Its log shows a session from this machine's address that ended " +
			"without a message.",
	}},
}

// Topic is one subject of help. Paragraphs are empty where a table of the bot
// says it all.
type Topic struct {
	Name       string // one lower-case word
	Title      string
	Paragraphs []string
	Terminal   []string // what is read at a terminal instead; empty: the same
}

// Topics are all subjects of help, in order.
func Topics() []Topic { return append([]Topic(nil), topics...) }

// HelpHead is the first line of help.
func HelpHead() string { return "Test an SMTP server. No message is ever sent." }

// HelpTail is the last line of help.
func HelpTail() string { return "Never type a password into a command." }

// Example shows the command in use.
type Example struct {
	Command string // as it is typed, the name of the program in front
	Does    string // a few words
}

// HelpOverview is the short help: what to type, and where there is more. help is
// the command for it; mention: the bot reads messages that name it.
func HelpOverview(examples []Example, help string, topics []string, mention bool) Message {
	more := Prose{Paragraphs: []string{
		"More: " + help + " and one of " + strings.Join(topics, ", ") + ".",
		HelpTail(),
	}}
	if mention {
		more.Paragraphs = append(more.Paragraphs,
			"Where commands do not work, as in threads, mention the bot: @smtptest HOST:PORT.")
	}
	return Message{Sections: []Section{Prose{Title: HelpHead()}, HelpExamples(examples), more}}
}

// HelpExamples lists examples, each under what it does.
func HelpExamples(examples []Example) Code {
	c := Code{Title: "What to type"}
	for _, e := range examples {
		c.Lines = append(c.Lines, CodeLine{Text: "# " + e.Does}, CodeLine{Text: e.Command})
	}
	return c
}

// HelpLogin says how a login is tested in a chat: in a form, with a profile, or
// both. Typed passwords go to hosts alone; empty: to any.
func HelpLogin(form, profiles bool, hosts []string) []string {
	var all []string
	for _, t := range topics {
		if t.Name == "login" && form {
			all = append(all, t.Paragraphs...)
		}
	}
	if form && len(hosts) > 0 {
		all = append(all, "Passwords that are typed go to these servers alone: "+strings.Join(hosts, ", ")+".")
	}
	if profiles {
		all = append(all, "Add --profile NAME to a test to log in with a profile, which the operator of this bot has set "+
			"up: nobody types a password, and its secret goes to its own servers alone.")
	}
	if len(all) == 0 {
		all = []string{Say(RefusedLogin).String()}
	}
	return all
}

// HelpPorts says which ports may be tested; empty: nothing is known of that.
func HelpPorts(open string) []string {
	if open == "" {
		return nil
	}
	return []string{"Open here: " + open + ". The operator of this bot can allow others."}
}

// OptionsAt writes the options that texts name as the place shows them.
func OptionsAt(texts []string, where Platform) []string {
	var all []string
	for _, t := range texts {
		all = append(all, optionsAt(t, where))
	}
	return all
}

// Limits are what may be asked for how often, each as Rate writes it.
type Limits struct {
	Person, Channel, Target, Login, Recipients string
	LoginShared                                string // of one provider, and of one person
	AtOnce, PersonAtOnce                       int    // tests that run at the same time
}

// Facts are the limits for people: those of logins and recipients only where
// such tests are made.
func (l Limits) Facts(logins, recipients bool) []Fact {
	all := []Fact{
		{Name: "Tests per person", Value: l.Person},
		{Name: "Tests per channel", Value: l.Channel},
		{Name: "Tests at once", Value: fmt.Sprintf("%d, of one person %d", l.AtOnce, l.PersonAtOnce)},
		{Name: "Tests per server", Value: l.Target + "; comparisons once a minute, deep TLS scans once in ten"},
	}
	if logins {
		all = append(all, Fact{Name: "Logins per server", Value: l.Login}, Fact{Name: "Logins per account", Value: l.Login},
			Fact{Name: "Logins per provider", Value: l.LoginShared}, Fact{Name: "Logins per person", Value: l.LoginShared})
	}
	if recipients {
		all = append(all, Fact{Name: "Recipients", Value: l.Recipients + " for one person"})
	}
	return all
}
