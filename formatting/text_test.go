package formatting

import (
	"testing"
	"time"
)

func TestDuration(t *testing.T) {
	for _, c := range []struct {
		d    time.Duration
		want string
	}{
		{0, "under 1 ms"},
		{-time.Second, "under 1 ms"},
		{999 * time.Microsecond, "under 1 ms"},
		{time.Millisecond, "1 ms"},
		{999*time.Millisecond + 999*time.Microsecond, "999 ms"},
		{time.Second, "1.0 s"},
		{5040 * time.Millisecond, "5.0 s"},
		{9949 * time.Millisecond, "9.9 s"},
		{10 * time.Second, "10 s"},
		{29700 * time.Millisecond, "30 s"},
		{90 * time.Second, "90 s"},
	} {
		if got := Duration(c.d); got != c.want {
			t.Errorf("%v is %q, want %q", c.d, got, c.want)
		}
	}
}

func TestLifetime(t *testing.T) {
	const hour, day = time.Hour, 24 * time.Hour
	for _, c := range []struct {
		d    time.Duration
		want string
	}{
		{0, "under 1 hour"},
		{59 * time.Minute, "under 1 hour"},
		{hour, "1 hour"},
		{47 * hour, "47 hours"},
		{48 * hour, "2 days"},
		{60*day - time.Minute, "59 days"},
		{400 * day, "400 days"},
		{730*day - hour, "729 days"},
		{10 * 366 * day, "10 years"},
		{1<<63 - 1, "over 200 years"}, // as far as a time.Duration goes
	} {
		if got := lifetime(c.d); got != c.want {
			t.Errorf("%v is %q, want %q", c.d, got, c.want)
		}
	}
}

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
