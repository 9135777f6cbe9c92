package diagnosis

import (
	"fmt"
	"regexp"
	"time"

	"smtptest/probe"
)

// greetingDate finds a date as RFC 5322 §3.3 writes it. Many servers put one
// into their greeting; none has to.
var greetingDate = regexp.MustCompile(`\b\d{1,2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} [+-]\d{4}\b`)

// clockRules judge the time of day that a greeting tells.
func clockRules() []rule {
	return []rule{{
		id: ClockWrong, severity: Warning, confidence: Likely, reference: "RFC 5321 §4.2",
		title:  "The server's clock is wrong",
		advice: "Set the server's clock by NTP: certificates, Kerberos and one-time passwords depend on it.",
		match:  wrongClock,
	}}
}

// wrongClock compares the greeting's date with ours. Ten minutes are more
// than any greeting is late, and less than what breaks Kerberos twice over.
func wrongClock(s *session) *result {
	const tolerated = 10 * time.Minute
	if s.main == nil || s.main.Greeting == nil {
		return nil
	}
	date := greetingDate.FindString(s.main.Greeting.Text())
	theirs, err := time.Parse("2 Jan 2006 15:04:05 -0700", date)
	if err != nil {
		return nil
	}
	off := theirs.Sub(s.report.Started.Add(s.main.Began + s.main.Greeting.Lines[0].At))
	direction := "ahead of"
	if off < 0 {
		off, direction = -off, "behind"
	}
	if off < tolerated {
		return nil
	}
	return &result{
		explanation: fmt.Sprintf("Its greeting tells %s, which is %s %s the clock here; one of the two is wrong.",
			date, probe.Span(off), direction),
		evidence: s.evidenceAt("greeting"),
	}
}
