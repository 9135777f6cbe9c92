package command

import (
	"net/netip"
	"slices"
	"strings"

	"smtptest/formatting"
	"smtptest/probe/blocklist"
	"smtptest/probe/domain"
)

// domainOptions are those that mean something for a whole domain.
var domainOptions = []string{"selector", "ehlo", "timeout", "private", "json", "ca", "dns", "trust-anchors",
	"block-list", optionVantage}

// domain reads a mail domain and its options. Of a mail address the domain
// counts: it is what people have at hand.
func (p *parser) domain(words []word) *UsageError {
	name, err := p.domainWords(words)
	if err != nil {
		return err
	}
	for _, given := range optionNames(p.dialect) {
		if p.given[given] && !slices.Contains(domainOptions, given) {
			return &UsageError{ID: formatting.UsageOptionDomain, Option: "--" + given}
		}
	}
	if name.text == "" {
		return &UsageError{ID: formatting.UsageNoDomain}
	}
	return p.setDomain(name)
}

// domainWords reads the options and the one word that is none.
func (p *parser) domainWords(words []word) (name word, err *UsageError) {
	for len(words) > 0 {
		if looksLikeOption(words[0].text) {
			if words, err = p.option(words); err != nil {
				return name, err
			}
			continue
		}
		rest, taken, err := p.vantage(words)
		if err != nil {
			return name, err
		}
		if taken {
			words = rest
			continue
		}
		if name.text != "" {
			return name, &UsageError{ID: formatting.UsageExtraWord, Word: words[0].place}
		}
		name, words = words[0], words[1:]
	}
	for _, f := range p.fields {
		if err = p.inField(f, p.setField(f)); err != nil {
			return name, err
		}
	}
	return name, nil
}

func (p *parser) setDomain(name word) *UsageError {
	text := name.text
	if _, after, address := strings.Cut(text, "@"); address {
		text = after
	}
	t, err := readTarget(text, p.dialect)
	if err == nil && t.port != 0 {
		err = &UsageError{ID: formatting.UsageDomainPort}
	}
	if err == nil {
		if _, bad := netip.ParseAddr(t.host); bad == nil {
			err = &UsageError{ID: formatting.UsageDomainAddress}
		}
	}
	if err != nil {
		err.Word = name.place
		return err
	}
	if err := p.checkVantage(); err != nil {
		return err
	}
	c := &p.command
	c.Domain.Domain, c.Typed = t.host, t.shown
	c.Domain.EHLOName, c.Domain.Timeout = c.Request.EHLOName, c.Request.Timeout
	return nil
}

// setSelector takes the labels in front of "._domainkey" (RFC 6376 §3.1).
func setSelector(c *Command, w word) *UsageError {
	for label := range strings.SplitSeq(w.text, ".") {
		if label == "" || len(label) > 63 || strings.ContainsFunc(label, notSelector) {
			return &UsageError{ID: formatting.UsageBadSelector}
		}
	}
	if len(w.text) > 128 {
		return &UsageError{ID: formatting.UsageBadSelector}
	}
	c.Domain = domain.Request{Selector: w.text}
	return nil
}

func notSelector(r rune) bool {
	letter := r|0x20 >= 'a' && r|0x20 <= 'z'
	return !letter && (r < '0' || r > '9') && r != '-' && r != '_'
}

// setBlockList takes the zones of block lists, parted by commas.
func setBlockList(c *Command, w word) *UsageError {
	for text := range strings.SplitSeq(w.text, ",") {
		zone, err := blocklist.ParseZone(text)
		if err != nil || len(c.BlockLists) == blocklist.MaxZones {
			return &UsageError{ID: formatting.UsageBadBlockList}
		}
		c.BlockLists = append(c.BlockLists, zone)
	}
	return nil
}
