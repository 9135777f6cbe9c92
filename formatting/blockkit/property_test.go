package blockkit_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"smtptest/formatting"
	"smtptest/formatting/blockkit"
	"smtptest/formatting/formattest"
)

func FuzzRender(f *testing.F) {
	for i, text := range formattest.Nasty() {
		f.Add(text, uint64(i))
	}
	f.Add(strings.Repeat("<", 9000), uint64(97))
	f.Fuzz(func(t *testing.T, text string, seed uint64) {
		checkMessage(t, formattest.Random(seed, text, text))
		checkLimits(t, raw(text))
	})
}

// raw is a message whose texts have passed no sanitiser.
func raw(text string) formatting.Message {
	action := formatting.Action{Verb: "again", Run: text, Label: text, Accessible: text,
		Choices: []formatting.Choice{{Value: text, Label: text}, {Value: "a", Label: text}}}
	return formatting.Message{
		Tone: formatting.ToneBad, Verdict: text, Target: text, Fact: text, Quote: []string{text, text},
		Try: text, Owner: text, Footer: text,
		Notes:   []string{text, text},
		By:      formatting.Person{ID: text, Name: text},
		Links:   []formatting.Link{{Label: text, URL: text}, {Label: text, URL: "https://" + text}},
		Actions: []formatting.Action{action, {Verb: text, Label: text}, {Verb: "more", Label: text}},
		Sections: []formatting.Section{
			formatting.Findings{Items: []formatting.Finding{{Severity: text, Title: text, Explanation: text, Advice: text,
				Owner: text}}},
			formatting.Facts{Title: text, Rows: []formatting.Fact{{Name: text, Value: text}, {Name: text}, {Value: text}}},
			formatting.Prose{Title: text, Paragraphs: []string{text, text}},
			formatting.Code{Title: text, Lines: []formatting.CodeLine{{Side: text, Text: text}, {Text: text},
				{Side: "S", Text: text}}},
			formatting.Table{Title: text, Header: []string{text, ""}, Rows: [][]string{{text}, {text, text}, nil}},
			formatting.File{Name: text, Title: text, Text: text},
		},
	}
}

// TestRandomMessages runs the fuzz target's check over many messages each
// time, and over many more with -long.
func TestRandomMessages(t *testing.T) {
	for seed := range formattest.Seeds(100, 2000) {
		checkMessage(t, formattest.Random(seed))
		if t.Failed() {
			t.Fatal("seed ", seed)
		}
	}
}

// TestNastyMessages feeds what has passed no sanitiser.
func TestNastyMessages(t *testing.T) {
	for _, text := range append(formattest.Nasty(), strings.Repeat("<", 20_000), strings.Repeat("\u2028", 20_000),
		strings.Repeat("日", 20_000), strings.Repeat("\xff", 20_000)) {
		checkLimits(t, raw(text))
	}
}

// TestCasesKeepTheRules does it for what people will really read.
func TestCasesKeepTheRules(t *testing.T) {
	most := 0
	for _, c := range formattest.Cases(t) {
		m := formattest.Message(t, c, formatting.Slack)
		checkMessage(t, m)
		most = max(most, len(blockkit.Thread(m)))
	}
	t.Logf("the longest thread of a case has %d posts", most)
}

// TestInjection: whatever a server says, and wherever, it stays its words.
func TestInjection(t *testing.T) {
	for _, c := range formattest.Injected(t) {
		checkMessage(t, formattest.Message(t, c, formatting.Slack))
		if t.Failed() {
			t.Fatal(c.Name)
		}
	}
}

// TestRefusalsKeepTheRules fills the texts with what has passed no sanitiser.
func TestRefusalsKeepTheRules(t *testing.T) {
	for i, text := range append(formattest.Nasty(), "*a* _b_ ~c~ `d` https://e.test <@U0123ABC> <!here> :smile:") {
		for _, m := range formattest.Some(formattest.Refusals(text), i, 5) {
			checkLimits(t, m)
			checkStatus(t, m)
		}
	}
}

