package bot

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"smtptest/bot/command"
	"smtptest/formatting"
	"smtptest/probe/guard"
	"smtptest/probe/provider"
)

// What is proposed, and how much.
const (
	FieldTarget    = "target"  // HOST:PORT and commands
	FieldProfile   = "profile" // names of profiles
	FieldVantage   = "from-vantage"
	maxSuggestions = 25 // Discord, Autocomplete
	maxRecent      = 8  // ours: the rest of the list is for hosts that were not tested yet
)

// Suggest proposes values while somebody types one: what this person has tested
// lately, the ports of the host that is typed, servers of known providers;
// profiles that they may use. It asks no network and remembers nothing.
func (h *Handler) Suggest(inv Invocation, field, typed string) []formatting.Choice {
	s := suggestions{typed: strings.ToLower(strings.TrimSpace(typed))}
	switch {
	case inv.Refused != "":
	case field == FieldProfile:
		for _, name := range h.profileNames(inv) {
			s.add(name, "")
		}
	case field == FieldVantage:
		h.places(&s)
	case field == FieldTarget:
		h.targets(inv, &s)
	}
	return s.all
}

// places adds those that a test can be made from: what is connected first.
func (h *Handler) places(s *suggestions) {
	if h.Vantages == nil {
		return
	}
	s.add(command.VantageAll, formatting.Say(formatting.LabelFromAll).What)
	for _, connected := range []bool{true, false} {
		for i, v := range h.Vantages.All() {
			if v.Connected == connected {
				s.add(v.Name, h.vantageFacts()[i].Value)
			}
		}
	}
}

func (h *Handler) targets(inv Invocation, s *suggestions) {
	d := h.Speaks(inv.Place.Platform)
	if before, place, typed := strings.Cut(s.typed, " from "); typed && h.Vantages != nil {
		s.verb, s.typed = before+" from ", strings.TrimSpace(place)
		h.places(s)
		return
	}
	if rest, login := strings.CutPrefix(s.typed, "login "); login && !d.NoForm {
		s.verb, s.typed = "login ", rest
	}
	h.recent(inv, s, d)
	h.typed(s, d)
	for _, p := range provider.All() {
		h.served(p, s)
	}
}

// recent adds what this person has tested lately.
func (h *Handler) recent(inv Invocation, s *suggestions, d command.Dialect) {
	for _, r := range h.Store.Recent(inv.Place, inv.Person.ID, maxRecent) {
		a := asked{command: r.Command}
		if value := a.about(); a.domain() && s.verb == "" && !d.NoDomain {
			s.add(domainVerb+value, formatting.Say(formatting.LabelRecent).What)
		} else if !a.domain() && !a.compares() { // which names two servers, and one is proposed
			s.add(value, formatting.Say(formatting.LabelRecent).What)
		}
	}
}

// typed adds the ports of the host that is typed, and its domain.
func (h *Handler) typed(s *suggestions, d command.Dialect) {
	host, _, _ := strings.Cut(s.typed, ":") // perhaps with the beginning of a port
	if c, err := command.Parse(host, d); err == nil && c.Verb == command.VerbTest && !c.PortGiven && !c.Pasted {
		for _, port := range h.openPorts() {
			c.Request.Target.Port = port
			s.add(c.Request.Target.String(), "")
		}
		if _, err := netip.ParseAddr(host); err != nil && s.verb == "" && !d.NoDomain {
			s.add(domainVerb+c.Request.Target.Host, "")
		}
	} else if err == nil && c.Verb == command.VerbDomain && s.verb == "" { // of a mail address, say
		s.typed = c.Domain.Domain
		s.add(domainVerb+c.Domain.Domain, "")
	}
}

// served adds the servers of a provider on the ports that may be tested here.
func (h *Handler) served(p provider.Provider, s *suggestions) {
	for _, host := range p.Hosts {
		if host.Role != provider.RoleSubmission && host.Role != provider.RoleRelay {
			continue
		}
		for _, name := range host.Names {
			for _, port := range host.Ports {
				if port.Mode == provider.ModeClosed || strings.Contains(name, "*") || h.Policy.CheckPort(port.Number) != nil {
					continue
				}
				s.add(name+":"+strconv.Itoa(int(port.Number)), p.Name)
				if s.typed == "" {
					return // there is room for one of each provider
				}
			}
		}
	}
}

// openPorts are the ports that may be tested, the best known ones first.
func (h *Handler) openPorts() []uint16 {
	all := slices.Concat([]uint16{command.DefaultPort, 465, 25}, guard.DefaultPorts(), h.Policy.Ports)
	var open []uint16
	for _, port := range all {
		if !slices.Contains(open, port) && h.Policy.CheckPort(port) == nil {
			open = append(open, port)
		}
	}
	return open
}

// suggestions are those that fit what was typed.
type suggestions struct {
	verb  string // that stands before each; empty: none
	typed string // in lower case
	all   []formatting.Choice
}

// domainVerb stands before a domain in a command.
const domainVerb = string(command.VerbDomain) + " "

// add proposes a value that holds what was typed, or is about it.
func (s *suggestions) add(value, about string) {
	fits := strings.Contains(value, s.typed) || strings.Contains(strings.ToLower(about), s.typed)
	known := slices.ContainsFunc(s.all, func(c formatting.Choice) bool { return c.Value == s.verb+value })
	if !fits || known || len(s.all) == maxSuggestions || len(s.verb+value) > maxSuggestionOctets {
		return
	}
	c := formatting.Choice{Value: s.verb + value, Label: s.verb + value}
	if label := c.Label + " · " + about; about != "" && len(label) <= maxSuggestionOctets {
		c.Label = label
	}
	s.all = append(s.all, c)
}

// maxSuggestionOctets bounds values and labels (Discord, Application Command
// Option Choice: 100 characters each).
const maxSuggestionOctets = 100
