package tlsgrade

import (
	"strings"
	"testing"
	"time"

	"smtptest/probe/diagnosis"
	"smtptest/probe/tlsscan"
)

// TestExplain: the finding of a failed handshake says what a scan has seen; the
// diagnosis that others hold does not change, and nothing else is explained.
func TestExplain(t *testing.T) {
	var scan *tlsscan.Report
	for _, s := range scenarios(t) {
		if s.name == "old-only" {
			scan = s.report
		}
	}
	alert := diagnosis.Finding{ID: diagnosis.TLSAlert, Explanation: "The server sent alert 40."}
	failed := diagnosis.Diagnosis{Findings: []diagnosis.Finding{alert}}
	got := Explain(failed, scan, 3*time.Minute).Findings[0].Explanation
	want := "The server sent alert 40. A deep scan 3 minutes ago found what the server takes: TLS 1.0 alone, with " +
		"TLS_RSA_WITH_AES_128_CBC_SHA and TLS_RSA_WITH_3DES_EDE_CBC_SHA."
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if failed.Findings[0].Explanation != "The server sent alert 40." {
		t.Error("the diagnosis of others was changed")
	}
	other := diagnosis.Diagnosis{Findings: []diagnosis.Finding{{ID: diagnosis.PortBlocked, Explanation: "x"}}}
	if got := Explain(other, scan, time.Minute); got.Findings[0].Explanation != "x" {
		t.Errorf("a finding that is not about TLS says %s", got.Findings[0].Explanation)
	}
	for _, s := range scenarios(t) {
		got := Explain(failed, s.report, time.Minute).Findings[0].Explanation
		if s.name == "refuses-all" && !strings.HasSuffix(got, "found that it agrees to no version of TLS, with any suite.") {
			t.Errorf("a server that refuses all: %s", got)
		}
	}
	if got := Explain(failed, &tlsscan.Report{}, time.Minute); strings.Contains(got.Findings[0].Explanation, "deep") {
		t.Errorf("a scan that saw nothing explains: %s", got.Findings[0].Explanation)
	}
}
