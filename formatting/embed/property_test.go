package embed_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"smtptest/formatting"
	"smtptest/formatting/embed"
	"smtptest/formatting/formattest"
)

func FuzzRender(f *testing.F) {
	for i, text := range slices.Concat(formattest.Nasty(), markup()) {
		f.Add(text, uint64(i))
	}
	f.Fuzz(func(t *testing.T, text string, seed uint64) {
		checkMessage(t, formattest.Random(seed, text, text))
		checkMessage(t, raw(seed, text))
	})
}

// markup is what Discord's clients would act on.
func markup() []string {
	return []string{
		"**a** *b* _c_ __d__ ~~e~~ ||f||", "> g", ">>> h", "# i", "-# j", "- k", "1. l", "2.", "[m](https://n.test)",
		"<https://o.test>",
		"https://p.test/q_r_", "<@123>", "<@&123>", "<#123>", "<t:1764000000:R>", "<:x:1>", "<a:x:1>", "</smtptest:1>",
		"<id:customize>",
		":smile:", "2001:db8:100:a:b::1", "DISCORD.gg/abc", "discordapp.com/invite/x", "@here", "`", "``", "````", "a`",
		"`b", "``x`", "x\\", "\\`", "\\",
		"```ansi\n\x1b[31m", "¯\\_(ツ)_/¯", "js", "↳ x", "a:b", "(:v:)", "“:v:”", "+", "-", "--x", "#1", "C#",
	}
}

// TestRandomMessages runs the fuzz target's check over many messages each
// time, and over many more with -long.
func TestRandomMessages(t *testing.T) {
	for seed := range formattest.Seeds(60, 1000) {
		checkMessage(t, formattest.Random(seed))
		checkMessage(t, formattest.Random(seed, markup()...))
	}
}

// TestLongTexts fills every part of a message with more than has room in five
// posts.
func TestLongTexts(t *testing.T) {
	const most = 10500
	for i, text := range formattest.Some(slices.Concat(formattest.Nasty(), markup()), 0, 5) {
		between := strings.Repeat(" ", i%2)
		checkMessage(t, long(strings.Repeat(text+between, most/(len(text)+1))))
	}
}

// TestRefusalsKeepTheRules fills the texts with what has passed no sanitiser:
// each text of the catalogue with some of them, and with all with -long.
func TestRefusalsKeepTheRules(t *testing.T) {
	for i, text := range slices.Concat(formattest.Nasty(), markup()) {
		for _, m := range formattest.Some(formattest.Refusals(text), i, 11) {
			checkMessage(t, m)
		}
	}
}

// raw is a message whose text has passed no sanitiser.
func raw(seed uint64, text string) formatting.Message {
	m := formattest.Random(seed)
	m.Verdict, m.Target, m.Fact, m.Footer, m.Try, m.Owner = text, text, text, text, text, text
	m.Quote, m.Notes = []string{text, text}, []string{text, text}
	m.By.Name = text
	m.Sections = append(m.Sections,
		formatting.Findings{Items: []formatting.Finding{{Severity: text, Title: text, Explanation: text, Advice: text,
			Owner: text, Confidence: text, Reference: text, ID: text}}},
		formatting.Facts{Title: text, Rows: []formatting.Fact{{Name: text, Value: text}, {Name: text}, {Value: text}}},
		formatting.Prose{Title: text, Paragraphs: []string{text, text}},
		formatting.Code{Title: text, Lines: []formatting.CodeLine{{Side: "S", Text: text}, {Text: "copy " + text},
			{Side: "C", Secure: true, Text: text}}},
	)
	return m
}

// long is a message whose text has room nowhere.
func long(text string) formatting.Message {
	return formatting.Message{
		Verdict: text, Target: text, Fact: text, Quote: []string{text, text}, Try: text, Owner: text, Footer: text,
		Sections: []formatting.Section{
			formatting.Findings{Items: []formatting.Finding{{Title: text, Advice: text}}},
			formatting.Facts{Rows: []formatting.Fact{{Name: text, Value: "x"}}},
			formatting.Code{Title: text, Lines: []formatting.CodeLine{{Side: "S", Text: text}}},
		}}
}

// TestInjection: whatever a server says, and wherever, it stays its words.
func TestInjection(t *testing.T) {
	for _, c := range formattest.Injected(t) {
		checkMessage(t, formattest.Message(t, c, formatting.Discord))
	}
}

func checkMessage(t *testing.T, m formatting.Message) {
	t.Helper()
	if root := embed.Root(m); checkPost(t, root) && root.Content == "" && len(root.Embeds) == 0 {
		t.Error("the root is empty")
	}
	for _, style := range []embed.Style{{}, {ANSI: true}} {
		checkPosts(t, m, embed.Thread(m, style), 6)
	}
	whole := embed.Whole(m)
	checkPosts(t, m, whole, 5)
	if len(whole) == 0 || len(whole[0].Components) != len(embed.Root(m).Components) {
		t.Error("the buttons are not in the first post")
	}
	if t.Failed() {
		t.Fatalf("with %.1000s", fmt.Sprintf("%+v", m))
	}
}

