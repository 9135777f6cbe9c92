package formatting

import (
	"fmt"
	"strings"

	"smtptest/probe"
)

// Asked says how a target was understood where that is not what was typed: a
// port that nobody named, an international name in its A-label form
// (RFC 5890 §2.3.2.1). Empty when there is nothing to say. typed is the host
// as the person wrote it, empty if unknown.
func Asked(typed string, target probe.Target, portGiven bool) string {
	var parts []string
	if typed != "" && !strings.EqualFold(typed, target.Host) {
		parts = append(parts, fmt.Sprintf("%s is %s in DNS", typed, target.Host))
	}
	if !portGiven {
		parts = append(parts, fmt.Sprintf("no port was named, so port %d is tested", target.Port))
	}
	if len(parts) == 0 {
		return ""
	}
	return "Understood: " + strings.Join(parts, "; ") + "."
}
