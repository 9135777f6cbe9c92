package embed_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// token is what a reader's client makes of a piece of markdown.
type token struct{ kind, text string }

// The kinds that a post may hold. Every other kind is something that a server
// could have sent to get at a reader.
const (
	plainText = "text"
	inCode    = "code"
	inFence   = "fence" // followed by the language
	bold      = "bold"
	titleMark = "heading"
	smallMark = "subtext"
	person    = "person"
	address   = "message link"
)

// rule is one of those of Discord's clients, in their order: the first that
// matches where the reader stands wins.
type rule struct {
	kind   string
	form   *regexp.Regexp // its first group is what is shown
	atLine bool           // only where a line begins
	first  string         // what it can begin with, to be quick; empty: a letter
}

// schemeMark is in every link, so that a text without it needs no search for
// one at each of its letters.
const schemeMark = "://"

func rules() []rule {
	at := func(kind, first, form string) rule {
		return rule{kind, regexp.MustCompile(`^(?:` + form + `)`), true, first}
	}
	in := func(kind, first, form string) rule {
		return rule{kind, regexp.MustCompile(`^(?:` + form + `)`), false, first}
	}
	return []rule{
		at(titleMark, "#", `### ()`), at(smallMark, "-", `-# ()`),
		at("large heading", "#", `#{1,2} +()`), at("list", " *+-0123456789", ` *(?:[*+-]|\d+\.) +()`),
		at("quote", " >", ` *>(?:>>)? ()`),
		in("escape", `\`, `\\([^0-9A-Za-z\s])`),
		in(person, "<", `<@(\d{1,20})>`), in(address, "h", `(https://discord\.com/channels/[\d/@me]+)`),
		in("special", "<", `<((?:[@#:/]|(?:a|t|id):|[^: >]+:/)[^<>]+)>`), in("link", "", `([A-Za-z]+://\S+)`),
		in("masked link", "[", `\[([^\]]*)\]\(`), in("invitation", "dD", `((?i:discord(?:app)?\.[a-z]+/\S+))`),
		in("call", "@", `(@(?:everyone|here))`),
		in("emoji", ":", `:([^\s:\x{200b}]*[^\s:\d\x{200b}][^\s:\x{200b}]*|\d|\d{3,}):`),
		in(bold, "*", `\*\*((?s:\\.|[^\\])+?)\*\*`),
		in("lone mark", `\*_~|<>[]@#`+"`", "([\\\\*_~|<>\\[\\]@#`])"),
	}
}

// mayBegin reports whether a rule is worth trying.
func (r rule) mayBegin(md string) bool {
	if r.first == "" {
		return 'A' <= md[0]&^0x20 && md[0]&^0x20 <= 'Z'
	}
	return strings.IndexByte(r.first, md[0]) >= 0
}

// reader reads markdown as Discord's clients do, from the outside: it shares
// no code with the renderer.
type reader struct{ rules []rule }

func (r reader) read(md string) []token {
	if !strings.Contains(md, schemeMark) {
		r.rules = slices.DeleteFunc(slices.Clone(r.rules), func(x rule) bool { return x.first == "" })
	}
	var out []token
	for lineStart := true; md != ""; {
		t, n := r.next(md, lineStart)
		if last := len(out) - 1; last >= 0 && t.kind == plainText && out[last].kind == plainText {
			out[last].text += t.text
		} else {
			out = append(out, t)
		}
		lineStart = md[n-1] == '\n'
		md = md[n:]
	}
	return out
}

func (r reader) next(md string, lineStart bool) (token, int) {
	if md[0] == '`' {
		if m := fenceForm.FindStringSubmatch(md); m != nil {
			return token{inFence + m[1], m[2]}, len(m[0])
		}
	}
	if text, n := inline(md); n > 0 {
		return token{inCode, text}, n
	}
	for _, rule := range r.rules {
		if rule.atLine && !lineStart || !rule.mayBegin(md) {
			continue
		}
		if m := rule.form.FindStringSubmatch(md); m != nil {
			return token{rule.kind, m[1]}, len(m[0])
		}
	}
	_, n := utf8.DecodeRuneInString(md)
	return token{plainText, md[:n]}, n
}

var fenceForm = regexp.MustCompile("(?is)^```(?:([a-z0-9_+\\-.#]+?)\n)?\n*([^\n].*?)\n*```")

// inline is code of as many backticks as it begins with, or of fewer.
func inline(md string) (text string, n int) {
	for run := len(md) - len(strings.TrimLeft(md, "`")); run > 0; run-- {
		for j := run; ; {
			next := strings.IndexByte(md[j:], '`')
			if next < 0 {
				break
			}
			j += next
			n := len(md[j:]) - len(strings.TrimLeft(md[j:], "`"))
			if n == run && j > run {
				return md[run:j], j + run
			}
			j += n
		}
	}
	return "", 0
}

// The reader must see what a client would, or it proves nothing.
func TestReaderSees(t *testing.T) {
	r := reader{rules()}
	for md, want := range map[string]string{
		"a *b* c":                              "text lone mark text lone mark text",
		"_x_":                                  "lone mark text lone mark",
		"**x** y":                              "bold text",
		"`**x**`":                              "code",
		"``a`b``":                              "code",
		"`a":                                   "lone mark text",
		"```text\nx\n```":                      "fencetext",
		"```x```":                              "fence",
		"```text\n```x\n```":                   "fencetext",
		"### T\n-# s":                          "heading text subtext text",
		"# T":                                  "large heading text",
		"- x":                                  "list text",
		"a\n1. x":                              "text list text",
		"> x":                                  "quote text",
		`\*`:                                   "escape",
		"<@1>":                                 "person",
		"<@&1>":                                "special",
		"<t:1:R>":                              "special",
		"<:a:1>":                               "special",
		"@everyone":                            "call",
		"[a](b)":                               "masked link text",
		"see https://a.test/x":                 "text link",
		"Discord.GG/abc":                       "invitation",
		"a :smile: b":                          "text emoji text",
		"2001:100:1":                           "text emoji text",
		"at 03:04:05 UTC":                      "text",
		"||x||":                                "lone mark lone mark text lone mark lone mark",
		"~~x~~":                                "lone mark lone mark text lone mark lone mark",
		"https://discord.com/channels/@me/1/2": "message link",
	} {
		var kinds []string
		for _, tok := range r.read(md) {
			kinds = append(kinds, tok.kind)
		}
		if got := strings.Join(kinds, " "); got != want {
			t.Errorf("%q reads as %q, want %q", md, got, want)
		}
	}
}
