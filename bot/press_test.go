package bot_test

import (
	"strings"
	"testing"

	"smtptest/formatting"
)

// TestNoFormForAPasswordThatStaysUnsent: the button for a login stands where
// the test has shown a connection that protects it and a mechanism that we speak.
func TestNoFormForAPasswordThatStaysUnsent(t *testing.T) {
	for host, want := range map[string]bool{
		"good.test": true, "implicit.test:465": true, "wildcard.test": true, "mechanism-for-tokens.test": true,
		"login-offered-in-clear.test": true,
		"expired.test":                false, "wrong-name.test": false, "self-signed.test": false, "revoked.test": false,
		"tls-1.1.test": false, "cn-only.test": false, "refused.test": false, "ntlm-only.test": false,
		"no-starttls-auto.test": false, "login-not-offered.test": false,
		"mechanism-not-spoken.test": false,
	} {
		inVirtualTime(t, func(t *testing.T, fx *fixture) {
			got := false
			for _, a := range fx.do(by("ada", host)).final().Actions {
				got = got || a.Label == formatting.Say(formatting.LabelLogin).What
			}
			if got != want {
				t.Errorf("%s: offered %t, want %t", host, got, want)
			}
		})
	}
}

// TestTypedAgain: who types what was tested in this channel, by whomever, reads
// what has changed since. What one person alone has seen is not compared with.
func TestTypedAgain(t *testing.T) {
	const unchanged = "Nothing has changed since the test before."
	inVirtualTime(t, func(t *testing.T, fx *fixture) {
		fx.do(by("bob", "expired.test --private"))
		elsewhere := by("bob", "expired.test")
		elsewhere.Place.Channel = "C2"
		fx.do(elsewhere)
		for n, want := range []bool{false, true} {
			got := fx.do(by("ada", "expired.test"))
			if said := strings.Contains(text(got.final()), unchanged); said != want {
				t.Errorf("test %d is compared: %t", n+1, said)
			}
		}
		if got := text(fx.do(by("bob", "expired.test --tls starttls")).final()); strings.Contains(got, unchanged) {
			t.Error("another request is compared")
		}
	})
}
