package formatting

import (
	"testing"
)

func TestCount(t *testing.T) {
	for _, c := range []struct {
		n    int
		noun string
		want string
	}{
		{0, "warning", "0 warnings"}, {1, "warning", "1 warning"}, {2, "warning", "2 warnings"},
		{1, "address", "1 address"}, {3, "address", "3 addresses"}, {0, "address", "0 addresses"},
	} {
		if got := count(c.n, c.noun); got != c.want {
			t.Errorf("count(%d, %q) = %q, want %q", c.n, c.noun, got, c.want)
		}
	}
}

func TestListed(t *testing.T) {
	for _, c := range []struct {
		items     []string
		most, all int
		want      string
	}{
		{nil, 2, 0, ""},
		{[]string{"a"}, 2, 1, "a"},
		{[]string{"a", "b"}, 2, 2, "a, b"},
		{[]string{"a", "b", "c"}, 2, 3, "a, b (2 of 3 shown)"},
		{[]string{"a"}, 2, 9, "a (1 of 9 shown)"},
	} {
		if got := listed(c.items, c.most, c.all); got != c.want {
			t.Errorf("listed(%v, %d, %d) = %q, want %q", c.items, c.most, c.all, got, c.want)
		}
	}
}
