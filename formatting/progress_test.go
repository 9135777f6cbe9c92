package formatting

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"smtptest/probe"
)

func phases() []probe.Phase {
	return []probe.Phase{
		probe.PhaseLookup, probe.PhaseGuard, probe.PhaseConnect, probe.PhaseGreeting, probe.PhaseEHLO,
		probe.PhaseSTARTTLS, probe.PhaseHandshake, probe.PhaseAuth, probe.PhaseEnvelope, probe.PhaseQuit,
	}
}

func TestProgress(t *testing.T) {
	to := netip.MustParseAddrPort("192.0.2.1:587")
	for _, c := range []struct {
		event  probe.Event
		waited time.Duration
		want   string
	}{
		{probe.Event{}, 0, "Beginning"},
		{probe.Event{Phase: probe.PhaseLookup}, 0, "Looking the name up"},
		{probe.Event{Phase: probe.PhaseGuard}, 0, "Checking whether this target may be tested"},
		{probe.Event{Phase: probe.PhaseConnect, Address: to}, 0, "Connecting to 192.0.2.1:587"},
		{probe.Event{Phase: probe.PhaseGreeting}, 0, "Waiting for the greeting"},
		{probe.Event{Phase: probe.PhaseEHLO}, 0, "Waiting for the answer to EHLO"},
		{probe.Event{Phase: probe.PhaseSTARTTLS}, 0, "Waiting for the answer to STARTTLS"},
		{probe.Event{Phase: probe.PhaseHandshake}, 0, "Waiting for the TLS handshake"},
		{probe.Event{Phase: probe.PhaseAuth}, 0, "Waiting for the answer to the login"},
		{probe.Event{Phase: probe.PhaseEnvelope}, 0, "Waiting for the answers to MAIL and RCPT"},
		{probe.Event{Phase: probe.PhaseQuit}, 0, "Saying goodbye"},
		{probe.Event{Phase: probe.PhaseGreeting, Limit: 30 * time.Second}, 999 * time.Millisecond,
			"Waiting for the greeting"},
		{probe.Event{Phase: probe.PhaseGreeting}, time.Second, "Waiting for the greeting (1 s so far)"},
		{probe.Event{Phase: probe.PhaseGreeting, Limit: 30 * time.Second}, 12900 * time.Millisecond,
			"Waiting for the greeting (12 s so far, at most 30 s)"},
		{probe.Event{Phase: probe.PhaseHandshake, Variant: probe.VariantTLS}, 0,
			"No greeting yet; asking on a second connection whether the port begins with TLS"},
		{probe.Event{Phase: probe.PhaseConnect, Variant: probe.VariantLegacy}, 2 * time.Second,
			"The handshake failed; trying again with old TLS versions and suites (2 s so far)"},
		{probe.Event{Phase: probe.PhaseGreeting, Variant: probe.VariantPort, Address: to}, 0,
			"That failed; comparing with 192.0.2.1:587"},
		{probe.Event{Phase: probe.PhaseGreeting, Variant: probe.VariantFamily, Address: to}, 0,
			"That failed; comparing with 192.0.2.1:587"},
		{probe.Event{Phase: probe.PhaseEHLO, Variant: probe.VariantUpgrade}, 0,
			"That failed; comparing with another way to ask"},
		{probe.Event{Phase: probe.PhaseEHLO, Variant: probe.VariantNoSNI}, 0,
			"That failed; comparing with another way to ask"},
		{probe.Event{Phase: probe.PhaseEHLO, Variant: probe.VariantEHLO}, 0,
			"That failed; comparing with another way to ask"},
	} {
		if got := Progress(c.event, c.waited); got != c.want {
			t.Errorf("%+v after %v: %q, want %q", c.event, c.waited, got, c.want)
		}
	}
}

// No two phases read the same, and none shows the name that programs use for
// it where people have another.
func TestEveryPhaseHasWords(t *testing.T) {
	progress, names, waits := map[string]probe.Phase{}, map[string]probe.Phase{}, map[string]probe.Phase{}
	for _, p := range phases() {
		for text, seen := range map[string]map[string]probe.Phase{
			waitingFor(probe.Event{Phase: p}): progress, PhaseName(p): names, awaited(p): waits,
		} {
			if other, taken := seen[text]; taken || text == "" {
				t.Errorf("%s and %s are both %q", p, other, text)
			}
			seen[text] = p
		}
		if name := PhaseName(p); name != "STARTTLS" && strings.Contains(name, "handshake") {
			t.Errorf("%s is called %q", p, name)
		}
	}
}
