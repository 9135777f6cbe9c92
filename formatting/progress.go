package formatting

import (
	"fmt"
	"time"

	"smtptest/probe"
)

// Progress says what a probe waits for, and since when.
func Progress(e probe.Event, waited time.Duration) string {
	text := waitingFor(e)
	if waited >= time.Second {
		text += fmt.Sprintf(" (%d s so far", int(waited.Seconds()))
		if e.Limit > 0 {
			text += fmt.Sprintf(", at most %d s", int(e.Limit.Seconds()))
		}
		text += ")"
	}
	return text
}

func waitingFor(e probe.Event) string {
	switch e.Variant {
	case probe.VariantTLS:
		return "No greeting yet; asking on a second connection whether the port begins with TLS"
	case probe.VariantLegacy:
		return "The handshake failed; looking again with old TLS versions and suites"
	case probe.VariantPort, probe.VariantFamily:
		return "That failed; comparing with " + e.Address.String()
	case probe.VariantUpgrade, probe.VariantNoSNI, probe.VariantEHLO:
		return "That failed; comparing with another way to ask"
	}
	switch e.Phase {
	case "":
		return "Beginning"
	case probe.PhaseLookup:
		return "Looking the name up"
	case probe.PhaseGuard:
		return "Checking whether this target may be tested"
	case probe.PhaseConnect:
		return "Connecting to " + e.Address.String()
	case probe.PhaseGreeting:
		return "Waiting for the server's greeting"
	case probe.PhaseHandshake:
		return "Waiting for the TLS handshake"
	case probe.PhaseAuth:
		return "Waiting for the answer to the login"
	case probe.PhaseEnvelope:
		return "Waiting for the answers to MAIL and RCPT"
	case probe.PhaseQuit:
		return "Saying goodbye"
	}
	return "Waiting for the answer to " + PhaseName(e.Phase)
}
