package embed_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"smtptest/formatting"
	"smtptest/formatting/embed"
	"smtptest/formatting/formattest"
)

func TestRoot(t *testing.T) {
	m := formatting.Message{
		Tone: formatting.ToneBad, Verdict: "Failed at STARTTLS", Target: "mx-1.example.test:587", Fact: "It cannot · 42 ms",
		Quote: []string{"454-4.7.0 <b>*TLS*</b>", "454 4.7.0 no"}, Try: "Check its key.", Owner: "the server's operators",
		Began: time.Unix(1767323045, 0), Notes: []string{"Understood: no port was named, so port 587 is tested."},
		By: formatting.Person{ID: "123456789012345678", Name: "ada"},
		Links: []formatting.Link{{Label: "Before", URL: "https://discord.com/channels/1/2/3"},
			{Label: "Elsewhere", URL: "https://evil.test/"}},
		Footer: "from 2001:db8::7",
	}
	p := embed.Root(m)
	if want := "❌ **Failed at STARTTLS** `mx-1.example.test:587`\nIt cannot · 42 ms"; p.Content != want {
		t.Errorf("the content is %q, want %q", p.Content, want)
	}
	want := "`454-4.7.0 <b>*TLS*</b>`\n`454 4.7.0 no`\n**Try:** Check its key.\n" +
		"**Who can fix it:** the server's operators\nUnderstood: no port was named, so port 587 is tested.\n" +
		"Before: https://discord.com/channels/1/2/3\nElsewhere\nAsked by ada · <t:1767323045:f>"
	if got := p.Embeds[0].Description; got != want {
		t.Errorf("the description is\n%s\nwant\n%s", got, want)
	}
	if got, want := p.Embeds[0].Footer.Text, "from 2001:\u200bdb8:\u200b:\u200b7"; got != want {
		t.Errorf("the footer is %q, want %q", got, want)
	}
}

// Nobody needs colours to see the tone.
func TestTones(t *testing.T) {
	seen := map[string]bool{}
	for _, tone := range []formatting.Tone{
		formatting.ToneGood, formatting.ToneWarning, formatting.ToneBad, formatting.ToneUnsure, formatting.ToneRefused,
		formatting.ToneWaiting, "",
	} {
		p := embed.Root(formatting.Message{Tone: tone, Verdict: "x", Fact: "y"})
		if seen[p.Content] {
			t.Errorf("%q begins as another tone does", tone)
		}
		seen[p.Content] = true
	}
}

func TestPeopleAreNamedNotCalled(t *testing.T) {
	for _, c := range []struct {
		by   formatting.Person
		want string
	}{
		{formatting.Person{ID: "1"}, ""},
		{formatting.Person{ID: "1>@everyone", Name: "@everyone"}, "Asked by `@everyone`"},
		{formatting.Person{ID: "&1", Name: "a_b_"}, "Asked by `a_b_`"},
	} {
		got := ""
		if p := embed.Root(formatting.Message{Verdict: "x", By: c.by}); len(p.Embeds) > 0 {
			got = p.Embeds[0].Description
		}
		if got != c.want {
			t.Errorf("%v is named %q, want %q", c.by, got, c.want)
		}
	}
}

func transcriptOf(lines int, text string) formatting.Message {
	c := formatting.Code{Title: "Transcript 192.0.2.1:587"}
	for i := range lines {
		c.Lines = append(c.Lines, formatting.CodeLine{At: time.Duration(i) * time.Millisecond,
			Side: []string{"C", "S", "*"}[i%3], Secure: i > 9, Text: text})
	}
	return formatting.Message{Verdict: "x", Sections: []formatting.Section{c}}
}

func TestTranscriptsBySize(t *testing.T) {
	for _, c := range []struct {
		lines, posts, parts int
		says                string
	}{
		{10, 1, 1, ""}, {60, 2, 2, "### Transcript `192.0.2.1:587` (2/2)"},
		{200, 1, 1, "of 200 lines shown, all of them in the file smtptest-transcript.txt"},
	} {
		posts := embed.Thread(transcriptOf(c.lines, strings.Repeat("a", 30)), embed.Style{})
		all := ""
		for _, p := range posts {
			all += p.Content + "\n"
		}
		if len(posts) != c.posts || strings.Count(all, "```text\n") != c.parts || !strings.Contains(all, c.says) {
			t.Errorf("%d lines are %d posts without %q:\n%s", c.lines, len(posts), c.says, all)
		}
	}
}

// A line that fills more than a part goes on visibly; colours end where their
// piece ends.
func TestLongLines(t *testing.T) {
	m := transcriptOf(1, strings.Repeat("a``", 500))
	posts := embed.Thread(m, embed.Style{ANSI: true})
	if len(posts) != 2 || !strings.HasPrefix(strings.SplitN(posts[1].Content, "\n", 4)[2], "↳ \x1b[36m") {
		t.Errorf("%d posts, the second is\n%q", len(posts), posts[1].Content)
	}
	checkPosts(t, m, posts, 5)
}

func TestColours(t *testing.T) {
	posts := embed.Thread(transcriptOf(3, "x"), embed.Style{ANSI: true})
	want := "### Transcript `192.0.2.1:587`\n```ansi\n0.000 C  \x1b[36mx\x1b[0m\n0.001 S  \x1b[32mx\x1b[0m\n0.002 *  " +
		"\x1b[30mx\x1b[0m\n```"
	if got := posts[0].Content; got != want {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
}

// Whole has a root even where there is nothing to say, and none where the
// sections say it all.
func TestWhole(t *testing.T) {
	facts := formatting.Facts{Title: "5.7.8 (enhanced code)",
		Rows: []formatting.Fact{{Name: "5.7.8", Value: "the login is wrong"}}}
	again := []formatting.Action{{Verb: "again", Run: "r", Label: "Run again"}}
	for _, c := range []struct {
		m    formatting.Message
		want string
	}{
		{formatting.Message{}, "(no verdict) 0"},
		{formatting.Message{Verdict: "Working"}, "**Working** 0"},
		{formatting.Message{Sections: []formatting.Section{facts}, Actions: again},
			"### 5.7.8 (enhanced code)\n**5.7.8**  the login is wrong 1"},
		{formatting.Message{Verdict: "V", Sections: []formatting.Section{facts}, Actions: again},
			"**V** 1|### 5.7.8 (enhanced code)\n**5.7.8**  the login is wrong 0"},
	} {
		var got []string
		for _, p := range embed.Whole(c.m) {
			got = append(got, fmt.Sprintf("%s %d", p.Content, len(p.Components)))
		}
		if strings.Join(got, "|") != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

// A file that no server takes is cut at a line, and says so.
func TestHugeFiles(t *testing.T) {
	text := strings.Repeat(strings.Repeat("x", 99)+"\n", 120_000)
	m := formatting.Message{Sections: []formatting.Section{formatting.File{Name: "smtptest.txt", Title: "All",
		Text: text}}}
	f := embed.Thread(m, embed.Style{})[0].Files[0]
	if len(f.Text) > 10<<20 || !strings.HasSuffix(f.Text, "x\n104856 of 120000 lines shown\n") {
		t.Errorf("%d octets, which end in %q", len(f.Text), f.Text[len(f.Text)-40:])
	}
}

func BenchmarkRootAndThread(b *testing.B) {
	b.ReportAllocs()
	m := transcriptOf(40, "250-ENHANCEDSTATUSCODES")
	m.Sections = append(m.Sections, formattest.Random(7).Sections...)
	for b.Loop() {
		_ = embed.Root(m)
		_ = embed.Thread(m, embed.Style{})
	}
}
