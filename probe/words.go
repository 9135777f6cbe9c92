package probe

import (
	"fmt"
	"strings"
	"time"

	"smtptest/probe/registry"
)

// The words that a transcript, a judgement and an answer have in common stand
// here once. All other words are those of package formatting.

// Words names what a phase is about, as a place in a sentence: "the greeting",
// "EHLO".
func (p Phase) Words() string {
	if words, ok := phaseWords[p]; ok {
		return words
	}
	return string(p)
}

var phaseWords = map[Phase]string{
	PhaseLookup:    "the DNS lookup",
	PhaseGuard:     "the policy check",
	PhaseConnect:   "the connection",
	PhaseGreeting:  "the greeting",
	PhaseEHLO:      "EHLO",
	PhaseClearMail: "MAIL FROM in the clear",
	PhaseSTARTTLS:  "STARTTLS",
	PhaseHandshake: "the TLS handshake",
	PhaseAuth:      "the login",
	PhaseEnvelope:  "the envelope",
	PhaseQuit:      "QUIT",
}

// Words say in a few words how a phase failed. They hold nothing that the
// server said.
func (f *Failure) Words() string {
	switch f.Kind {
	case KindTimeout:
		return "no answer for " + Duration(f.Limit)
	case KindAlert:
		return fmt.Sprintf("TLS alert %d, %s", f.Alert, registry.AlertName(f.Alert))
	}
	if words, ok := kindWords[f.Kind]; ok {
		return words
	}
	return strings.ReplaceAll(string(f.Kind), "-", " ")
}

// kindWords are the failures that are described in the same words each time.
var kindWords = map[Kind]string{
	KindNoAddress:   "no address",
	KindRefused:     "connection refused",
	KindUnreachable: "no route to this address",
	KindDenied:      "this address may not be tested from here",
	KindLocal:       "this machine could not connect",
	KindRateLimited: "this address was connected to often enough",
	KindRunTimeout:  "the time of this test was over",
	KindReset:       "the connection was reset",
	KindClosed:      "the server closed the connection",
	KindNotSMTP:     "this is not an SMTP reply",
	KindReply:       "refused by the server",
	KindNotOffered:  "not offered by the server",
	KindUnsendable:  "a command that must not be sent",
	KindProtocol:    "a reply that breaks the rules",
	KindTLS:         "the TLS handshake failed",
	KindInjected:    "octets came in the clear between 220 and the TLS handshake: they must not be trusted",
	KindNotTLS:      "the answer to the TLS handshake is not TLS",
	KindUnprotected: "no login was sent: this connection is not protected well enough",
	KindSuperseded:  "ended: the greeting came on the first connection",
	KindCanceled:    "stopped",
}

// Duration writes a time that was measured, or a limit, with as many digits as
// people need: "42 ms", "1.5 s", "30 s", "3 minutes".
func Duration(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return "under 1 ms"
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < 10*time.Second:
		return strings.TrimSuffix(fmt.Sprintf("%.1f", d.Seconds()), ".0") + " s"
	case d < 2*time.Minute:
		return fmt.Sprintf("%d s", int(d.Round(time.Second).Seconds()))
	}
	return fmt.Sprintf("%d minutes", int(d.Round(time.Minute).Minutes()))
}

// Span writes a distance in time between two dates, rounded down: minutes,
// hours, days or years, so that one unit says it.
func Span(d time.Duration) string {
	const day, year, mostYears = 24 * time.Hour, 8766 * time.Hour, 200
	switch {
	case d < time.Minute:
		return "under 1 minute"
	case d < 2*time.Minute:
		return "1 minute"
	case d < 2*time.Hour:
		return fmt.Sprintf("%d minutes", d/time.Minute)
	case d < 2*day:
		return fmt.Sprintf("%d hours", d/time.Hour)
	case d < 2*year:
		return fmt.Sprintf("%d days", d/day)
	case d < mostYears*year: // a time.Duration ends at 292 years
		return fmt.Sprintf("%d years", d/year)
	}
	return fmt.Sprintf("over %d years", mostYears)
}
