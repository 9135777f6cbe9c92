package blockkit_test

import (
	"encoding/json"
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
	"smtptest/probe/diagnosis"
	"smtptest/probe/probetest"
)

func sample() formatting.Message {
	return formatting.Message{
		Tone: formatting.ToneBad, Verdict: "Failed at STARTTLS", Target: "mx.example.test:587",
		Fact:  "The server offers STARTTLS but cannot do it · 42 ms",
		Quote: []string{"454-4.7.0 <not>", "454 4.7.0 available"},
		Try:   "Check its key.", Owner: "the server's operators", Began: time.Unix(1767323045, 0),
		Notes:  []string{"No port was named & 587 is tested."},
		By:     formatting.Person{ID: "U0123ABC", Name: "ada"},
		Links:  []formatting.Link{{Label: "The run before", URL: "https://chat.example.test/archives/C1/p1"}},
		Footer: "from 198.51.100.7",
		Sections: []formatting.Section{
			formatting.Findings{Items: []formatting.Finding{{
				Severity: "Error", Title: "It cannot", Explanation: "Its key cannot be loaded.", Advice: "Check its key.",
				Owner: "the server's operators", Confidence: "measured", Reference: "RFC 3207 §4", ID: "starttls.unavailable",
			}}},
			formatting.Facts{Title: "Capabilities in the clear (2)",
				Rows: []formatting.Fact{{Name: "SIZE 1000", Value: "largest message 1000 octets"}, {Name: "XUNKNOWN"},
					{Name: "Only before TLS", Value: "DSN"}}},
			formatting.Code{Title: "Transcript 192.0.2.1:587", Lines: []formatting.CodeLine{
				{At: 31 * time.Millisecond, Side: "S", Text: "220 mx.example.test ESMTP"},
				{At: 1234567 * time.Microsecond, Side: "C", Secure: true, Text: "QUIT"}, {Text: "nobody said it"},
			}},
		},
	}
}

// withActions has the buttons of a failed run.
func withActions(t *testing.T) formatting.Message {
	t.Helper()
	m := sample()
	for seed := uint64(0); len(m.Actions) == 0; seed++ {
		m.Actions = formattest.Random(seed).Actions
	}
	return m
}

func encode(t *testing.T, p blockkit.Post) string {
	t.Helper()
	b, err := json.Marshal(slack.Blocks{BlockSet: p.Blocks})
	if err != nil {
		t.Fatal(err)
	}
	return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(b))
}

func TestRoot(t *testing.T) {
	p := blockkit.Root(withActions(t))
	checkPost(t, p)
	if want := "❌ Failed at STARTTLS  mx.example.test:587 · The server offers STARTTLS but cannot do it · 42 ms · Try: " +
		"Check its key."; p.Text != want {
		t.Errorf("text: %q", p.Text)
	}
	want := []string{
		"❌ Failed at STARTTLS  mx.example.test:587", "The server offers STARTTLS but cannot do it · 42 ms",
		"“454-4.7.0 <not>", "454 4.7.0 available”", "Try: Check its key.", "Who can fix it: the server's operators",
		"No port was named & 587 is tested.", "The run before <https://chat.example.test/archives/C1/p1>",
		"Asked by ada · ", "2026-01-02 03:04:05 UTC", " · from 198.51.100.7",
	}
	if got := seen([]blockkit.Post{p}); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	below := p.Below[0].Blocks.BlockSet
	if last := below[len(below)-1].BlockType(); last != slack.MBTAction || p.Below[0].Color != "#d0343c" {
		t.Errorf("the last block is %s, beside %s", last, p.Below[0].Color)
	}
	all := encode(t, p) + encode(t, blockkit.Post{Blocks: below})
	for _, part := range []string{
		`{"type":"text","text":"Failed at STARTTLS","style":{"bold":true}}`,
		`{"type":"text","text":"mx.example.test:587","style":{"code":true}}`,
		`"style":"primary"`, `"accessibility_label":"Run the test`, `{"type":"overflow",`,
	} {
		if !strings.Contains(all, part) {
			t.Errorf("%s is not in %s", part, all)
		}
	}
}