func checkPosts(t *testing.T, m formatting.Message, posts []embed.Post, most int) {
	t.Helper()
	if len(posts) > most {
		t.Errorf("%d posts", len(posts))
	}
	for _, p := range posts {
		if checkPost(t, p) && p.Content == "" && len(p.Embeds) == 0 && len(p.Files) == 0 {
			t.Error("a post is empty")
		}
	}
	tokens := readAll(posts)
	checkWords(t, m, posts, tokens)
	checkTranscripts(t, m, posts, tokens)
}

// readAll reads the content of each post, without the title of a section that
// goes on.
func readAll(posts []embed.Post) [][]token {
	var all [][]token
	for _, p := range posts {
		content := p.Content
		if title, rest, _ := strings.Cut(content, "\n"); strings.HasPrefix(title, "### ") &&
			strings.HasSuffix(title, "(continued)") {
			content = rest
		}
		all = append(all, theReader.read(content))
	}
	return all
}

// checkPost checks one post against the limits, and reads its markdown as a
// client would. It is true so that callers can go on.
func checkPost(t *testing.T, p embed.Post) bool {
	t.Helper()
	walk(t, payload(t, p), bounds())
	if len(p.Files) > 10 {
		t.Errorf("%d files", len(p.Files))
	}
	checkMarkdown(t, p.Content, plainText, inCode, inFence+"text", inFence+"ansi", bold, titleMark, smallMark)
	for _, e := range p.Embeds {
		checkMarkdown(t, ours.ReplaceAllString(e.Description, ""), plainText, inCode, address)
		if e.Footer != nil {
			checkFooter(t, e.Footer.Text)
		}
	}
	return true
}

// ours is what a description has of markdown that is no link.
var ours = regexp.MustCompile(`(?m)^\*\*(Try|Who can fix it):\*\* |<t:-?\d+:f>\z|<t:-?\d+:T> · \d{4}.*UTC$`)

func checkMarkdown(t *testing.T, md string, allowed ...string) {
	t.Helper()
	fences := 0
	for _, tok := range theReader.read(md) {
		if !slices.Contains(allowed, tok.kind) {
			t.Errorf("%q gets out as %s in:\n%q", tok.text, tok.kind, md)
		}
		text := tok.text
		if strings.HasPrefix(tok.kind, inFence) {
			fences++
		}
		if tok.kind == inFence+"ansi" {
			text = painted.ReplaceAllString(text, "$2")
		}
		checkCharacters(t, text)
	}
	if n := strings.Count(md, "```"); n != 2*fences {
		t.Errorf("%d marks for %d fences in:\n%q", n, fences, md)
	}
}

// painted is what Thread may write in colours: one line, or a piece of one.
var painted = regexp.MustCompile("\x1b\\[(36|32|30)m([^\x1b\n]+)\x1b\\[0m")

var theReader = reader{rules()}

func checkCharacters(t *testing.T, text string) {
	t.Helper()
	for _, r := range formattest.WithoutIsolates(text) {
		if r != '\n' && r != '\u200b' && !unicode.IsPrint(r) {
			t.Errorf("%U is in:\n%q", r, text)
		}
	}
}

// checkFooter: emphasis in a footer is shown as it is, but nothing in it may
// call or lead away.
func checkFooter(t *testing.T, text string) {
	t.Helper()
	for _, tok := range theReader.read(text) {
		if !slices.Contains([]string{plainText, "lone mark", "escape", inCode}, tok.kind) {
			t.Errorf("%q gets out as %s in the footer:\n%q", tok.text, tok.kind, text)
		}
	}
	checkCharacters(t, text)
}

// shown is what a person can read of posts and their files, without blanks
// and without the marks of broken lines.
func shown(posts []embed.Post, tokens [][]token) string {
	var b, files strings.Builder
	for i, p := range posts {
		for _, tok := range tokens[i] {
			b.WriteString(tok.text)
		}
		for _, f := range p.Files {
			files.WriteString(f.Text)
		}
	}
	return squeezed(formattest.WithoutIsolates(b.String() + files.String()))
}

// sanitised is what a renderer must make of a zero-width space that is not its
// own.
func sanitised(text string) string { return strings.ReplaceAll(text, "\u200b", "\ufffd") }

func squeezed(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), r == '\u200b', r == '↳':
			return -1
		case !unicode.IsPrint(r):
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

func checkWords(t *testing.T, m formatting.Message, posts []embed.Post, tokens [][]token) {
	t.Helper()
	have := shown(posts, tokens)
	for _, want := range words(m) {
		if want := squeezed(sanitised(want)); !strings.Contains(have, want) {
			t.Errorf("%.200q is missing in:\n%.500q", want, have)
		}
	}
}

// words are all texts of a message that must be shown whole.
func words(m formatting.Message) []string {
	var all []string
	for _, s := range m.Sections {
		switch s := formattest.InChat(s).(type) {
		case formatting.Findings:
			for _, x := range s.Items {
				all = append(all, x.Severity, x.Title, x.Explanation, x.Advice, x.Grounds())
			}
		case formatting.Facts:
			all = append(all, s.Title)
			for _, row := range s.Rows {
				all = append(all, row.Name, row.Value)
			}
		case formatting.Prose:
			all = append(append(all, s.Title), s.Paragraphs...)
		case formatting.File:
			all = append(all, s.Title, s.Text)
		}
	}
	return all
}
