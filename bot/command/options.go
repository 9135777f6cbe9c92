package command

import (
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"smtptest/formatting"
	"smtptest/probe"
	"smtptest/probe/smtp"
)

func (o option) in(d Dialect) bool {
	return o.venue == everywhere || (o.venue == terminalOnly) == d.Terminal
}

// optionsOf are the options that help shows.
func optionsOf(d Dialect) []option {
	var out []option
	for _, o := range options {
		if o.in(d) && d.has(o.needs) {
			out = append(out, o)
		}
	}
	return out
}

func optionNames(d Dialect) []string {
	var names []string
	for _, o := range optionsOf(d) {
		names = append(names, o.name)
	}
	return names
}

// looksLikeOption reports a hyphen and a letter, or hyphens alone; a negative
// number is none.
func looksLikeOption(text string) bool {
	name := strings.TrimLeft(text, "-")
	return name != text && (name == "" || unicode.IsLetter([]rune(name)[0]))
}

// option reads the option that words begin with, and its value: behind "=" or
// in the next word.
func (p *parser) option(words []word) (rest []word, err *UsageError) {
	w, rest := words[0], words[1:]
	name, value, joined := strings.Cut(strings.TrimLeft(w.text, "-"), "=")
	o, err := p.find(w, strings.ToLower(name))
	if err != nil {
		return nil, err
	}
	switch {
	case joined:
		_, raw, _ := strings.Cut(w.raw, "=")
		w.text, w.raw = unquote(value), raw
	case o.shape == "":
		w.text = "true"
	case len(rest) == 0 || looksLikeOption(rest[0].text):
		return nil, &UsageError{ID: formatting.UsageNoValue, Word: w.place, Option: "--" + o.name, Want: o.shape}
	default:
		w, rest = rest[0], rest[1:]
	}
	return rest, p.set(o, w)
}

// setField sets an option from a field of its own.
func (p *parser) setField(f word) *UsageError {
	o, err := p.find(word{text: "--" + f.field}, strings.ToLower(f.field))
	if err != nil {
		return err
	}
	return p.set(o, f)
}

// find looks an option up, and what may have been meant when there is none.
func (p *parser) find(w word, name string) (option, *UsageError) {
	for _, o := range options {
		if o.name == name && o.in(p.dialect) {
			return o, nil
		}
	}
	for _, o := range options {
		if o.name == name {
			return o, &UsageError{ID: formatting.UsageOptionElsewhere, Word: w.place, Option: "--" + o.name}
		}
	}
	return option{}, p.unknownOption(w, name)
}

// habits are options of other programs and what they are called here.
var habits = map[string]string{
	"host": "HOST:PORT", "server": "HOST:PORT", "port": "HOST:PORT", "p": "HOST:PORT",
	"starttls": "--tls starttls", "ssl": "--tls implicit", "implicit": "--tls implicit",
	"helo": "--ehlo", "vantage": "--from-vantage", "hello": "--ehlo", "ipv4": "--ip 4", "ipv6": "--ip 6", "cafile": "--ca",
}

func (p *parser) unknownOption(w word, name string) *UsageError {
	err := &UsageError{ID: formatting.UsageUnknownOption, Word: w.place}
	err = quote(name, optionNames(p.dialect), err)
	if err.Suggestion != "" {
		err.Suggestion = "--" + err.Suggestion
	}
	if meant, ok := habits[name]; ok {
		err.Suggestion = meant
	}
	typed, _, joined := strings.Cut(w.text, "=")
	if plain(typed) && (err.Quoted != "" || strings.HasPrefix(typed, "--") && !joined) {
		err.Quoted = typed
	}
	return err
}

// set gives an option its value, once.
func (p *parser) set(o option, w word) *UsageError {
	err := &UsageError{ID: formatting.UsageOptionTwice}
	if !p.given[o.name] {
		p.given[o.name] = true
		err = p.setValue(o, w)
	}
	if err != nil {
		err.Word, err.Option, err.Want = w.place, "--"+o.name, o.shape
	}
	return err
}

func (p *parser) setValue(o option, w word) *UsageError {
	switch {
	case o.read != nil:
		delete(p.given, o.name) // it notes itself that it was given, because there is another way to say it
		return o.read(p, w)
	case len(o.choices) == 0:
		return o.set(&p.command, w)
	}
	for _, c := range o.choices {
		if strings.EqualFold(w.text, c) {
			return o.set(&p.command, word{text: c})
		}
	}
	return quote(w.text, o.choices, &UsageError{ID: formatting.UsageBadValue})
}

func setTLS(c *Command, w word) *UsageError {
	c.Request.Security = probe.Security(w.text)
	return nil
}

