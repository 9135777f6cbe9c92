package command

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"smtptest/formatting"
	"smtptest/probe"
)

// pasted reads a text that is no command: a line of another program, of a
// configuration or a log, or a sentence. One target in it is understood; several
// are a question. strict is what is wrong with it as a command, and stands where
// nothing better is known.
func (p *parser) pasted(words []word, strict *UsageError) *UsageError {
	r := &pasteReader{dialect: p.dialect, program: programIn(words)}
	if r.program == "" && strict.Option != "" {
		return strict // an option of ours was given, and given wrongly
	}
	if err := r.read(p, words); err != nil {
		return err
	}
	targets := r.targets(r.best())
	if err := r.refused(words, strict, targets); err != nil {
		return err
	}
	if len(targets) > 1 {
		return &UsageError{ID: formatting.UsageSeveral, Targets: names(targets)}
	}
	p.target = &targets[0]
	if s := r.asks(); s != "" && !p.given["tls"] {
		p.command.Request.Security = s
	}
	p.command.Pasted, p.command.LeftOut = true, r.ignored || len(r.left) > 0
	return nil
}

// Find finds the servers in a text that was not written for the bot, the
// likeliest first: several where it names several. What is no server is passed
// over. Errors: *UsageError, for a link that shows another name than it leads to.
func Find(text string, d Dialect) ([]Command, error) {
	p := &parser{dialect: d}
	words := splitWords(p.normalise(cut(text, maxExplainedOctets)))
	if p.forged {
		return nil, &UsageError{ID: formatting.UsageForgedLink}
	}
	r := &pasteReader{dialect: d, program: programIn(words)}
	for _, t := range items(words) {
		r.step(t)
	}
	var all []Command
	for rank := rankKey; rank >= rankName; rank-- {
		for _, t := range r.targets(rank) {
			q := &parser{dialect: d, target: &t}
			q.command = Command{Verb: VerbTest, Pasted: true}
			q.command.Request.Security = r.asks()
			same := func(c Command) bool { return c.Request.Target == q.command.Request.Target }
			if q.finish() == nil && !slices.ContainsFunc(all, same) {
				all = append(all, q.command)
			}
		}
		if rank == rankKey && len(all) > 0 {
			break // a log or a setting says which one it is about
		}
	}
	return all, nil
}

// names are the targets in the form in which they are typed.
func names(targets []target) []string {
	var all []string
	for _, t := range targets {
		all = append(all, probe.Target{Host: t.host, Port: settledPort(t)}.String())
	}
	return all
}

// refused says why a text is not acted upon: no target is in it, an option that
// nobody knows, or words that may be a user and a password.
func (r *pasteReader) refused(words []word, strict *UsageError, targets []target) *UsageError {
	byHand := r.program == "" && r.best() < rankKey && !r.foreign
	if r.fault != nil && (byHand || r.fault.Suggestion != "") {
		return r.fault
	}
	hint := strict.ID != formatting.UsageSingleLabel || strict.Suggestion != "" // of what was meant
	switch {
	case len(targets) > 0 && byHand:
		return r.beside(strict, hint)
	case len(targets) > 0:
		return nil
	case r.local > 0:
		return &UsageError{ID: formatting.UsageSingleLabel, Word: r.local}
	case len(words) > 2 && !hint:
		return &UsageError{ID: formatting.UsageNoTarget}
	}
	return strict
}

// beside says what is wrong with the words beside a target that somebody has
// typed: nothing, if they are a sentence.
func (r *pasteReader) beside(strict *UsageError, hint bool) *UsageError {
	sentence := r.fillers > 0 || len(r.left) >= sentenceWords
	for _, t := range r.left {
		if (sentence || len(r.left) > 1) && passwordLike(t.text) {
			return &UsageError{ID: formatting.UsageSecret, Word: t.place}
		}
	}
	switch {
	case sentence || len(r.left) == 0:
		return nil
	case hint:
		return strict
	}
	return &UsageError{ID: formatting.UsageExtraWord, Word: r.left[0].place}
}

// sentenceWords is how many words beside a target are a sentence in whatever
// language. A user, a password and what separates them are fewer.
const sentenceWords = 5

// passwordLike reports letters and digits mixed in one word, as in no word of
// a language: not a time such as 30s, and nothing with the punctuation of names,
// addresses and versions.
func passwordLike(text string) bool {
	const leastChars = 6
	letters := strings.ContainsFunc(text, unicode.IsLetter)
	rest := strings.TrimLeft(text, "0123456789")
	time := rest != text && !strings.ContainsFunc(rest, unicode.IsDigit)
	mixed := strings.ContainsAny(text, "0123456789!#$%^&*+~")
	return len(text) >= leastChars && letters && mixed && !time && !strings.ContainsAny(text, ".:/[]@\\")
}

// programIn is the first program of the text that mail servers are tested
// with; empty: none.
func programIn(words []word) string {
	for _, t := range items(words) {
		name := strings.ToLower(t.text[strings.LastIndex(t.text, "/")+1:])
		name = strings.TrimSuffix(name, ".exe")
		if _, known := programs[name]; known && !t.option && !t.key {
			return alias(name)
		}
	}
	return ""
}

// item is a piece of a word, without the punctuation around it.
type item struct {
	text   string
	place  int
	option bool // begins with a hyphen
	key    bool // "=" or ":" follows
	call   bool // "(" follows at once
	paren  bool // "(" or "[" stands before it
}

