package command

import (
	"cmp"
	"slices"
	"strconv"

	"smtptest/formatting"
	"smtptest/probe"
	"smtptest/probe/series"
)

// compareOptions are those that mean something for two servers at once.
var compareOptions = []string{"tls", "ehlo", "ip", "timeout", "private", "json", "brief", "ca", "dns"}

// compare reads two servers, or one and two of its addresses. What the second
// one does not say is that of the first: "A:587 B", "A 587 465".
func (p *parser) compare(words []word) *UsageError {
	targets, err := p.targets(words)
	if err != nil {
		return err
	}
	if err := p.only(compareOptions, string(VerbCompare)); err != nil {
		return err
	}
	if len(targets) < 2 {
		return &UsageError{ID: formatting.UsageTwoServers}
	}
	first, err := p.side(targets[0], target{})
	if err != nil {
		return err
	}
	if err := p.checkForm(); err != nil {
		return err
	}
	if len(targets) == 3 {
		return p.addresses(first, targets[1:])
	}
	second, err := p.side(targets[1], first)
	if err != nil {
		return err
	}
	return p.sides(first, second)
}

// targets are the words that belong to no option; at most three.
func (p *parser) targets(words []word) (out []word, err *UsageError) {
	for len(words) > 0 {
		switch {
		case looksLikeOption(words[0].text):
			if words, err = p.option(words); err != nil {
				return nil, err
			}
			continue
		case len(out) == 3:
			return nil, &UsageError{ID: formatting.UsageTwoServers, Word: words[0].place}
		}
		out, words = append(out, words[0]), words[1:]
	}
	for _, f := range p.fields {
		if err = p.inField(f, p.setField(f)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// only refuses the options that mean nothing for a command.
func (p *parser) only(known []string, command string) *UsageError {
	for _, o := range options {
		if p.given[o.name] && !slices.Contains(known, o.name) {
			return &UsageError{ID: formatting.UsageNoMeaning, Option: "--" + o.name, Want: command}
		}
	}
	return nil
}

// side reads one of two servers; a port alone is another one of the first.
func (p *parser) side(w word, first target) (target, *UsageError) {
	if port, ok := readPort(w.text); ok && first.host != "" {
		first.port, first.scheme = port, scheme{}
		return first, nil
	}
	t, err := readTarget(w.text, p.dialect)
	if err != nil {
		err.Word = w.place
		return t, err
	}
	t.port = cmp.Or(t.port, t.scheme.port, first.port)
	return t, nil
}

// addresses compares two addresses of one name.
func (p *parser) addresses(name target, words []word) *UsageError {
	if _, isAddress := readAddress(name.host); isAddress { // which has no others
		return &UsageError{ID: formatting.UsageTwoServers, Word: words[1].place}
	}
	if err := p.sides(name, name); err != nil {
		return err
	}
	for i, w := range words {
		at, ok := readAddress(trimTarget(w.text))
		if !ok {
			return &UsageError{ID: formatting.UsageTwoServers, Word: w.place}
		}
		if i == 0 {
			p.command.Request.At = at
		} else {
			p.command.Other.At = at
		}
	}
	return p.checkFamily()
}

// checkFamily names contradictions between the addresses of both sides and --ip.
func (p *parser) checkFamily() *UsageError {
	for _, r := range []probe.Request{p.command.Request, p.command.Other} {
		literal, isAddress := r.Target.Address()
		switch {
		case isAddress && !r.Family.Allows(literal):
			return &UsageError{ID: formatting.UsageFamilyTarget, Option: "--ip"}
		case r.At.IsValid() && !r.Family.Allows(r.At):
			return &UsageError{ID: formatting.UsageFamilyAt, Option: "--ip"}
		}
	}
	return nil
}

func (p *parser) sides(first, second target) *UsageError {
	c := &p.command
	c.Other = c.Request
	for _, side := range []struct {
		to *probe.Request
		t  target
	}{{&c.Request, first}, {&c.Other, second}} {
		side.to.Target = probe.Target{Host: side.t.host, Port: settledPort(side.t)}
		if side.to.Security == "" {
			side.to.Security = cmp.Or(side.t.scheme.security, probe.SecurityAuto)
		}
	}
	c.PortGiven = true
	return p.checkFamily()
}

// setRepeat reads how often a test is made.
func setRepeat(c *Command, w word) *UsageError {
	n, err := strconv.Atoi(w.text)
	if err != nil || n < series.Least || n > series.Most {
		return &UsageError{ID: formatting.UsageBadCount}
	}
	c.Repeat = n
	return nil
}

// checkRepeat wants a test that does no harm many times: each login could be
// the one that locks an account, and recipients are not to be guessed.
func (p *parser) checkRepeat() *UsageError {
	if p.command.Repeat == 0 {
		return nil
	}
	if p.command.Verb == VerbLogin {
		return &UsageError{ID: formatting.UsageNoMeaning, Option: "--repeat", Want: string(VerbLogin)}
	}
	for _, name := range []string{"login", "profile", "from", "to", "enforced", "ticket", "as", "expect", "watch",
		optionVantage} {
		if p.given[name] {
			return &UsageError{ID: formatting.UsageNotTogether, Option: "--" + name, Want: "--repeat"}
		}
	}
	return nil
}