func setIP(c *Command, w word) *UsageError {
	c.Request.Family = probe.FamilyIP4
	if w.text == "6" {
		c.Request.Family = probe.FamilyIP6
	}
	return nil
}

func setFrom(c *Command, w word) *UsageError {
	var from smtp.Mailbox
	if w.text != "<>" { // the null reverse-path (RFC 5321 §4.5.5)
		var err error
		if from, err = smtp.ParseMailbox(w.text); err != nil {
			return &UsageError{ID: formatting.UsageBadMailbox, Reason: faultOf(err)}
		}
	}
	envelope(c).From = from
	return nil
}

func setTo(c *Command, w word) *UsageError {
	to, err := smtp.ParseMailbox(w.text)
	if err != nil {
		return &UsageError{ID: formatting.UsageBadMailbox, Reason: faultOf(err)}
	}
	envelope(c).To = &to
	return nil
}

func envelope(c *Command) *probe.Envelope {
	if c.Request.Envelope == nil {
		c.Request.Envelope = &probe.Envelope{}
	}
	return c.Request.Envelope
}

func setEnforced(c *Command, w word) *UsageError { return setSwitch(&c.Request.Enforced, w) }

func setEHLO(c *Command, w word) *UsageError {
	name, err := smtp.ParseHelloName(w.text)
	if err != nil {
		return &UsageError{ID: formatting.UsageBadEHLO, Reason: faultOf(err)}
	}
	c.Request.EHLOName = name
	return nil
}

func setAt(c *Command, w word) *UsageError {
	text := w.text
	if inner, found := strings.CutPrefix(text, "["); found {
		text = strings.TrimSuffix(inner, "]")
	}
	var ok bool
	if c.Request.At, ok = readAddress(text); !ok {
		c.Request.At = netip.Addr{}
		return &UsageError{ID: formatting.UsageBadAddress}
	}
	return nil
}

// setDNS reads the address of a name server, its port after it or 53.
func setDNS(c *Command, w word) *UsageError {
	at, err := netip.ParseAddrPort(w.text)
	if addr, ok := readAddress(strings.Trim(w.text, "[]")); err != nil && ok {
		at, err = netip.AddrPortFrom(addr, 53), nil
	}
	if err != nil {
		return &UsageError{ID: formatting.UsageBadAddress}
	}
	c.DNS = at
	return nil
}

// setTimeout reads 30s, 1m30s or a bare number of seconds.
func setTimeout(least, most time.Duration) func(*Command, word) *UsageError {
	return func(c *Command, w word) *UsageError {
		text := strings.ToLower(w.text)
		if _, err := strconv.Atoi(text); err == nil {
			text += "s"
		}
		d, err := time.ParseDuration(text)
		switch {
		case err != nil:
			return &UsageError{ID: formatting.UsageBadTime}
		case d < least || d > most:
			return &UsageError{ID: formatting.UsageTimeRange, Reason: "may be " + short(least) + " to " + short(most)}
		}
		c.Request.Timeout = d
		return nil
	}
}

// short writes whole minutes and seconds as a person would.
func short(d time.Duration) string {
	if d > time.Minute && d%time.Minute == 0 {
		return strconv.Itoa(int(d/time.Minute)) + "m"
	}
	return strconv.Itoa(int(d/time.Second)) + "s"
}

func setPrivate(c *Command, w word) *UsageError { return setSwitch(&c.Private, w) }

// setProfile takes a name by the form that profiles have.
func setProfile(c *Command, w word) *UsageError {
	name := strings.ToLower(w.text)
	if !IsProfile(name) {
		return &UsageError{ID: formatting.UsageBadProfile}
	}
	c.Profile = name
	return nil
}

// IsProfile reports what can be the name of a profile, and of its file:
// lower-case letters, digits and hyphens inside, at most 32.
func IsProfile(name string) bool { return profileName.MatchString(name) }

var profileName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$`)

func setDeep(c *Command, w word) *UsageError { return setSwitch(&c.Deep, w) }

func setTicket(c *Command, w word) *UsageError { return setSwitch(&c.Ticket, w) }

func setBrief(c *Command, w word) *UsageError { return setSwitch(&c.Brief, w) }

func setJSON(c *Command, w word) *UsageError { return setSwitch(&c.JSON, w) }

func setAs(c *Command, w word) *UsageError {
	c.As = formatting.Platform(w.text)
	return nil
}

func setSwitch(to *bool, w word) *UsageError {
	on, err := strconv.ParseBool(w.text)
	if err != nil {
		return &UsageError{ID: formatting.UsageBadSwitch}
	}
	*to = on
	return nil
}
