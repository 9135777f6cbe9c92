package probe

import "testing"

// TestNoLoginWhereTheCertificateIsRevoked: the server itself says so by its
// staple.
func TestNoLoginWhereTheCertificateIsRevoked(t *testing.T) {
	trusted := Trust{Name: NameMatches, Dates: DatesValid, Chain: ChainTrusted, Usage: UsageServer}
	for status, want := range map[string]bool{"": true, "good": true, "unknown": true, "revoked": false} {
		facts := &TLS{Complete: true, Version: "TLS 1.3", Trust: trusted}
		if status != "" {
			facts.Staple = &Staple{Status: status}
		}
		d := &dialogue{run: &run{local: &Local{}}, facts: &Session{TLS: facts}}
		if got := d.protected(); got != want {
			t.Errorf("staple %q: a login goes: %t", status, got)
		}
	}
}