func TestThread(t *testing.T) {
	posts := blockkit.Thread(sample())
	want := []string{
		"Error: It cannot", "Its key cannot be loaded.", "Try: Check its key.",
		"Who can fix it: the server's operators · measured · RFC 3207 §4 · starttls.unavailable",
		"Capabilities in the clear (2)", "SIZE 1000 largest message 1000 octets", "XUNKNOWN", "Only before TLS: DSN",
		"Transcript 192.0.2.1:587", "    0.031 S  220 mx.example.test ESMTP", "    1.235 C~ QUIT", "nobody said it",
	}
	if got := seen(posts); len(posts) != 1 || !slices.Equal(got, want) {
		t.Errorf("%d posts: %q", len(posts), got)
	}
	const text = "Error: It cannot · Try: Check its key."
	if posts[0].Text != text {
		t.Errorf("text: %q", posts[0].Text)
	}
	all := encode(t, posts[0])
	for _, part := range []string{`"SIZE 1000","style":{"code":true}`, `"XUNKNOWN","style":{"code":true}`,
		`"Only before TLS","style":{"bold":true}`} {
		if !strings.Contains(all, part) {
			t.Errorf("%s is not in %s", part, all)
		}
	}
}

// The keywords of real lists are in code style: the title tells which they
// are, and this holds the renderer to the words of package formatting.
func TestCapabilitiesAreSpelled(t *testing.T) {
	for _, c := range formattest.Cases(t) {
		for _, s := range formattest.Message(t, c, formatting.Slack).Sections {
			f, ok := s.(formatting.Facts)
			if !ok || !slices.ContainsFunc(f.Rows, func(r formatting.Fact) bool { return r.Name == "8BITMIME" }) {
				continue
			}
			f.Short = ""
			if all := encode(t, blockkit.Thread(formatting.Message{Sections: []formatting.Section{f}})[0]); !strings.Contains(
				all, `"8BITMIME","style":{"code":true}`) {
				t.Errorf("%s: %s", c.Name, all)
			}
			return
		}
	}
	t.Error("no case has capabilities")
}

// A message of which only the sections or nothing is there.
func TestEmpty(t *testing.T) {
	for _, m := range []formatting.Message{{}, {Sections: sample().Sections}, {Tone: formatting.ToneGood},
		{Target: "a:25"}, {Footer: strings.Repeat("<", 9000)}} {
		checkPost(t, blockkit.Root(m))
		for _, p := range blockkit.Private(m) {
			checkPost(t, p)
		}
	}
	if got := blockkit.Thread(formatting.Message{}); len(got) != 0 {
		t.Errorf("%d posts of nothing", len(got))
	}
}

// Progress, verdict and every other root have rich text, so that one can
// become the other (chat.update: block_mismatch). checkPost looks for it.
func TestProgress(t *testing.T) {
	p := blockkit.Root(formatting.Message{Tone: formatting.ToneWaiting, Verdict: "Testing", Target: "a.example:25"})
	checkPost(t, p)
	if p.Text != "⏳ Testing  a.example:25" {
		t.Errorf("text: %q", p.Text)
	}
}