func checkLimits(t *testing.T, m formatting.Message) {
	t.Helper()
	root, thread, private := blockkit.Root(m), blockkit.Thread(m), blockkit.Private(m)
	if len(thread) > 4 || len(private) > 2 || len(private) == 0 {
		t.Errorf("%d posts in the thread, %d in private", len(thread), len(private))
	}
	for _, p := range slices.Concat([]blockkit.Post{root}, thread, private) {
		checkPost(t, p)
	}
	if slices.ContainsFunc(private, func(p blockkit.Post) bool { return p.File != nil }) || root.File != nil {
		t.Error("a file where none can be uploaded")
	}
}

func checkMessage(t *testing.T, m formatting.Message) {
	t.Helper()
	checkLimits(t, m)
	checkThread(t, m)
	checkPrivate(t, m)
}

// checkThread wants every word, whole and in order, in the posts or in their
// files, and the counts right.
func checkThread(t *testing.T, m formatting.Message) {
	t.Helper()
	posts := blockkit.Thread(m)
	shown := read(posts)
	filed := files(posts)
	if whole, ok := filed["smtptest-details.txt"]; ok {
		checkWords(t, m.Sections, strings.Split(whole, "\n"))
		return
	}
	all := shown
	if whole, ok := filed["smtptest-transcript.txt"]; ok {
		checkCounted(t, m.Sections, shown)
		all = append(strings.Split(whole, "\n"), shown...)
	}
	checkWords(t, m.Sections, all)
	for _, s := range m.Sections {
		if f, ok := s.(formatting.File); ok &&
			!slices.ContainsFunc(posts, func(p blockkit.Post) bool { return p.File != nil && *p.File == f }) {
			t.Errorf("%s is not uploaded", f.Title)
		}
	}
}

func checkPrivate(t *testing.T, m formatting.Message) {
	t.Helper()
	shown := read(blockkit.Private(m))
	if slices.ContainsFunc(shown, func(l string) bool { return strings.HasPrefix(l, "Shortened: ") }) {
		if len(blockkit.Private(m)) != 2 {
			t.Error("shortened without need")
		}
		return
	}
	checkWords(t, m.Sections, shown)
}

// checkWords looks for each line of the sections.
func checkWords(t *testing.T, sections []formatting.Section, shown []string) {
	t.Helper()
	all := formattest.WithoutIsolates(strings.Join(shown, "\n"))
	want := func(texts ...string) {
		for _, text := range texts {
			if strings.TrimSpace(text) != "" && !strings.Contains(all, text) {
				t.Errorf("%q is not in\n%s", text, all)
			}
		}
	}
	for _, s := range sections {
		switch s := formattest.InChat(s).(type) {
		case formatting.Findings:
			for _, x := range s.Items {
				want(x.Severity+": "+x.Title, x.Explanation, x.Advice, x.Grounds())
			}
		case formatting.Facts:
			for _, row := range s.Rows {
				want(row.Name, row.Value)
			}
		case formatting.Prose:
			want(s.Paragraphs...)
		case formatting.Code:
			checkOrder(t, s, shown)
		}
	}
}

// checkOrder wants each line of a transcript whole, after the one before.
func checkOrder(t *testing.T, c formatting.Code, shown []string) {
	t.Helper()
	i := 0
	for _, l := range c.Lines {
		line := codeLine(l)
		n := slices.Index(shown[i:], line)
		if n < 0 {
			t.Errorf("%q is not in its place in\n%s", line, strings.Join(shown, "\n"))
			return
		}
		i += n + 1
	}
}

var counted = regexp.MustCompile(`^(\d+) of (\d+) lines shown, all of them in the file$`)