// items splits words at what surrounds names and values in commands, files and
// code.
func items(words []word) []item {
	var all []item
	for _, w := range words {
		first := len(all)
		for at := 0; at <= len(w.text); at++ {
			end := len(w.text)
			if n := strings.IndexAny(w.text[at:], " \"'`(){}<>,;|*="); n >= 0 {
				end = at + n
			}
			all = appendItem(all, w, at, end)
			at = end
		}
		if first < len(all) {
			all[first].option = looksLikeOption(w.text)
		}
	}
	return all
}

// appendItem adds what stands between two separators. What is followed by "="
// or a colon is a key, and so is the name of an element of XML.
func appendItem(all []item, w word, at, end int) []item {
	before, after := byte(0), byte(0)
	if at > 0 {
		before = w.text[at-1]
	}
	if end < len(w.text) {
		after = w.text[end]
	}
	name := strings.TrimRight(w.text[at:end], ":")
	t := item{
		text: strings.TrimLeft(name, "$"), place: w.place, paren: before == '(', call: after == '(',
		key: len(name) < end-at || after == '=' || before == '<' && after == '>',
	}
	closes := before == '<' && after == '>' && strings.HasPrefix(t.text, "/")
	if strings.Trim(t.text, "-~&#.!?+%…\\") != "" && !closes {
		return append(all, t)
	}
	if t.key && len(all) > 0 {
		all[len(all)-1].key = true
	}
	return all
}

// asks is the TLS that the text asks for; empty: it does not say.
func (r *pasteReader) asks() probe.Security {
	switch {
	case r.security != "":
		return r.security
	case r.spoken != "" && r.fillers == 0:
		return r.spoken // "H:465 SSL/TLS"; a sentence may say that there is none
	}
	return programs[r.program]
}

// pasteReader takes hosts and ports out of the items of a text.
type pasteReader struct {
	dialect Dialect
	program string // that the text calls; empty: none

	found    []candidate
	open     int            // the candidate that a number belongs to, from 1; 0: none
	ports    []uint16       // under a key, or behind the word port
	security probe.Security // that an option or a setting asks for; empty: none does
	spoken   probe.Security // that a word says; empty: none does
	next     role           // of the next item
	meant    probe.Security // of roleTLS, when it is on
	named    role           // of the setting whose value is still to come
	before   item           // the last word that was left over
	local    int            // place of a host without a dot; 0: there is none
	mx       bool           // the host behind is named by an MX record
	foreign  bool           // a line of a log or of a program, which nobody has typed
	fault    *UsageError    // an option that nobody knows; nil: there is none
	fillers  int            // words of a sentence
	left     []item         // what nothing explains
	ignored  bool           // something was passed over
}

// Ranks of candidates: only the best are targets.
const (
	rankOther = iota + 1 // the value of an unknown setting, a web page
	rankName             // has the form of a host name
	rankPort             // has a port, or the form of a mail server's log
	rankKey              // is called a server by its option or setting
)

// candidate is what may be the target.
type candidate struct {
	target target
	ports  []uint16 // beside that of target
	rank   int
}

// read walks over the text. Options of ours count where no other program is
// called, and of the others only switches: p takes them.
func (r *pasteReader) read(p *parser, words []word) *UsageError {
	var foreign []word
	for len(words) > 0 {
		w, rest := words[0], words[1:]
		o, err := p.find(w, optionName(w))
		switch {
		case !looksLikeOption(w.text) || !r.ours(w, o, err):
			foreign = append(foreign, w)
		case err != nil:
			r.fault = cmp.Or(r.fault, err)
			r.ignored = true
		default:
			if rest, err = p.option(words); err != nil {
				return err
			}
		}
		words = rest
	}
	for _, t := range items(foreign) {
		r.step(t)
	}
	return nil
}

func optionName(w word) string {
	name, _, _ := strings.Cut(strings.TrimLeft(w.text, "-"), "=")
	return strings.ToLower(name)
}

// ours reports an option that this grammar has, or that is wrong in it: not
// one of another program.
func (r *pasteReader) ours(w word, o option, err *UsageError) bool {
	if r.program != "" {
		return err == nil && o.shape == "" && strings.HasPrefix(w.text, "--")
	}
	known, _ := r.roleOf(item{text: w.text, option: true})
	if cut, _, found := strings.Cut(w.text, "="); found {
		known, _ = r.roleOf(item{text: cut, option: true})
	}
	return err == nil || known == roleNone
}

// best is the highest rank of all that was found; 0: nothing was.
func (r *pasteReader) best() int {
	rank := 0
	for _, c := range r.found {
		rank = max(rank, c.rank)
	}
	return rank
}

// targets are the candidates of a rank, each once.
func (r *pasteReader) targets(rank int) []target {
	var all []target
	for _, c := range r.found {
		if c.rank != rank {
			continue
		}
		ports := c.ports
		if c.target.port != 0 {
			ports = append([]uint16{c.target.port}, ports...)
			if r.program == "" {
				ports = append(ports, r.ports...)
			}
		} else if len(ports) == 0 {
			ports = r.portsOf(c)
		}
		for _, port := range ports {
			t := c.target
			t.port = port
			all = add(all, t)
		}
	}
	return all
}

// portsOf are the ports of a candidate that has none beside it: those named
// elsewhere, those of the same host elsewhere, or 0 for none.
func (r *pasteReader) portsOf(c candidate) []uint16 {
	if len(r.ports) > 0 {
		return r.ports
	}
	for _, other := range r.found {
		if other.target.host == c.target.host && other.target.port != 0 {
			return []uint16{other.target.port}
		}
	}
	return []uint16{0}
}

func add(all []target, t target) []target {
	if slices.ContainsFunc(all, func(o target) bool { return o.host == t.host && settledPort(o) == settledPort(t) }) {
		return all
	}
	return append(all, t)
}
