package formatting_test

import (
	"slices"
	"strings"
	"testing"

	"smtptest/formatting"
)

func TestTableAsLines(t *testing.T) {
	long := strings.Repeat("x", 70)
	for name, c := range map[string]struct {
		table formatting.Table
		want  []string
	}{
		"columns": {
			formatting.Table{Header: []string{"MX", "Address"}, Rows: [][]string{{"10 a.test", "192.0.2.1"}, {"20 b", ""}}},
			[]string{"MX         Address", "10 a.test  192.0.2.1", "20 b       -"},
		},
		"the same server twice": {
			formatting.Table{Header: []string{"MX", "IP"}, Rows: [][]string{{"a", "1"}, {"a", "2"}, {"", "3"}, {"", "4"}}},
			[]string{"MX  IP", "a   1", "    2", "-   3", "-   4"},
		},
		"rows of other lengths": {
			formatting.Table{Header: []string{"A"}, Rows: [][]string{{"b", "c"}, nil}}, []string{"A  -", "b  c", "-  -"},
		},
		"one long cell": {
			formatting.Table{Header: []string{"A", "B"}, Rows: [][]string{{long, "c"}, {"d", "e"}}},
			[]string{"A" + strings.Repeat(" ", 61) + "B", long + "  c", "d" + strings.Repeat(" ", 61) + "e"},
		},
		"a line end": {formatting.Table{Header: []string{"A"}, Rows: [][]string{{"b\nc"}}}, []string{"A", "b c"}},
		"nothing":    {formatting.Table{}, []string{"-"}},
	} {
		var got []string
		for _, l := range c.table.Code().Lines {
			got = append(got, l.Text)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q", name, got)
		}
	}
}
