package embed

import (
	"strings"
	"testing"

	"smtptest/formatting"
)

// What the package keeps must fit into what Discord allows, whatever is
// written into each part.
func TestBudgets(t *testing.T) {
	const (
		symbol = 4
		slack  = 100 // below the limit for whoever counts otherwise
	)
	for _, c := range []struct {
		name       string
		used, most int
	}{
		{"content of a root", symbol + verdictRunes + targetRunes, maxContentRunes},
		{"page", pageRunes + slack, maxContentRunes},
		{"line", lineRunes + len(heading) + len(formatting.GoesOn), pageRunes},
		{"description", descriptionRunes, maxEmbedDescriptionRunes},
		{"footer", footerRunes, maxEmbedFooterRunes},
		{"embed", descriptionRunes + footerRunes, maxEmbedsTotalRunes},
		{"custom id", len(scheme) + maxVerbLetters + maxRunRunes + len("::"), maxCustomIDRunes},
		{"modal text", 2 * lineRunes, maxModalTextRunes},
	} {
		if c.used > c.most {
			t.Errorf("%s: %d, the limit is %d", c.name, c.used, c.most)
		}
	}
}

// TestPartsKeepTheirSize: every part has at most the runes that it is given,
// with colours and broken backticks counted.
func TestPartsKeepTheirSize(t *testing.T) {
	for _, text := range []string{"x", strings.Repeat("x", 99), strings.Repeat("`", 500), strings.Repeat("日", 700)} {
		var c formatting.Code
		for range 40 {
			c.Lines = append(c.Lines, formatting.CodeLine{Side: "C", Text: text})
		}
		for most := 100; most < 300; most += 7 {
			for _, p := range parts(codeLines(c, Style{ANSI: true}), most) {
				if size(p.text) > most {
					t.Fatalf("a part for %d runes has %d", most, size(p.text))
				}
			}
		}
	}
}
