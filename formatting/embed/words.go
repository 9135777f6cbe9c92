package embed

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"smtptest/formatting"
)

// separator stands between two characters that must not meet. It has no width.
const separator = "\u200b"

// prose writes a text so that nothing in it is markup: words that Discord
// could read as such become inline code.
func prose(text string) string { return write(text, "") }

// strong is prose in bold. Code stands between the bold parts, not in them:
// two asterisks in it would end them.
func strong(text string) string { return write(text, "**") }

func write(text, mark string) string {
	var b strings.Builder
	for _, s := range spans(text) {
		if s.code {
			b.WriteString(code(s.text))
			continue
		}
		inner := strings.TrimSpace(s.text)
		if inner == "" {
			b.WriteString(s.text)
			continue
		}
		before, after, _ := strings.Cut(s.text, inner)
		b.WriteString(before + mark + formatting.Isolate(inner) + mark + after)
	}
	return b.String()
}

// span is a part of a text, to be shown as it is or as code.
type span struct {
	text string
	code bool
}

// spans divides a text. Neighbours that are code become one, and the
// punctuation around a word stays outside.
func spans(text string) []span {
	words := strings.Fields(formatting.Clean(text))
	d := divider{text: strings.Join(words, " ")}
	for i, word := range words {
		before, core, after := peel(word)
		isCode := acts(core) || i == 0 && item(word)
		if i > 0 {
			d.take(1, isCode && before == "" && d.inCode())
		}
		if !isCode {
			d.take(len(word), false)
			continue
		}
		d.take(len(before), false)
		d.take(len(core), true)
		d.take(len(after), false)
	}
	return d.spans
}

// divider cuts a text from its beginning on.
type divider struct {
	text       string
	begin, end int // of the last span
	spans      []span
}

func (d *divider) inCode() bool { return d.spans[len(d.spans)-1].code }

// take adds the next octets to the last span, or begins another.
func (d *divider) take(octets int, code bool) {
	if octets == 0 {
		return
	}
	if len(d.spans) == 0 || d.inCode() != code {
		d.begin = d.end
		d.spans = append(d.spans, span{code: code})
	}
	d.end += octets
	d.spans[len(d.spans)-1].text = d.text[d.begin:d.end]
}

// peel takes the punctuation off a word that means nothing to Discord. A
// colon does if something follows it, so only the last is taken.
func peel(word string) (before, core, after string) {
	core = strings.TrimLeft(word, `“‘"'(`)
	before = word[:len(word)-len(core)]
	core = strings.TrimRight(strings.TrimSuffix(core, ":"), `”’"',.;!?)…`)
	return before, core, word[len(before)+len(core):]
}

// acts reports a word that Discord might not show as it is: emphasis,
// mentions, links, headings, quotes, times, emoji, invitations. Options of
// commands are not among them, but are code to people.
func acts(core string) bool {
	switch {
	case strings.ContainsAny(core, "\\*_~|<>#[]@`"), strings.HasPrefix(core, "--"):
		return true
	case strings.Contains(core, "/") && strings.Contains(strings.ToLower(core), "discord"):
		return true // an invitation needs no scheme
	}
	return strings.Contains(core, ":") && !clock(core)
}

// item reports a word that makes a list of its line, where it is the first.
func item(word string) bool {
	return word == "-" || word == "+" || len(word) > 1 && strings.TrimLeft(word, "0123456789") == "."
}

// clock reports 03:04:05. No emoji has a name of two digits, so a time is no
// emoji; but :100: is one, and so are :a: and :b: in an IPv6 address.
func clock(word string) bool {
	const form = "00:00:00"
	shape := strings.Map(func(r rune) rune {
		if '0' <= r && r <= '9' {
			return '0'
		}
		return r
	}, word)
	return shape == form || shape == form[:len("00:00")]
}

// code is inline code; empty for a blank text. Text with backticks needs two
// of them around it.
func code(text string) string {
	text = strings.TrimSpace(formatting.Clean(text))
	switch {
	case text == "":
		return ""
	case !strings.Contains(text, "`"):
		return "`" + formatting.Isolate(text) + "`"
	}
	return "``" + separator + strings.ReplaceAll(formatting.Isolate(text), "`", "`"+separator) + "``"
}

// fenced makes a text safe to stand in a fence.
func fenced(text string) string {
	return strings.ReplaceAll(formatting.Clean(text), "``", "`"+separator+"`"+separator)
}

// inert is for footers, which show markup as it is in most clients and not in
// all: code would show its backticks, so the words that act are broken.
func inert(text string) string {
	words := strings.Fields(formatting.Clean(text))
	for i, word := range words {
		if _, core, _ := peel(word); acts(core) || i == 0 && item(word) {
			words[i] = broken(word)
		}
	}
	return formatting.Isolate(strings.Join(words, " "))
}

func broken(word string) string {
	var b strings.Builder
	for _, r := range word {
		b.WriteRune(r)
		if unicode.In(r, unicode.P, unicode.S) && r < utf8.RuneSelf {
			b.WriteString(separator)
		}
	}
	return b.String()
}

// short writes a text as far as there is room, and says so.
func short(text string, most int, render func(string) string) string {
	all := []rune(text)
	n := min(most, len(all))
	out := render(string(all[:n]))
	for n < len(all) || size(out) > most {
		out = render(string(all[:n])) + fmt.Sprintf(" … (%d of %d characters shown)", n, len(all))
		if size(out) <= most {
			break
		}
		n = n * 3 / 4
	}
	return out
}

// pieces breaks a text that is too long for one line.
func pieces(text string, most int, render func(string) string) []string {
	var out []string
	mark := ""
	for rest := []rune(strings.Join(strings.Fields(formatting.Clean(text)),
		" ")); len(rest) > 0; mark = formatting.GoesOn {
		n := fitting(rest, most, render)
		out = append(out, mark+render(string(rest[:n])))
		rest = rest[n:]
	}
	return out
}

// fitting is how many runes of a text have room, up to a blank if one is near.
func fitting(text []rune, most int, render func(string) string) int {
	n := min(len(text), most)
	for n > 1 && size(render(string(text[:n]))) > most {
		n = n * 3 / 4
	}
	for k := n; n < len(text) && k > n/2; k-- {
		if text[k] == ' ' {
			return k
		}
	}
	return n
}

// fit joins as many lines as have room, and says so if those are not all.
func fit(lines []string, most int) string {
	const room = 40 // for the words below
	var kept []string
	left := most - room
	for _, line := range lines {
		if line == "" {
			continue
		}
		if left -= size(line) + 1; left < 0 {
			kept = append(kept, formatting.Shown(len(kept), len(full(lines))))
			break
		}
		kept = append(kept, line)
	}
	return strings.Join(kept, "\n")
}

// size is the length of a text as Discord counts it.
func size(text string) int { return utf8.RuneCountInString(text) }
