package probe

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
		{time.Second, "1 s"},
		{1540 * time.Millisecond, "1.5 s"},
		{5040 * time.Millisecond, "5 s"},
		{9949 * time.Millisecond, "9.9 s"},
		{10 * time.Second, "10 s"},
		{29700 * time.Millisecond, "30 s"},
		{90 * time.Second, "90 s"},
		{200 * time.Second, "3 minutes"},
	} {
		if got := Duration(c.d); got != c.want {
			t.Errorf("%v is %q, want %q", c.d, got, c.want)
		}
	}
}

func TestSpan(t *testing.T) {
	const hour, day = time.Hour, 24 * time.Hour
	for _, c := range []struct {
		d    time.Duration
		want string
	}{
		{0, "under 1 minute"},
		{time.Minute, "1 minute"},
		{hour, "60 minutes"},
		{2 * hour, "2 hours"},
		{47 * hour, "47 hours"},
		{48 * hour, "2 days"},
		{60*day - time.Minute, "59 days"},
		{400 * day, "400 days"},
		{730*day - hour, "729 days"},
		{10 * 366 * day, "10 years"},
		{1<<63 - 1, "over 200 years"}, // as far as a time.Duration goes
	} {
		if got := Span(c.d); got != c.want {
			t.Errorf("%v is %q, want %q", c.d, got, c.want)
		}
	}
}

// TestWordsOfFailures: also a kind that has no words yet says something.
func TestWordsOfFailures(t *testing.T) {
	for _, c := range []struct {
		f    Failure
		want string
	}{
		{Failure{Kind: KindRefused}, "connection refused"},
		{Failure{Kind: KindTimeout, Limit: 10 * time.Second}, "no answer for 10 s"},
		{Failure{Kind: KindAlert, Alert: 40}, "TLS alert 40, handshake_failure"},
		{Failure{Kind: KindLocal}, "this machine could not connect"},
		{Failure{Kind: "some-new"}, "some new"},
	} {
		if got := c.f.Words(); got != c.want {
			t.Errorf("%s is %q, want %q", c.f.Kind, got, c.want)
		}
	}
	if got := Phase("new").Words() + ", " + PhaseAuth.Words(); got != "new, the login" {
		t.Errorf("phases are %q", got)
	}
}
