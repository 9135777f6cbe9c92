package replies

import (
	"strings"
	"testing"

	"smtptest/probe/probetest/cost"
)

// longest is as much as explain reads.
const longest = 16 << 10

// hostile are texts made to cost much: fragments that nearly match, over and
// over, addresses without end, and nothing but one octet.
func hostile() map[string]string {
	fill := func(s string) string { return strings.Repeat(s, longest/len(s)+1)[:longest] }
	return map[string]string{
		"near misses": fill("authenticatio "), "addresses": fill("a@b "), "signs": fill("@"), "one octet": fill("a"),
		"spaces": fill(" "), "lines": fill("550-\n"), "hits": fill("550 user unknown, relay access denied\n"),
	}
}

// TestCostIsLinear: twice the text costs twice the processor time.
func TestCostIsLinear(t *testing.T) {
	Classify(Text{Words: "the tables are read once"})
	for name, text := range hostile() {
		cost.Linear(t, name, len(text), func(n int) func() {
			x := Text{Typed: text[:n], Codes: []int{550}, Mail: true}
			return func() {
				x.Words = Fold(x.Typed)
				Find(x)
				placed := x
				placed.Place = RCPT
				Classify(placed)
			}
		})
	}
}

func FuzzClassify(f *testing.F) {
	for _, e := range Entries() {
		f.Add(strings.Join(e.Words, " "), 550)
	}
	f.Add("334 eyJzdGF0dXMiOiI0MDAifQ==", 535)
	f.Fuzz(func(t *testing.T, text string, code int) {
		for _, p := range append(Places(), Anywhere) {
			words := Text{Place: p, Codes: []int{code}, Words: Fold(text), Typed: text}
			a := Classify(words)
			if a.ID != "" && !Known(a.ID) || (a.ID == "") != (a.Layer == 0) {
				t.Errorf("%q at %q is %v", text, p, a)
			}
			if again := Classify(words); again != a {
				t.Errorf("%q at %q is %v, and then %v", text, p, a, again)
			}
		}
		if r, ok := Parse(text); ok && len(r.Text()) > len(text) {
			t.Errorf("%q became %q", text, r.Text())
		}
	})
}

func BenchmarkClassify(b *testing.B) {
	texts := hostile()
	texts["reply"] = "5.1.1 <bob@example.test>: Recipient address rejected: User unknown in virtual mailbox table"
	for name, text := range texts {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				Classify(Text{Place: RCPT, Codes: []int{550}, Words: Fold(text), Typed: text})
			}
		})
	}
}