// checkCounted counts the lines that are shown of all transcripts.
func checkCounted(t *testing.T, sections []formatting.Section, shown []string) {
	t.Helper()
	n, of := 0, 0
	rest := slices.Clone(shown)
	for _, s := range sections {
		c, ok := s.(formatting.Code)
		if !ok {
			continue
		}
		for _, l := range c.Lines {
			of++
			if i := slices.Index(rest, codeLine(l)); i >= 0 {
				n++
				rest[i] = ""
			}
		}
	}
	want := fmt.Sprintf("%d of %d lines shown, all of them in the file", n, of)
	if i := slices.IndexFunc(shown, counted.MatchString); i < 0 || shown[i] != want {
		t.Errorf("%q is not there", want)
	}
}

func codeLine(l formatting.CodeLine) string {
	if l.Side == "" {
		return l.Text
	}
	mark := " "
	if l.Secure {
		mark = "~"
	}
	return fmt.Sprintf("%9.3f %s%s %s", l.At.Seconds(), l.Side, mark, l.Text)
}

func files(posts []blockkit.Post) map[string]string {
	out := map[string]string{}
	for _, p := range posts {
		if p.File != nil {
			out[p.File.Name] = p.File.Text
		}
	}
	return out
}

// read is what a person reads, line by line, with what goes on put behind
// what it belongs to.
func read(posts []blockkit.Post) []string {
	var out []string
	for _, l := range seen(posts) {
		last := len(out) - 1
		rest, goesOn := strings.CutPrefix(l, "↳ ")
		if at := continued.FindString(l); at != "" {
			rest, goesOn = l[len(at):], true
		}
		if !goesOn || last < 0 {
			out = append(out, l)
			continue
		}
		for again.MatchString(out[last]) {
			out, last = out[:last], last-1
		}
		out[last] += rest
	}
	return out
}

var (
	continued = regexp.MustCompile(`^ {10}↳[ ~] `)
	again     = regexp.MustCompile(`\((continued|\d+/\d+)\)$`)
)

func seen(posts []blockkit.Post) []string {
	var out []string
	for _, p := range posts {
		all := p.Blocks
		for _, a := range p.Below {
			all = slices.Concat(all, a.Blocks.BlockSet)
		}
		for _, b := range all {
			switch b := b.(type) {
			case *slack.RichTextBlock:
				for _, e := range b.Elements {
					out = append(out, seenIn(e)...)
				}
			case *slack.ContextBlock:
				for _, e := range b.ContextElements.Elements {
					text := e.(*slack.TextBlockObject).Text
					if _, after, found := strings.Cut(text, "|"); found && strings.HasPrefix(text, "<!date") {
						text = strings.TrimSuffix(after, ">")
					}
					out = append(out, text)
				}
			}
		}
	}
	return out
}

func seenIn(e slack.RichTextElement) []string {
	switch e := e.(type) {
	case *slack.RichTextList:
		var out []string
		for _, x := range e.Elements {
			out = append(out, seenIn(x)...)
		}
		return out
	case *slack.RichTextPreformatted:
		return strings.Split(textOf(e.Elements), "\n")
	case *slack.RichTextQuote:
		return strings.Split(textOf(e.Elements), "\n")
	case *slack.RichTextSection:
		return strings.Split(textOf(e.Elements), "\n")
	}
	return nil
}

func textOf(elements []slack.RichTextSectionElement) string {
	text := ""
	for _, e := range elements {
		switch e := e.(type) {
		case *slack.RichTextSectionTextElement:
			text += e.Text
		case *slack.RichTextSectionDateElement:
			text += *e.Fallback
		case *slack.RichTextSectionLinkElement:
			text += e.Text + " <" + e.URL + ">"
		}
	}
	return text
}

// A transcript as long as the probe keeps them.
func long(lines int) formatting.Code {
	c := formatting.Code{Title: "Transcript 192.0.2.1:587"}
	for i := range lines {
		c.Lines = append(c.Lines, formatting.CodeLine{At: time.Duration(i) * time.Millisecond, Side: "S", Secure: true,
			Text: fmt.Sprintf("250-XLINE%d %s", i, strings.Repeat("x", 60))})
	}
	return c
}
