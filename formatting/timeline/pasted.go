package timeline

import (
	"time"

	"smtptest/formatting"
	"smtptest/probe/diagnosis"
	"smtptest/probe/diagnosis/outage"
)

// Pasted is an outage as one line for the timeline of an incident: when the first
// and the last test that did not work were made, in UTC, what the newest says,
// and where it stands. Of one test both times are the same. ok is false where
// every test worked. link is empty where none is known.
func Pasted(j diagnosis.Judged, w outage.Window, link string) (line string, ok bool) {
	if w.FirstBad.IsZero() || j.Report == nil {
		return "", false
	}
	parts := []string{
		"first bad " + stamp(w.FirstBad), "last bad " + stamp(w.LastBad), j.Report.Request.Target.String(),
	}
	if w.After.IsZero() {
		parts = append(parts, verdict(j))
	} else {
		parts = append(parts, "works since "+stamp(w.After))
	}
	return formatting.Join(append(parts, "tested by this bot", link), " · "), true
}

// verdict is that of a test, and what it was about.
func verdict(j diagnosis.Judged) string {
	words := formatting.VerdictWords(j)
	if len(j.Findings) > 0 {
		words += ": " + j.Findings[0].Title
	}
	return words
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }
