package command

import (
	"slices"
	"strings"

	"smtptest/formatting"
)

// Parse reads the text behind a chat command. Empty text asks for help.
// Errors: *UsageError.
func Parse(text string, d Dialect) (Command, error) {
	return parse(func(p *parser) *UsageError { return p.readText(text) }, d)
}

// ParseArgs reads the arguments of a terminal command, already split into
// words. No arguments ask for help. Errors: *UsageError.
func ParseArgs(args []string, d Dialect) (Command, error) {
	return parse(func(p *parser) *UsageError { return p.readArgs(args) }, d)
}

// ParseOptions reads Discord's form: target takes the whole grammar of Parse,
// and options are those that were typed into fields of their own. Errors:
// *UsageError.
func ParseOptions(target string, options []NamedValue, d Dialect) (Command, error) {
	return parse(func(p *parser) *UsageError {
		if err := p.readFields(options); err != nil {
			return err
		}
		return p.readText(target)
	}, d)
}

func parse(read func(*parser) *UsageError, d Dialect) (Command, error) {
	p := &parser{dialect: d, given: map[string]bool{}}
	if err := read(p); err != nil {
		return Command{}, err
	}
	if err := p.parse(); err != nil {
		return Command{}, err
	}
	return p.command, nil
}

// parser reads one command.
type parser struct {
	dialect Dialect
	size    int    // runes read so far
	words   []word // what is to be read
	fields  []word // values of typed options
	lines   string // of a text that is to be explained; empty: it has one
	forged  bool   // a link shows another name than it leads to

	command Command
	target  *target
	port    uint16          // named by a word of its own; 0: not named
	given   map[string]bool // options that were given
}

// word is one word that somebody typed.
type word struct {
	text  string // normalised
	raw   string // as typed, for the names of files
	place int    // from 1; 0: it is the value of a field
	field string // name of the typed option; empty: it is not in a field
}

func (p *parser) parse() *UsageError {
	if place, found := p.secret(); found {
		return &UsageError{ID: formatting.UsageSecret, Word: place}
	}
	for _, f := range p.fields {
		if _, found := findSecret([]word{f}); found {
			return p.inField(f, &UsageError{ID: formatting.UsageSecret})
		}
	}
	row, rest := findCommand(p.words, p.dialect)
	if p.forged && row.verb != VerbExplain { // which goes nowhere, and alerts are full of links with labels
		return &UsageError{ID: formatting.UsageForgedLink}
	}
	p.command.Verb = row.verb
	if err := p.notACommand(row); err != nil {
		return err
	}
	return row.read(p, rest)
}

// secret finds the first word that looks like a secret. A text that is to be
// explained mentions passwords without containing one; tokens and logins are
// still found in it.
func (p *parser) secret() (place int, found bool) {
	if row, rest := findCommand(p.words, p.dialect); row.verb == VerbExplain {
		return findPastedSecret(rest)
	}
	return findSecret(p.words)
}

// notACommand catches, on a terminal, a first word that is nearly a command:
// it would be looked up as a host of this network.
func (p *parser) notACommand(row command) *UsageError {
	if row.verb != VerbTest || !p.dialect.Terminal || len(p.words) == 0 {
		return nil
	}
	first := p.words[0]
	if strings.EqualFold(first.text, "login") {
		return &UsageError{ID: formatting.UsageLoginOption, Word: first.place}
	}
	known := append(commandNames(p.dialect), "sandbox", "console", "playground", "mcp", "completion", "version")
	err := quote(first.text, known, &UsageError{ID: formatting.UsageUnknownCommand, Word: first.place})
	if err.Suggestion == "" || strings.EqualFold(err.Suggestion, first.text) {
		return nil
	}
	return err
}

// command is one row of the table of commands.
type command struct {
	verb  Verb
	words []string // each begins this command; the first is its name
	shape string   // what follows the name
	needs feature
	read  func(*parser, []word) *UsageError
}

// commands is the table. What begins with none of its words is read by the
// first row, and nothing at all by the last.
func commands(d Dialect) []command {
	rows := []command{
		{verb: VerbTest, words: []string{"test"}, shape: "HOST:PORT", read: (*parser).test},
		{verb: VerbCompare, words: []string{"compare"}, shape: "A B", read: (*parser).compare},
	}
	if !d.Terminal {
		rows = append(rows, command{VerbLogin, []string{"login"}, "HOST:PORT", needsForm, (*parser).test})
	}
	if !d.NoWatch {
		rows = append(rows, command{verb: VerbTest, words: []string{"watch"}, shape: "HOST:PORT", read: (*parser).watched})
	}
	if !d.NoDomain {
		rows = append(rows, command{verb: VerbDomain, words: []string{"domain"}, shape: "DOMAIN", read: (*parser).domain})
	}
	if !d.NoEgress {
		rows = append(rows, command{verb: VerbEgress, words: []string{"egress"}, read: (*parser).egress})
	}
	return append(rows,
		command{verb: VerbExplain, words: []string{"explain"}, shape: "TEXT", read: (*parser).explain},
		command{verb: VerbHelp, words: []string{"help", "?", "-?", "-h", "--help"}, shape: "[TOPIC]", read: (*parser).help})
}

// findCommand finds the row and the words that are left to read. --help asks
// for help wherever it stands.
func findCommand(words []word, d Dialect) (command, []word) {
	rows := commands(d)
	test, help := rows[0], rows[len(rows)-1]
	if len(words) == 0 {
		return help, nil
	}
	for _, row := range rows {
		for _, known := range row.words {
			if strings.EqualFold(words[0].text, known) {
				return row, words[1:]
			}
		}
	}
	for _, w := range words {
		if w.text == "--" {
			break // what follows is no option
		}
		if strings.EqualFold(w.text, "--help") || w.text == "-h" && w.place == words[len(words)-1].place {
			return help, nil
		}
	}
	return test, words
}

