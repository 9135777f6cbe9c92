package diagnosis

import (
	"strings"
	"testing"

	"smtptest/probe"
)

// TestJudgedSize counts the report and the judgement.
func TestJudgedSize(t *testing.T) {
	text := strings.Repeat("x", 1000)
	j := Judged{Report: &probe.Report{}}
	empty := j.Size()
	if empty < j.Report.Size() {
		t.Errorf("%d bytes, and its report alone has %d", empty, j.Report.Size())
	}
	j.Findings = []Finding{{Explanation: text}}
	judged := j.Size()
	j.Report.Vantage = text
	if whole := j.Size(); judged < empty+len(text) || whole < judged+len(text) {
		t.Errorf("%d bytes with a judgement and %d with a report, empty %d", judged, whole, empty)
	}
}
