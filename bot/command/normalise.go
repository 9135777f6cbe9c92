package command

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"smtptest/formatting"
	"smtptest/probe/smtp"
)

// MaxTextRunes bounds what is read of a command at all, the values of fields
// included.
const MaxTextRunes = 1000

// maxExplainedOctets is how much of a text that is to be explained is read: a
// stack trace or a log is long, and more than package explain reads is cut off.
const maxExplainedOctets = 16384

// bringsText reports that a command brings a text to be explained.
func bringsText(first string) bool { return strings.EqualFold(first, string(VerbExplain)) }

// cut is a text without what is not read of it.
func cut(text string, octets int) string {
	if len(text) <= octets {
		return text
	}
	return strings.ToValidUTF8(text[:max(octets, 0)], "")
}

func (p *parser) tooLong(s string) bool {
	p.size += utf8.RuneCountInString(s)
	return p.size > MaxTextRunes
}

// readText takes a chat text apart into words.
func (p *parser) readText(text string) *UsageError {
	if first, rest, _ := cutWord(text); bringsText(first) {
		text = cut(text, maxExplainedOctets)
		p.lines = p.lined(cut(rest, maxExplainedOctets))
	} else if p.tooLong(text) {
		return &UsageError{ID: formatting.UsageTooLong}
	}
	p.words = splitWords(p.normalise(text))
	return nil
}

// cutWord cuts the first word off.
func cutWord(text string) (first, rest string, found bool) {
	text = strings.TrimSpace(text)
	end := strings.IndexFunc(text, unicode.IsSpace)
	if end < 0 {
		return text, "", false
	}
	return text[:end], text[end+1:], true
}

// lined is a text whose lines are normalised one by one, with a blank before
// those that go on with the one above; empty where it has one line.
func (p *parser) lined(text string) string {
	if !strings.Contains(strings.TrimSpace(text), "\n") {
		return ""
	}
	var b strings.Builder
	for line := range strings.SplitSeq(text, "\n") {
		if strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t") {
			b.WriteByte(' ')
		}
		b.WriteString(p.normalise(line) + "\n")
	}
	return b.String()
}

// readArgs takes the words as the shell split them. A single one with blanks
// in it is a text that was pasted between quotes.
func (p *parser) readArgs(args []string) *UsageError {
	if len(args) == 1 && strings.ContainsAny(strings.TrimSpace(args[0]), " \t") {
		return p.readText(args[0])
	}
	rest := maxExplainedOctets
	for i, a := range args {
		if bringsText(args[0]) {
			a = cut(a, rest)
			rest -= len(a)
		} else if p.tooLong(a) {
			return &UsageError{ID: formatting.UsageTooLong}
		}
		p.words = append(p.words, word{text: cleanWord(p.normalise(a)), raw: a, place: i + 1})
	}
	return nil
}

// readFields takes the typed options of Discord.
func (p *parser) readFields(options []NamedValue) *UsageError {
	for _, o := range options {
		if p.tooLong(o.Value) {
			return &UsageError{ID: formatting.UsageTooLong}
		}
		p.fields = append(p.fields, word{text: cleanWord(p.normalise(o.Value)), raw: o.Value, field: o.Name})
	}
	return nil
}

// normalise undoes what keyboards and chat clients do to text: links and
// escapes, unusual spaces, curly quotes, full-width forms; and what nobody
// can see goes.
func (p *parser) normalise(text string) string {
	text, honest := unwrapLinks(text)
	p.forged = p.forged || !honest
	return strings.TrimSpace(strings.Map(plainRune, unescape(text)))
}

// unescape undoes what Slack does to message text: exactly these three.
func unescape(text string) string {
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(text)
}

// plainRune is the character that a person meant; negative: none.
func plainRune(r rune) rune {
	switch {
	case unicode.IsSpace(r), unicode.Is(unicode.Zs, r):
		return ' '
	case r >= 0xff01 && r <= 0xff5e: // full-width ASCII, as East Asian keyboards write it
		return r - 0xff01 + '!'
	case strings.ContainsRune("“”„‟«»", r):
		return '"'
	case strings.ContainsRune("‘’‚‛", r):
		return '\''
	case unicode.Is(unicode.Cf, r): // zero-width and bidi controls, soft hyphen
		return -1
	}
	return r
}

