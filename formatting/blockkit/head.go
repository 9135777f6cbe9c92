package blockkit

import (
	"net/netip"
	"net/url"
	"slices"

	"smtptest/formatting"
)

// head is what a channel sees: the verdict with its cause, which a notification
// says too, then what belongs to it.
func head(m formatting.Message) []group {
	said := []string{firstWords(m), m.Fact}
	if !blank(m.Try) {
		said = append(said, formatting.TryWords+" "+m.Try)
	}
	var out []group
	add := func(fallback string, pieces []piece) {
		if len(pieces) > 0 {
			out = append(out, group{fallback: fallback, Group: formatting.Group[piece]{Lines: pieces}})
		}
	}
	add(inOneLine(said, maxFallbackRunes), slices.Concat(line(paragraph, verdict(m)...), line(paragraph, plain(m.Fact))))
	notes := inOneLine(m.Notes, maxFallbackRunes)
	if len(out) > 0 && !blank(m.Try) {
		notes = "" // a phone shows little
	}
	add(notes, details(m))
	return out
}

// details are the lines below the verdict.
func details(m formatting.Message) []piece {
	var pieces []piece
	for _, l := range formatting.Quoted(m.Quote) {
		pieces = append(pieces, line(quoted, plain(l))...)
	}
	if !blank(m.Try) {
		pieces = append(pieces, line(paragraph, bold(formatting.TryWords), plain(" "+m.Try))...)
	}
	if !blank(m.Owner) {
		pieces = append(pieces, line(paragraph, bold(formatting.WhoWords), plain(" "+m.Owner))...)
	}
	if !blank(m.Chart) {
		pieces = append(pieces, line(paragraph, mono(m.Chart))...)
	}
	for _, n := range m.Notes {
		pieces = append(pieces, line(paragraph, plain(n))...)
	}
	for _, t := range m.Times {
		pieces = append(pieces, line(paragraph, plain(t.Name+": "), date(t.At), plain(" · "+formatting.When(t.At)))...)
	}
	return slices.Concat(pieces, line(paragraph, links(m.Links)...), line(small, beneath(m)...))
}

// beneath is the small line at the end: who asked, when, from where.
func beneath(m formatting.Message) []span {
	var out []span
	add := func(s span) {
		if len(out) > 0 {
			out = append(out, plain(" · "))
		}
		out = append(out, s)
	}
	if !blank(m.By.Name) {
		add(plain("Asked by " + m.By.Name))
	}
	if !m.Began.IsZero() {
		add(date(m.Began))
	}
	if !blank(m.Footer) {
		add(plain(m.Footer))
	}
	return out
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
