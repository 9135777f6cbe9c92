package command

import (
	"errors"
	"strings"
	"testing"
)

func placesToTestFrom() Dialect { return Dialect{Vantages: []string{"berlin", "tokyo-2", "paris"}} }

// TestVantages: “from NAME” in all its ways, and what is no place.
func TestVantages(t *testing.T) {
	for _, r := range rows(t, "vantages.tsv", 4, func(c []string) ([]string, error) { return c, nil }) {
		name, text, vantage, says := r[0], r[1], r[2], r[3]
		c, err := Parse(text, placesToTestFrom())
		usage, _ := errors.AsType[*UsageError](err)
		switch {
		case err == nil && says != "", err != nil && (usage == nil || usage.Error() != says):
			t.Errorf("%s: says %v\nwant %s", name, err, says)
		case c.Vantage != vantage:
			t.Errorf("%s: from %q, want %q", name, c.Vantage, vantage)
		}
	}
	c, err := ParseOptions("smtp.example.com", []NamedValue{{optionVantage, "Berlin"}}, placesToTestFrom())
	if err != nil || c.Vantage != "berlin" {
		t.Errorf("in a field: %q, %v", c.Vantage, err)
	}
	twice := []NamedValue{{optionVantage, "paris"}}
	if _, err := ParseOptions("smtp.example.com from berlin", twice, placesToTestFrom()); err == nil {
		t.Error("in a field and in the text: one of them won")
	}
}

// TestVantagesAreShownWhereTheyAre: nothing mentions other places where there are
// none, nor in a terminal.
func TestVantagesAreShownWhereTheyAre(t *testing.T) {
	with := placesToTestFrom()
	for name, tt := range map[string]struct {
		d    Dialect
		want bool
	}{
		"with": {with, true}, "without": {Dialect{}, false},
		"terminal": {Dialect{Terminal: true, Vantages: with.Vantages}, false},
	} {
		var all strings.Builder
		for _, o := range optionNames(tt.d) {
			all.WriteString(" " + o)
		}
		for _, topic := range Topics(tt.d) {
			all.WriteString(" " + topic)
		}
		for _, e := range examplesOf(tt.d) {
			all.WriteString(" " + e.Command)
		}
		for _, word := range []string{optionVantage, "from berlin", topicVantages} {
			if strings.Contains(all.String(), word) != tt.want {
				t.Errorf("%s: %s in %s", name, word, all.String())
			}
		}
	}
}
