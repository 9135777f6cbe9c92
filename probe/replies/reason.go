package replies

import (
	"slices"
	"strings"
)

// narrows reports a row of concepts that gives the reason for what another
// only says to have failed, as "authentication failed: account inactive". The
// words of a server about an envelope are the reason, vague as they may be.
func (r *row) narrows(other *row) bool {
	vague := other.library == "" && strings.HasPrefix(string(other.id), "envelope.")
	return r.layer() == LayerConcept && other.layer() == LayerText && !vague && gives(r.id, other.id)
}

// gives reports a cause of what words only say to have failed: a library names
// the command, and the reply that it quotes the reason.
func gives(cause, failed ID) bool {
	area := areaOf(cause)
	switch failed {
	case "envelope.sender-refused":
		return cause != failed && (ofSender(cause) || ofClient(cause))
	case "envelope.recipient-refused":
		return cause != failed && (area == "envelope" || ofClient(cause))
	case "data.refused":
		return cause != failed && (area == "data" || area == "envelope" || ofClient(cause))
	case "client.connect-failed":
		return slices.Contains([]string{"connect", "dns", "tls"}, area)
	}
	return slices.Contains(reasons(failed), cause)
}

func areaOf(id ID) string {
	area, _, _ := strings.Cut(string(id), ".")
	return area
}

// ofClient reports what can be the matter with whoever sends, at any command.
func ofClient(cause ID) bool {
	return slices.Contains([]string{"account", "sender"}, areaOf(cause)) || cause == "session.reputation" ||
		cause == "session.throttled"
}

// ofSender reports what can be the matter with an envelope before any recipient
// was named.
func ofSender(cause ID) bool {
	return areaOf(cause) == "envelope" && !slices.Contains([]ID{
		"envelope.unknown-recipient", "envelope.mailbox-full", "envelope.mailbox-disabled",
		"envelope.recipient-refused", "envelope.recipient-restricted",
	}, cause)
}

// reasons are, for what texts say to have failed, the reasons that other words
// of the same text may give. Outages are none: servers add such words to every
// refusal.
func reasons(failed ID) []ID {
	switch failed {
	case "auth.credentials-refused":
		return []ID{
			"auth.app-password", "auth.web-login", "auth.account-disabled", "auth.disabled-by-admin",
			"auth.encryption-required", "auth.mechanism-refused", "auth.client-refused", "session.reputation",
			"client.no-credentials", "auth.password-too-simple",
		}
	case "tls.certificate-not-trusted":
		return []ID{
			"tls.certificate-self-signed", "tls.certificate-expired", "tls.certificate-host-mismatch",
			"tls.chain-incomplete", "tls.weak-parameters", "tls.revocation-unchecked",
		}
	case "greeting.no-mail-service", "greeting.refused", "greeting.client-refused", "ehlo.name-refused":
		return []ID{"ehlo.client-refused", "session.reputation", "session.closed"}
	case "session.throttled":
		return []ID{"session.reputation"}
	case comeBack, "greeting.come-back-later":
		return []ID{
			"session.throttled", "session.reputation", "envelope.greylisted", "envelope.mailbox-full",
			"ehlo.client-refused", "envelope.sender-spf",
		}
	case "envelope.unknown-recipient":
		return []ID{"envelope.sender-domain"}
	case "connect.timeout":
		return []ID{"greeting.timeout"}
	}
	return nil
}

// reasonFirst puts the reason before what only says that something failed. A
// password is not refused for a while only: what a reply with 4yz says of the
// server is the reason then (RFC 4954 §6).
func reasonFirst(fit []Match, temporary bool) {
	if len(fit) == 0 {
		return
	}
	i := slices.IndexFunc(fit, func(m Match) bool {
		outage := temporary && fit[0].row == "auth.credentials-refused" &&
			slices.Contains([]ID{"auth.backend-down", "session.server-fault", "auth.throttled", comeBack}, m.row)
		return m.Library == "" && (outage || gives(m.row, fit[0].row))
	})
	if i > 0 {
		reason := fit[i]
		copy(fit[1:i+1], fit[:i])
		fit[0] = reason
	}
}