func TestPeopleAndLinks(t *testing.T) {
	for _, c := range []struct {
		name string
		m    formatting.Message
		want string
	}{
		{"name alone", formatting.Message{By: formatting.Person{Name: "ada <!channel>"}}, "Asked by ada <!channel>"},
		{"id of another form", formatting.Message{By: formatting.Person{ID: "123456789012345678", Name: "ada"}},
			"Asked by ada"},
		{"nothing known", formatting.Message{Verdict: "a"}, "a"},
		{"https", formatting.Message{Links: []formatting.Link{{Label: "a", URL: "https://b.test/"}}}, "a <https://b.test/>"},
		{"two", formatting.Message{Links: []formatting.Link{{Label: "a", URL: "https://b.test/"}, {URL: "https://c.test/"}}},
			"a <https://b.test/> · https://c.test/ <https://c.test/>"},
		{"http on loopback", formatting.Message{Links: []formatting.Link{{Label: "a", URL: "http://127.0.0.1:8080/p1"}}},
			"a <http://127.0.0.1:8080/p1>"},
		{"http elsewhere", formatting.Message{Links: []formatting.Link{{Label: "a", URL: "http://b.test/"}}},
			"a: http://b.test/"},
		{"another scheme", formatting.Message{Links: []formatting.Link{{Label: "a", URL: "javascript:alert(1)"}}},
			"a: javascript:alert(1)"},
		{"a name before the host", formatting.Message{Links: []formatting.Link{{URL: "https://chat.test@evil.test/"}}},
			"https://chat.test@evil.test/"},
	} {
		p := blockkit.Root(c.m)
		checkPost(t, p)
		if got := strings.Join(seen([]blockkit.Post{p}), "\n"); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestLongTranscripts(t *testing.T) {
	for _, c := range []struct {
		name  string
		lines int
		want  []string // what each post says first
	}{
		{"one part", 60, []string{"Transcript 192.0.2.1:587"}},
		{"two parts", 120, []string{"Transcript 192.0.2.1:587 (1/2)", "Transcript 192.0.2.1:587 (2/2)"}},
		{"three parts", 230, []string{"Transcript 192.0.2.1:587 (1/3)",
			"Transcript 192.0.2.1:587  smtptest-transcript.txt"}},
		{"a file", 1000, []string{"Transcript 192.0.2.1:587 (1/11)",
			"Transcript 192.0.2.1:587  smtptest-transcript.txt"}},
	} {
		m := formatting.Message{Sections: []formatting.Section{long(c.lines)}}
		checkMessage(t, m)
		var got []string
		for _, p := range blockkit.Thread(m) {
			got = append(got, seen([]blockkit.Post{p})[0])
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q", c.name, got)
		}
	}
}

// Many short transcripts are not long.
func TestManyTranscripts(t *testing.T) {
	m := formatting.Message{}
	for range 9 {
		m.Sections = append(m.Sections, long(5))
	}
	if posts := blockkit.Thread(m); len(posts) != 1 || posts[0].File != nil {
		t.Errorf("%d posts", len(posts))
	}
}

func TestLongLineGoesOn(t *testing.T) {
	m := formatting.Message{Sections: []formatting.Section{
		formatting.Code{Lines: []formatting.CodeLine{{Side: "S", Secure: true, Text: strings.Repeat("<", 700)}}}}}
	got := seen(blockkit.Thread(m))
	if len(got) != 2 || got[0] != "    0.000 S~ "+strings.Repeat("<", 500) ||
		got[1] != "          ↳~ "+strings.Repeat("<", 200) {
		t.Errorf("got %q", got)
	}
}

// A line end in a text begins no line that somebody seems to have said.
func TestNoLineIsMadeUp(t *testing.T) {
	m := formatting.Message{Sections: []formatting.Section{
		formatting.Code{Lines: []formatting.CodeLine{{Side: "S", Text: "220 a\n    0.001 C  QUIT"}}}}}
	if got := seen(blockkit.Thread(m)); len(got) != 1 {
		t.Errorf("got %q", got)
	}
}

func TestPrivate(t *testing.T) {
	m := withActions(t)
	posts := blockkit.Private(m)
	if got, want := seen(posts), append(seen([]blockkit.Post{blockkit.Root(m)}),
		seen(blockkit.Thread(m))...); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	m.Sections = append(m.Sections, long(2000), formatting.File{Name: "a.json", Title: "As JSON", Text: "{\n\n}\n"})
	posts = blockkit.Private(m)
	last := seen(posts[1:])
	shown := regexp.MustCompile(`^Shortened: \d+ of 2022 lines shown\. `)
	if len(posts) != 2 || !shown.MatchString(last[len(last)-1]) {
		t.Errorf("%d posts, the end is %q", len(posts), last[len(last)-1])
	}
	if kind := posts[1].Blocks[len(posts[1].Blocks)-1].BlockType(); kind != slack.MBTAction {
		t.Errorf("the last block is %s", kind)
	}
	checkMessage(t, m)
}

// What is beyond the last post is in a file, and all before it too.
func TestThreadIsBounded(t *testing.T) {
	m := formatting.Message{}
	for i := range 40 {
		m.Sections = append(m.Sections, formatting.Prose{Title: fmt.Sprint("Part ", i),
			Paragraphs: []string{strings.Repeat("word ", 700)}})
	}
	m.Sections = append(m.Sections, long(2000), formatting.File{Name: "a.json", Title: "As JSON", Text: "{}\n"})
	posts := blockkit.Thread(m)
	if len(posts) != 4 || posts[3].File == nil || !strings.HasSuffix(posts[3].File.Text, "As JSON (a.json)\n{}\n") {
		t.Fatalf("%d posts", len(posts))
	}
	for _, p := range posts {
		checkPost(t, p)
	}
	said := regexp.MustCompile(`^Details: \d+ of \d+ lines shown, all of them in the file$`)
	if !said.MatchString(posts[3].Text) {
		t.Errorf("it says %q", posts[3].Text)
	}
	checkWords(t, m.Sections, strings.Split(posts[3].File.Text, "\n"))
}

// BenchmarkRender is what an ordinary answer costs, encoded as it is sent.
func BenchmarkRender(b *testing.B) {
	all := formattest.Cases(b)
	i := slices.IndexFunc(all, func(c *probetest.Case) bool { return c.Name == "accepted" })
	report, err := probetest.Run(b.Context(), all[i])
	if err != nil {
		b.Fatal(err)
	}
	m := formatting.Result(diagnosis.Judge(&report), formatting.Slack)
	for b.Loop() {
		for _, p := range append(blockkit.Thread(m), blockkit.Root(m)) {
			if _, err := json.Marshal(slack.Blocks{BlockSet: p.Blocks}); err != nil {
				b.Fatal(err)
			}
		}
	}
}
