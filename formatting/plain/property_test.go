package plain_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode"

	"smtptest/formatting"
	"smtptest/formatting/plain"
	"smtptest/probe/smtp"
)

// nasty are texts that servers send to get at a terminal or a reader.
func nasty() []string {
	return []string{
		"", " ", "220 mx.example.test ESMTP", "two\r\nlines", "\x1b[31mred\x1b[0m", "\x1b]0;title\a", "\x9b2J", "\u202etxt.exe", "\u2066a\u2069",
		"\xff\xfe\xc3\x28", "a\x00b", "\u200b\u200d\ufeff", "a\u0301\u0302\u0303\u0304\u0305\u0306", "\u2028\u2029\u0085", "\b\b\b\x7f", "äöü 日本語 🎉",
		strings.Repeat("x", 300), strings.Repeat("long words make long lines ", 40), " · ", "· a · b ·", "trailing  ", "\t\v\f", "```", "<!channel> @everyone", "[1m", "0m",
	}
}

// random makes a message of random sections. All its text has passed the one
// wall for text from servers.
type random struct {
	*rand.Rand
	texts []string
}

func (r random) text() string {
	var b strings.Builder
	for range r.IntN(4) {
		b.WriteString(r.texts[r.IntN(len(r.texts))])
	}
	return smtp.Printable([]byte(b.String()))
}

func (r random) message() formatting.Message {
	tones := []formatting.Tone{formatting.ToneGood, formatting.ToneWarning, formatting.ToneBad, formatting.ToneUnsure, formatting.ToneRefused, ""}
	m := formatting.Message{
		Tone: tones[r.IntN(len(tones))], Verdict: r.text(), Target: r.text(), Fact: r.text(), Said: r.text(), Footer: r.text(),
	}
	for range r.IntN(6) {
		m.Sections = append(m.Sections, r.section())
	}
	return m
}

func (r random) section() formatting.Section {
	switch r.IntN(3) {
	case 0:
		f := formatting.Facts{Title: r.text()}
		for range r.IntN(8) {
			f.Rows = append(f.Rows, formatting.Fact{Name: r.text(), Value: r.text()})
		}
		return f
	case 1:
		var f formatting.Findings
		for range r.IntN(4) {
			severity := []string{"Error", "Warning", "Note"}[r.IntN(3)]
			f.Items = append(f.Items, formatting.Finding{
				Severity: severity, Title: r.text(), Explanation: r.text(), Advice: r.text(),
				Owner: r.text(), Confidence: r.text(), Reference: r.text(), ID: r.text(),
			})
		}
		return f
	}
	c := formatting.Code{Title: r.text()}
	for range r.IntN(8) {
		c.Lines = append(c.Lines, formatting.CodeLine{
			At: time.Duration(r.Int64N(int64(time.Hour))), Side: []string{"C", "S", "*"}[r.IntN(3)], Secure: r.IntN(2) == 0, Text: r.text(),
		})
	}
	return c
}

func FuzzRender(f *testing.F) {
	for i, text := range nasty() {
		f.Add(text, uint64(i), i*7)
	}
	f.Add("a", uint64(99), -1<<62)
	f.Add("a", uint64(98), 1<<62)
	f.Fuzz(func(t *testing.T, text string, seed uint64, columns int) {
		r := random{rand.New(rand.NewPCG(seed, 0)), append(nasty(), text, text)}
		checkMessage(t, r.message(), columns)
	})
}

// TestRandomMessages runs the fuzz target's check over many messages each
// time.
func TestRandomMessages(t *testing.T) {
	for seed := range uint64(200) {
		r := random{rand.New(rand.NewPCG(seed, 1)), nasty()}
		checkMessage(t, r.message(), int(seed%200)-20)
	}
}

// TestCasesKeepTheRules does it for what people will really read.
func TestCasesKeepTheRules(t *testing.T) {
	for _, c := range cases(t) {
		synctest.Test(t, func(t *testing.T) {
			m := message(t, c)
			for _, columns := range []int{0, 40} {
				checkMessage(t, m, columns)
			}
		})
	}
}

func checkMessage(t *testing.T, m formatting.Message, columns int) {
	t.Helper()
	bare := plain.Render(m, plain.Style{Columns: columns})
	colourful := plain.Render(m, plain.Style{Columns: columns, Colour: true})
	for i, c := range []rune(strings.TrimPrefix(bare, m.Tone.Symbol())) {
		if c != '\n' && !unicode.IsPrint(c) {
			t.Errorf("rune %d is %U in:\n%q", i, c, bare)
		}
	}
	if got := sgr.ReplaceAllString(colourful, ""); got != bare {
		t.Errorf("without its colours it reads otherwise:\n%q\nwant:\n%q", got, bare)
	}
	for _, s := range m.Sections {
		if c, ok := s.(formatting.Code); ok && len(c.Lines) > 0 {
			checkTranscript(t, m, c, bare)
		}
	}
}

// sgr are the sequences that Colour may write.
var sgr = regexp.MustCompile(`\x1b\[(0|1|2|31|32|33|36|1;31)m`)

// checkTranscript wants each line whole, in order, and as often as the
// message holds it.
func checkTranscript(t *testing.T, m formatting.Message, c formatting.Code, bare string) {
	t.Helper()
	var block strings.Builder
	for _, l := range c.Lines {
		block.WriteString(codeLine(l) + "\n")
	}
	if !strings.Contains(bare, "\n"+block.String()) {
		t.Errorf("this transcript is not there as it is:\n%q\nin:\n%q", block.String(), bare)
	}
	have := map[string]int{}
	for line := range strings.Lines(bare) {
		have[strings.TrimSuffix(line, "\n")]++
	}
	for line, n := range codeLines(m) {
		if have[line] != n {
			t.Errorf("%q is there %d times, want %d", line, have[line], n)
		}
	}
}

func codeLines(m formatting.Message) map[string]int {
	want := map[string]int{}
	for _, s := range m.Sections {
		if c, ok := s.(formatting.Code); ok {
			for _, l := range c.Lines {
				want[codeLine(l)]++
			}
		}
	}
	return want
}

func codeLine(l formatting.CodeLine) string {
	mark := " "
	if l.Secure {
		mark = "~"
	}
	return fmt.Sprintf("%9.3f %s%s %s", l.At.Seconds(), l.Side, mark, l.Text)
}
