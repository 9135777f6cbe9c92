package formatting

import (
	"testing"

	"smtptest/probe"
)

func TestAsked(t *testing.T) {
	for _, c := range []struct {
		typed string
		host  string
		given bool
		want  string
	}{
		{"mx.example.test", "mx.example.test", true, ""},
		{"MX.example.test", "mx.example.test", true, ""},
		{"", "mx.example.test", true, ""},
		{"mx.example.test", "mx.example.test", false, "Understood: no port was named, so port 587 is tested."},
		{"bücher.example", "xn--bcher-kva.example", true, "Understood: bücher.example is xn--bcher-kva.example in DNS."},
		{"bücher.example", "xn--bcher-kva.example", false,
			"Understood: bücher.example is xn--bcher-kva.example in DNS; no port was named, so port 587 is tested."},
	} {
		if got := Asked(c.typed, probe.Target{Host: c.host, Port: 587}, c.given); got != c.want {
			t.Errorf("%q: %q, want %q", c.typed, got, c.want)
		}
	}
}
