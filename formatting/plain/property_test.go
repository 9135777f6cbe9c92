package plain_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"smtptest/formatting"
	"smtptest/formatting/formattest"
	"smtptest/formatting/plain"
	"smtptest/probe/smtp"
)

func FuzzRender(f *testing.F) {
	for i, text := range formattest.Nasty() {
		f.Add(text, uint64(i), i*7)
	}
	f.Add("a", uint64(99), -1<<62)
	f.Add("a", uint64(98), 1<<62)
	f.Fuzz(func(t *testing.T, text string, seed uint64, columns int) {
		checkMessage(t, formattest.Random(seed, text, text), columns)
	})
}

// TestRandomMessages runs the fuzz target's check over many messages each
// time.
func TestRandomMessages(t *testing.T) {
	for seed := range uint64(200) {
		checkMessage(t, formattest.Random(seed), int(seed%200)-20)
	}
}

// TestCasesKeepTheRules does it for what people will really read.
func TestCasesKeepTheRules(t *testing.T) {
	for _, c := range formattest.Cases(t) {
		m := formattest.Message(t, c, formatting.Terminal)
		for _, columns := range []int{0, 40} {
			checkMessage(t, m, columns)
		}
	}
}

// TestBriefIsBrief says of every case in eight lines what its verdict says.
func TestBriefIsBrief(t *testing.T) {
	for _, c := range formattest.Cases(t) {
		m := formattest.Message(t, c, formatting.Terminal)
		for _, columns := range []int{40, 80} {
			text := plain.Brief(m, plain.Style{Columns: columns})
			if n := strings.Count(text, "\n"); n > plain.MaxBriefLines || !strings.Contains(text, m.Target) {
				t.Errorf("%s, %d lines:\n%s", c.Name, n, text)
			}
			for line := range strings.SplitSeq(text, "\n") {
				if utf8.RuneCountInString(line) > columns && strings.Contains(strings.TrimSpace(line), " ") {
					t.Errorf("%s at %d columns: %q", c.Name, columns, line)
				}
			}
			if m.Tone == formatting.ToneBad && !strings.Contains(text, formatting.WhoWords) {
				t.Errorf("%s does not say who can fix it:\n%s", c.Name, text)
			}
		}
	}
}

// TestRefusalsKeepTheRules fills the texts with what has passed the sanitiser.
func TestRefusalsKeepTheRules(t *testing.T) {
	for _, m := range formattest.Refusals("x") {
		if text := plain.Render(m, plain.Style{}); strings.Contains(text, "{") {
			t.Errorf("a value is not filled in: %s", text)
		}
	}
	for _, text := range formattest.Nasty() {
		for _, m := range formattest.Refusals(smtp.Printable([]byte(text))) {
			checkMessage(t, m, 0)
		}
	}
}

// TestInjection: whatever a server says, and wherever, it stays its words.
func TestInjection(t *testing.T) {
	for _, c := range formattest.Injected(t) {
		m := formattest.Message(t, c, formatting.Terminal)
		for _, columns := range []int{0, 40, 200} {
			checkMessage(t, m, columns)
		}
		if t.Failed() {
			t.Fatal(c.Name)
		}
	}
}

func checkMessage(t *testing.T, m formatting.Message, columns int) {
	t.Helper()
	bare := plain.Render(m, plain.Style{Columns: columns})
	colourful := plain.Render(m, plain.Style{Columns: columns, Colour: true})
	for i, c := range []rune(formattest.WithoutIsolates(strings.TrimPrefix(bare, m.Tone.Symbol()))) {
		if c != '\n' && !unicode.IsPrint(c) {
			t.Errorf("rune %d is %U in:\n%q", i, c, bare)
		}
	}
	// Terminals make links and titles of escape sequences alone, so that these
	// are all that colour may write keeps both away.
	if got := sgr.ReplaceAllString(colourful, ""); got != bare {
		t.Errorf("without its colours it reads otherwise:\n%q\nwant:\n%q", got, bare)
	}
	for _, s := range m.Sections {
		if c, ok := formattest.InChat(s).(formatting.Code); ok && len(c.Lines) > 0 {
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
		if c, ok := formattest.InChat(s).(formatting.Code); ok {
			for _, l := range c.Lines {
				want[codeLine(l)]++
			}
		}
	}
	return want
}

func codeLine(l formatting.CodeLine) string {
	if l.Side == "" {
		return "  " + l.Text
	}
	mark := " "
	if l.Secure {
		mark = "~"
	}
	return fmt.Sprintf("%9.3f %s%s %s", l.At.Seconds(), l.Side, mark, l.Text)
}
