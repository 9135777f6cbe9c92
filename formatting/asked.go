package formatting

import (
	"fmt"
	"strings"

	"smtptest/probe"
)

// Asking is what somebody has asked for, and how much of it was in the form
// of a command.
type Asking struct {
	Typed     string // the host as the person wrote it; empty: unknown
	Request   probe.Request
	PortGiven bool
	Pasted    bool // it was no command, and was understood all the same
	LeftOut   bool // of Pasted: some of it was passed over
}

// Asked says how a target was understood where that is not what was typed: a
// port that nobody named, an international name in its A-label form
// (RFC 5890 §2.3.2.1), a command of another program. Empty when there is nothing
// to say.
func Asked(a Asking) string {
	var parts []string
	typed, target := a.Typed, a.Request.Target
	if a.Pasted {
		parts = append(parts, fmt.Sprintf("%s, %s", target, askedSecurity(a.Request)))
	}
	if typed != "" && !strings.EqualFold(typed, target.Host) {
		parts = append(parts, fmt.Sprintf("%s is %s in DNS", typed, target.Host))
	}
	if !a.PortGiven {
		parts = append(parts, fmt.Sprintf("no port was named, so port %d is tested", target.Port))
	}
	if a.LeftOut {
		parts = append(parts, "the other words were left out")
	}
	if len(parts) == 0 {
		return ""
	}
	return "Understood: " + strings.Join(parts, "; ") + "."
}
