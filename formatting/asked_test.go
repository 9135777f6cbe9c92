package formatting

import (
	"testing"

	"smtptest/probe"
)

func TestAsked(t *testing.T) {
	for _, c := range []struct {
		typed  string
		host   string
		given  bool
		want   string
		pasted bool
	}{
		{"mx.example.test", "mx.example.test", true, "", false},
		{"MX.example.test", "mx.example.test", true, "", false},
		{"", "mx.example.test", true, "", false},
		{"mx.example.test", "mx.example.test", false, "Understood: no port was named, so port 587 is tested.", false},
		{"bücher.example", "xn--bcher-kva.example", true,
			"Understood: bücher.example is xn--bcher-kva.example in DNS.", false},
		{"bücher.example", "xn--bcher-kva.example", false,
			"Understood: bücher.example is xn--bcher-kva.example in DNS; no port was named, so port 587 is tested.", false},
		{"mx.example.test", "mx.example.test", true, "Understood: mx.example.test:587, STARTTLS if offered; " +
			"the other words were left out.", true},
	} {
		a := Asking{Typed: c.typed, PortGiven: c.given, Pasted: c.pasted, LeftOut: c.pasted}
		a.Request.Target = probe.Target{Host: c.host, Port: 587}
		if got := Asked(a); got != c.want {
			t.Errorf("%q: %q, want %q", c.typed, got, c.want)
		}
	}
}