// commandNames are the names of the commands, test first.
func commandNames(d Dialect) []string {
	var names []string
	for _, row := range commands(d) {
		if d.has(row.needs) {
			names = append(names, row.words[0])
		}
	}
	return names
}

// help reads the topic.
func (p *parser) help(words []word) *UsageError {
	if len(words) == 0 {
		return nil
	}
	if len(words) > 1 {
		return &UsageError{ID: formatting.UsageExtraWord, Word: words[1].place}
	}
	topic := strings.ToLower(strings.TrimLeft(words[0].text, "-"))
	known := append(Topics(p.dialect), optionNames(p.dialect)...)
	if slices.Contains(known, topic) {
		p.command.Topic = topic
		return nil
	}
	err := quote(words[0].text, known, &UsageError{ID: formatting.UsageUnknownTopic, Word: words[0].place})
	if err.Suggestion != "" {
		err.Suggestion = "help " + err.Suggestion
	}
	return err
}

// explain takes all words as they are: they are what somebody's program said.
func (p *parser) explain(words []word) *UsageError {
	if len(words) == 0 {
		return &UsageError{ID: formatting.UsageNothingToExplain}
	}
	var text []string
	for _, w := range words {
		text = append(text, w.text)
	}
	p.command.Topic, p.command.Lines = strings.Join(text, " "), p.lines
	return nil
}

// egress takes no target, and of the options those that say how to answer.
func (p *parser) egress(words []word) *UsageError {
	for len(words) > 0 {
		rest, taken, err := p.vantage(words)
		switch {
		case err != nil || taken:
		case looksLikeOption(words[0].text):
			rest, err = p.option(words)
		default:
			err = &UsageError{ID: formatting.UsageExtraWord, Word: words[0].place}
		}
		if err != nil {
			return err
		}
		words = rest
	}
	for _, f := range p.fields {
		if err := p.inField(f, p.setField(f)); err != nil {
			return err
		}
	}
	for _, o := range options {
		if p.given[o.name] && !slices.Contains([]string{"json", "private", optionVantage}, o.name) {
			return &UsageError{ID: formatting.UsageOptionEgress, Option: "--" + o.name}
		}
	}
	return p.checkVantage()
}

// test reads target and options, or what somebody has pasted.
func (p *parser) test(words []word) *UsageError {
	err := p.typed(words)
	if err == nil || len(words) == 0 || aboutVantage(err) {
		return err
	}
	if other, ok, err := p.meant(words); ok {
		*p = *other
		return err
	}
	again := &parser{dialect: p.dialect, fields: p.fields, given: map[string]bool{}}
	again.command.Verb = p.command.Verb
	strict := err
	if words, err = again.pastedVantage(words); err != nil {
		return err
	}
	if err = again.pasted(words, strict); err != nil {
		return err
	}
	if p.command.Verb == VerbLogin && again.command.LeftOut { // what else would stand beside a server to log in to?
		return &UsageError{ID: formatting.UsageSecret}
	}
	*p = *again
	return p.settle()
}

// typed reads target and options, in any order.
func (p *parser) typed(words []word) *UsageError {
	onlyTargets := false // behind --, as POSIX has it (XBD 12.2, guideline 10)
	for len(words) > 0 {
		var err *UsageError
		switch {
		case !onlyTargets && words[0].text == "--":
			onlyTargets, words = true, words[1:]
		case !onlyTargets && looksLikeOption(words[0].text):
			words, err = p.option(words)
		default:
			words, err = p.word(words)
		}
		if err != nil {
			return err
		}
	}
	return p.settle()
}

// word reads what belongs to no option: a place to test from, the target, its port.
func (p *parser) word(words []word) ([]word, *UsageError) {
	if rest, taken, err := p.vantage(words); taken || err != nil {
		return rest, err
	}
	return words[1:], p.positional(words[0])
}

// settle reads the typed options, which come last, and compares all.
func (p *parser) settle() *UsageError {
	for _, f := range p.fields {
		if err := p.inField(f, p.setField(f)); err != nil {
			return err
		}
	}
	return p.finish()
}

// positional reads a word that belongs to no option: the target, and behind
// it perhaps its port.
func (p *parser) positional(w word) *UsageError {
	if p.target == nil {
		t, err := readTarget(w.text, p.dialect)
		if err != nil {
			err.Word = w.place
			if err.ID == formatting.UsageSingleLabel {
				err.Suggestion = near(w.text, commandNames(p.dialect)[1:])
			}
			return err
		}
		p.target = &t
		return nil
	}
	text := strings.TrimPrefix(trimTarget(w.text), ":")
	port, ok := readPort(text)
	switch {
	case ok && p.port != 0 && p.port != port:
		return &UsageError{ID: formatting.UsagePortTwice, Word: w.place}
	case ok:
		p.port = port
		return nil
	case digits(text) && p.port == 0:
		return &UsageError{ID: formatting.UsageBadPort, Word: w.place}
	}
	if p.command.Verb == VerbLogin { // what else would stand behind a server to log in to?
		return &UsageError{ID: formatting.UsageSecret, Word: w.place}
	}
	return p.extraWord(w)
}

// inField makes an error point at the field that it came from.
func (p *parser) inField(f word, err *UsageError) *UsageError {
	known := func(o option) bool { return o.name == f.field && o.in(p.dialect) }
	if err != nil && err.Option == "" && slices.ContainsFunc(options, known) {
		err.Option = "--" + f.field
	}
	return err
}