// splitWords splits at spaces, except between double quotes: a quoted
// local-part may contain a space (RFC 5321 §4.1.2).
func splitWords(text string) []word {
	text = unquote(strings.TrimSpace(text))
	var words []word
	place := 0
	for text != "" {
		end := wordEnd(text)
		raw := text[:end]
		text = strings.TrimLeft(text[end:], " ")
		place++
		if clean := cleanWord(raw); clean != "" {
			words = append(words, word{text: clean, raw: raw, place: place})
		}
	}
	return words
}

func wordEnd(text string) int {
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case ' ':
			return i
		case '"':
			i += quoteEnd(text[i+1:])
		}
	}
	return len(text)
}

// quoteEnd is how far it is to the closing quote, 0 if there is none: then
// the quote was a character like any other.
func quoteEnd(text string) int {
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return 0
}

// cleanWord takes quotes from around a word and punctuation from its end, and
// makes its dashes plain.
func cleanWord(w string) string {
	return plainDashes(unquote(strings.TrimRight(unquote(w), ",;")))
}

// unquote takes quotes and backquotes off that stand around the whole text.
func unquote(text string) string {
	for len(text) >= 2 {
		q := text[:1]
		inner := text[1 : len(text)-1]
		if !strings.Contains("\"'`", q) || text[len(text)-1:] != q || strings.Contains(strings.Trim(inner, q), q) {
			break
		}
		text = strings.TrimSpace(inner)
	}
	return text
}

// plainDashes undoes smart punctuation, which makes one long dash of two
// hyphens.
func plainDashes(w string) string {
	const hyphens, long = "-‐‑‒−﹣", "–—―"
	rest := strings.TrimLeft(w, hyphens+long)
	lead := w[:len(w)-len(rest)]
	if rest != "" && unicode.IsLetter([]rune(rest)[0]) {
		switch {
		case strings.ContainsAny(lead, long), utf8.RuneCountInString(lead) > 1:
			lead = "--"
		case lead != "":
			lead = "-"
		}
	}
	return strings.NewReplacer("‐", "-", "‑", "-", "‒", "-", "−", "-", "﹣", "-", "–", "-", "—", "--", "―", "--").
		Replace(lead + rest)
}

// unwrapLinks replaces the links that chat clients make of hosts and
// addresses, <http://host|host> and <mailto:a@b|a@b>, by what they show. It is
// honest when each shows where it leads: a label that names another host is a
// trap.
func unwrapLinks(text string) (plain string, honest bool) {
	var b strings.Builder
	honest = true
	for {
		head, rest, found := strings.Cut(text, "<")
		b.WriteString(head)
		if !found {
			return b.String(), honest
		}
		inner, tail, closed := strings.Cut(rest, ">")
		if !closed || !isLink(inner) {
			b.WriteByte('<')
			text = rest
			continue
		}
		shown, same := linkText(inner)
		honest = honest && same
		b.WriteString(shown)
		text = tail
	}
}

func isLink(inner string) bool {
	return strings.Contains(inner, "://") || strings.HasPrefix(inner, "mailto:")
}

// linkText is what a link shows, and whether that is where it leads.
func linkText(inner string) (shown string, same bool) {
	url, label, labelled := strings.Cut(inner, "|")
	address, isMail := strings.CutPrefix(url, "mailto:")
	switch {
	case isMail && !labelled:
		return address, true
	case isMail:
		return label, strings.EqualFold(address, label)
	case !labelled, strings.Contains(url, "@"): // the latter may contain a password: let that be found
		return url, true
	}
	return label, linkHost(url) == linkHost(label)
}

// linkHost is the host of a URL or of HOST:PORT, in the form that is looked
// up.
func linkHost(s string) string {
	if _, rest, found := strings.Cut(s, "://"); found {
		s = rest
	}
	if end := strings.IndexAny(s, "/?#"); end >= 0 {
		s = s[:end]
	}
	if host, _, err := splitHostPort(s); err == nil {
		s = host
	}
	if domain, err := smtp.ParseDomain(s); err == nil {
		return domain
	}
	return strings.ToLower(s)
}
