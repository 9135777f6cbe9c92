package html

import (
	"html/template"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// line is one line of Markdown, or a whole fence.
type line struct {
	Fence string // what is in a fence; its last newline is not in it
	Class string
	Level int // of a heading; 0: it is none
	Spans []span
}

// span is a part of a line.
type span struct {
	Text    string
	Code    bool
	Bold    bool
	Mention bool
	To      string // where it leads on the page
	Time    string // as RFC 3339
}

// Markdown renders a text of Discord as far as this program writes Markdown:
// headings, small print, bold, code, fences, people, times. All else stays as
// it is, as it does in Discord for what package embed lets through.
func (v View) Markdown(text string) template.HTML {
	if text == "" {
		return ""
	}
	var out []line
	for rest := text; rest != ""; {
		var l line
		l, rest = v.line(rest)
		out = append(out, l)
	}
	return node{}.execute(templates().Lookup("markdown"), out)
}

const fence = "```"

// line takes the first line of a text, or the first fence.
func (v View) line(text string) (l line, rest string) {
	if inner, ok := strings.CutPrefix(text, fence); ok {
		_, body, opened := strings.Cut(inner, "\n") // behind the language
		inside, after, closed := strings.Cut(body, "\n"+fence)
		if opened && closed {
			return line{Fence: inside + "\n"}, strings.TrimPrefix(after, "\n")
		}
	}
	first, rest, _ := strings.Cut(text, "\n")
	for _, mark := range []line{{Class: "small"}, {Level: 3}, {Level: 2}, {Level: 1}} {
		begin := strings.Repeat("#", mark.Level) + " "
		if mark.Level == 0 {
			begin = "-# "
		}
		if inner, ok := strings.CutPrefix(first, begin); ok {
			mark.Spans = v.spans(inner)
			if mark.Level > 0 {
				mark.Class = "header"
			}
			return mark, rest
		}
	}
	return line{Class: "lines", Spans: v.spans(first)}, rest
}

// marks are what begins a span other than text and code: bold, a person, a
// time, the address of a message.
var marks = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:\*\*(.+?)\*\*|<@([0-9]+)>|<t:([0-9]+)(?::([tTdDfFR]))?>|` +
		`(https://discord\.com/channels/[0-9/@me]+))`)
})

func (v View) spans(text string) []span {
	var out []span
	begin := 0
	for i := 0; i < len(text); {
		s, size := v.span(text[i:])
		if size == 0 {
			i++
			continue
		}
		if begin < i {
			out = append(out, span{Text: text[begin:i]})
		}
		out = append(out, s)
		i += size
		begin = i
	}
	if begin < len(text) {
		out = append(out, span{Text: text[begin:]})
	}
	return out
}

// span reads what a text begins with; size 0: nothing but text.
func (v View) span(text string) (s span, size int) {
	ticks := len(text) - len(strings.TrimLeft(text, "`"))
	if ticks > 0 {
		return code(text, ticks)
	}
	if !strings.ContainsRune("*<h", rune(text[0])) {
		return span{}, 0
	}
	m := marks().FindStringSubmatch(text)
	switch {
	case m == nil:
		return span{}, 0
	case m[1] != "":
		return span{Text: m[1], Bold: true}, len(m[0])
	case m[2] != "":
		return span{Text: "@" + v.person(m[2]), Mention: true}, len(m[0])
	case m[3] != "":
		at, _ := strconv.ParseInt(m[3], 10, 64)
		return span{Text: v.moment(at, discordTime(m[4])), Time: stamp(at)}, len(m[0])
	}
	return span{Text: m[5], To: v.leads(m[5])}, len(m[0])
}

// code is what stands between as many backticks as it begins with. Without
// an end they are text, all of them.
func code(text string, ticks int) (s span, size int) {
	for at := ticks; at < len(text); {
		i := strings.IndexByte(text[at:], '`')
		if i < 0 {
			break
		}
		at += i
		end := len(text) - len(strings.TrimLeft(text[at:], "`"))
		if end-at == ticks {
			return span{Text: text[ticks:at], Code: true}, end
		}
		at = end
	}
	return span{Text: text[:ticks]}, ticks
}
