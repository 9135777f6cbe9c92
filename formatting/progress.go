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
	t := variantTerms[e.Variant]
	switch {
	case t.why != "":
		return t.why
	case t.kind == compared && t.about == "":
		return "That failed; comparing with " + e.Address.String()
	case t.kind == compared:
		return "That failed; comparing with another way to ask"
	case e.Phase == "":
		return "Beginning"
	case e.Phase == probe.PhaseConnect:
		return doing(e.Phase) + " to " + e.Address.String()
	}
	return doing(e.Phase)
}
