package command

import (
	"slices"
	"strings"

	"smtptest/formatting"
)

// VantageAll asks from every place at once, the bot's own among them.
const VantageAll = "all"

// vantageHere is the bot's own place, for whoever wants to say it.
const vantageHere = "here"

const optionVantage = "from-vantage"

// vantages are all values of the option.
func (d Dialect) vantages() []string {
	return append(slices.Clone(d.Vantages), VantageAll, vantageHere)
}

// isPlace reports a value of the option, in whatever case, where there is one.
func (d Dialect) isPlace(text string) bool {
	return len(d.Vantages) > 0 &&
		slices.ContainsFunc(d.vantages(), func(v string) bool { return strings.EqualFold(v, text) })
}

// IsVantage reports what can be the name of a vantage point: the form of
// IsProfile, and none of the two words that mean something of their own.
func IsVantage(name string) bool {
	return IsProfile(name) && name != VantageAll && name != vantageHere
}

// setVantage takes a place that there is.
func (p *parser) setVantage(w word) *UsageError {
	if len(p.dialect.Vantages) == 0 {
		return &UsageError{ID: formatting.UsageNoVantages, Word: w.place}
	}
	for _, name := range p.dialect.vantages() {
		if !strings.EqualFold(w.text, name) {
			continue
		}
		if p.given[optionVantage] {
			return &UsageError{ID: formatting.UsageOptionTwice, Option: "--" + optionVantage}
		}
		p.given[optionVantage] = true
		if p.command.Vantage = name; name == vantageHere {
			p.command.Vantage = ""
		}
		return nil
	}
	err := &UsageError{ID: formatting.UsageUnknownVantage, Word: w.place, Names: p.dialect.Vantages}
	if err = quote(w.text, p.dialect.vantages(), err); err.Suggestion != "" {
		err.Suggestion = "from " + err.Suggestion
	}
	return err
}

// vantage reads “from NAME”; taken is false where these words mean nothing here.
// A name that there is counts wherever it stands. Any other is a mistake only
// where it ends a command, so that sentences are left to pasted.
func (p *parser) vantage(words []word) (rest []word, taken bool, err *UsageError) {
	switch {
	case len(words) == 0 || !strings.EqualFold(words[0].text, "from"):
		return words, false, nil
	case len(words) == 1 && p.named() && len(p.dialect.Vantages) > 0:
		return words, false, &UsageError{ID: formatting.UsageNoValue, Word: words[0].place, Option: "from", Want: "NAME"}
	case len(words) == 1 || looksLikeOption(words[1].text):
		return words, false, nil
	}
	name := words[1]
	if p.dialect.isPlace(name.text) {
		return words[2:], true, p.setVantage(name)
	}
	ends := len(words) == 2 || looksLikeOption(words[2].text)
	switch {
	case !ends || !p.named():
		return words, false, nil
	case strings.Contains(name.text, "@") && p.dialect.has(needsEnvelope):
		return words, false, &UsageError{ID: formatting.UsageFromAddress, Word: name.place}
	case len(p.dialect.Vantages) > 0:
		return words, false, p.setVantage(name)
	}
	return words, false, nil
}

// named reports that a target or a domain was read already.
func (p *parser) named() bool {
	return p.target != nil || p.command.Verb == VerbDomain || p.command.Verb == VerbEgress
}

// aboutVantage reports an error that stands however else the words could be read.
func aboutVantage(err *UsageError) bool {
	return err.Option == "from" || slices.Contains([]formatting.TextID{
		formatting.UsageUnknownVantage, formatting.UsageFromAddress, formatting.UsageVantageAll,
	}, err.ID)
}

// pastedVantage takes “from NAME” out of a sentence, where there is such a place.
func (p *parser) pastedVantage(words []word) ([]word, *UsageError) {
	for i := 0; i+1 < len(words); i++ {
		name := strings.TrimRight(words[i+1].text, ".,;:!?")
		if strings.EqualFold(words[i].text, "from") && slices.Contains(p.dialect.Vantages, strings.ToLower(name)) {
			w := words[i+1]
			w.text = name
			return slices.Concat(words[:i], words[i+2:]), p.setVantage(w)
		}
	}
	return words, nil
}

// checkVantage refuses all places at once where one is meant.
func (p *parser) checkVantage() *UsageError {
	if p.command.Vantage == VantageAll && (p.command.Verb != VerbTest || p.given["profile"]) {
		return &UsageError{ID: formatting.UsageVantageAll}
	}
	return nil
}
