package blockkit

import (
	"net/netip"
	"net/url"
	"regexp"
	"slices"

	"smtptest/formatting"
)

// head is what a channel sees: the verdict and all that belongs to it.
func head(m formatting.Message) []group {
	pieces := slices.Concat(
		line(paragraph, verdict(m)...),
		line(paragraph, plain(m.Fact)),
	)
	if !blank(m.Quote) {
		pieces = append(pieces, line(paragraph, plain("“"+m.Quote+"”"))...)
	}
	for _, n := range m.Notes {
		pieces = append(pieces, line(paragraph, plain(n))...)
	}
	pieces = slices.Concat(pieces,
		line(paragraph, links(m.Links)...),
		line(paragraph, asked(m.By)...),
		line(small, plain(m.Footer)),
	)
	if len(pieces) == 0 {
		return nil
	}
	said := append([]string{firstWords(m), m.Fact}, m.Notes...)
	return []group{{fallback: inOneLine(said, maxFallbackRunes), Group: formatting.Group[piece]{Lines: pieces}}}
}

func verdict(m formatting.Message) []span {
	var out []span
	if s := m.Tone.Symbol(); s != "" && !blank(m.Verdict) {
		out = append(out, plain(s+" "))
	}
	out = append(out, bold(m.Verdict))
	switch {
	case blank(m.Target):
	case blank(m.Verdict):
		out = append(out, mono(m.Target))
	default:
		out = append(out, plain("  "), mono(m.Target))
	}
	return out
}

// firstWords are the verdict without styles.
func firstWords(m formatting.Message) string {
	words := ""
	for _, s := range verdict(m) {
		words += s.text
	}
	return words
}

// links stand in one line; an address that is not a platform's own is shown
// and leads nowhere.
func links(all []formatting.Link) []span {
	var out []span
	for _, l := range all {
		if len(out) > 0 {
			out = append(out, plain(" · "))
		}
		out = append(out, link(l))
	}
	return out
}

func link(l formatting.Link) span {
	label := shorten(l.Label, maxHeadingRunes)
	switch {
	case !safe(l.URL) && blank(label):
		return plain(l.URL)
	case !safe(l.URL):
		return plain(l.Label + ": " + l.URL)
	case blank(label):
		label = l.URL
	}
	return span{text: label, url: l.URL, style: asLink}
}

// safe lets an address be a link: https, or http on this machine, where the
// fakes of the platforms are.
func safe(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || address != formatting.Clean(address) ||
		octets(address) > maxURLOctets {
		return false
	}
	ip, err := netip.ParseAddr(u.Hostname())
	local := u.Hostname() == "localhost" || err == nil && ip.IsLoopback()
	return u.Scheme == "https" || u.Scheme == "http" && local
}

// slackID is the form of the id of a person: U, or W in an organization with
// several workspaces.
var slackID = regexp.MustCompile(`^[UW][A-Z0-9]{2,30}$`)

// asked names who asked, in Slack's own way where Slack knows the person.
func asked(p formatting.Person) []span {
	switch {
	case slackID.MatchString(p.ID):
		return []span{plain("Asked by "), {text: p.ID, style: asPerson}}
	case !blank(p.Name):
		return []span{plain("Asked by " + p.Name)}
	}
	return nil
}
