package bot_test

import (
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
